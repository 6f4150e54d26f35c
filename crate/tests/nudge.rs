//! Training by finite differences: the course chapter's numbers, and what it has in common with autograd.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use gradus::experiment::trainer::Trainer;
use gradus::experiment::{ReadOptions, from_value};
use serde_json::{Value, json};

/// What the programs of the chapter compute, with NumPy.
const CHAPTER: &str = include_str!("../../tests/data/chapter.json");

fn chapter(section: &str) -> Value {
    let mut file: Value = serde_json::from_str(CHAPTER).unwrap();
    assert!(!file[section].is_null(), "{section}");
    file[section].take()
}

fn numbers(list: &Value) -> Vec<f64> {
    match list {
        Value::Array(list) => list.iter().flat_map(numbers).collect(),
        number => vec![number.as_f64().unwrap()],
    }
}

fn trainer(document: &Value) -> Trainer {
    Trainer::new(from_value(document, ReadOptions::default()).unwrap(), None).unwrap()
}

fn parameters(trainer: &Trainer) -> Vec<Vec<f32>> {
    trainer.parameters().into_iter().map(|(_, t)| t.to_vec().unwrap()).collect()
}

/// 11.5: one row, 2-3-1 with sigmoid, from given weights.
fn small_network() -> Value {
    json!({
        "data": {"kind": "table", "inputs": ["x1", "x2"], "targets": ["y"], "rows": [[1, 1, 0]]},
        "model": [
            {"type": "linear", "out": 3, "init": {
                "weight": [[-0.0053, 0.3793], [-0.5820, -0.5204], [-0.2723, 0.1896]],
                "bias": [-0.0140, 0.5607, -0.0628],
            }},
            {"type": "sigmoid"},
            {"type": "linear", "out": 1, "init": {"weight": [[0.1528, -0.1745, -0.1135]], "bias": [-0.5516]}},
        ],
        "optimizer": {"type": "sgd", "lr": 0.01}, "epochs": 100,
        "gradient": {"finite_difference": 1e-4},
    })
}

#[test]
fn the_chapters_network_has_its_hundred_losses_and_final_weights() {
    let section = chapter("11.5 finite differences, lr 0.01, 100 epochs");
    let mut trainer = trainer(&small_network());
    for (epoch, want) in numbers(&section["loss_history"]).into_iter().enumerate() {
        let loss = f64::from(trainer.step().unwrap());
        // The loss is given as f32: half of its last digit.
        assert!((loss - want).abs() <= 1e-7 * want, "epoch {epoch}: {loss} is not {want}");
    }
    // NumPy's weight matrices are [in, out].
    let [w1, b1, w2, b2] = [0, 1, 2, 3].map(|i| numbers(&section["final_weights"][i]));
    let transposed = (0..6).map(|i| w1[i % 2 * 3 + i / 2]).collect();
    for (got, want) in parameters(&trainer).iter().zip([transposed, b1, w2, b2]) {
        let want: Vec<f32> = want.iter().map(|&v| v as f32).collect();
        assert_eq!(*got, want);
    }
}

#[test]
fn the_chapters_three_learning_rates_crawl_arrive_and_explode_by_its_numbers() {
    for lr in ["0.01", "0.1", "1"] {
        let mut trainer = trainer(&json!({
            "data": {"kind": "table", "inputs": ["x"], "targets": ["y"],
                "rows": [[1, 3], [2, 6], [3, 9], [4, 12]]},
            "model": [{"type": "linear", "out": 1, "init": "zeros"}],
            "optimizer": {"type": "sgd", "lr": lr.parse::<f64>().unwrap()}, "epochs": 10,
            "gradient": {"finite_difference": 1e-4},
        }));
        let section = chapter(&format!("11.6 y=3x finite differences, lr {lr}"));
        let weights = numbers(&section["weight_after_each_epoch"]);
        let losses = numbers(&section["loss_before_each_epoch"]);
        assert_eq!(weights.len(), 10);
        for (weight, loss) in weights.into_iter().zip(losses) {
            assert_eq!(trainer.step().unwrap(), loss as f32, "learning rate {lr}");
            assert_eq!(parameters(&trainer)[0], [weight as f32], "learning rate {lr}");
        }
    }
}

#[test]
fn differences_train_nearly_as_autograd_does() {
    let mut document = small_network();
    let mut nudged = trainer(&document);
    document["gradient"] = json!("autograd");
    let mut exact = trainer(&document);
    for _ in 0..100 {
        let (a, b) = (nudged.step().unwrap(), exact.step().unwrap());
        assert!((a - b).abs() < 1e-4, "{a} and {b}");
    }
}

#[test]
fn dropout_and_batch_norm_are_drawn_and_averaged_as_often_as_with_autograd() {
    let mut document = json!({
        "data": {"kind": "table", "inputs": ["x"], "targets": ["y"],
            "rows": [[1, 3], [2, 6], [3, 9], [4, 12]]},
        "model": [{"type": "linear", "out": 4}, {"type": "batch_norm"}, {"type": "tanh"},
            {"type": "dropout", "p": 0.4}, {"type": "linear", "out": 1}],
        "optimizer": {"type": "sgd", "lr": 0.01}, "epochs": 5, "batch_size": 2,
        "gradient": {"finite_difference": 1e-4},
    });
    let mut nudged = trainer(&document);
    document["gradient"] = json!("autograd");
    let mut exact = trainer(&document);
    assert_eq!(nudged.initial_parameters(), exact.initial_parameters());
    while !exact.position().finished {
        let (a, b) = (nudged.step().unwrap(), exact.step().unwrap());
        // Another mask would change the loss by more than this.
        assert!((a - b).abs() < 0.01 * b, "{a} and {b}");
    }
    let last = |t: &Trainer| t.parameters().into_iter().map(|(name, t)| (name, t.to_f64_vec()));
    for ((name, a), (_, b)) in last(&nudged).zip(last(&exact)) {
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 0.02), "{name}: {a:?} and {b:?}");
    }
}

#[test]
fn a_reset_gives_the_same_bits_and_predictions_are_the_nudged_models() {
    let mut document = small_network();
    document["epochs"] = json!(3);
    let mut trainer = trainer(&document);
    let mut run = || -> (Vec<f32>, Vec<f32>) {
        trainer.reset().unwrap();
        let before = trainer.predict(&[1.0, 1.0]).unwrap().to_vec::<f32>().unwrap();
        let losses = (0..3).map(|_| trainer.step().unwrap()).collect();
        let after = trainer.predict(&[1.0, 1.0]).unwrap().to_vec::<f32>().unwrap();
        assert!(after[0].abs() < before[0].abs(), "the target is 0");
        (losses, after)
    };
    assert_eq!(run(), run());
}
