//! Captured training against the eager steps it was recorded from: the same bits, for everything that a
//! document can ask for.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use gradus::capture::Session;
use gradus::experiment::trainer::{Stops, Trainer, values};
use gradus::experiment::{ReadOptions, from_value};
use gradus::rng::Generator;
use gradus::tensor::{Tensor, record};
use serde_json::{Value, json};

/// A trainer for a document of these fields.
fn trainer(document: &Value, make: fn(gradus::experiment::Experiment) -> Trainer) -> Trainer {
    #[cfg(target_arch = "wasm32")]
    gradus::web::engine::use_engine();
    make(from_value(document, ReadOptions::default()).unwrap_or_else(|p| panic!("{p}: {document}")))
}

fn captured(experiment: gradus::experiment::Experiment) -> Trainer {
    Trainer::new(experiment, None).unwrap()
}

fn eager(experiment: gradus::experiment::Experiment) -> Trainer {
    Trainer::eager(experiment, None).unwrap()
}

type Bits = (Vec<u32>, Vec<u32>, Vec<(String, Vec<u32>)>);

/// Everything that a run gives, as bits. NaNs are one: their sign and payload are nobody's.
fn bits(mut trainer: Trainer) -> Bits {
    let bits = |values: Vec<f32>| -> Vec<u32> {
        values.into_iter().map(|v| if v.is_nan() { f32::NAN.to_bits() } else { v.to_bits() }).collect()
    };
    let (mut losses, mut validation) = (Vec::new(), Vec::new());
    let stops = Stops { after_epoch: true, ..Stops::default() };
    while !trainer.position().finished {
        trainer.run(usize::MAX, stops, &mut losses).unwrap();
        validation.extend(trainer.validation_loss().unwrap());
    }
    let parameters = values(trainer.parameters()).unwrap().into_iter();
    (bits(losses), bits(validation), parameters.map(|(name, v)| (name, bits(v))).collect())
}

fn assert_same(document: &Value) {
    let (eager, captured) = (bits(trainer(document, eager)), bits(trainer(document, captured)));
    assert_eq!(eager.0.len(), captured.0.len(), "{document}");
    for (step, (a, b)) in eager.0.iter().zip(&captured.0).enumerate() {
        assert!(a == b, "step {step}: {} and {}: {document}", f32::from_bits(*a), f32::from_bits(*b));
    }
    assert_eq!(eager, captured, "{document}");
}

/// Ten rows of three numbers, from a generator.
fn rows(targets: impl Fn(&[f64]) -> f64) -> Value {
    let mut generator = Generator::new(7);
    let row = |_| {
        let x: Vec<f64> = (0..3).map(|_| (generator.rand_f64() - 0.5) * 4.0).collect();
        let y = targets(&x);
        json!([x[0], x[1], x[2], y])
    };
    (0..10).map(row).collect()
}

/// Three inputs, four hidden units, one output, batches of four: the last of an epoch has two rows.
fn small() -> Value {
    json!({
        "version": 1, "epochs": 5, "batch_size": 4, "validation": 0.0,
        "data": { "kind": "table", "inputs": ["a", "b", "c"], "targets": ["y"],
                  "rows": rows(|x| x[0] - 2.0 * x[1] * x[2]) },
        "model": [{ "type": "linear", "out": 5 }, { "type": "tanh" }, { "type": "linear", "out": 1 }],
        "optimizer": { "type": "sgd", "lr": 0.05 },
    })
}

fn with(mut document: Value, path: &str, value: Value) -> Value {
    *document.pointer_mut(path).expect("the field is there") = value;
    document
}

#[test]
fn small_networks_are_compiled_where_there_is_an_engine() {
    for loss in ["mse", "l1", "smooth_l1", "huber"] {
        let mut document = small();
        document["loss"] = json!({ "type": loss });
        document["data"]["rows"].as_array_mut().unwrap().truncate(8);
        let mut trainer = trainer(&document, captured);
        trainer.run(10, Stops::default(), &mut Vec::new()).unwrap();
        assert_eq!(trainer.is_compiled(), cfg!(target_arch = "wasm32"), "{loss}");
    }
}

#[test]
fn every_activation_and_layer_is_captured() {
    let layers = [
        json!({ "type": "relu" }),
        json!({ "type": "sigmoid" }),
        json!({ "type": "tanh" }),
        json!({ "type": "leaky_relu", "negative_slope": 0.2 }),
        json!({ "type": "elu", "alpha": 0.7 }),
        json!({ "type": "gelu" }),
        json!({ "type": "silu" }),
        json!({ "type": "softplus" }),
        json!({ "type": "softmax" }),
        json!({ "type": "dropout", "p": 0.4 }),
        json!({ "type": "batch_norm" }),
        json!({ "type": "layer_norm" }),
        json!({ "type": "flatten" }),
        json!({ "type": "linear", "out": 6, "bias": false }),
    ];
    for layer in layers {
        assert_same(&with(small(), "/model/1", layer));
    }
}

#[test]
fn every_loss_is_captured() {
    for loss in ["mse", "l1", "smooth_l1", "huber"] {
        let mut document = small();
        document["loss"] = json!({ "type": loss });
        document["validation"] = json!(0.3);
        assert_same(&document);
    }
    for (loss, last) in [("bce", "sigmoid"), ("bce_with_logits", "elu")] {
        let mut document = small();
        document["data"]["rows"] = rows(|x| f64::from(x[0] > 0.0));
        document["loss"] = json!({ "type": loss });
        document["model"].as_array_mut().unwrap().push(json!({ "type": last }));
        document["validation"] = json!(0.3);
        assert_same(&document);
    }
    let mut document = small();
    document["data"]["rows"] = rows(|x| f64::from(u8::from(x[0] > 0.0) + u8::from(x[1] > 1.0)));
    document["loss"] = json!({ "type": "cross_entropy" });
    document["model"][2]["out"] = json!(3);
    document["validation"] = json!(0.2);
    assert_same(&document);
}

#[test]
fn every_optimizer_is_captured_with_its_options() {
    let optimizers = [
        json!({ "type": "sgd", "lr": 0.05, "momentum": 0.9 }),
        json!({ "type": "sgd", "lr": 0.05, "momentum": 0.8, "nesterov": true, "weight_decay": 0.01 }),
        json!({ "type": "sgd", "lr": 0.05, "momentum": 0.5, "dampening": 0.3 }),
        json!({ "type": "sgd", "lr": 0.05, "weight_decay": 0.1 }),
        json!({ "type": "adam", "lr": 0.01 }),
        json!({ "type": "adam", "lr": 0.01, "amsgrad": true, "weight_decay": 0.1, "betas": [0.7, 0.8] }),
        json!({ "type": "adamw", "lr": 0.01, "weight_decay": 0.2 }),
        json!({ "type": "rmsprop", "lr": 0.01 }),
        json!({ "type": "rmsprop", "lr": 0.01, "centered": true }),
        json!({ "type": "rmsprop", "lr": 0.01, "momentum": 0.9, "weight_decay": 0.1 }),
        json!({ "type": "rmsprop", "lr": 0.01, "momentum": 0.9, "centered": true }),
        json!({ "type": "adagrad", "lr": 0.1, "lr_decay": 0.1, "initial_accumulator_value": 0.3 }),
        json!({ "type": "adagrad", "lr": 0.1, "weight_decay": 0.1 }),
    ];
    for optimizer in optimizers {
        assert_same(&with(small(), "/optimizer", optimizer));
    }
}

#[test]
fn networks_of_many_units_are_captured() {
    let mut generator = Generator::new(3);
    let row = |_| -> Value {
        let x: Vec<f64> = (0..21).map(|_| generator.rand_f64() - 0.5).collect();
        let class = usize::from(x[0] + x[1] > 0.0) + usize::from(x[2] > 0.2);
        x.into_iter().map(|v| json!(v)).chain([json!(class)]).collect()
    };
    let rows: Vec<Value> = (0..70).map(row).collect();
    let names: Vec<String> = (0..21).map(|i| format!("x{i}")).collect();
    let mut document = json!({
        "version": 1, "epochs": 4, "batch_size": 33, "validation": 0.05, "loss": { "type": "cross_entropy" },
        "data": { "kind": "table", "inputs": names, "targets": ["class"], "rows": rows },
        "model": [
            { "type": "linear", "out": 41 }, { "type": "relu" }, { "type": "linear", "out": 27 },
            { "type": "tanh" }, { "type": "linear", "out": 3 },
        ],
        "optimizer": { "type": "adam", "lr": 0.01 },
    });
    // Products of a few vectors are written out, of more they are loops, with and without a rest.
    for rows in [66, 40, 33] {
        document["batch_size"] = json!(rows);
        assert_same(&document);
    }
    document["optimizer"] = json!({ "type": "sgd", "lr": 0.1 });
    assert_same(&document);
    let mut trainer = trainer(&document, captured);
    trainer.run(8, Stops::default(), &mut Vec::new()).unwrap();
    assert_eq!(trainer.is_compiled(), cfg!(target_arch = "wasm32"));
}

#[test]
fn schedules_batches_and_images_are_captured() {
    for schedule in [
        json!({ "type": "step", "step_size": 2, "gamma": 0.5 }),
        json!({ "type": "exponential", "gamma": 0.7 }),
        json!({ "type": "cosine", "T_max": 4 }),
    ] {
        let mut document = small();
        document["schedule"] = schedule;
        assert_same(&document);
    }
    for batch_size in [json!(null), json!(1), json!(5), json!(7), json!(20)] {
        let mut document = with(small(), "/batch_size", batch_size);
        document["shuffle"] = json!(false);
        assert_same(&document);
    }
    let image = json!({
        "version": 1, "epochs": 2, "batch_size": 24, "validation": 0.2,
        "data": { "kind": "bundled", "name": "digits" },
        "model": [
            { "type": "conv2d", "out": 3, "kernel": 3, "padding": 1 }, { "type": "batch_norm" },
            { "type": "relu" }, { "type": "max_pool2d", "kernel": 2 }, { "type": "flatten" },
            { "type": "dropout", "p": 0.1 }, { "type": "linear", "out": 10 },
        ],
        "loss": { "type": "cross_entropy" }, "optimizer": { "type": "adam", "lr": 0.01 },
    });
    // The browser's module has no digits.
    if cfg!(not(target_arch = "wasm32")) {
        assert_same(&image);
    }
}

#[test]
fn all_rows_at_once_are_those_that_are_not_held_back() {
    let mut document = with(small(), "/validation", json!(0.3));
    document["batch_size"] = Value::Null;
    document["epochs"] = json!(12);
    assert_same(&document);
    document["data"]["rows"] = rows(|x| f64::from(x[0] > 0.0) + f64::from(x[1] > 0.0));
    document["model"] =
        json!([{ "type": "linear", "out": 5 }, { "type": "tanh" }, { "type": "linear", "out": 3 }]);
    document["loss"] = json!({ "type": "cross_entropy" });
    assert_same(&document);
}

#[test]
fn what_diverges_is_captured_to_the_end() {
    assert_same(&with(small(), "/optimizer/lr", json!(1e20)));
}

#[test]
fn an_option_changed_between_steps_counts_from_the_next_on() {
    let both = [eager, captured].map(|make| {
        let mut trainer = trainer(&small(), make);
        let mut losses = Vec::new();
        trainer.run(4, Stops::default(), &mut losses).unwrap();
        let changed = with(small(), "/optimizer", json!({ "type": "sgd", "lr": 0.01, "momentum": 0.9 }));
        assert!(trainer.update(from_value(&changed, ReadOptions::default()).unwrap()));
        trainer.run(6, Stops::default(), &mut losses).unwrap();
        (losses, values(trainer.parameters()).unwrap())
    });
    assert_eq!(both[0], both[1]);
}

#[test]
fn a_run_of_a_day_starts_as_a_short_one() {
    let run = |epochs: u64| {
        let mut document = with(small(), "/epochs", json!(epochs));
        // Whole batches only: their steps go across the epochs.
        document["data"]["rows"].as_array_mut().unwrap().truncate(8);
        let mut trainer = trainer(&document, captured);
        let mut losses = Vec::new();
        trainer.run(100, Stops::default(), &mut losses).unwrap();
        (losses, trainer.position())
    };
    let (day, at) = run(500_000_000_000);
    assert_eq!(day, run(50).0);
    assert_eq!((at.step, at.epoch, at.total_steps, at.finished), (100, 50, 1_000_000_000_000, false));
}

#[test]
fn a_reset_run_repeats_itself() {
    // Everything that a step changes: parameters, momentum, running statistics, the order of rows, dropout's draws.
    let mut changing = with(small(), "/optimizer", json!({ "type": "adam", "lr": 0.05 }));
    changing["shuffle"] = json!(true);
    changing["model"] = json!([
        { "type": "linear", "out": 6 },
        { "type": "batch_norm" },
        { "type": "relu" },
        { "type": "dropout", "p": 0.3 },
        { "type": "linear", "out": 1 },
    ]);
    for document in [small(), changing, with(small(), "/optimizer/lr", json!(1e20))] {
        let mut trainer = trainer(&document, captured);
        let run = |trainer: &mut Trainer| {
            let mut losses = Vec::new();
            trainer.run(9, Stops::default(), &mut losses).unwrap();
            let mut after = trainer.checkpoint().unwrap();
            // Plain gradient descent need not count.
            after.optimizer.updates *= u64::from(!after.optimizer.moments.is_empty());
            // As text, in which NaN equals NaN.
            format!("{losses:?} {after:?}")
        };
        let initial = values(trainer.parameters()).unwrap();
        let first = run(&mut trainer);
        for _ in 0..2 {
            trainer.reset().unwrap();
            assert_eq!(values(trainer.parameters()).unwrap(), initial);
            assert!(run(&mut trainer) == first);
        }
    }
}

/// A parameter and the session that trains it.
fn session() -> (Tensor, Session) {
    let weight = Tensor::from_vec(vec![0.5f32, -1.0], &[1, 2]).unwrap().requires_grad_(true).unwrap();
    (weight.clone(), Session::new(vec![weight]).unwrap())
}

#[test]
fn a_step_that_reads_its_values_is_refused() {
    let (weight, mut session) = session();
    let x = Tensor::ones(&[3, 2]);
    let result = session.record(std::slice::from_ref(&x), || {
        let loss = x.linear(&weight, None)?.sum()?;
        if loss.item()? > 0.0 { Ok(loss) } else { loss.neg() }
    });
    let message = result.unwrap_err().to_string();
    assert!(message.starts_with("item() cannot be captured"), "{message}");
    // Even where the step goes on as if nothing had happened.
    let result = session.record(std::slice::from_ref(&x), || {
        let loss = x.linear(&weight, None)?.sum()?;
        let _ = loss.to_f64_vec();
        loss.backward()?;
        Ok(loss)
    });
    let message = result.unwrap_err().to_string();
    assert!(message.starts_with("reading a tensor's elements cannot be captured"), "{message}");
    assert!(!record::is_recording());
}

#[test]
fn another_batch_size_needs_a_plan_of_its_own() {
    let (weight, mut session) = session();
    let x = Tensor::ones(&[3, 2]);
    let (plan, loss) = session
        .record(std::slice::from_ref(&x), || {
            let loss = x.linear(&weight, None)?.sum()?;
            loss.backward()?;
            Ok(loss)
        })
        .unwrap();
    // Three times 0.5 − 1
    assert_eq!(loss, -1.5);
    let message = session.set_input(plan, 0, &x, &[0, 1]).unwrap_err().to_string();
    assert_eq!(message, "the step was captured for an input of shape [3, 2], not for 2 rows of [2]");
    session.set_input(plan, 0, &x.mul(2.0).unwrap(), &[0, 1, 2]).unwrap();
    assert_eq!(session.replay(plan).unwrap(), -3.0);
}

#[test]
fn what_a_step_does_not_depend_on_is_refused() {
    let (weight, unused) = (session().0, session().0);
    let mut session = Session::new(vec![weight.clone(), unused]).unwrap();
    let x = Tensor::ones(&[3, 2]);
    let result = session.record(std::slice::from_ref(&x), || {
        let loss = x.linear(&weight, None)?.sum()?;
        loss.backward()?;
        Ok(loss)
    });
    let message = result.unwrap_err().to_string();
    assert_eq!(message, "a parameter has no gradient: the loss does not depend on it");
}
