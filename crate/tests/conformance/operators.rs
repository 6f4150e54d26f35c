//! One operator: inputs, keyword arguments, outputs, and the gradients for given cotangents.

use super::{Tolerance, dtype, numbers, tensor};
use gradus::error::{Error, Result};
use gradus::nn::functional::{self as F, Reduction};
use gradus::nn::{Conv2dOptions, CrossEntropyLoss, NLLLoss, PoolOptions};
use gradus::tensor::{Operand, Tensor, no_grad};
use serde_json::Value;

pub(super) fn check(case: &Value, tolerance: Tolerance) -> std::result::Result<(), String> {
    let tolerance = tolerance.of(case);
    let list = |name: &str| case[name].as_array().cloned().unwrap_or_default();
    let inputs = list("inputs");
    let inputs = inputs.iter().map(leaf).collect::<std::result::Result<Vec<_>, String>>()?;
    let op = case["op"].as_str().unwrap_or_default();
    let outputs = run(op, &inputs, &Arguments(&case["args"])).map_err(|e| e.to_string())?;
    let expected = list("outputs");
    if outputs.len() != expected.len() {
        return Err(format!("{} outputs, expected {}", outputs.len(), expected.len()));
    }
    for (i, (got, want)) in outputs.iter().zip(&expected).enumerate() {
        let dims: Vec<usize> = numbers(&want["shape"]).into_iter().map(|n| n as usize).collect();
        if got.dims() != dims {
            return Err(format!("output {i} has shape {:?}, expected {dims:?}", got.dims()));
        }
        if got.dtype() != dtype(&want["dtype"])? {
            return Err(format!("output {i} is {}, expected {}", got.dtype(), want["dtype"]));
        }
        let got = no_grad(|| got.detach()).to_f64_vec();
        tolerance.check(&format!("output {i}"), &got, &numbers(&want["data"]))?;
    }
    let cotangents = list("cotangents");
    for (output, cotangent) in outputs.iter().zip(&cotangents).filter(|(_, c)| !c.is_null()) {
        output.backward_with(Some(&tensor(cotangent)?), true, false).map_err(|e| e.to_string())?;
    }
    if !cotangents.is_empty() {
        for (i, (input, want)) in inputs.iter().zip(list("grads")).enumerate() {
            match (input.grad(), want.is_null()) {
                (None, true) => {}
                (Some(got), false) => {
                    tolerance.check(&format!("gradient {i}"), &got.to_f64_vec(), &numbers(&want["data"]))?;
                }
                (got, _) => return Err(format!("gradient {i}: {got:?}, expected {want}")),
            }
        }
    }
    Ok(())
}

/// An input; one that requires a gradient unless the file says otherwise.
fn leaf(value: &Value) -> std::result::Result<Tensor, String> {
    let tensor = tensor(value)?;
    let requires = value["requires_grad"].as_bool().unwrap_or(false);
    tensor.requires_grad_(requires).map_err(|e| e.to_string())
}

/// PyTorch's keyword arguments.
struct Arguments<'a>(&'a Value);

impl Arguments<'_> {
    fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|v| !v.is_null())
    }

    fn number(&self, name: &str, default: f64) -> f64 {
        self.get(name).and_then(Value::as_f64).unwrap_or(default)
    }

    fn integer(&self, name: &str, default: isize) -> isize {
        self.get(name).and_then(Value::as_i64).map_or(default, |v| v as isize)
    }

    fn flag(&self, name: &str) -> bool {
        self.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    fn text<'a>(&'a self, name: &str, default: &'a str) -> &'a str {
        self.get(name).and_then(Value::as_str).unwrap_or(default)
    }

    /// One integer or a list of them.
    fn integers(&self, name: &str) -> Vec<isize> {
        match self.get(name) {
            Some(Value::Array(list)) => list.iter().filter_map(Value::as_i64).map(|v| v as isize).collect(),
            Some(v) => v.as_i64().map(|v| v as isize).into_iter().collect(),
            None => Vec::new(),
        }
    }

    fn sizes(&self, name: &str) -> Vec<usize> {
        self.integers(name).into_iter().map(|n| n.max(0) as usize).collect()
    }

    /// One number for both directions, or a pair.
    fn pair(&self, name: &str, default: (usize, usize)) -> (usize, usize) {
        match *self.sizes(name) {
            [both] => (both, both),
            [vertical, horizontal, ..] => (vertical, horizontal),
            [] => default,
        }
    }

    fn convolution(&self) -> Conv2dOptions {
        Conv2dOptions {
            stride: self.pair("stride", (1, 1)),
            padding: self.pair("padding", (0, 0)),
            dilation: self.pair("dilation", (1, 1)),
            groups: self.integer("groups", 1).max(0) as usize,
            ..Conv2dOptions::new(1)
        }
    }

    fn pooling(&self) -> PoolOptions {
        let kernel = self.pair("kernel_size", (1, 1));
        PoolOptions {
            kernel,
            stride: self.pair("stride", kernel),
            padding: self.pair("padding", (0, 0)),
            dilation: self.pair("dilation", (1, 1)),
            count_include_pad: self.get("count_include_pad").and_then(Value::as_bool).unwrap_or(true),
            divisor_override: self.get("divisor_override").and_then(Value::as_u64).map(|n| n as usize),
        }
    }

    fn reduction(&self) -> Reduction {
        match self.text("reduction", "mean") {
            "none" => Reduction::None,
            "sum" => Reduction::Sum,
            "batchmean" => Reduction::BatchMean,
            _ => Reduction::Mean,
        }
    }
}

fn run(op: &str, t: &[Tensor], a: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let x = t.first().ok_or_else(|| Error::Value("no inputs".into()))?;
    if let Some(result) = elementwise(op, t, a) {
        return Ok(vec![result?]);
    }
    if let Some(result) = reduction(op, x, a) {
        return result;
    }
    if let Some(result) = shape(op, t, a) {
        return Ok(vec![result?]);
    }
    Ok(vec![other(op, t, a)?])
}

/// The second operand: a tensor, or a number under one of the names that PyTorch has for it.
fn operand<'a>(t: &'a [Tensor], a: &Arguments<'_>) -> Operand<'a> {
    let number = || ["other", "exponent", "value"].iter().find_map(|name| a.get(name));
    match (t.get(1), number()) {
        (Some(tensor), _) => Operand::Tensor(tensor),
        (None, Some(Value::Number(n))) if n.is_i64() => Operand::Int(n.as_i64().unwrap_or(0)),
        (None, number) => Operand::Float(number.and_then(Value::as_f64).unwrap_or(f64::NAN)),
    }
}

fn elementwise(op: &str, t: &[Tensor], a: &Arguments<'_>) -> Option<Result<Tensor>> {
    let x = &t[0];
    let y = || operand(t, a);
    // alpha · other for add and sub
    let scaled = || -> Result<Tensor> {
        let y = match y() {
            Operand::Tensor(y) => y.clone(),
            Operand::Int(n) => Tensor::scalar(n),
            Operand::Float(n) => Tensor::scalar(n as f32),
        };
        match a.get("alpha") {
            None => Ok(y),
            Some(n) if n.is_i64() => y.mul(n.as_i64().unwrap_or(1)),
            Some(n) => y.mul(n.as_f64().unwrap_or(1.0)),
        }
    };
    Some(match op {
        "neg" => x.neg(),
        "abs" => x.abs(),
        "exp" => x.exp(),
        "log" => x.log(),
        "log1p" => x.log1p(),
        "expm1" => x.expm1(),
        "sqrt" => x.sqrt(),
        "rsqrt" => x.rsqrt(),
        "square" => x.square(),
        "reciprocal" => x.reciprocal(),
        "sin" => x.sin(),
        "cos" => x.cos(),
        "tanh" => x.tanh(),
        "sigmoid" => x.sigmoid(),
        "relu" => x.relu(),
        "silu" => x.silu(),
        "softplus" => x.softplus(a.number("beta", 1.0), a.number("threshold", 20.0)),
        "sign" => x.sign(),
        "floor" => x.floor(),
        "round" => x.round(a.integer("decimals", 0) as i32),
        "leaky_relu" => x.leaky_relu(a.number("negative_slope", 0.01)),
        "elu" => x.elu(a.number("alpha", 1.0)),
        "gelu" if a.text("approximate", "none") == "tanh" => x.gelu_tanh(),
        "gelu" => x.gelu(),
        "clamp" => {
            let bound = |name: &str, place: usize| -> Option<Operand<'_>> {
                let number = a.get(name).map(|n| match n.as_i64() {
                    Some(n) => Operand::Int(n),
                    None => Operand::Float(n.as_f64().unwrap_or(f64::NAN)),
                });
                number.or(t.get(place).map(Operand::Tensor))
            };
            x.clamp(bound("min", 1), bound("max", 2))
        }
        "add" | "sub" if t.len() > 1 || a.get("alpha").is_some() => {
            scaled().and_then(|y| if op == "add" { x.add(&y) } else { x.sub(&y) })
        }
        "add" => x.add(y()),
        "sub" => x.sub(y()),
        "mul" => x.mul(y()),
        "div" => match a.text("rounding_mode", "") {
            "floor" => x.div_floor(y()),
            "trunc" => x.div_trunc(y()),
            _ => x.div(y()),
        },
        "pow" => x.pow(y()),
        "maximum" => x.maximum(y()),
        "minimum" => x.minimum(y()),
        "eq" => x.eq(y()),
        "ne" => x.ne(y()),
        "lt" => x.lt(y()),
        "le" => x.le(y()),
        "gt" => x.gt(y()),
        "ge" => x.ge(y()),
        "where" => t[1].where_(x, &t[2]),
        _ => return None,
    })
}

fn reduction(op: &str, x: &Tensor, a: &Arguments<'_>) -> Option<Result<Vec<Tensor>>> {
    let dims = a.integers("dim");
    let keepdim = a.flag("keepdim");
    let correction = match a.get("unbiased") {
        Some(unbiased) => usize::from(unbiased.as_bool().unwrap_or(true)),
        None => a.integer("correction", 1).max(0) as usize,
    };
    let along = dims.first().copied();
    let one = |result: Result<Tensor>| result.map(|t| vec![t]);
    let both = |result: Result<(Tensor, Tensor)>| result.map(|(values, index)| vec![values, index]);
    // Over all elements, as if they were one dimension
    let flat = || x.reshape(&[-1]);
    Some(match (op, along) {
        ("sum", _) => one(x.sum_dim(&dims, keepdim)),
        ("mean", _) => one(x.mean_dim(&dims, keepdim)),
        ("prod", _) => one(x.prod_dim(&dims, keepdim)),
        ("amax", _) => one(x.amax(&dims, keepdim)),
        ("amin", _) => one(x.amin(&dims, keepdim)),
        ("var", _) => one(x.var_dim(&dims, correction, keepdim)),
        ("std", _) => one(x.std_dim(&dims, correction, keepdim)),
        ("logsumexp", _) => one(x.logsumexp(&dims, keepdim)),
        ("norm", _) => one(x.norm_dim(a.number("p", 2.0), &dims, keepdim)),
        ("argmax", Some(dim)) => one(x.argmax(dim, keepdim)),
        ("argmax", None) => one(flat().and_then(|x| x.argmax(0, false))),
        ("argmin", Some(dim)) => one(x.argmin(dim, keepdim)),
        ("argmin", None) => one(flat().and_then(|x| x.argmin(0, false))),
        ("max", Some(dim)) => both(x.max_dim(dim, keepdim)),
        ("max", None) => one(x.max()),
        ("min", Some(dim)) => both(x.min_dim(dim, keepdim)),
        ("min", None) => one(x.min()),
        ("cumsum", Some(dim)) => one(x.cumsum(dim)),
        ("softmax", Some(dim)) => one(x.softmax(dim)),
        ("log_softmax", Some(dim)) => one(x.log_softmax(dim)),
        _ => return None,
    })
}

fn shape(op: &str, t: &[Tensor], a: &Arguments<'_>) -> Option<Result<Tensor>> {
    let x = &t[0];
    let dim = || a.integer("dim", 0);
    Some(match op {
        "reshape" => x.reshape(&a.integers("shape")),
        "flatten" => x.flatten(a.integer("start_dim", 0), a.integer("end_dim", -1)),
        "permute" => x.permute(&a.integers("dims")),
        "transpose" => x.transpose(a.integer("dim0", 0), a.integer("dim1", 1)),
        "t" => x.t(),
        "squeeze" if a.get("dim").is_none() => x.squeeze_all(),
        "squeeze" => x.squeeze(dim()),
        "unsqueeze" => x.unsqueeze(dim()),
        "cat" => Tensor::cat(t, dim()),
        "stack" => Tensor::stack(t, dim()),
        // -1 keeps a size.
        "expand" => {
            let sizes = a.integers("shape");
            let lead = sizes.len().saturating_sub(x.ndim());
            let size = |(d, &n): (usize, &isize)| if n < 0 { x.dims()[d - lead] } else { n as usize };
            let full: Vec<usize> = sizes.iter().enumerate().map(size).collect();
            x.expand(&full)
        }
        "repeat" => x.repeat(&a.sizes("repeats")),
        "slice" => x.slice_python(
            dim(),
            a.get("start").and_then(Value::as_i64).map(|v| v as isize),
            a.get("end").and_then(Value::as_i64).map(|v| v as isize),
            a.integer("step", 1) as usize,
        ),
        "select" => x.select(dim(), a.integer("index", 0)),
        "index_select" => x.index_select(dim(), &t[1]),
        "gather" => x.gather(dim(), &t[1]),
        "masked_fill" => x.masked_fill(&t[1], a.number("value", f64::NAN)),
        "flip" => x.flip(&a.integers("dims")),
        "pad" => x.pad(&a.integers("pad"), a.number("value", 0.0)),
        "tril" => x.tril(a.integer("diagonal", 0)),
        "triu" => x.triu(a.integer("diagonal", 0)),
        "one_hot" => x.one_hot(usize::try_from(a.integer("num_classes", -1)).ok()),
        _ => return None,
    })
}

fn other(op: &str, t: &[Tensor], a: &Arguments<'_>) -> Result<Tensor> {
    let x = &t[0];
    let y = || t.get(1).ok_or_else(|| Error::Value(format!("{op} needs a second input")));
    let reduction = a.reduction();
    let ignore_index = a.integer("ignore_index", -100) as i64;
    match op {
        "matmul" => x.matmul(y()?),
        "bmm" => x.bmm(y()?),
        "outer" => x.outer(y()?),
        "linear" => x.linear(y()?, t.get(2)),
        "mse_loss" => F::mse_loss(x, y()?, reduction),
        "l1_loss" => F::l1_loss(x, y()?, reduction),
        "smooth_l1_loss" => F::smooth_l1_loss(x, y()?, a.number("beta", 1.0), reduction),
        "huber_loss" => F::huber_loss(x, y()?, a.number("delta", 1.0), reduction),
        // Labels are constants here: the file expects no gradient of them.
        "binary_cross_entropy" => F::binary_cross_entropy(x, &y()?.detach(), t.get(2), reduction),
        "binary_cross_entropy_with_logits" => {
            F::binary_cross_entropy_with_logits(x, &y()?.detach(), t.get(2), t.get(3), reduction)
        }
        "cross_entropy" => {
            let label_smoothing = a.number("label_smoothing", 0.0);
            let weight = t.get(2).cloned();
            F::cross_entropy(x, y()?, &CrossEntropyLoss { weight, ignore_index, label_smoothing, reduction })
        }
        "nll_loss" => {
            let weight = t.get(2).cloned();
            F::nll_loss(x, y()?, &NLLLoss { weight, ignore_index, reduction })
        }
        "kl_div" => F::kl_div(x, y()?, a.flag("log_target"), reduction),
        "conv2d" => F::conv2d(x, y()?, t.get(2), &a.convolution()),
        "max_pool2d" => F::max_pool2d(x, &a.pooling()),
        "avg_pool2d" => F::avg_pool2d(x, &a.pooling()),
        "layer_norm" => {
            let shape = a.sizes("normalized_shape");
            F::layer_norm(x, &shape, t.get(1), t.get(2), a.number("eps", 1e-5))
        }
        // The file's cases are in training and have no running averages.
        "batch_norm" => {
            let (momentum, eps) = (a.number("momentum", 0.1), a.number("eps", 1e-5));
            F::batch_norm(x, None, t.get(1), t.get(2), true, momentum, eps)
        }
        "embedding" => {
            let padding = usize::try_from(a.integer("padding_idx", -1)).ok();
            F::embedding(x, y()?, padding)
        }
        _ => Err(Error::Value(format!("unknown operator {op}"))),
    }
}
