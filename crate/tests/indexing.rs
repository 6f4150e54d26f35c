//! Brackets and views against PyTorch's: what is read, what shares storage, gradients, what is assigned, and
//! the words of errors.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use gradus::dtype::DType;
use gradus::error::Result;
use gradus::index;
use gradus::tensor::{Index, Tensor};
use serde_json::Value;

/// Written by `tests/fixtures/indexing.py`.
fn fixtures(part: &str) -> Vec<Value> {
    let file: Value = serde_json::from_str(include_str!("../../tests/data/indexing.json")).unwrap();
    file[part].as_array().unwrap().clone()
}

fn numbers(list: &Value) -> Vec<f64> {
    let number = |v: &Value| v.as_f64().unwrap_or_else(|| f64::from(u8::from(v == true)));
    list.as_array().unwrap().iter().map(number).collect()
}

fn sizes(list: &Value) -> Vec<usize> {
    numbers(list).into_iter().map(|n| n as usize).collect()
}

fn tensor(value: &Value) -> Tensor {
    let dtype = match value["dtype"].as_str().unwrap() {
        "f32" => DType::F32,
        "i64" => DType::I64,
        _ => DType::Bool,
    };
    Tensor::from_vec(numbers(&value["data"]), &sizes(&value["shape"])).unwrap().to(dtype).unwrap()
}

/// 0, 1, … over these sizes, in f32.
fn range(dims: &[usize]) -> Tensor {
    let n = dims.iter().product::<usize>();
    Tensor::from_vec((0..n).map(|i| i as f32).collect(), dims).unwrap()
}

fn assert_same(what: &str, got: &Tensor, want: &Value) {
    assert_eq!(got.dims(), sizes(&want["shape"]), "{what}");
    assert_eq!(got.to_f64_vec(), numbers(&want["data"]), "{what}");
}

/// The gradient for the cotangent `factor`, 2 · `factor`, …
fn add_gradient(y: &Tensor, factor: f64) {
    let cotangent = range(y.dims()).add(1.0).unwrap().mul(factor).unwrap();
    y.backward_with(Some(&cotangent), true, false).unwrap();
}

fn bound(value: &Value) -> Option<isize> {
    value.as_i64().map(|v| v as isize)
}

fn indices<'a>(case: &Value, tensors: &'a [Option<Tensor>]) -> Vec<Index<'a>> {
    let one = |(item, tensor): (&Value, &'a Option<Tensor>)| match (item, tensor) {
        (_, Some(tensor)) => Index::Tensor(tensor),
        (Value::Null, _) => Index::NewAxis,
        (Value::Bool(keep), _) => Index::Bool(*keep),
        (Value::String(_), _) => Index::Ellipsis,
        (Value::Number(at), _) => Index::At(at.as_i64().unwrap() as isize),
        (item, _) => {
            let slice = &item["slice"];
            Index::Slice {
                start: bound(&slice[0]),
                end: bound(&slice[1]),
                step: bound(&slice[2]).unwrap_or(1),
            }
        }
    };
    case["index"].as_array().unwrap().iter().zip(tensors).map(one).collect()
}

#[test]
fn brackets_read_assign_and_refuse_as_in_pytorch() {
    for case in fixtures("cases") {
        let what = format!("{}{}", case["shape"], case["index"]);
        let items = case["index"].as_array().unwrap();
        let tensors: Vec<Option<Tensor>> = items.iter().map(|i| i.get("dtype").map(|_| tensor(i))).collect();
        let index = indices(&case, &tensors);
        let x = range(&sizes(&case["shape"])).requires_grad_(true).unwrap();
        let y = match (x.at(&index), case["error"].as_str()) {
            (Ok(y), None) => y,
            (Err(error), Some(want)) => {
                assert_eq!(error.to_string(), want, "{what}");
                continue;
            }
            (got, want) => panic!("{what}: {got:?}, expected {want:?}"),
        };
        assert_same(&what, &y, &case["output"]);
        add_gradient(&y, 1.0);
        assert_eq!(x.grad().unwrap().to_f64_vec(), numbers(&case["grad"]), "gradient of {what}");
        let x = range(x.dims());
        let y = x.at(&index).unwrap();
        if y.numel() > 0 {
            y.fill_(-9.0).unwrap();
            let shares = x.to_f64_vec().contains(&-9.0);
            assert_eq!(shares, case["view"] == true, "{what} shares storage");
        }
        let x = range(x.dims());
        let given = &case["value"];
        let result = match given.as_f64() {
            Some(number) => x.set(&index, number),
            None => x.set(&index, &tensor(given)),
        };
        match (result, case["refused"].as_str()) {
            (Ok(()), None) => assert_eq!(x.to_f64_vec(), numbers(&case["assigned"]), "{what} = {given}"),
            (Err(error), Some(want)) => assert_eq!(error.to_string(), want, "{what} = {given}"),
            (got, want) => panic!("{what} = {given}: {got:?}, expected {want:?}"),
        }
    }
}

fn one(tensor: Result<Tensor>) -> Result<Vec<Tensor>> {
    tensor.map(|t| vec![t])
}

#[rustfmt::skip]
fn view(call: &str, x: &Tensor) -> Result<Vec<Tensor>> {
    match call {
        "x.diagonal(0, 0, 1)" => one(x.diagonal(0, 0, 1)),
        "x.diagonal(1, -1, 0)" => one(x.diagonal(1, -1, 0)),
        "x.diagonal(-1, 1, 2)" => one(x.diagonal(-1, 1, 2)),
        "x.diagonal(9, 0, 1)" => one(x.diagonal(9, 0, 1)),
        "x.diagonal(0, 1, 1)" => one(x.diagonal(0, 1, 1)),
        "x.diagonal(0, 3, 1)" => one(x.diagonal(0, 3, 1)),
        "x.unfold(2, 2, 1)" => one(x.unfold_dim(2, 2, 1)),
        "x.unfold(2, 3, 2)" => one(x.unfold_dim(2, 3, 2)),
        "x.unfold(-2, 2, 5)" => one(x.unfold_dim(-2, 2, 5)),
        "x.unfold(1, 0, 1)" => one(x.unfold_dim(1, 0, 1)),
        "x.unfold(0, 3, 1)" => one(x.unfold_dim(0, 3, 1)),
        "x.unfold(1, 2, 0)" => one(x.unfold_dim(1, 2, 0)),
        "x.unfold(0, 1, 1)" => one(x.unfold_dim(0, 1, 1)),
        "x.as_strided((2, 2), (1, 2), 3)" => one(x.as_strided(&[2, 2], &[1, 2], Some(3))),
        "x.as_strided((2, 3), (0, 4))" => one(x.as_strided(&[2, 3], &[0, 4], None)),
        "x.as_strided((3, 3), (1, 1), 2)" => one(x.as_strided(&[3, 3], &[1, 1], Some(2))),
        "x.as_strided((), (), 5)" => one(x.as_strided(&[], &[], Some(5))),
        "x.chunk(2, 1)" => x.chunk(2, 1),
        "x.chunk(5, 2)" => x.chunk(5, 2),
        "x.chunk(0, 0)" => x.chunk(0, 0),
        "x.chunk(3, 0)" => x.chunk(3, 0),
        "x.split(2, 2)" => x.split(2, 2),
        "x.split(3, 2)" => x.split(3, 2),
        "x.split(0, 2)" => x.split(0, 2),
        "x.split(1, 0)" => x.split(1, 0),
        "x.split(0, 0)" => x.split(0, 0),
        "x.split([1, 3], 2)" => x.split_sizes(&[1, 3], 2),
        "x.split([4, 0], -1)" => x.split_sizes(&[4, 0], -1),
        "x.split([1, 2], 2)" => x.split_sizes(&[1, 2], 2),
        "x.unbind(1)" => x.unbind(1),
        "x.unbind(-1)" => x.unbind(-1),
        "x.unbind(0)" => x.unbind(0),
        "x.narrow(1, 1, 2)" => one(x.narrow(1, 1, 2)),
        "x.narrow(1, -2, 2)" => one(x.narrow(1, -2, 2)),
        "x.narrow(1, 2, 2)" => one(x.narrow(1, 2, 2)),
        "x.narrow(1, 3, 0)" => one(x.narrow(1, 3, 0)),
        "x.unflatten(2, (2, -1))" => one(x.unflatten(2, &[2, -1])),
        "x.unflatten(2, (3, 2))" => one(x.unflatten(2, &[3, 2])),
        "x.unflatten(1, ())" => one(x.unflatten(1, &[])),
        "x.movedim((0,), (2,))" => one(x.movedim(&[0], &[2])),
        "x.movedim((0, 1), (2, 0))" => one(x.movedim(&[0, 1], &[2, 0])),
        "x.movedim((-1,), (0,))" => one(x.movedim(&[-1], &[0])),
        "x.movedim((0, 0), (1, 2))" => one(x.movedim(&[0, 0], &[1, 2])),
        "x.mT" => one(x.mt()),
        "x.expand(5, -1, -1, 4)" => one(x.expand(&[5, -1, -1, 4])),
        "x.expand(2, 3, 5)" => one(x.expand(&[2, 3, 5])),
        "x.expand(-1, 2, 3, 4)" => one(x.expand(&[-1, 2, 3, 4])),
        "x.swapaxes(0, 2)" => one(x.swapaxes(0, 2)),
        "x.transpose(0, 2).diagonal(0, 0, 1)" => one(x.transpose(0, 2)?.diagonal(0, 0, 1)),
        "x.transpose(0, 2).unfold(0, 2, 1)" => one(x.transpose(0, 2)?.unfold_dim(0, 2, 1)),
        "x.permute(2, 0, 1).view(2, 2, 2, 3)" => one(x.permute(&[2, 0, 1])?.view(&[2, 2, 2, 3])),
        "x.permute(1, 2, 0).view(6, 4)" => one(x.permute(&[1, 2, 0])?.view(&[6, 4])),
        "x[:,:,::2].view(6, 2)" => one(x.slice(2, 0, 4, 2)?.view(&[6, 2])),
        "x[:,:,::2].view(12)" => one(x.slice(2, 0, 4, 2)?.view(&[12])),
        "x[:,1:].view(2, 8)" => one(x.at(index![.., 1..])?.view(&[2, 8])),
        "x[:,1:].reshape(-1)" => one(x.at(index![.., 1..])?.reshape(&[-1])),
        other => panic!("{other}"),
    }
}

#[test]
fn views_and_their_gradients_are_pytorchs() {
    for case in fixtures("views") {
        let call = case["call"].as_str().unwrap();
        let x = range(&sizes(&case["shape"])).requires_grad_(true).unwrap();
        let parts = match (view(call, &x), case["error"].as_str()) {
            (Ok(parts), None) => parts,
            (Err(error), Some(want)) => {
                assert_eq!(error.to_string(), want, "{call}");
                continue;
            }
            (got, want) => panic!("{call}: {got:?}, expected {want:?}"),
        };
        let want = case["outputs"].as_array().unwrap();
        assert_eq!(parts.len(), want.len(), "{call}");
        for (i, (part, want)) in parts.iter().zip(want).enumerate() {
            assert_same(call, part, want);
            add_gradient(part, (i + 1) as f64);
        }
        assert_eq!(x.grad().unwrap().to_f64_vec(), numbers(&case["grad"]), "gradient of {call}");
    }
}

#[test]
fn diagonals_and_windows_share_storage() {
    let x = Tensor::zeros(&[3, 3]);
    x.diagonal(0, 0, 1).unwrap().fill_(1.0).unwrap();
    x.t().unwrap().diagonal(1, 0, 1).unwrap().copy_(&range(&[2]).add(5.0).unwrap()).unwrap();
    assert_eq!(x.to_f64_vec(), [1., 0., 0., 5., 1., 0., 0., 6., 1.]);
    let line = Tensor::zeros(&[5]);
    line.unfold_dim(0, 2, 3).unwrap().select(1, 1).unwrap().fill_(2.0).unwrap();
    assert_eq!(line.to_f64_vec(), [0., 2., 0., 0., 2.]);
    line.as_strided(&[2], &[4], Some(0)).unwrap().fill_(7.0).unwrap();
    assert_eq!(line.to_f64_vec(), [7., 2., 0., 0., 7.]);
    assert!(line.as_strided(&[2], &[5], None).unwrap_err().to_string().contains("are out of bounds"));
    assert!(line.as_strided(&[2], &[usize::MAX], Some(usize::MAX)).is_err());
}

#[test]
fn what_cannot_be_an_index_is_named() {
    let x = range(&[2, 3]);
    let message = |index: &[Index<'_>]| x.at(index).unwrap_err().to_string();
    let backwards = Index::Slice { start: None, end: None, step: -1 };
    assert_eq!(message(&[backwards]), "step must be greater than zero");
    let still = Index::Slice { start: None, end: None, step: 0 };
    assert_eq!(message(&[still]), "slice step cannot be zero");
    let fractions = range(&[1]);
    assert_eq!(
        message(index![&fractions]),
        "tensors used as indices must be long, int, byte or bool tensors"
    );
    assert_eq!(message(index![0, 0, 0]), "too many indices for tensor of dimension 2");
    let scalar = Tensor::scalar(3i64);
    assert!(scalar.at(index![0]).unwrap_err().to_string().starts_with("invalid index of a 0-dim tensor."));
    assert_eq!(scalar.at(index![Index::NewAxis]).unwrap().dims(), [1]);
}
