//! The Experiment document: what is read, what is refused and where, and what is written.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[path = "document/arbitrary.rs"]
mod arbitrary;
#[path = "document/hostile.rs"]
mod hostile;
#[path = "document/numbers.rs"]
mod numbers;
#[path = "document/small.rs"]
mod small;

#[path = "document/fit.rs"]
mod fit;
#[path = "document/refused.rs"]
mod refused;

use arbitrary::check_law;
use gradus::experiment::{
    Data, Device, Gradient, Init, Layer, Loss, Optimizer, ReadOptions, from_text, from_value, presets, write,
};
use proptest::prelude::*;
use serde_json::{Value, json};
use small::{read, small, with};

#[test]
fn fields_that_are_left_out_are_at_pytorchs_defaults() {
    let experiment = read(&small());
    assert_eq!(experiment.title, "");
    assert_eq!((experiment.seed, experiment.epochs, experiment.validation), (0, 50, 0.0));
    assert_eq!((experiment.loss, experiment.device), (Loss::Mse, Device::Auto));
    assert_eq!((experiment.batch_size, experiment.shuffle), (None, true));
    assert_eq!((experiment.schedule, experiment.gradient), (None, Gradient::Autograd));
    assert!(experiment.predict.is_empty() && experiment.compare.is_empty());
    assert_eq!(
        experiment.optimizer,
        Optimizer::Sgd { lr: 0.001, momentum: 0.0, dampening: 0.0, nesterov: false, weight_decay: 0.0 }
    );
    assert_eq!(experiment.model[0], Layer::Linear { out: 3, bias: true, init: Init::Default });
    let adamw = read(&with("/optimizer", json!({ "type": "adamw" }))).optimizer;
    let betas = [0.9, 0.999];
    let expected = Optimizer::AdamW { lr: 1e-3, betas, eps: 1e-8, weight_decay: 1e-2, amsgrad: false };
    assert_eq!(adamw, expected);
    let adagrad = read(&with("/optimizer", json!({ "type": "adagrad" }))).optimizer;
    assert!(matches!(adagrad, Optimizer::Adagrad { lr: 0.01, eps: 1e-10, .. }));
    let rmsprop = read(&with("/optimizer", json!({ "type": "rmsprop" }))).optimizer;
    assert!(matches!(rmsprop, Optimizer::RmsProp { lr: 0.01, alpha: 0.99, .. }));
}

#[test]
fn every_preset_is_valid_and_in_canonical_form() {
    for (name, document) in presets::PRESETS {
        let experiment = from_text(document, ReadOptions::default());
        let experiment = experiment.unwrap_or_else(|problems| panic!("{name}: {problems}"));
        assert!(!experiment.title.is_empty(), "{name}");
        assert_eq!(write::to_pretty(&experiment), document, "{name}");
        assert_eq!(presets::find(name), Some(document));
    }
    assert_eq!(presets::find("nothing"), None);
}

#[test]
fn numbers_are_read_to_the_nearest_double() {
    // 17 digits, where multiplying by a power of ten rounds twice.
    for text in ["0.10000000000000001", "1.7976931348623157e308", "8.41e-17", "0.3793228864669800"] {
        let document = small().to_string().replace("[1,2,3]", &format!("[1,2,{text}]"));
        let Ok(experiment) = from_text(&document, ReadOptions::default()) else {
            assert!(text.ends_with("308"), "only this one is beyond float32: {text}");
            continue;
        };
        let Data::Table { rows, .. } = experiment.data else { panic!("a table") };
        assert_eq!(rows.values[2].to_bits(), text.parse::<f64>().unwrap().to_bits());
    }
}

#[test]
fn the_full_form_has_every_field() {
    let experiment = read(&small());
    let full = write::to_full_value(&experiment);
    assert_eq!(full["optimizer"]["momentum"], json!(0));
    assert_eq!(full["model"][0]["init"], json!("default"));
    assert_eq!(full["batch_size"], Value::Null);
    assert_eq!(full["loss"]["type"], json!("mse"));
    assert_eq!(full.as_object().map(serde_json::Map::len), Some(18));
}

#[test]
fn the_compact_form_has_fixed_order_and_no_defaults() {
    let mut document = with("/epochs", json!(7));
    document["title"] = json!("a \"b\"\n");
    document["optimizer"] = json!({ "lr": 1.0, "type": "sgd", "momentum": 0 });
    assert_eq!(
        write::to_compact(&read(&document)),
        r#"{"version":1,"title":"a \"b\"\n","data":{"kind":"table","inputs":["a","b"],"targets":["y"],"rows":[[1,2,3],[4,5,6]]},"model":[{"type":"linear","out":3},{"type":"relu"},{"type":"linear","out":1}],"optimizer":{"type":"sgd","lr":1},"epochs":7}"#
    );
}

#[test]
fn every_written_form_reads_back_as_the_same_experiment() {
    check_law(300, arbitrary::experiment(), |experiment| {
        let values = [write::to_value(&experiment), write::to_full_value(&experiment)];
        for value in values {
            let back = from_value(&value, ReadOptions::default());
            prop_assert_eq!(back.as_ref(), Ok(&experiment));
        }
        for text in [write::to_compact(&experiment), write::to_pretty(&experiment)] {
            let back = from_text(&text, ReadOptions::default());
            prop_assert_eq!(back.as_ref(), Ok(&experiment));
            let again = write::to_compact(&back.expect("it is equal"));
            prop_assert_eq!(again, write::to_compact(&experiment));
        }
        Ok(())
    });
}

#[test]
fn what_is_written_is_json_to_other_parsers() {
    check_law(300, arbitrary::experiment(), |experiment| {
        let text = write::to_pretty(&experiment);
        let value: Value = serde_json::from_str(&text).expect("it is JSON");
        prop_assert!(from_value(&value, ReadOptions::default()).is_ok());
        Ok(())
    });
}

#[test]
fn no_input_makes_it_panic_and_every_problem_has_a_path() {
    let pathful = |text: &str| -> Result<(), TestCaseError> {
        if let Err(problems) = from_text(text, ReadOptions::default()) {
            prop_assert!((1..=20).contains(&problems.0.len()));
            for problem in problems.0 {
                prop_assert!(!problem.path.is_empty() && !problem.message.is_empty());
            }
        }
        Ok(())
    };
    let bytes = proptest::collection::vec(any::<u8>(), 0..200);
    check_law(300, bytes, |bytes| pathful(&String::from_utf8_lossy(&bytes)));
    check_law(300, hostile::json(), |value| pathful(&value.to_string()));
    // A good document with one value somewhere replaced, or its text cut off.
    let damaged = (arbitrary::experiment(), hostile::json(), any::<usize>());
    check_law(600, damaged, |(experiment, value, at)| {
        let mut document = write::to_full_value(&experiment);
        hostile::replace(&mut document, value, at);
        pathful(&document.to_string())?;
        let text = write::to_compact(&experiment);
        let cut: String = text.chars().take(at % text.chars().count()).collect();
        prop_assert!(from_text(&cut, ReadOptions::default()).is_err());
        pathful(&cut)
    });
}
