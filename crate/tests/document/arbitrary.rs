//! Arbitrary valid experiments.

use gradus::experiment::{
    Comparison, Data, Device, Experiment, Gradient, Init, Layer, Loss, Optimizer, Rows, Schedule, Stop,
    document::{BUNDLED, GENERATORS},
};
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, RngAlgorithm, TestCaseResult, TestRng, TestRunner},
};
use serde_json::json;

/// Tries a law on so many cases: always the same ones, so that a failure here is one everywhere.
pub fn check_law<S: Strategy>(cases: u32, strategy: S, law: impl Fn(S::Value) -> TestCaseResult) {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    if let Err(failure) = TestRunner::new_with_rng(config, rng).run(&strategy, law) {
        panic!("{failure}");
    }
}

/// A number that a float32 can hold, with all its digits, or a round one.
fn cell() -> impl Strategy<Value = f64> {
    prop_oneof![
        -1e6..1e6,
        any::<f32>().prop_filter("finite", |x| x.is_finite()).prop_map(f64::from),
        (-99..99i32).prop_map(f64::from),
        Just(-0.0),
    ]
}

fn positive() -> impl Strategy<Value = f64> {
    prop_oneof![1e-9..10.0, Just(0.001), Just(0.1), Just(1.0), Just(1e300)]
}

fn below_one() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(0.9), 0.0..1.0]
}

fn optimizer() -> impl Strategy<Value = Optimizer> {
    let numbers = (positive(), below_one(), below_one(), positive(), positive(), any::<bool>());
    let sgd = numbers.prop_map(|(lr, momentum, dampening, weight_decay, extra, nesterov)| {
        let momentum = if nesterov { extra } else { momentum };
        let dampening = if nesterov { 0.0 } else { dampening };
        Optimizer::Sgd { lr, momentum, dampening, nesterov, weight_decay }
    });
    let numbers = (positive(), below_one(), below_one(), positive(), positive(), 0..4u8);
    let others = numbers.prop_map(|(lr, a, b, eps, weight_decay, kind)| match kind {
        0 => Optimizer::Adam { lr, betas: [a, b], eps, weight_decay, amsgrad: a > b },
        1 => Optimizer::AdamW { lr, betas: [a, b], eps, weight_decay, amsgrad: a > b },
        2 => Optimizer::RmsProp { lr, alpha: a, eps, weight_decay, momentum: b, centered: a > b },
        _ => Optimizer::Adagrad { lr, lr_decay: a, weight_decay, initial_accumulator_value: b, eps },
    });
    prop_oneof![Just(Optimizer::default()), sgd, others]
}

fn stop() -> impl Strategy<Value = Option<Stop>> {
    let both = (proptest::option::of(positive()), proptest::option::of(1..1000u32));
    both.prop_map(|(loss, patience)| {
        (loss.is_some() || patience.is_some()).then_some(Stop { loss, patience })
    })
}

/// A layer that takes any shape and leaves it.
fn hidden() -> impl Strategy<Value = Layer> {
    prop_oneof![
        Just(Layer::Relu),
        Just(Layer::Sigmoid),
        Just(Layer::Tanh),
        Just(Layer::Gelu),
        Just(Layer::Silu),
        Just(Layer::Softplus),
        Just(Layer::Softmax),
        Just(Layer::LayerNorm),
        cell().prop_map(|negative_slope| Layer::LeakyRelu { negative_slope }),
        cell().prop_map(|alpha| Layer::Elu { alpha }),
        below_one().prop_map(|p| Layer::Dropout { p }),
        (1..9u32, any::<bool>(), init()).prop_map(|(out, bias, init)| Layer::Linear { out, bias, init }),
    ]
}

fn init() -> impl Strategy<Value = Init> {
    prop_oneof![
        Just(Init::Default),
        Just(Init::Zeros),
        Just(Init::XavierUniform),
        Just(Init::XavierNormal),
        Just(Init::KaimingUniform),
        Just(Init::KaimingNormal),
    ]
}

/// The last layer, for so many inputs and outputs.
fn last(inputs: usize, out: usize) -> impl Strategy<Value = Layer> {
    let (weight, bias) = (vec(cell(), inputs * out), proptest::option::of(vec(cell(), out)));
    (weight, bias, any::<bool>()).prop_map(move |(weight, bias, given)| {
        let shape = vec![out, inputs];
        let init = if given { Init::Given { weight, shape, bias } } else { Init::Default };
        Layer::Linear { out: out as u32, bias: true, init }
    })
}

fn table() -> impl Strategy<Value = Data> {
    (1..5usize, 1..4usize, 1..8usize, any::<bool>(), "\\PC{0,20}", 0..4usize).prop_flat_map(
        |(inputs, targets, rows, shaped, name, classes)| {
            vec(cell(), (inputs + targets) * rows).prop_map(move |values| Data::Table {
                inputs: (0..inputs).map(|i| format!("{i} {name}")).collect(),
                targets: (0..targets).map(|i| format!("y{i}")).collect(),
                rows: Rows { columns: inputs + targets, values },
                input_shape: shaped.then(|| vec![1, inputs]),
                classes: (0..classes).filter(|_| targets == 1).map(|i| format!("{i} {name}")).collect(),
            })
        },
    )
}

fn data() -> impl Strategy<Value = Data> {
    let generated = (0..GENERATORS.len(), 2..500u32, 0.0..1.0, 0..=(1u64 << 53) - 1).prop_map(
        |(name, points, noise, seed)| Data::Generated { name: GENERATORS[name].into(), points, noise, seed },
    );
    let bundled = (0..BUNDLED.len()).prop_map(|name| Data::Bundled { name: BUNDLED[name].into() });
    prop_oneof![4 => table(), 1 => generated, 1 => bundled]
}

fn model(data: &Data) -> impl Strategy<Value = Vec<Layer>> + use<> {
    let is_image = *data == Data::Bundled { name: "digits".into() };
    let convolution = (1..4u32, 1..4u32, 1..3u32, 0..2u32, init(), any::<bool>());
    let image = convolution.prop_map(move |(out, kernel, stride, padding, init, pool)| {
        let mut layers = Vec::new();
        if is_image {
            layers.push(Layer::Conv2d { out, kernel, stride, padding, init });
            layers.push(Layer::BatchNorm);
        }
        if is_image && pool {
            layers.push(Layer::MaxPool2d { kernel, stride });
        }
        layers
    });
    let out = match data {
        Data::Table { targets, .. } => targets.len(),
        _ => 1,
    };
    (image, vec(hidden(), 0..5), last(6, out)).prop_map(|(image, hidden, last)| {
        let middle = [Layer::Flatten, Layer::linear(6)];
        image.into_iter().chain(hidden).chain(middle).chain([last]).collect()
    })
}

fn comparisons() -> impl Strategy<Value = Vec<Comparison>> {
    let number = positive().prop_map(|lr| {
        let whole = lr.fract() == 0.0 && lr < 1e15;
        ("optimizer.lr", if whole { json!(lr as u64) } else { json!(lr) })
    });
    let setting = prop_oneof![
        number,
        (1..100u64).prop_map(|epochs| ("epochs", json!(epochs))),
        Just(("optimizer", json!({ "type": "adam" }))),
        Just(("schedule", json!({ "type": "cosine", "T_max": 5 }))),
        Just(("loss.type", json!("l1"))),
        Just(("shuffle", json!(false))),
    ];
    let one = ("\\PC{0,10}", setting)
        .prop_map(|(label, (path, value))| Comparison { label, set: vec![(path.into(), value)] });
    vec(one, 0..3)
}

/// An experiment that any reader must accept.
pub fn experiment() -> impl Strategy<Value = Experiment> {
    let loss = prop_oneof![Just(Loss::Mse), Just(Loss::L1), Just(Loss::SmoothL1), Just(Loss::Huber)];
    let schedule = prop_oneof![
        (1..9u32, positive()).prop_map(|(step_size, gamma)| Schedule::Step { step_size, gamma }),
        positive().prop_map(|gamma| Schedule::Exponential { gamma }),
        (1..9u32).prop_map(|t_max| Schedule::Cosine { t_max }),
    ];
    let device = prop_oneof![Just(Device::Auto), Just(Device::Cpu), Just(Device::WebGpu)];
    let gradient = prop_oneof![Just(Gradient::Autograd), (1e-9..0.1).prop_map(Gradient::FiniteDifference),];
    let how = (optimizer(), proptest::option::of(schedule), 1..1000u64, device, gradient);
    let what = ("\\PC{0,30}|[\"\\\\\n\u{1}]{0,9}", 0..=(1u64 << 53) - 1, 0.0..0.9, loss);
    let batches = (proptest::option::of(1..50u32), any::<(bool, bool)>(), 0..3usize, stop());
    (data(), what, how, batches, comparisons())
        .prop_flat_map(|(data, what, how, batches, compare)| {
            let inputs: usize = gradus::experiment::shapes::input_shape(&data).iter().product();
            let predict = vec(vec(cell(), inputs), batches.2);
            let model = model(&data);
            (Just((data, what, how, batches, compare)), model, predict)
        })
        .prop_map(|((data, what, how, batches, compare), model, predict)| {
            let (title, seed, validation, loss) = what;
            let (optimizer, schedule, epochs, device, gradient) = how;
            let (batch_size, (shuffle, standardize), _, stop) = batches;
            Experiment {
                title,
                seed,
                data,
                validation,
                standardize,
                model,
                loss,
                optimizer,
                schedule,
                epochs,
                stop,
                batch_size,
                shuffle,
                device,
                predict,
                gradient,
                compare,
            }
        })
}
