//! One operator: inputs, keyword arguments, outputs, and the gradients for given cotangents.

use super::arguments::Arguments;
use super::{Tolerance, dtype, numbers, tensor};
use gradus::backend::Device;
use gradus::dtype::DType;
use gradus::error::{Error, Result};
use gradus::nn::functional::{self as F, EmbeddingOptions, Reduction};
use gradus::nn::{Conv2dOptions, CrossEntropyLoss, NLLLoss, PoolOptions};
use gradus::tensor::{Operand, PadMode, Tensor, no_grad};
use serde_json::Value;

/// Why a case is not for a device.
pub(super) fn unfit(device: Device, case: &Value) -> Option<&'static str> {
    if device == Device::Cpu {
        return None;
    }
    fn has_f64(value: &Value) -> bool {
        match value {
            Value::Object(fields) => {
                fields.get("dtype").is_some_and(|dtype| dtype == "f64") || fields.values().any(has_f64)
            }
            Value::Array(values) => values.iter().any(has_f64),
            _ => false,
        }
    }
    if has_f64(case) {
        return Some("WebGPU has no float64");
    }
    let looks = case["op"] == "one_hot"
        || ["max_norm", "scale_grad_by_freq"].iter().any(|name| case["args"].get(name).is_some());
    if cfg!(target_arch = "wasm32") && looks {
        return Some("it looks at elements while it runs, and a browser does not wait for them");
    }
    None
}

/// All elements, wherever they are.
async fn fetched(tensor: &Tensor) -> std::result::Result<Vec<f64>, String> {
    match tensor.dtype() {
        DType::F32 => tensor.to_vec_async::<f32>().await.map(|v| v.into_iter().map(f64::from).collect()),
        DType::F64 => tensor.to_vec_async::<f64>().await,
        DType::I64 => tensor.to_vec_async::<i64>().await.map(|v| v.into_iter().map(|v| v as f64).collect()),
        DType::Bool => {
            let bools = tensor.to_vec_async::<bool>().await;
            bools.map(|v| v.into_iter().map(|v| f64::from(u8::from(v))).collect())
        }
    }
    .map_err(|e| e.to_string())
}

pub(super) async fn check(
    device: Device,
    case: &Value,
    tolerance: Tolerance,
) -> std::result::Result<(), String> {
    let tolerance = tolerance.of(case);
    let list = |name: &str| case[name].as_array().cloned().unwrap_or_default();
    let inputs = list("inputs");
    let inputs =
        inputs.iter().map(|value| leaf(device, value)).collect::<std::result::Result<Vec<_>, String>>()?;
    let op = case["op"].as_str().unwrap_or_default();
    let arguments = Arguments::new(device, &case["args"]);
    // Labels are constants where the file expects no gradient of them.
    let given: Vec<Option<Tensor>> = inputs
        .iter()
        .enumerate()
        .map(|(i, t)| {
            t.as_ref().map(|t| if i > 0 && case["grads"][i].is_null() { t.detach() } else { t.clone() })
        })
        .collect();
    let outputs = run(op, &given, &arguments).map_err(|e| e.to_string())?;
    arguments.all_asked().map_err(|e| e.to_string())?;
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
        let got = fetched(&no_grad(|| got.detach())).await?;
        tolerance.check(&format!("output {i}"), &got, &numbers(&want["data"]))?;
    }
    let cotangents = list("cotangents");
    // PyTorch also goes backwards from what no input has a gradient of, `norm` with p = 0.
    let differentiable = |output: &Tensor, cotangent: &Value| output.requires_grad() && !cotangent.is_null();
    for (output, cotangent) in outputs.iter().zip(&cotangents).filter(|(y, c)| differentiable(y, c)) {
        output
            .backward_with(Some(&on(device, tensor(cotangent)?)?), true, false)
            .map_err(|e| e.to_string())?;
    }
    if !cotangents.is_empty() {
        for (i, (input, want)) in inputs.iter().zip(list("grads")).enumerate() {
            match (input.as_ref().and_then(Tensor::grad), want.is_null()) {
                (None, true) => {}
                (Some(got), false) => {
                    let dims: Vec<usize> = numbers(&want["shape"]).into_iter().map(|n| n as usize).collect();
                    if got.dims() != dims || got.dtype() != dtype(&want["dtype"])? {
                        return Err(format!("gradient {i} is {:?} {}", got.dims(), got.dtype()));
                    }
                    let got = fetched(&got).await?;
                    tolerance.check(&format!("gradient {i}"), &got, &numbers(&want["data"]))?;
                }
                (got, _) => return Err(format!("gradient {i}: {got:?}, expected {want}")),
            }
        }
    }
    Ok(())
}

/// An input, which requires a gradient where the file says so; None where it is null.
fn leaf(device: Device, value: &Value) -> std::result::Result<Option<Tensor>, String> {
    if value.is_null() {
        return Ok(None);
    }
    let requires = value["requires_grad"].as_bool().unwrap_or(false);
    on(device, tensor(value)?)?.requires_grad_(requires).map(Some).map_err(|e| e.to_string())
}

fn on(device: Device, tensor: Tensor) -> std::result::Result<Tensor, String> {
    tensor.to_device(device).map_err(|e| e.to_string())
}

fn run(op: &str, inputs: &[Option<Tensor>], a: &Arguments<'_>) -> Result<Vec<Tensor>> {
    let t = &Inputs { op, all: inputs };
    for family in [elementwise, reduction, shape, losses, layers] {
        if let Some(result) = family(op, t, a)? {
            return Ok(result);
        }
    }
    Err(Error::Value(format!("unknown operator {op}")))
}

/// The inputs of a case by place.
struct Inputs<'a> {
    op: &'a str,
    all: &'a [Option<Tensor>],
}

impl<'a> Inputs<'a> {
    fn get(&self, place: usize) -> Option<&'a Tensor> {
        self.all.get(place).and_then(Option::as_ref)
    }

    fn need(&self, place: usize) -> Result<&'a Tensor> {
        self.get(place).ok_or_else(|| Error::Value(format!("{} needs input {place}", self.op)))
    }

    fn list(&self) -> Vec<Tensor> {
        self.all.iter().flatten().cloned().collect()
    }

    /// The second operand: a tensor, or a number under this name.
    fn operand(&self, name: &str, a: &Arguments<'_>) -> Result<Operand<'a>> {
        match (self.get(1), a.operand(name)?) {
            (Some(tensor), _) => Ok(Operand::Tensor(tensor)),
            (None, number) => number.ok_or_else(|| Error::Value(format!("{} needs {name}", self.op))),
        }
    }
}

type Outputs = Result<Option<Vec<Tensor>>>;

fn elementwise(op: &str, t: &Inputs<'_>, a: &Arguments<'_>) -> Outputs {
    let x = t.need(0)?;
    let y = || t.operand("other", a);
    Ok(Some(vec![match op {
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
        "softplus" => x.softplus(a.number("beta", 1.0)?, a.number("threshold", 20.0)?),
        "sign" => x.sign(),
        "floor" => x.floor(),
        "round" => x.round(a.integer("decimals", 0)? as i32),
        "leaky_relu" => x.leaky_relu(a.number("negative_slope", 0.01)?),
        "elu" => x.elu(a.number("alpha", 1.0)?),
        "gelu" => match a.text("approximate", "none")?.as_str() {
            "none" => x.gelu(),
            "tanh" => x.gelu_tanh(),
            _ => Err(Error::Value("approximate argument must be either none or tanh.".into())),
        },
        "clamp" => {
            let bound = |name: &str, place: usize| -> Result<Option<Operand<'_>>> {
                Ok(t.get(place).map(Operand::Tensor).or(a.operand(name)?))
            };
            x.clamp(bound("min", 1)?, bound("max", 2)?)
        }
        "add" => x.add_scaled(y()?, a.operand("alpha")?.unwrap_or(Operand::Int(1))),
        "sub" => x.sub_scaled(y()?, a.operand("alpha")?.unwrap_or(Operand::Int(1))),
        "mul" => x.mul(y()?),
        "div" => match a.text("rounding_mode", "")?.as_str() {
            "" => x.div(y()?),
            "floor" => x.div_floor(y()?),
            "trunc" => x.div_trunc(y()?),
            other => Err(Error::Value(format!("rounding_mode {other}"))),
        },
        "pow" => x.pow(t.operand("exponent", a)?),
        "maximum" => x.maximum(y()?),
        "minimum" => x.minimum(y()?),
        "eq" => x.eq(y()?),
        "ne" => x.ne(y()?),
        "lt" => x.lt(y()?),
        "le" => x.le(y()?),
        "gt" => x.gt(y()?),
        "ge" => x.ge(y()?),
        "where" => {
            let other = t.get(2).map(Operand::Tensor).or(a.operand("other")?);
            let other = other.ok_or_else(|| Error::Value("where needs another value".into()))?;
            t.need(1)?.where_(x, other)
        }
        "masked_fill" => {
            let value = t.get(2).map(Operand::Tensor).or(a.operand("value")?);
            let value = value.ok_or_else(|| Error::Value("masked_fill needs a value".into()))?;
            x.masked_fill(t.need(1)?, value)
        }
        _ => return Ok(None),
    }?]))
}

fn reduction(op: &str, t: &Inputs<'_>, a: &Arguments<'_>) -> Outputs {
    let x = t.need(0)?;
    let names = ["sum", "mean", "prod", "amax", "amin", "var", "std", "logsumexp", "norm"];
    let along = ["argmax", "argmin", "max", "min", "cumsum", "softmax", "log_softmax"];
    if !names.contains(&op) && !along.contains(&op) {
        return Ok(None);
    }
    let dims = a.integers("dim")?;
    let keepdim = a.flag("keepdim", false)?;
    let correction = || match a.get("unbiased") {
        Some(_) => Ok(f64::from(u8::from(a.flag("unbiased", true)?))),
        None => a.number("correction", 1.0),
    };
    let dim = dims.first().copied();
    Ok(Some(vec![match (op, dim) {
        ("sum", _) => a.cast(x)?.sum_dim(&dims, keepdim),
        ("mean", _) => a.cast(x)?.mean_dim(&dims, keepdim),
        ("prod", _) => a.cast(x)?.prod_dim(&dims, keepdim),
        ("amax", _) => x.amax(&dims, keepdim),
        ("amin", _) => x.amin(&dims, keepdim),
        ("var", _) => x.var_dim(&dims, correction()?, keepdim),
        ("std", _) => x.std_dim(&dims, correction()?, keepdim),
        ("logsumexp", _) => x.logsumexp(&dims, keepdim),
        ("norm", _) => match a.get("p") {
            Some(p) if p == "fro" => x.norm_dim(2.0, &dims, keepdim),
            _ => x.norm_dim(a.number("p", 2.0)?, &dims, keepdim),
        },
        ("argmax", Some(dim)) => x.argmax(dim, keepdim),
        ("argmax", None) => x.argmax_all(keepdim),
        ("argmin", Some(dim)) => x.argmin(dim, keepdim),
        ("argmin", None) => x.argmin_all(keepdim),
        ("max", Some(dim)) => return x.max_dim(dim, keepdim).map(both),
        ("max", None) => x.max(),
        ("min", Some(dim)) => return x.min_dim(dim, keepdim).map(both),
        ("min", None) => x.min(),
        ("cumsum", Some(dim)) => a.cast(x)?.cumsum(dim),
        ("softmax", Some(dim)) => a.cast(x)?.softmax(dim),
        ("log_softmax", Some(dim)) => a.cast(x)?.log_softmax(dim),
        _ => Err(Error::Value(format!("{op} needs a dim"))),
    }?]))
}

fn both((values, index): (Tensor, Tensor)) -> Option<Vec<Tensor>> {
    Some(vec![values, index])
}

fn shape(op: &str, t: &Inputs<'_>, a: &Arguments<'_>) -> Outputs {
    let x = t.need(0)?;
    let dim = || a.integer("dim", 0);
    Ok(Some(vec![match op {
        "reshape" => x.reshape(&a.integers("shape")?),
        "flatten" => x.flatten(a.integer("start_dim", 0)?, a.integer("end_dim", -1)?),
        "permute" => x.permute(&a.integers("dims")?),
        "transpose" => x.transpose(a.integer("dim0", 0)?, a.integer("dim1", 1)?),
        "t" => x.t(),
        "squeeze" => match a.get("dim") {
            None => x.squeeze_all(),
            Some(Value::Array(_)) => x.squeeze_dims(&a.integers("dim")?),
            Some(_) => x.squeeze(dim()?),
        },
        "unsqueeze" => x.unsqueeze(dim()?),
        "cat" => Tensor::cat(&t.list(), dim()?),
        "stack" => Tensor::stack(&t.list(), dim()?),
        "expand" => x.expand(&a.integers("shape")?),
        "repeat" => x.repeat(&a.sizes("repeats")?),
        "slice" => {
            let step = a.integer("step", 1)?;
            let step =
                usize::try_from(step).map_err(|_| Error::Value("slice step must be positive".into()))?;
            x.slice_python(dim()?, a.optional("start")?, a.optional("end")?, step)
        }
        "select" => x.select(dim()?, a.integer("index", 0)?),
        "index_select" => x.index_select(dim()?, t.need(1)?),
        "gather" => x.gather(dim()?, t.need(1)?),
        "flip" => x.flip(&a.integers("dims")?),
        "pad" => {
            let mode = match a.text("mode", "constant")?.as_str() {
                "constant" => PadMode::Constant(a.number("value", 0.0)?),
                "reflect" => PadMode::Reflect,
                "replicate" => PadMode::Replicate,
                "circular" => PadMode::Circular,
                other => return Err(Error::Value(format!("Unrecognised padding mode {other}"))),
            };
            x.pad_with(&a.integers("pad")?, mode)
        }
        "tril" => x.tril(a.integer("diagonal", 0)?),
        "triu" => x.triu(a.integer("diagonal", 0)?),
        "one_hot" => x.one_hot(usize::try_from(a.integer("num_classes", -1)?).ok()),
        _ => return Ok(None),
    }?]))
}

fn losses(op: &str, t: &Inputs<'_>, a: &Arguments<'_>) -> Outputs {
    if !["loss", "cross_entropy", "kl_div"].iter().any(|name| op.contains(name)) {
        return Ok(None);
    }
    let (x, y) = (t.need(0)?, t.need(1)?);
    let reduction = a.reduction()?;
    let weight = || a.tensor("weight", t.get(2));
    let ignore_index = || a.integer("ignore_index", -100).map(|i| i as i64);
    Ok(Some(vec![match op {
        "mse_loss" | "l1_loss" | "huber_loss" => {
            let delta = if op == "huber_loss" { a.number("delta", 1.0)? } else { 1.0 };
            let of = |reduction| match op {
                "mse_loss" => F::mse_loss(x, y, reduction),
                "l1_loss" => F::l1_loss(x, y, reduction),
                _ => F::huber_loss(x, y, delta, reduction),
            };
            match weight()? {
                Some(weight) => F::weighted(&of(Reduction::None)?, &weight, reduction),
                None => of(reduction),
            }
        }
        "smooth_l1_loss" => F::smooth_l1_loss(x, y, a.number("beta", 1.0)?, reduction),
        "binary_cross_entropy" => F::binary_cross_entropy(x, y, weight()?.as_ref(), reduction),
        "binary_cross_entropy_with_logits" => {
            let positive = a.tensor("pos_weight", t.get(3))?;
            F::binary_cross_entropy_with_logits(x, y, weight()?.as_ref(), positive.as_ref(), reduction)
        }
        "cross_entropy" => {
            let (ignore_index, label_smoothing) = (ignore_index()?, a.number("label_smoothing", 0.0)?);
            let options = CrossEntropyLoss { weight: weight()?, ignore_index, label_smoothing, reduction };
            F::cross_entropy(x, y, &options)
        }
        "nll_loss" => {
            F::nll_loss(x, y, &NLLLoss { weight: weight()?, ignore_index: ignore_index()?, reduction })
        }
        "kl_div" => F::kl_div(x, y, a.flag("log_target", false)?, reduction),
        _ => return Ok(None),
    }?]))
}

fn layers(op: &str, t: &Inputs<'_>, a: &Arguments<'_>) -> Outputs {
    let x = t.need(0)?;
    Ok(Some(vec![match op {
        "matmul" => x.matmul(t.need(1)?),
        "bmm" => x.bmm(t.need(1)?),
        "outer" => x.outer(t.need(1)?),
        "linear" => x.linear(t.need(1)?, a.tensor("bias", t.get(2))?.as_ref()),
        "conv2d" => F::conv2d(x, t.need(1)?, a.tensor("bias", t.get(2))?.as_ref(), &convolution(a)?),
        "max_pool2d" => {
            let options = PoolOptions { dilation: a.pair("dilation", (1, 1))?, ..pooling(a)? };
            if a.flag("return_indices", false)? {
                return F::max_pool2d_with_indices(x, &options).map(both);
            }
            F::max_pool2d(x, &options)
        }
        "avg_pool2d" => {
            let count_include_pad = a.flag("count_include_pad", true)?;
            let divisor_override = a.optional("divisor_override")?;
            F::avg_pool2d(x, &PoolOptions { count_include_pad, divisor_override, ..pooling(a)? })
        }
        "layer_norm" => {
            let (weight, bias) = (a.tensor("weight", t.get(1))?, a.tensor("bias", t.get(2))?);
            let shape = a.sizes("normalized_shape")?;
            F::layer_norm(x, &shape, weight.as_ref(), bias.as_ref(), a.number("eps", 1e-5)?)
        }
        "batch_norm" => {
            let training = a.flag("training", true)?;
            // Five inputs are PyTorch's order; three are weight and bias in training, else the averages.
            let places = match (t.all.len(), training) {
                (4.., _) => [Some(1), Some(2), Some(3), Some(4)],
                (_, true) => [None, None, Some(1), Some(2)],
                (_, false) => [Some(1), Some(2), None, None],
            };
            let at = |i: usize| places[i].and_then(|place| t.get(place));
            let (mean, var) = (a.tensor("running_mean", at(0))?, a.tensor("running_var", at(1))?);
            let (weight, bias) = (a.tensor("weight", at(2))?, a.tensor("bias", at(3))?);
            let (momentum, eps) = (a.number("momentum", 0.1)?, a.number("eps", 1e-5)?);
            let running = mean.as_ref().zip(var.as_ref());
            F::batch_norm(x, running, weight.as_ref(), bias.as_ref(), training, momentum, eps)
        }
        "embedding" => {
            let options = EmbeddingOptions {
                padding_idx: a.optional("padding_idx")?,
                max_norm: a.get("max_norm").map(|_| a.number("max_norm", 0.0)).transpose()?,
                norm_type: a.number("norm_type", 2.0)?,
                scale_grad_by_freq: a.flag("scale_grad_by_freq", false)?,
            };
            F::embedding_with(x, t.need(1)?, &options)
        }
        _ => return Ok(None),
    }?]))
}

fn convolution(a: &Arguments<'_>) -> Result<Conv2dOptions> {
    let options = Conv2dOptions {
        stride: a.pair("stride", (1, 1))?,
        dilation: a.pair("dilation", (1, 1))?,
        groups: a.sizes("groups")?.first().copied().unwrap_or(1),
        ..Conv2dOptions::new(1)
    };
    match a.get("padding").and_then(Value::as_str) {
        Some("valid") => Ok(options),
        Some("same") => Ok(options.same()),
        Some(other) => Err(Error::Value(format!("padding {other}"))),
        None => Ok(Conv2dOptions { padding: a.pair("padding", (0, 0))?, ..options }),
    }
}

fn pooling(a: &Arguments<'_>) -> Result<PoolOptions> {
    let kernel = a.pair("kernel_size", (1, 1))?;
    Ok(PoolOptions {
        stride: a.pair("stride", kernel)?,
        padding: a.pair("padding", (0, 0))?,
        ceil_mode: a.flag("ceil_mode", false)?,
        ..PoolOptions::new(kernel)
    })
}
