//! Tensors print as in PyTorch: `tests/data/printing.json` has what PyTorch printed
//! (`tests/fixtures/printing.py` made it).

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use gradus::dtype::DType;
use gradus::error::Result;
use gradus::tensor::Tensor;
use serde::Deserialize;

const PRINTED: &str = include_str!("../../tests/data/printing.json");

#[derive(Deserialize)]
struct Table {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    dtype: String,
    shape: Vec<usize>,
    /// As text: a number of JSON may be rounded when it is read
    #[serde(default)]
    values: Vec<String>,
    /// Start and step instead
    ramp: Option<[String; 2]>,
    #[serde(default)]
    requires_grad: bool,
    op: Option<String>,
    text: String,
}

impl Case {
    fn tensor(&self) -> Result<Tensor> {
        let parse = |v: &String| match v.as_str() {
            "True" => 1.0,
            "False" => 0.0,
            number => number.parse::<f64>().unwrap(),
        };
        let tensor = match (&self.ramp, self.dtype.as_str()) {
            // Not through f64, which does not have all integers.
            (None, "i64") => Tensor::from_vec(
                self.values.iter().map(|v| v.parse::<i64>().unwrap()).collect(),
                &self.shape,
            )?,
            (None, dtype) => {
                Tensor::from_vec(self.values.iter().map(parse).collect(), &self.shape)?.to(named(dtype))?
            }
            (Some(ramp), dtype) => {
                let [start, step] = [&ramp[0], &ramp[1]].map(parse);
                let n: usize = self.shape.iter().product();
                let values: Vec<f64> = (0..n).map(|i| start + i as f64 * step).collect();
                Tensor::from_vec(values, &self.shape)?.to(named(dtype))?
            }
        };
        let tensor = if self.requires_grad { tensor.requires_grad_(true)? } else { tensor };
        match &self.op {
            Some(op) => operation(op, &tensor),
            None => Ok(tensor),
        }
    }
}

fn named(dtype: &str) -> DType {
    match dtype {
        "f32" => DType::F32,
        "f64" => DType::F64,
        "i64" => DType::I64,
        "bool" => DType::Bool,
        other => panic!("{other}"),
    }
}

fn operation(name: &str, x: &Tensor) -> Result<Tensor> {
    match name {
        "neg" => x.neg(),
        "abs" => x.abs(),
        "square" => x.square(),
        "sqrt" => x.sqrt(),
        "exp" => x.exp(),
        "log" => x.log(),
        "tanh" => x.tanh(),
        "sigmoid" => x.sigmoid(),
        "relu" => x.relu(),
        "leaky_relu" => x.leaky_relu(0.01),
        "softplus" => x.softplus(1.0, 20.0),
        "add" => x.add(x),
        "sub_number" => x.sub(0.5),
        "mul" => x.mul(x),
        "mul_number" => x.mul(2.0),
        "div" => x.div(3.0),
        "pow" => x.pow(3.0),
        "pow_tensor" => x.pow(x),
        "maximum" => x.maximum(&x.detach()),
        "sum" => x.sum(),
        "sum_dim" => x.sum_dim(&[0], false),
        "amax" => x.amax(&[0], false),
        "softmax" => x.softmax(-1),
        "log_softmax" => x.log_softmax(-1),
        "matmul" => x.matmul(&x.detach()),
        "linear" => x.linear(&x.detach(), Some(&x.detach().sum_dim(&[1], false)?)),
        "linear_without_bias" => x.linear(&x.detach(), None),
        "view" => x.view(&[-1]),
        "permute" => x.permute(&[1, 0]),
        "expand" => x.expand(&[&[2], x.dims()].concat()),
        "slice" => x.slice(0, 1, x.dims()[0], 1),
        "cast" => x.to(DType::F64),
        "detach" => Ok(x.detach()),
        "t" => x.t(),
        "every_other" => x.slice(0, 0, x.dims()[0], 2),
        "last_columns" => x.slice(1, 1, x.dims()[1], 1),
        other => panic!("{other}"),
    }
}

#[test]
fn every_tensor_prints_as_in_pytorch() {
    let table: Table = serde_json::from_str(PRINTED).unwrap();
    assert!(table.cases.len() >= 150);
    let mut wrong = Vec::new();
    for case in &table.cases {
        let text = case.tensor().unwrap().to_string();
        if text != case.text {
            let made = format!("{:?} {} {:?} {:?}", case.shape, case.dtype, case.ramp, case.op);
            wrong.push(format!("{made}\n{text}\ninstead of\n{}", case.text));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), table.cases.len(), wrong.join("\n\n"));
}

#[test]
fn a_tensor_looks_the_same_in_debug_messages() {
    let x = Tensor::from_vec(vec![1.0f32, -2.5], &[2]).unwrap();
    assert_eq!(format!("{x:?}"), "tensor([ 1.0000, -2.5000])");
    assert_eq!(format!("{x:?}"), x.to_string());
}
