//! What all modules have: names, states, hooks, dtypes, summaries and how they print, against PyTorch.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

mod common;

use common::fixtures;
use gradus::dtype::DType;
use gradus::nn::*;
use gradus::rng::Generator;
use gradus::tensor::Tensor;
use serde_json::json;
use std::cell::RefCell;
use std::rc::Rc;

/// The model of the fixtures' states.
fn nested() -> Sequential {
    let g = &mut Generator::new(0);
    Sequential::new(vec![
        Box::new(Linear::new(2, 3, true, g)),
        Box::new(BatchNorm1d::new(3, NormOptions::default())),
        Box::new(Sequential::new(vec![Box::new(Linear::new(3, 1, true, g))])),
    ])
}

#[test]
fn a_state_has_pytorchs_keys_and_what_does_not_fit_is_named_as_in_pytorch() {
    let file = fixtures("states");
    let model = nested();
    let keys: Vec<String> = model.state_dict().into_iter().map(|(key, _)| key).collect();
    assert_eq!(json!(keys), file["keys"]);
    let other = Sequential::new(vec![
        Box::new(Linear::new(2, 4, true, &mut Generator::new(1))),
        Box::new(BatchNorm1d::new(3, NormOptions::default())),
        Box::new(Sequential::new(vec![Box::new(ReLU)])),
    ]);
    let mut state = other.state_dict();
    state.push(("extra".into(), Tensor::zeros(&[1])));
    assert_eq!(model.load_state_dict(&state, true).unwrap_err().to_string(), file["error"].as_str().unwrap());
    let mut state = model.state_dict();
    state.retain(|(key, _)| key != "0.bias");
    state.extend(["x", "y"].map(|key| (key.to_string(), Tensor::zeros(&[1]))));
    assert_eq!(
        model.load_state_dict(&state, true).unwrap_err().to_string(),
        file["missing"].as_str().unwrap()
    );
    let keys = model.load_state_dict(&state, false).unwrap();
    assert_eq!(json!(keys.missing_keys), file["loose"]["missing"]);
    assert_eq!(json!(keys.unexpected_keys), file["loose"]["unexpected"]);
}

#[test]
fn a_state_that_does_not_fit_changes_nothing() {
    let model = nested();
    let before = model.get_parameter("0.weight").unwrap().to_f64_vec();
    let mut state = model.state_dict();
    state.iter_mut().for_each(|(_, t)| *t = t.zeros_like());
    state.pop();
    assert!(model.load_state_dict(&state, true).is_err());
    assert_eq!(model.get_parameter("0.weight").unwrap().to_f64_vec(), before);
}

#[test]
fn summaries_are_torchsummarys_text() {
    let file = fixtures("summaries");
    let g = &mut Generator::new(0);
    let small = Sequential::new(vec![
        Box::new(Linear::new(2, 8, true, g)),
        Box::new(ReLU),
        Box::new(Linear::new(8, 1, true, g)),
    ]);
    assert_eq!(summary(&small, &[2]).unwrap().to_string(), file["small"].as_str().unwrap());
    let shared = Rc::new(RefCell::new(Generator::new(0)));
    let conv = Conv2d::new(1, 32, Conv2dOptions::new(3).padding(1), g).unwrap();
    let second = Conv2d::new(32, 64, Conv2dOptions::new(3).stride(2).bias(false), g).unwrap();
    let image = Sequential::new(vec![
        Box::new(conv),
        Box::new(BatchNorm2d::new(32, NormOptions::default())),
        Box::new(ReLU),
        Box::new(MaxPool2d::new(PoolOptions::new(2))),
        Box::new(Sequential::new(vec![Box::new(second), Box::new(Dropout::new(0.5, shared))])),
        Box::new(Flatten::default()),
        Box::new(Linear::new(2304, 10, true, g)),
        Box::new(LogSoftmax { dim: 1 }),
    ]);
    image[0].parameters().into_iter().for_each(|p| {
        p.requires_grad_(false).unwrap();
    });
    assert_eq!(summary(&image, &[1, 28, 28]).unwrap().to_string(), file["image"].as_str().unwrap());
    assert_eq!(image[1].training(), Some(true), "the mode is as it was before");
    assert_eq!(image.named_buffers()[0].1.to_f64_vec(), [0.0; 32], "running averages have not moved");
}

/// A model of one's own, which uses a layer twice.
struct Net {
    hidden: Linear,
    output: Linear,
}

impl Net {
    fn new(g: &mut Generator) -> Net {
        Net { hidden: Linear::new(2, 2, true, g), output: Linear::new(2, 1, true, g) }
    }
}

impl Module for Net {
    fn forward(&self, x: &Tensor) -> gradus::error::Result<Tensor> {
        self.output.call(&self.hidden.call(&self.hidden.call(x)?.relu()?)?)
    }

    fn children(&self) -> Vec<(String, &dyn Module)> {
        vec![("hidden".into(), &self.hidden), ("output".into(), &self.output)]
    }
}

#[test]
fn summaries_of_every_kind_of_layer_and_of_ones_own_are_torchsummarys_text() {
    let file = fixtures("summaries");
    let g = &mut Generator::new(0);
    let conv = Conv2dOptions::new((3, 2)).same().groups(3);
    let last: Vec<Box<dyn Module>> =
        vec![Box::new(Linear::new(1200, 4, true, g)), Box::new(Softmax { dim: 1 })];
    let everything = Sequential::new(vec![
        Box::new(Conv2d::new(3, 6, conv, g).unwrap()),
        Box::new(LeakyReLU::default()),
        Box::new(AvgPool2d::new(PoolOptions::new(2))),
        Box::new(ELU::default()),
        Box::new(BatchNorm2d::new(6, NormOptions { affine: false, ..Default::default() })),
        Box::new(GELU::default()),
        Box::new(LayerNorm::new(&[6, 7, 6])),
        Box::new(SiLU),
        Box::new(Softplus::default()),
        Box::new(Flatten::default()),
        Box::new(Linear::new(252, 1200, false, g)),
        Box::new(Sigmoid),
        Box::new(BatchNorm1d::new(1200, NormOptions::default())),
        Box::new(Tanh),
        Box::new(Dropout::new(0.1, Rc::new(RefCell::new(Generator::new(0))))),
        Box::new(Sequential::new(last)),
    ]);
    everything.get_parameter("10.weight").unwrap().requires_grad_(false).unwrap();
    let text = summary(&everything, &[3, 14, 12]).unwrap().to_string();
    assert_eq!(text, file["everything"].as_str().unwrap());
    assert_eq!(summary(&Net::new(g), &[2]).unwrap().to_string(), file["own"].as_str().unwrap());
    let nested = Sequential::new(vec![
        Box::new(Linear::new(3, 2, true, g)),
        Box::new(Net::new(g)),
        Box::new(Linear::new(1, 2, true, g)),
    ]);
    assert_eq!(summary(&nested, &[3]).unwrap().to_string(), file["nested"].as_str().unwrap());
}

#[test]
fn modules_print_as_in_pytorch() {
    let file = fixtures("reprs");
    let g = &mut Generator::new(0);
    let conv = Conv2dOptions::new((3, 2)).stride((2, 1)).padding((1, 0)).dilation(2).groups(2).bias(false);
    let mut pool = PoolOptions::new((3, 2)).stride((1, 2)).padding(1).dilation(2);
    pool.ceil_mode = true;
    let norm =
        NormOptions { eps: 1e-3, momentum: None, affine: false, track_running_stats: false, bias: true };
    let scaled = functional::EmbeddingOptions {
        max_norm: Some(0.5),
        norm_type: 1.0,
        scale_grad_by_freq: true,
        ..Default::default()
    };
    let tail = Sequential::new(vec![Box::new(Linear::new(8, 1, true, g))]);
    let of_layers: Vec<Box<dyn Module>> =
        vec![Box::new(Linear::new(2, 8, true, g)), Box::new(ReLU), Box::new(tail)];
    let modules: Vec<(&str, Box<dyn Module>)> = vec![
        ("linear", Box::new(Linear::new(2, 7, true, g))),
        ("linear_without_bias", Box::new(Linear::new(2, 1, false, g))),
        ("conv", Box::new(Conv2d::new(4, 8, Conv2dOptions::new(3), g).unwrap())),
        ("conv_options", Box::new(Conv2d::new(4, 8, conv.padding_mode(PaddingMode::Circular), g).unwrap())),
        ("conv_same", Box::new(Conv2d::new(1, 2, Conv2dOptions::new(3).same(), g).unwrap())),
        ("max_pool", Box::new(MaxPool2d::new(PoolOptions::new(2)))),
        ("max_pool_options", Box::new(MaxPool2d::new(pool))),
        ("avg_pool", Box::new(AvgPool2d::new(PoolOptions::new((3, 2)).stride(2).padding(1)))),
        ("batch_norm", Box::new(BatchNorm1d::new(3, NormOptions::default()))),
        ("batch_norm_options", Box::new(BatchNorm2d::new(4, norm))),
        ("layer_norm", Box::new(LayerNorm::new(&[5]))),
        ("layer_norm_options", Box::new(LayerNorm::with(&[6, 5], 0.01, false, true))),
        ("dropout", Box::new(Dropout::new(0.3, Rc::new(RefCell::new(Generator::new(0)))))),
        ("flatten", Box::new(Flatten::default())),
        ("embedding", Box::new(Embedding::new(5, 3, None, g).unwrap())),
        ("embedding_padding", Box::new(Embedding::new(5, 3, Some(-1), g).unwrap())),
        ("embedding_options", Box::new(Embedding::with(5, 3, scaled, g).unwrap())),
        ("relu", Box::new(ReLU)),
        ("sigmoid", Box::new(Sigmoid)),
        ("tanh", Box::new(Tanh)),
        ("silu", Box::new(SiLU)),
        ("leaky_relu", Box::new(LeakyReLU::default())),
        ("elu", Box::new(ELU { alpha: 0.5 })),
        ("gelu", Box::new(GELU::default())),
        ("gelu_tanh", Box::new(GELU { tanh: true })),
        ("softplus", Box::new(Softplus::default())),
        ("softmax", Box::new(Softmax::default())),
        ("log_softmax", Box::new(LogSoftmax { dim: 1 })),
        ("sequential", Box::new(Sequential::new(of_layers))),
        ("nothing", Box::new(Sequential::default())),
        ("own", Box::new(Net::new(g))),
    ];
    assert_eq!(file.as_object().unwrap().len(), modules.len() + 2);
    for (name, module) in modules {
        assert_eq!(module.to_string(), file[name].as_str().unwrap(), "{name}");
    }
    let model = Sequential::new(vec![Box::new(Linear::new(2, 1, true, g))]);
    let keys = model.load_state_dict(&model.state_dict(), true).unwrap();
    assert_eq!(keys.to_string(), file["keys"].as_str().unwrap());
    let keys = model.load_state_dict(&[("x".into(), Tensor::ones(&[1]))], false).unwrap();
    assert_eq!(keys.to_string(), file["other_keys"].as_str().unwrap());
}

#[test]
fn a_model_can_become_f64_and_f32_again_with_the_same_tensors() {
    let model = nested();
    let weight = model.get_parameter("0.weight").unwrap();
    let before = weight.to_vec::<f32>().unwrap();
    let x = Tensor::ones(&[4, 2]).mul(&Tensor::arange(4).unsqueeze(1).unwrap()).unwrap();
    model.forward(&x).unwrap().sum().unwrap().backward().unwrap();
    model.double().unwrap();
    assert_eq!((weight.dtype(), weight.grad().unwrap().dtype()), (DType::F64, DType::F64));
    assert!(weight.requires_grad() && weight.is_same(&model.parameters()[0]));
    assert!(
        model.state_dict().iter().all(|(name, t)| t.dtype().is_floating_point() || name.ends_with("tracked"))
    );
    assert_eq!(weight.to_f64_vec(), before.iter().map(|&v| f64::from(v)).collect::<Vec<_>>());
    let y = model.forward(&x.to(DType::F64).unwrap()).unwrap();
    assert_eq!(y.dtype(), DType::F64);
    model.zero_grad();
    y.square().unwrap().sum().unwrap().backward().unwrap();
    assert_eq!(weight.grad().unwrap().dtype(), DType::F64);
    model.float().unwrap();
    assert_eq!(weight.to_vec::<f32>().unwrap(), before);
    assert_eq!(
        model.to(DType::I64).unwrap_err().to_string(),
        "nn.Module.to only accepts floating point or complex dtypes, but got desired dtype=torch.int64"
    );
}

#[test]
fn a_graph_from_before_a_change_of_dtype_is_refused() {
    let model = nested();
    let loss = model.forward(&Tensor::ones(&[4, 2])).unwrap().square().unwrap().sum().unwrap();
    model.double().unwrap();
    assert!(loss.backward().unwrap_err().to_string().contains("modified by an inplace operation"));
}

#[test]
fn all_modules_are_visited_by_name_and_all_parameters_frozen_at_once() {
    let model = nested();
    let names: Vec<(String, &str)> =
        model.named_modules().into_iter().map(|(name, module)| (name, module.kind())).collect();
    let expected =
        [("", "Sequential"), ("0", "Linear"), ("1", "BatchNorm1d"), ("2", "Sequential"), ("2.0", "Linear")];
    assert_eq!(names, expected.map(|(name, kind)| (name.to_string(), kind)));
    assert_eq!(model.modules().len(), 5);
    let mut order = Vec::new();
    model.apply(|module| order.push(module.kind()));
    assert_eq!(order, ["Linear", "BatchNorm1d", "Linear", "Sequential", "Sequential"]);
    // (2 · 3 + 3) + (3 + 3) + (3 + 1)
    assert_eq!(model.parameter_count(), 19);
    model.requires_grad_(false).unwrap();
    assert!(model.parameters().iter().all(|p| !p.requires_grad()));
    assert!(!model.forward(&Tensor::ones(&[2, 2])).unwrap().requires_grad());
    model.requires_grad_(true).unwrap();
    assert!(model.forward(&Tensor::ones(&[2, 2])).unwrap().requires_grad());
}

#[test]
fn layers_are_replaced_inserted_and_taken_out() {
    let mut model = nested();
    model.set(1, Box::new(Tanh)).unwrap();
    assert_eq!(model[1].kind(), "Tanh");
    model.insert(0, Box::new(ReLU)).unwrap();
    let kinds = |model: &Sequential| -> Vec<(String, &'static str)> {
        model.children().into_iter().map(|(name, layer)| (name, layer.kind())).collect()
    };
    let named = |kinds: &[&'static str]| -> Vec<(String, &'static str)> {
        kinds.iter().enumerate().map(|(i, &kind)| (i.to_string(), kind)).collect()
    };
    assert_eq!(kinds(&model), named(&["ReLU", "Linear", "Tanh", "Sequential"]));
    assert_eq!(model.pop(1).unwrap().kind(), "Linear");
    assert_eq!(kinds(&model), named(&["ReLU", "Tanh", "Sequential"]));
    model.extend(vec![Box::new(Sigmoid)]);
    model.insert(4, Box::new(SiLU)).unwrap();
    assert_eq!(kinds(&model), named(&["ReLU", "Tanh", "Sequential", "Sigmoid", "SiLU"]));
    assert_eq!(model.pop(-1).unwrap().kind(), "SiLU");
    assert!(model.set(9, Box::new(ReLU)).is_err() && model.insert(9, Box::new(ReLU)).is_err());
    let mut named = Sequential::named(vec![("act", Box::new(ReLU)), ("last", Box::new(Tanh))]);
    named.pop(0).unwrap();
    assert_eq!(named.children()[0].0, "last");
}

#[test]
fn a_hook_sees_every_output_of_its_layer_until_it_is_removed() {
    let model = nested();
    let seen = Rc::new(RefCell::new(Vec::new()));
    let sink = seen.clone();
    let inner = model.get_submodule("2.0").unwrap();
    let handle = inner
        .register_forward_hook(move |module, input, output| {
            let line = (module.kind(), input.dims().to_vec(), output.dims().to_vec());
            sink.borrow_mut().push(line);
            None
        })
        .unwrap();
    let x = Tensor::ones(&[4, 2]);
    model.forward(&x).unwrap();
    model.forward(&x).unwrap();
    handle.remove();
    model.forward(&x).unwrap();
    assert_eq!(*seen.borrow(), vec![("Linear", vec![4, 3], vec![4, 1]); 2]);
}

#[test]
fn a_hook_can_take_the_outputs_place() {
    let model = nested();
    let _handle = model[2].register_forward_hook(|_, _, output| Some(output.zeros_like())).unwrap();
    assert_eq!(model.forward(&Tensor::ones(&[2, 2])).unwrap().to_f64_vec(), [0.0, 0.0]);
    let error = Linear::new(1, 1, true, &mut Generator::new(0)).register_forward_hook(|_, _, _| None);
    assert!(error.is_err(), "a layer by itself has no place for hooks");
    let hooked = Hooked::new(ReLU);
    let _handle = hooked.register_forward_hook(|_, _, y| y.add(1.0).ok()).unwrap();
    assert_eq!(hooked.call(&Tensor::scalar(-5f32)).unwrap().to_f64_vec(), [1.0]);
}

#[test]
fn layers_are_found_by_number_and_by_name() {
    let mut model = nested();
    assert_eq!(model.get(-1).unwrap().kind(), "Sequential");
    assert!(model.get(3).is_none() && model.get(-4).is_none());
    model.push(Box::new(Tanh));
    assert_eq!(model[3].kind(), "Tanh");
    assert_eq!(model.len(), 4);
    assert_eq!(model.get_submodule("2.0").unwrap().kind(), "Linear");
    assert!(model.get_submodule("2.7").is_err());
    let named = Sequential::named(vec![("act", Box::new(ReLU)), ("norm", Box::new(LayerNorm::new(&[2])))]);
    let keys: Vec<String> = named.state_dict().into_iter().map(|(key, _)| key).collect();
    assert_eq!(keys, ["norm.weight", "norm.bias"]);
}
