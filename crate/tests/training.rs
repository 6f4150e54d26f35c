//! Whole runs against PyTorch: initial parameters bit for bit, every loss, the parameters at the end.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use gradus::experiment::trainer::{Arrays, Failure, Trainer, values};
use gradus::experiment::{Experiment, ReadOptions, from_text, from_value};
use serde_json::{Value, json};

/// `{experiment, initial_parameters, loss_history, …}` of each run, as PyTorch 2.15 computed them.
const RUNS: &str = include_str!("../../tests/data/experiments.json");

fn runs() -> Vec<Value> {
    let file: Value = serde_json::from_str(RUNS).unwrap();
    file["cases"].as_array().unwrap().clone()
}

fn read(document: &Value) -> Experiment {
    from_value(document, ReadOptions::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

/// A list of numbers, where "nan", "inf" and "-inf" stand for themselves.
fn numbers(list: &Value) -> Vec<f64> {
    let number = |v: &Value| v.as_f64().unwrap_or_else(|| v.as_str().unwrap().parse().unwrap());
    list.as_array().unwrap().iter().map(number).collect()
}

fn assert_close(what: &str, got: &[f32], want: &[f64]) {
    assert_eq!(got.len(), want.len(), "{what}");
    for (i, (&got, &want)) in got.iter().zip(want).enumerate() {
        let got = f64::from(got);
        let agrees =
            if want.is_finite() { (got - want).abs() <= 1e-6 + 1e-4 * want.abs() } else { !got.is_finite() };
        assert!(agrees, "{what}[{i}]: {got} is not {want}");
    }
}

fn run(trainer: &mut Trainer) -> (Vec<f32>, Vec<f32>) {
    let (mut losses, mut validation) = (Vec::new(), Vec::new());
    while !trainer.position().finished {
        losses.push(trainer.step().unwrap());
        if trainer.position().batch == 0 {
            validation.extend(trainer.validation_loss().unwrap());
        }
    }
    (losses, validation)
}

#[test]
fn every_run_is_pytorchs() {
    let runs = runs();
    assert_eq!(runs.len(), 10);
    for case in runs {
        let experiment = read(&case["experiment"]);
        let title = experiment.title.clone();
        let asked: Vec<f32> = experiment.predict.iter().flatten().map(|&v| v as f32).collect();
        let mut trainer = Trainer::new(experiment, None).unwrap();
        for (name, initial) in trainer.initial_parameters() {
            let expected: Vec<f32> =
                numbers(&case["initial_parameters"][name]).iter().map(|&v| v as f32).collect();
            assert_eq!(*initial, expected, "{title}: initial {name}");
        }
        let (losses, validation) = run(&mut trainer);
        assert_close(&title, &losses, &numbers(&case["loss_history"]));
        assert_close(&format!("{title}: validation"), &validation, &numbers(&case["validation_loss"]));
        let parameters = values(trainer.parameters()).unwrap();
        assert_eq!(parameters.len(), case["final_parameters"].as_object().unwrap().len());
        for (name, last) in parameters {
            assert_close(&format!("{title}: {name}"), &last, &numbers(&case["final_parameters"][&name]));
        }
        if let Some(rows) = case["predictions"].as_array() {
            let expected: Vec<f64> = rows.iter().flat_map(numbers).collect();
            let predictions = trainer.predict(&asked).unwrap().to_vec::<f32>().unwrap();
            assert_close(&format!("{title}: predictions"), &predictions, &expected);
        }
    }
}

#[test]
fn a_reset_and_a_second_run_give_the_same_bits() {
    for case in runs() {
        let mut trainer = Trainer::new(read(&case["experiment"]), None).unwrap();
        let first = run(&mut trainer);
        trainer.reset().unwrap();
        assert_eq!(trainer.position().step, 0);
        let bits =
            |(a, b): &(Vec<f32>, Vec<f32>)| -> Vec<u32> { a.iter().chain(b).map(|v| v.to_bits()).collect() };
        assert_eq!(bits(&run(&mut trainer)), bits(&first));
    }
}

#[test]
fn two_runs_side_by_side_do_not_disturb_each_other() {
    let document = read(&runs()[1]["experiment"]);
    let mut alone = Trainer::new(document.clone(), None).unwrap();
    let expected = run(&mut alone);
    let mut one = Trainer::new(document.clone(), None).unwrap();
    let mut two = Trainer::new(document, None).unwrap();
    let mut losses = Vec::new();
    while !one.position().finished {
        losses.push(one.step().unwrap());
        two.step().unwrap();
    }
    assert_eq!(losses, expected.0);
}

#[test]
fn the_learning_rate_can_change_during_a_run_and_the_model_cannot() {
    let document = read(&runs()[0]["experiment"]);
    let mut trainer = Trainer::new(document.clone(), None).unwrap();
    trainer.step().unwrap();
    let mut faster = runs()[0]["experiment"].clone();
    faster["optimizer"]["lr"] = json!(0.002);
    assert!(trainer.update(read(&faster)));
    assert_eq!(trainer.learning_rate(), 0.002);
    assert_eq!(trainer.position().step, 1);
    let mut wider = runs()[0]["experiment"].clone();
    wider["model"][0]["out"] = json!(9);
    assert!(!trainer.update(read(&wider)));
    let mut adam = runs()[0]["experiment"].clone();
    adam["optimizer"] = json!({"type": "adam"});
    assert!(!trainer.update(read(&adam)));
    assert_eq!(trainer.learning_rate(), 0.002);
}

#[test]
fn data_given_apart_from_the_document_train_like_the_same_rows_in_it() {
    let case = &runs()[1];
    let mut document = case["experiment"].clone();
    let rows = std::mem::replace(&mut document["data"]["rows"], json!([]));
    let rows: Vec<Vec<f64>> = rows.as_array().unwrap().iter().map(numbers).collect();
    let arrays = Arrays {
        inputs: rows.iter().flat_map(|r| [r[0] as f32, r[1] as f32]).collect(),
        targets: rows.iter().map(|r| r[2] as f32).collect(),
    };
    let experiment = from_value(&document, ReadOptions { external_rows: true }).unwrap();
    let mut trainer = Trainer::new(experiment.clone(), Some(arrays.clone())).unwrap();
    assert_close("losses", &run(&mut trainer).0, &numbers(&case["loss_history"]));
    trainer.reset().unwrap();
    assert_close("losses after a reset", &run(&mut trainer).0, &numbers(&case["loss_history"]));
    let short = Arrays { targets: vec![1.0], ..arrays };
    assert!(matches!(Trainer::new(experiment, Some(short)), Err(Failure::Run(_))));
}

#[test]
fn the_rows_of_a_batch_are_known_in_the_middle_of_a_pass() {
    let mut trainer = Trainer::new(read(&runs()[1]["experiment"]), None).unwrap();
    assert_eq!(trainer.batch_rows(), None);
    trainer.step().unwrap();
    assert_eq!(trainer.batch_rows().unwrap().len(), 2);
}

#[test]
fn validation_rows_are_the_share_that_was_asked_for() {
    let trainer = Trainer::new(read(&runs()[6]["experiment"]), None).unwrap();
    // 60 rows, a quarter of them
    assert_eq!(trainer.validation_rows().len(), 15);
}

#[test]
fn generated_points_are_learned() {
    let circle = r#"{"data": {"kind": "generated", "name": "circle", "points": 60, "noise": 0.02},
        "model": [{"type": "linear", "out": 12}, {"type": "tanh"}, {"type": "linear", "out": 1}],
        "loss": {"type": "bce_with_logits"}, "optimizer": {"type": "adam", "lr": 0.05}, "epochs": 100}"#;
    let mut trainer = Trainer::new(from_text(circle, ReadOptions::default()).unwrap(), None).unwrap();
    let (losses, _) = run(&mut trainer);
    assert!(losses[99] < 0.05, "{} to {}", losses[0], losses[99]);
}

#[test]
#[cfg(not(target_arch = "wasm32"))]
fn bundled_digits_are_learned_from_rows_of_pixels() {
    let digits = r#"{"data": {"kind": "bundled", "name": "digits"}, "validation": 0.2,
        "model": [{"type": "flatten"}, {"type": "linear", "out": 10}], "loss": {"type": "cross_entropy"},
        "optimizer": {"type": "adam", "lr": 0.01}, "epochs": 2, "batch_size": 64}"#;
    let mut trainer = Trainer::new(from_text(digits, ReadOptions::default()).unwrap(), None).unwrap();
    assert_eq!(trainer.validation_rows().len(), 359); // a fifth of 1797, rounded down
    let (_, validation) = run(&mut trainer);
    assert!(validation[1] < 0.6, "{validation:?}");
}

#[test]
#[cfg(not(target_arch = "wasm32"))]
fn bundled_data_given_as_arrays_train_as_those_of_the_program() {
    let iris = r#"{"data": {"kind": "bundled", "name": "iris"}, "validation": 0.2, "loss": {"type": "cross_entropy"},
        "model": [{"type": "linear", "out": 8}, {"type": "tanh"}, {"type": "linear", "out": 3}],
        "optimizer": {"type": "adam", "lr": 0.01}, "epochs": 5, "batch_size": 16}"#;
    let read = || from_text(iris, ReadOptions::default()).unwrap();
    let sample = gradus::data::bundled("iris").unwrap();
    let arrays = Arrays { inputs: sample.inputs, targets: sample.targets };
    let own = bits(Trainer::new(read(), None).unwrap());
    assert_eq!(own, bits(Trainer::new(read(), Some(arrays.clone())).unwrap()));
    let short = Arrays { inputs: arrays.inputs[1..].to_vec(), ..arrays };
    assert!(matches!(Trainer::new(read(), Some(short)), Err(Failure::Run(_))));
}

#[test]
fn standardized_inputs_are_learned_as_in_pytorch() {
    // manual_seed(3); X the first two columns; mean, std = X.double().mean(0), X.double().std(0);
    // X = ((X.double() - mean) / std).float(); Linear(2, 4), Tanh, Linear(4, 1), MSE, SGD(lr=0.01)
    let document = json!({
        "seed": 3, "standardize": true, "epochs": 6, "optimizer": { "type": "sgd", "lr": 0.01 },
        "data": { "kind": "table", "inputs": ["size", "rooms"], "targets": ["price"], "rows": [
            [50, 1, 100], [80, 3, 190], [120, 2, 260], [65, 5, 150], [95, 1, 180], [150, 4, 320]
        ] },
        "model": [{ "type": "linear", "out": 4 }, { "type": "tanh" }, { "type": "linear", "out": 1 }],
    });
    let mut trainer = Trainer::new(read(&document), None).unwrap();
    let (losses, _) = run(&mut trainer);
    let wanted = [45282.957, 42992.5742, 38025.9219, 31839.6816, 26784.6309, 22681.0859];
    assert_close("losses", &losses, &wanted);
    // A row to predict for is in the table's units: (100, 2) standardised gives 80.88237.
    let prediction = trainer.predict(&[100.0, 2.0]).unwrap().to_vec::<f32>().unwrap();
    assert_close("prediction", &prediction, &[80.88237]);
}

#[test]
fn a_finished_run_makes_no_more_steps() {
    let mut trainer = Trainer::new(read(&runs()[3]["experiment"]), None).unwrap();
    run(&mut trainer);
    assert_eq!(trainer.step().unwrap_err().to_string(), "the run is finished: all epochs are done");
    assert!(trainer.predict(&[1.0]).is_ok());
    let two_inputs = runs()[0]["experiment"].clone();
    let trainer = Trainer::new(read(&two_inputs), None).unwrap();
    assert_eq!(
        trainer.predict(&[1.0, 2.0, 3.0]).unwrap_err().to_string(),
        "predict takes rows of 2 inputs, got 3 values"
    );
}

type Bits = (Vec<u32>, Vec<u32>, Vec<(String, Vec<u32>)>);

/// Losses of all steps, of the validation rows after each epoch, and the last parameters, as bits.
fn bits(mut trainer: Trainer) -> Bits {
    let bits = |values: Vec<f32>| values.into_iter().map(f32::to_bits).collect::<Vec<u32>>();
    let (losses, validation) = run(&mut trainer);
    let parameters = values(trainer.parameters()).unwrap();
    (bits(losses), bits(validation), parameters.into_iter().map(|(name, v)| (name, bits(v))).collect())
}

#[test]
fn captured_training_has_the_bits_of_eager_training() {
    for case in runs() {
        let experiment = read(&case["experiment"]);
        let title = experiment.title.clone();
        let eager = bits(Trainer::eager(experiment.clone(), None).unwrap());
        let captured = bits(Trainer::new(experiment, None).unwrap());
        assert_eq!(eager, captured, "{title}");
    }
}
