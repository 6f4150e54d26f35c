//! Looking into a run: layers' outputs, gradients, rows. Looking changes nothing.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use gradus::experiment::inspect::Activation;
use gradus::experiment::trainer::{Stops, Trainer};
use gradus::experiment::{ReadOptions, from_value};
use gradus::tensor::Tensor;
use serde_json::{Value, json};

fn trainer(document: &Value) -> Trainer {
    let experiment = from_value(document, ReadOptions::default()).unwrap_or_else(|p| panic!("{p}"));
    Trainer::new(experiment, None).unwrap()
}

fn numbers(tensor: &Tensor) -> Vec<f32> {
    tensor.to_vec().unwrap()
}

/// Two inputs, a hidden layer of two with ReLU, one output; all weights given.
fn small() -> Value {
    json!({
        "version": 1,
        "data": {"kind": "table", "inputs": ["a", "b"], "targets": ["y"],
                 "rows": [[1, 2, 3], [3, 4, 7]]},
        "model": [
            {"type": "linear", "out": 2, "init": {"weight": [[1, -1], [2, 0]], "bias": [0, 1]}},
            {"type": "relu"},
            {"type": "linear", "out": 1, "init": {"weight": [[1, 0.5]], "bias": [0.25]}}
        ]
    })
}

#[test]
fn activations_are_what_each_layer_gives_for_each_row() {
    let trainer = trainer(&small());
    let layers = trainer.activations(&[1.0, 2.0, 5.0, 3.0]).unwrap();
    let names: Vec<(&str, &str)> = layers.iter().map(|l| (l.name.as_str(), l.kind)).collect();
    assert_eq!(names, [("0", "Linear"), ("1", "ReLU"), ("2", "Linear")]);
    // Row 1: 1 - 2 = -1 and 2 · 1 + 1 = 3; row 2: 5 - 3 = 2 and 2 · 5 + 1 = 11.
    assert_eq!(numbers(&layers[0].output), [-1.0, 3.0, 2.0, 11.0]);
    assert_eq!(numbers(&layers[1].output), [0.0, 3.0, 2.0, 11.0]);
    // 0 + 0.5 · 3 + 0.25 and 2 + 0.5 · 11 + 0.25
    assert_eq!(numbers(&layers[2].output), [1.75, 7.75]);
    assert_eq!(layers[1].output.dims(), [2, 2]);
    assert!(trainer.activations(&[1.0, 2.0, 3.0]).is_err());
}

#[test]
fn gradients_are_those_of_the_loss_over_all_training_rows() {
    let trainer = trainer(&small());
    let gradients = trainer.gradients().unwrap();
    let names: Vec<&str> = gradients.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["0.weight", "0.bias", "2.weight", "2.bias"]);
    // Row (1, 2): hidden 0 and 3, output 1.75, error -1.25. Row (3, 4): hidden 0 and 7 (3 - 4 < 0), output
    // 3.75, error -3.25. The mean of two squares: dL/dŷ is the error itself, so for the last layer's weight
    // Σ error · hidden = (0, -1.25 · 3 - 3.25 · 7) = (0, -26.5), for its bias -4.5; for the second hidden
    // unit half of Σ error · input: (-1.25 - 9.75) / 2 = -5.5 and (-2.5 - 13) / 2 = -7.75.
    assert_eq!(numbers(&gradients[2].1), [0.0, -26.5]);
    assert_eq!(numbers(&gradients[3].1), [-4.5]);
    assert_eq!(numbers(&gradients[0].1), [0.0, 0.0, -5.5, -7.75]);
    assert_eq!(numbers(&gradients[1].1), [0.0, -2.25]);
}

#[test]
fn rows_of_the_data_are_looked_at_by_their_numbers() {
    let trainer = trainer(&small());
    assert_eq!((trainer.row_count(), numbers(&trainer.targets().unwrap())), (2, vec![3.0, 7.0]));
    let last = |layers: Vec<Activation>| numbers(&layers[2].output);
    let second = trainer.row_activations(1, 1).unwrap();
    assert_eq!(last(second), last(trainer.activations(&[3.0, 4.0]).unwrap()));
    assert!(trainer.row_activations(1, 2).is_err());
}

#[test]
fn standardised_inputs_are_looked_at_in_the_units_of_the_data() {
    let mut document = small();
    document["standardize"] = json!(true);
    let trainer = trainer(&document);
    let of = |layers: Vec<Activation>| numbers(&layers[0].output);
    let (typed, kept) = (trainer.activations(&[1.0, 2.0, 3.0, 4.0]), trainer.row_activations(0, 2));
    assert_eq!(of(typed.unwrap()), of(kept.unwrap()));
}

#[test]
fn looking_leaves_a_run_to_the_same_bits() {
    // Dropout draws, batch norm keeps averages, the loader shuffles: all of them could be disturbed.
    let document = json!({
        "version": 1,
        "data": {"kind": "generated", "name": "moons", "points": 40, "noise": 0.1, "seed": 3},
        "validation": 0.25,
        "model": [{"type": "linear", "out": 6}, {"type": "batch_norm"}, {"type": "relu"},
                  {"type": "dropout", "p": 0.5}, {"type": "linear", "out": 1}],
        "loss": {"type": "bce_with_logits"},
        "optimizer": {"type": "sgd", "lr": 0.1, "momentum": 0.9},
        "batch_size": 8,
        "epochs": 6
    });
    let run = |look: bool| {
        let mut trainer = trainer(&document);
        let mut losses = Vec::new();
        while !trainer.position().finished {
            trainer.run(3, Stops::default(), &mut losses).unwrap();
            if look {
                trainer.activations(&[0.5, -0.5]).unwrap();
                trainer.gradients().unwrap();
                trainer.row_activations(0, 40).unwrap();
            }
        }
        let parameters = trainer.parameters().into_iter().flat_map(|(_, p)| numbers(&p));
        let bits: Vec<u32> = losses.into_iter().chain(parameters).map(f32::to_bits).collect();
        bits
    };
    assert_eq!(run(true), run(false));
}
