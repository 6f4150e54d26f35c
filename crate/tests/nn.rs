//! Layers, losses, initial values and clipped gradients against PyTorch.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

mod common;

use common::{assert_close, assert_numbers, fixtures, number, numbers, optional, tensor};
use gradus::dtype::DType;
use gradus::nn::init::{self, FanMode, Kaiming, Nonlinearity};
use gradus::nn::utils::{clip_grad_norm_, clip_grad_value_};
use gradus::nn::*;
use gradus::rng::Generator;
use gradus::tensor::Tensor;
use serde_json::Value;

fn pair(value: &Value) -> Option<(usize, usize)> {
    value.as_array().map(|p| (p[0].as_u64().unwrap() as usize, p[1].as_u64().unwrap() as usize))
}

fn float(value: &Value, default: f64) -> f64 {
    value.as_f64().unwrap_or(default)
}

fn flag(value: &Value, default: bool) -> bool {
    value.as_bool().unwrap_or(default)
}

fn whole(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

fn pool(a: &Value) -> PoolOptions {
    let mut o = PoolOptions::new(pair(&a["kernel"]).unwrap());
    o.stride = pair(&a["stride"]).unwrap_or(o.stride);
    o.padding = pair(&a["padding"]).unwrap_or(o.padding);
    o.dilation = pair(&a["dilation"]).unwrap_or(o.dilation);
    o.ceil_mode = flag(&a["ceil_mode"], false);
    o.count_include_pad = flag(&a["count_include_pad"], true);
    o.divisor_override = a["divisor_override"].as_i64().map(|d| d as isize);
    o
}

fn norm(a: &Value) -> NormOptions {
    NormOptions {
        eps: float(&a["eps"], 1e-5),
        momentum: if a.get("momentum").is_some_and(Value::is_null) {
            None
        } else {
            Some(float(&a["momentum"], 0.1))
        },
        affine: flag(&a["affine"], true),
        bias: flag(&a["bias"], true),
        track_running_stats: flag(&a["track_running_stats"], true),
    }
}

fn layer(kind: &str, a: &Value) -> Box<dyn Module> {
    let g = &mut Generator::new(0);
    match kind {
        "Linear" => Box::new(Linear::new(whole(&a["in"]), whole(&a["out"]), flag(&a["bias"], true), g)),
        "Conv2d" => {
            let mut o = Conv2dOptions::new(pair(&a["kernel"]).unwrap());
            o.stride = pair(&a["stride"]).unwrap_or(o.stride);
            o.padding = pair(&a["padding"]).unwrap_or(o.padding);
            o.dilation = pair(&a["dilation"]).unwrap_or(o.dilation);
            o.groups = a["groups"].as_u64().unwrap_or(1) as usize;
            o.bias = flag(&a["bias"], true);
            o.same = a["padding"] == "same";
            o.padding_mode = match a["padding_mode"].as_str() {
                Some("reflect") => PaddingMode::Reflect,
                Some("replicate") => PaddingMode::Replicate,
                Some("circular") => PaddingMode::Circular,
                _ => PaddingMode::Zeros,
            };
            Box::new(Conv2d::new(whole(&a["in"]), whole(&a["out"]), o, g).unwrap())
        }
        "MaxPool2d" => Box::new(MaxPool2d::new(pool(a))),
        "AvgPool2d" => Box::new(AvgPool2d::new(pool(a))),
        "BatchNorm1d" => Box::new(BatchNorm1d::new(whole(&a["channels"]), norm(a))),
        "BatchNorm2d" => Box::new(BatchNorm2d::new(whole(&a["channels"]), norm(a))),
        "LayerNorm" => {
            let affine = flag(&a["elementwise_affine"], true);
            let shape = common::sizes(&a["normalized_shape"]);
            Box::new(LayerNorm::with(&shape, float(&a["eps"], 1e-5), affine, flag(&a["bias"], true)))
        }
        "Embedding" => {
            let padding = a["padding_idx"].as_i64().map(|i| i as isize);
            let options = functional::EmbeddingOptions {
                padding_idx: padding,
                max_norm: a["max_norm"].as_f64(),
                norm_type: float(&a["norm_type"], 2.0),
                scale_grad_by_freq: flag(&a["scale_grad_by_freq"], false),
            };
            Box::new(Embedding::with(whole(&a["num"]), whole(&a["dim"]), options, g).unwrap())
        }
        "ReLU" => Box::new(ReLU),
        "Sigmoid" => Box::new(Sigmoid),
        "Tanh" => Box::new(Tanh),
        "SiLU" => Box::new(SiLU),
        "LeakyReLU" => Box::new(LeakyReLU { negative_slope: float(&a["negative_slope"], 0.01) }),
        "ELU" => Box::new(ELU { alpha: float(&a["alpha"], 1.0) }),
        "GELU" => Box::new(GELU { tanh: a["approximate"] == "tanh" }),
        "Softplus" => {
            Box::new(Softplus { beta: float(&a["beta"], 1.0), threshold: float(&a["threshold"], 20.0) })
        }
        "Softmax" => Box::new(Softmax { dim: a["dim"].as_i64().unwrap() as isize }),
        "LogSoftmax" => Box::new(LogSoftmax { dim: a["dim"].as_i64().unwrap() as isize }),
        "Flatten" => Box::new(Flatten {
            start_dim: a["start_dim"].as_i64().unwrap_or(1) as isize,
            end_dim: a["end_dim"].as_i64().unwrap_or(-1) as isize,
        }),
        other => panic!("{other}"),
    }
}

fn state(value: &Value) -> StateDict {
    value.as_object().unwrap().iter().map(|(key, t)| (key.clone(), tensor(t))).collect()
}

#[test]
fn every_layer_with_every_option_gives_pytorchs_outputs_and_gradients() {
    let cases = fixtures("layers");
    assert!(cases.as_array().unwrap().len() > 50);
    for case in cases.as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let kind = case["kind"].as_str().unwrap();
        let layer = layer(kind, &case["args"]);
        assert_eq!(layer.kind(), kind);
        layer.load_state_dict(&state(&case["state"]), true).unwrap_or_else(|e| panic!("{name}: {e}"));
        let mut input = tensor(&case["input"]);
        if input.dtype().is_floating_point() {
            input = input.requires_grad_(true).unwrap();
        }
        let output = layer.forward(&input).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_close(&format!("{name}: output"), &output, &case["output"]);
        output.backward_with(Some(&tensor(&case["cotangent"])), false, false).unwrap();
        if !case["input_grad"].is_null() {
            assert_close(&format!("{name}: input's gradient"), &input.grad().unwrap(), &case["input_grad"]);
        }
        for (key, p) in layer.named_parameters() {
            assert_close(&format!("{name}: gradient of {key}"), &p.grad().unwrap(), &case["grads"][&key]);
        }
        if let Some(after) = case.get("state_after") {
            layer.forward(&input.detach().add(1.0).unwrap()).unwrap();
            for (key, t) in layer.state_dict() {
                assert_close(&format!("{name}: {key} after two batches"), &t, &after[&key]);
            }
            layer.eval();
            let output = layer.forward(&input.detach()).unwrap();
            assert_close(&format!("{name}: evaluation"), &output, &case["eval_output"]);
        }
    }
}

fn loss(kind: &str, a: &Value) -> Box<dyn Loss> {
    let reduction = match a["reduction"].as_str().unwrap() {
        "none" => Reduction::None,
        "mean" => Reduction::Mean,
        "sum" => Reduction::Sum,
        _ => Reduction::BatchMean,
    };
    let list = |value: &Value| {
        let values: Vec<f32> = value.as_array()?.iter().map(|v| v.as_f64().unwrap() as f32).collect();
        let n = values.len();
        Some(Tensor::from_vec(values, &[n]).unwrap())
    };
    let weight = list(&a["weight"]);
    let ignore_index = a["ignore_index"].as_i64().unwrap_or(-100);
    match kind {
        "MSELoss" => Box::new(MSELoss { reduction }),
        "L1Loss" => Box::new(L1Loss { reduction }),
        "SmoothL1Loss" => Box::new(SmoothL1Loss { beta: float(&a["beta"], 1.0), reduction }),
        "HuberLoss" => Box::new(HuberLoss { delta: float(&a["delta"], 1.0), reduction }),
        "BCELoss" => Box::new(BCELoss { weight, reduction }),
        "BCEWithLogitsLoss" => {
            Box::new(BCEWithLogitsLoss { weight, pos_weight: list(&a["pos_weight"]), reduction })
        }
        "CrossEntropyLoss" => {
            let label_smoothing = float(&a["label_smoothing"], 0.0);
            Box::new(CrossEntropyLoss { weight, ignore_index, label_smoothing, reduction })
        }
        "NLLLoss" => Box::new(NLLLoss { weight, ignore_index, reduction }),
        "KLDivLoss" => Box::new(KLDivLoss { log_target: flag(&a["log_target"], false), reduction }),
        other => panic!("{other}"),
    }
}

#[test]
fn every_loss_with_every_option_gives_pytorchs_value_and_gradient() {
    for case in fixtures("losses").as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let input = tensor(&case["input"]).requires_grad_(true).unwrap();
        let loss = loss(case["kind"].as_str().unwrap(), &case["args"]);
        let output = loss.forward(&input, &tensor(&case["target"])).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_close(name, &output, &case["output"]);
        output.backward_with(optional(&case["cotangent"]).as_ref(), false, false).unwrap();
        assert_close(&format!("{name}: gradient"), &input.grad().unwrap(), &case["input_grad"]);
    }
}

fn nonlinearity(name: &str) -> Nonlinearity {
    match name {
        "linear" => Nonlinearity::Linear,
        "sigmoid" => Nonlinearity::Sigmoid,
        "tanh" => Nonlinearity::Tanh,
        "relu" => Nonlinearity::Relu,
        "leaky_relu" => Nonlinearity::LeakyRelu(0.01),
        _ => Nonlinearity::Selu,
    }
}

#[test]
fn initial_values_are_pytorchs_for_the_same_seed() {
    let file = fixtures("inits");
    for case in file["cases"].as_array().unwrap() {
        let (name, a) = (case["name"].as_str().unwrap(), &case["args"]);
        let dtype = if case["values"]["dtype"] == "f64" { DType::F64 } else { DType::F32 };
        let t = Tensor::full(&common::sizes(&case["values"]["shape"]), 0.0, dtype);
        let g = &mut Generator::new(0);
        let gain = float(&a["gain"], 1.0);
        let how = Kaiming {
            a: float(&a["a"], 0.0),
            mode: if a["mode"] == "fan_out" { FanMode::FanOut } else { FanMode::FanIn },
            nonlinearity: a["nonlinearity"].as_str().map(nonlinearity),
        };
        match name {
            "uniform_" => init::uniform_(&t, number(&a["low"]), number(&a["high"]), g),
            "normal_" => init::normal_(&t, number(&a["mean"]), number(&a["std"]), g),
            "constant_" => init::constant_(&t, number(&a["value"])),
            "ones_" => init::ones_(&t),
            "zeros_" => init::zeros_(&t),
            "eye_" => init::eye_(&t),
            "xavier_uniform_" => init::xavier_uniform_(&t, gain, g),
            "xavier_normal_" => init::xavier_normal_(&t, gain, g),
            "kaiming_uniform_" => init::kaiming_uniform_(&t, how, g),
            "kaiming_normal_" => init::kaiming_normal_(&t, how, g),
            "trunc_normal_" => {
                let [mean, std, low, high] = ["mean", "std", "low", "high"].map(|key| number(&a[key]));
                init::trunc_normal_(&t, mean, std, low, high, g)
            }
            "orthogonal_" => init::orthogonal_(&t, gain, g),
            "sparse_" => init::sparse_(&t, number(&a["sparsity"]), number(&a["std"]), g),
            "dirac_" => init::dirac_(&t, whole(&a["groups"])),
            other => panic!("{other}"),
        }
        .unwrap();
        assert_close(&format!("{name} {a}"), &t, &case["values"]);
        if dtype == DType::F64 {
            let want = numbers(&case["values"]["data"]);
            let close = |(got, want): (&f64, &f64)| (got - want).abs() <= 4e-16 * want.abs().max(1.0);
            // A matrix has its rounding, and PyTorch's vectorised logarithm has its own.
            let exact = t.numel() < 16 && name != "orthogonal_";
            assert!(!exact || t.to_f64_vec().iter().zip(&want).all(close), "{name} {a}: {t}");
        }
        let small_or_uniform = t.numel() < 16 || name.contains("uniform");
        if small_or_uniform && dtype == DType::F32 && name != "orthogonal_" {
            let want: Vec<f32> = numbers(&case["values"]["data"]).iter().map(|&v| v as f32).collect();
            assert_eq!(t.to_vec::<f32>().unwrap(), want, "{name} {a}: every bit is PyTorch's");
        }
    }
    for (name, gain) in file["gains"].as_object().unwrap() {
        assert_numbers(name, &[init::calculate_gain(nonlinearity(name))], &[number(gain)]);
    }
}

#[test]
fn what_a_layer_cannot_take_is_refused_in_pytorchs_words() {
    let g = &mut Generator::new(0);
    let error = BatchNorm2d::new(3, NormOptions::default()).forward(&Tensor::ones(&[2, 3])).unwrap_err();
    assert_eq!(error.to_string(), "expected 4D input (got 2D input)");
    let error = BatchNorm1d::new(3, NormOptions::default()).forward(&Tensor::ones(&[1, 3])).unwrap_err();
    let expected = "Expected more than 1 value per channel when training, got input size torch.Size([1, 3])";
    assert_eq!(error.to_string(), expected);
    let embedding = Embedding::new(3, 2, None, g).unwrap();
    let error = embedding.forward(&Tensor::from_vec(vec![3i64], &[1]).unwrap()).unwrap_err();
    assert_eq!(error.to_string(), "index out of range in self");
    let classes = Tensor::from_vec(vec![0i64, 5], &[2]).unwrap();
    let error = CrossEntropyLoss::default().forward(&Tensor::ones(&[2, 5]), &classes).unwrap_err();
    assert_eq!(error.to_string(), "Target 5 is out of bounds.");
    let error =
        BCELoss::default().forward(&Tensor::full(&[2], 1.5, gradus::dtype::DType::F32), &Tensor::ones(&[2]));
    assert_eq!(error.unwrap_err().to_string(), "all elements of input should be between 0 and 1");
}

#[test]
fn gradients_are_clipped_as_pytorch_clips_them() {
    let file = fixtures("clips");
    let make = || -> Vec<Tensor> {
        let grads = file["grads"].as_array().unwrap().iter().map(tensor);
        let parameter = |g: Tensor| {
            let p = g.zeros_like().requires_grad_(true).unwrap();
            p.set_grad(Some(g));
            p
        };
        grads.map(parameter).collect()
    };
    let check = |what: &str, ps: &[Tensor], want: &Value| {
        for (p, want) in ps.iter().zip(want.as_array().unwrap()) {
            assert_numbers(what, &p.grad().unwrap().to_f64_vec(), &numbers(want));
        }
    };
    for case in file["norm"].as_array().unwrap() {
        let ps = make();
        let total =
            clip_grad_norm_(&ps, number(&case["max_norm"]), number(&case["norm_type"]), true).unwrap();
        assert_numbers("norm", &[total], &[number(&case["total"])]);
        check("clipped", &ps, &case["clipped"]);
    }
    let ps = make();
    clip_grad_value_(&ps, 0.6).unwrap();
    check("by value", &ps, &file["value"]);
    ps[0].set_grad(Some(Tensor::full(&[3, 2], f64::NAN, gradus::dtype::DType::F32)));
    assert!(clip_grad_norm_(&ps, 1.0, 2.0, true).is_err());
}
