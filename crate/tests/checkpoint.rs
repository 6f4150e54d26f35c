//! A run that goes on from a checkpoint gives the numbers of the run that was never interrupted, bit for bit.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use gradus::experiment::trainer::{Checkpoint, Stops, Trainer, values};
use gradus::experiment::{Experiment, ReadOptions, from_value};
use serde_json::{Value, json};

fn read(document: &Value) -> Experiment {
    from_value(document, ReadOptions::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

/// Twenty rows of two inputs, a network, and what the test wants otherwise.
fn document(changes: &Value) -> Experiment {
    let rows: Vec<[f64; 3]> =
        (0..20).map(|i| f64::from(i) / 10.0).map(|x| [x, 1.0 - x * x, x - 0.5]).collect();
    let mut document = json!({
        "version": 1, "seed": 3,
        "data": {"kind": "table", "inputs": ["a", "b"], "targets": ["y"], "rows": rows},
        "model": [{"type": "linear", "out": 6}, {"type": "tanh"}, {"type": "linear", "out": 1}],
        "loss": {"type": "mse"}, "optimizer": {"type": "sgd", "lr": 0.05},
        "epochs": 8, "batch_size": 4, "validation": 0.2,
    });
    for (name, value) in changes.as_object().unwrap() {
        document[name] = value.clone();
    }
    read(&document)
}

/// Everything that a checkpoint has to bring along.
fn documents() -> Vec<Experiment> {
    let mut all: Vec<Experiment> = [
        json!({"type": "sgd", "lr": 0.05}),
        json!({"type": "sgd", "lr": 0.05, "momentum": 0.9, "nesterov": true}),
        json!({"type": "adam", "lr": 0.01, "amsgrad": true}),
        json!({"type": "adamw", "lr": 0.01}),
        json!({"type": "rmsprop", "lr": 0.01, "momentum": 0.5, "centered": true}),
        json!({"type": "adagrad", "lr": 0.05, "initial_accumulator_value": 0.1}),
    ]
    .into_iter()
    .map(|optimizer| document(&json!({"optimizer": optimizer})))
    .collect();
    all.push(document(&json!({"batch_size": null})));
    all.push(document(&json!({"shuffle": false, "schedule": {"type": "exponential", "gamma": 0.8}})));
    all.push(document(&json!({"batch_size": 6, "model": [
        {"type": "linear", "out": 6}, {"type": "batch_norm"}, {"type": "relu"}, {"type": "dropout", "p": 0.3},
        {"type": "linear", "out": 1},
    ]})));
    all
}

/// The losses of so many steps, as bits: NaNs, too, are compared.
fn steps(trainer: &mut Trainer, count: usize) -> Vec<u32> {
    let mut losses = Vec::new();
    trainer.run(count, Stops::default(), &mut losses).unwrap();
    losses.into_iter().map(f32::to_bits).collect()
}

fn parameters(trainer: &Trainer) -> Vec<(String, Vec<u32>)> {
    let bits = |v: Vec<f32>| v.into_iter().map(f32::to_bits).collect();
    values(trainer.parameters()).unwrap().into_iter().map(|(name, v)| (name, bits(v))).collect()
}

#[test]
fn a_run_goes_on_from_a_checkpoint_bit_for_bit() {
    for experiment in documents() {
        // At the start, in the middle of a pass, at its end, later.
        for before in [0, 2, 4, 11] {
            let mut whole = Trainer::new(experiment.clone(), None).unwrap();
            steps(&mut whole, before);
            let checkpoint = whole.checkpoint().unwrap();

            let mut second = Trainer::new(experiment.clone(), None).unwrap();
            // What it has done before does not matter.
            steps(&mut second, 3);
            second.resume(&checkpoint).unwrap();
            assert_eq!(second.position(), whole.position());
            assert_eq!(second.checkpoint().unwrap(), checkpoint, "nothing is lost on the way");
            assert_eq!(parameters(&second), parameters(&whole));
            assert_eq!(second.validation_loss().unwrap(), whole.validation_loss().unwrap());

            let left = usize::MAX >> 1;
            assert_eq!(
                steps(&mut second, left),
                steps(&mut whole, left),
                "{:?} after {before}",
                experiment.optimizer
            );
            assert_eq!(parameters(&second), parameters(&whole));
            assert_eq!(second.validation_loss().unwrap(), whole.validation_loss().unwrap());
        }
    }
}

#[test]
fn a_run_goes_on_in_the_batches_and_with_the_stops_that_it_had() {
    let stop = json!({"stop": {"patience": 2}, "epochs": 60, "optimizer": {"type": "sgd", "lr": 0.4}});
    let first = document(&stop);
    let mut changes = stop;
    changes["batch_size"] = json!(8);
    let mut whole = Trainer::new(first, None).unwrap();
    steps(&mut whole, 6);
    // Other batches are asked for in the middle of a pass: they begin with the next.
    assert!(whole.update(document(&changes)));
    steps(&mut whole, 1);
    let checkpoint = whole.checkpoint().unwrap();
    let mut second = Trainer::new(document(&changes), None).unwrap();
    second.resume(&checkpoint).unwrap();
    assert_eq!(steps(&mut second, 1000), steps(&mut whole, 1000));
    assert_eq!(second.position(), whole.position());
    assert!(whole.position().over.is_some(), "it stopped early: {:?}", whole.position());
}

#[test]
fn a_reset_run_begins_with_the_initial_parameters_whatever_it_went_on_from() {
    let mut first = Trainer::new(document(&json!({})), None).unwrap();
    let losses = steps(&mut first, 5);
    let checkpoint = first.checkpoint().unwrap();
    let mut second = Trainer::new(document(&json!({})), None).unwrap();
    second.resume(&checkpoint).unwrap();
    second.reset().unwrap();
    assert_eq!(steps(&mut second, 5), losses);
}

#[test]
fn a_checkpoint_that_does_not_fit_is_refused_and_the_run_stays_as_it_was() {
    let experiment = document(&json!({"optimizer": {"type": "adam"}}));
    let mut run = Trainer::new(experiment.clone(), None).unwrap();
    steps(&mut run, 6);
    let good = run.checkpoint().unwrap();
    assert_eq!((good.place.epoch, good.place.batch), (1, 2), "16 rows of 20 train, 4 a batch");

    type Spoil = fn(&mut Checkpoint);
    let spoilt: [(&str, Spoil); 11] = [
        ("the place in the data does not fit", |c| c.place.loader.size = Some(0)),
        ("0.weight does not fit", |c| c.tensors[0].1.truncate(1)),
        ("0.bias does not fit", |c| drop(c.tensors.remove(1))),
        ("2.bias does not fit", |c| c.tensors[3].0 = "3.bias".into()),
        ("more does not fit", |c| c.tensors.push(("more".into(), vec![]))),
        ("the place in the data does not fit", |c| c.place.batch = 4),
        ("the place in the data does not fit", |c| c.order.truncate(15)),
        ("the place in the data does not fit", |c| c.order[0] = 20),
        ("the step does not fit", |c| c.place.step = 0),
        ("must have 25 elements in each block, got 24", |c| c.optimizer.moments[1].truncate(24)),
        ("but found the input RNG state size to be 5", |c| c.generator.truncate(5)),
    ];
    for (message, spoil) in spoilt {
        let mut bad = good.clone();
        spoil(&mut bad);
        let error = run.resume(&bad).unwrap_err().to_string();
        assert!(error.contains(message), "{error}");
        assert_eq!(run.checkpoint().unwrap(), good);
    }
    let mut fresh = Trainer::new(experiment, None).unwrap();
    fresh.resume(&good).unwrap();
    assert_eq!(steps(&mut run, 9), steps(&mut fresh, 9));
}

#[test]
fn validation_rows_cannot_be_smuggled_into_training() {
    let mut run = Trainer::new(document(&json!({})), None).unwrap();
    steps(&mut run, 6);
    let mut checkpoint = run.checkpoint().unwrap();
    checkpoint.order[0] = run.validation_rows()[0] as u32;
    assert!(run.resume(&checkpoint).is_err());
}

#[test]
fn finite_differences_have_no_checkpoint() {
    let mut run = Trainer::new(document(&json!({"gradient": {"finite_difference": 1e-4}})), None).unwrap();
    assert!(run.checkpoint().unwrap_err().to_string().contains("finite differences"));
}
