//! What changes while a run goes on, against PyTorch: batches, the optimizer's options, single parameters, and
//! what ends a run early.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use gradus::experiment::stop::Over;
use gradus::experiment::trainer::{Stops, Trainer};
use gradus::experiment::{Experiment, ReadOptions, compare, from_value, write};
use serde_json::{Value, json};

/// See tests/fixtures/live.py.
const RUNS: &str = include_str!("../../tests/data/live.json");

fn case(name: &str) -> Value {
    serde_json::from_str::<Value>(RUNS).unwrap()[name].clone()
}

fn read(document: &Value) -> Experiment {
    from_value(document, ReadOptions::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

fn assert_close(got: &[f32], want: &Value) {
    let want: Vec<f64> = want.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    assert_eq!(got.len(), want.len());
    for (i, (&got, &want)) in got.iter().zip(&want).enumerate() {
        assert!((f64::from(got) - want).abs() <= 1e-6 + 1e-4 * want.abs(), "[{i}]: {got} is not {want}");
    }
}

fn set(trainer: &mut Trainer, fields: &[(&str, Value)]) {
    let fields: Vec<_> = fields.iter().map(|(path, value)| (path.to_string(), value.clone())).collect();
    let changed =
        compare::changed(trainer.experiment(), &fields).unwrap_or_else(|problems| panic!("{problems}"));
    assert!(trainer.update(changed));
}

type Make = fn(Experiment) -> Trainer;
const MAKE: [Make; 2] = [|e| Trainer::new(e, None).unwrap(), |e| Trainer::eager(e, None).unwrap()];

#[test]
fn another_batch_size_begins_with_the_next_epoch_as_with_a_new_data_loader() {
    let case = case("loaders");
    let phases = case["phases"].as_array().unwrap();
    for make in MAKE {
        let mut trainer = make(read(&case["experiment"]));
        let mut losses = Vec::new();
        for (i, phase) in phases.iter().enumerate() {
            set(
                &mut trainer,
                &[("optimizer.lr", phase["lr"].clone()), ("optimizer.momentum", phase["momentum"].clone())],
            );
            let epochs = phase["epochs"].as_u64().unwrap();
            let end = trainer.position().epoch + epochs;
            while trainer.position().epoch < end {
                // In the middle of the last epoch somebody chooses what the next one has.
                if trainer.position().epoch == end - 1
                    && trainer.position().batch == trainer.position().batches_per_epoch / 2
                    && let Some(next) = phases.get(i + 1)
                {
                    let fields =
                        [("batch_size", next["batch_size"].clone()), ("shuffle", next["shuffle"].clone())];
                    if trainer.position().batch > 0 {
                        set(&mut trainer, &fields);
                    }
                }
                losses.push(trainer.step().unwrap());
            }
            if let Some(next) = phases.get(i + 1) {
                set(
                    &mut trainer,
                    &[("batch_size", next["batch_size"].clone()), ("shuffle", next["shuffle"].clone())],
                );
            }
        }
        assert_close(&losses, &case["losses"]);
        assert!(trainer.position().finished);
        assert_eq!(trainer.position().step, losses.len() as u64);
    }
}

#[test]
fn many_steps_at_once_take_the_same_changes_over() {
    let case = case("loaders");
    let mut trainer = Trainer::new(read(&case["experiment"]), None).unwrap();
    let mut losses = Vec::new();
    for phase in case["phases"].as_array().unwrap() {
        let fields = [
            ("optimizer.lr", "lr"),
            ("optimizer.momentum", "momentum"),
            ("batch_size", "batch_size"),
            ("shuffle", "shuffle"),
        ];
        set(&mut trainer, &fields.map(|(path, name)| (path, phase[name].clone())));
        let position = trainer.position();
        let steps = phase["epochs"].as_u64().unwrap() as usize * position.batches_per_epoch;
        trainer.run(steps, Stops::default(), &mut losses).unwrap();
    }
    assert_close(&losses, &case["losses"]);
}

#[test]
fn steps_are_counted_over_epochs_of_different_lengths() {
    // 8 rows: 3 batches of 3 an epoch, later 4 of 2, over 12 epochs.
    let mut trainer = Trainer::new(read(&case("loaders")["experiment"]), None).unwrap();
    assert_eq!(trainer.position().total_steps, 36);
    trainer.step().unwrap();
    set(&mut trainer, &[("batch_size", json!(2))]);
    let position = trainer.position();
    assert_eq!((position.batches_per_epoch, position.total_steps), (3, 3 + 11 * 4));
    trainer.run(2, Stops::default(), &mut Vec::new()).unwrap();
    let position = trainer.position();
    assert_eq!((position.epoch, position.batch, position.batches_per_epoch), (1, 0, 4));
    let mut losses = Vec::new();
    trainer.run(1000, Stops::default(), &mut losses).unwrap();
    assert_eq!(losses.len(), 44);
    assert!(trainer.position().finished);
}

#[test]
fn a_reset_begins_with_the_batches_of_the_document_as_it_is_now() {
    let mut trainer = Trainer::new(read(&case("loaders")["experiment"]), None).unwrap();
    trainer.step().unwrap();
    set(&mut trainer, &[("batch_size", json!(2))]);
    trainer.reset().unwrap();
    assert_eq!(trainer.position().batches_per_epoch, 4);
    let mut fresh = Trainer::new(trainer.experiment().clone(), None).unwrap();
    for _ in 0..9 {
        assert_eq!(trainer.step().unwrap().to_bits(), fresh.step().unwrap().to_bits());
    }
}

#[test]
fn what_an_optimizer_keeps_from_step_to_step_does_not_change_during_a_run() {
    let change = |optimizer: Value, path: &str, value: Value| {
        let mut document = case("parameter")["experiment"].clone();
        document["optimizer"] = optimizer;
        let mut trainer = Trainer::new(read(&document), None).unwrap();
        let changed = compare::changed(trainer.experiment(), &[(path.into(), value)]).unwrap();
        trainer.update(changed)
    };
    assert!(!change(json!({"type": "adam"}), "optimizer.amsgrad", json!(true)));
    assert!(!change(json!({"type": "rmsprop"}), "optimizer.centered", json!(true)));
    // PyTorch: KeyError: 'momentum_buffer'
    assert!(!change(json!({"type": "rmsprop"}), "optimizer.momentum", json!(0.5)));
    assert!(change(json!({"type": "rmsprop", "momentum": 0.9}), "optimizer.momentum", json!(0.5)));
    assert!(change(json!({"type": "adam"}), "optimizer.betas", json!([0.5, 0.9])));
    assert!(change(json!({"type": "adam"}), "schedule", json!({"type": "step", "step_size": 2})));
    assert!(!change(json!({"type": "adam"}), "optimizer.type", json!("adamw")));
}

#[test]
fn a_parameter_that_is_set_stays_so_and_the_run_goes_on_from_there() {
    let case = case("parameter");
    for make in MAKE {
        let mut trainer = make(read(&case["experiment"]));
        let mut losses = Vec::new();
        trainer.run(3, Stops::default(), &mut losses).unwrap();
        trainer.set_parameter("0.weight", 5, 0.25).unwrap();
        trainer.set_parameter("2.bias", 0, -2.0).unwrap();
        let parameters = gradus::experiment::trainer::values(trainer.parameters()).unwrap();
        assert_eq!(parameters[0].1[5], 0.25);
        trainer.run(4, Stops::default(), &mut losses).unwrap();
        assert_close(&losses, &case["losses"]);
    }
}

#[test]
fn what_is_no_parameter_cannot_be_set() {
    let mut trainer = Trainer::new(read(&case("parameter")["experiment"]), None).unwrap();
    let error = trainer.set_parameter("1.weight", 0, 1.0).unwrap_err();
    assert_eq!(error.to_string(), "there is no parameter 1.weight");
    let error = trainer.set_parameter("0.weight", 8, 1.0).unwrap_err();
    assert_eq!(error.to_string(), "index 8 is out of bounds for 0.weight with 8 elements");
    let mut nudged = case("parameter")["experiment"].clone();
    nudged["gradient"] = json!({"finite_difference": 1e-4});
    let mut trainer = Trainer::new(read(&nudged), None).unwrap();
    trainer.set_parameter("2.bias", 0, 3.0).unwrap();
    trainer.step().unwrap();
    let parameters = gradus::experiment::trainer::values(trainer.parameters()).unwrap();
    // Adam's first step is as long as the rate.
    assert!((parameters[3].1[0] - 3.0).abs() < 0.11, "{}", parameters[3].1[0]);
}

/// y = x from weight 0 and no bias, one row: loss (w − 1)², gradient 2 (w − 1); at the rate 0.25 each step halves
/// the distance, so the losses are 1, 1/4, 1/16, …
fn halving(stop: Value, validation: f64) -> Value {
    json!({
        "data": {"kind": "table", "inputs": ["x"], "targets": ["y"], "rows": [[1, 1], [1, 1]]},
        "model": [{"type": "linear", "out": 1, "bias": false, "init": {"weight": [[0]]}}],
        "optimizer": {"type": "sgd", "lr": 0.25},
        "epochs": 1000,
        "validation": validation,
        "stop": stop,
    })
}

#[test]
fn a_run_stops_after_the_first_epoch_whose_loss_is_low_enough() {
    for (batch_size, expected) in [
        (Value::Null, vec![1.0, 0.25, 0.0625]),
        // The mean of an epoch: (1 + 1/4) / 2, then (1/16 + 1/64) / 2 = 0.039
        (json!(1), vec![1.0, 0.25, 0.0625, 0.015625]),
    ] {
        for make in MAKE {
            let mut document = halving(json!({"loss": 0.0625}), 0.0);
            document["batch_size"] = batch_size.clone();
            let mut trainer = make(read(&document));
            let mut losses = Vec::new();
            trainer.run(1000, Stops::default(), &mut losses).unwrap();
            assert_eq!(losses, expected);
            let position = trainer.position();
            assert!(position.finished);
            assert_eq!(position.over, Some(Over::Loss));
            assert!(trainer.step().is_err());
            // Another stop lets it go on.
            set(&mut trainer, &[("stop", json!({"loss": 0.001}))]);
            assert!(!trainer.position().finished);
            trainer.run(1000, Stops::default(), &mut losses).unwrap();
            assert!(trainer.position().finished && *losses.last().unwrap() <= 0.001);
            trainer.reset().unwrap();
            assert_eq!(trainer.position().over, None);
        }
    }
}

#[test]
fn a_run_stops_when_validation_has_not_improved_for_so_many_epochs() {
    // At the rate 1 the weight goes 0, 2, 0, 2, …: the validation loss is 1 after every epoch, so it is never
    // below the first one.
    let mut document = halving(json!({"patience": 3}), 0.5);
    document["optimizer"]["lr"] = json!(1.0);
    for make in MAKE {
        let mut trainer = make(read(&document));
        let mut losses = Vec::new();
        trainer.run(1000, Stops::default(), &mut losses).unwrap();
        // The first epoch sets the mark, three do not better it.
        assert_eq!(losses, [1.0; 4]);
        assert_eq!(trainer.position().over, Some(Over::Patience));
    }
    // Without validation rows nothing is known of it.
    document["validation"] = json!(0);
    document["epochs"] = json!(9);
    let mut trainer = Trainer::new(read(&document), None).unwrap();
    let mut losses = Vec::new();
    trainer.run(1000, Stops::default(), &mut losses).unwrap();
    assert_eq!((losses.len(), trainer.position().over), (9, None));
}

#[test]
fn a_stop_is_read_written_and_left_out_where_there_is_none() {
    let stops = |stop: Value| read(&halving(stop, 0.0));
    let written = |stop: Value| write::to_value(&stops(stop)).get("stop").cloned();
    assert_eq!(written(json!({"loss": 0.5, "patience": 7})), Some(json!({"loss": 0.5, "patience": 7})));
    assert_eq!(written(json!({"patience": 7})), Some(json!({"patience": 7})));
    assert_eq!(written(json!({})), None);
    assert_eq!(written(Value::Null), None);
    assert_eq!(write::to_full_value(&stops(Value::Null))["stop"], Value::Null);
    let wrong = from_value(&halving(json!({"loss": "low", "epochs": 3}), 0.0), ReadOptions::default());
    let paths: Vec<String> = wrong.unwrap_err().0.into_iter().map(|problem| problem.path).collect();
    assert_eq!(paths, ["stop.epochs", "stop.loss"]);
}
