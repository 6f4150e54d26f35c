//! Fields that are wrong by themselves, and what is said about them.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use gradus::experiment::{Data, Layer, ReadOptions, from_text};
use serde_json::json;

use super::small::{problems, read, refused, small, with};

#[test]
fn whole_numbers_may_be_written_with_a_point_but_not_be_fractions() {
    let text = small().to_string().replace("\"out\":3", "\"out\":8.0");
    let experiment = from_text(&text, ReadOptions::default()).unwrap();
    assert_eq!(experiment.model[0], Layer::linear(8));
    refused("/model/0/out", json!(8.5), "model[0].out: expected a whole number, got 8.5");
}

#[test]
fn numbers_out_of_range_name_the_place_and_the_range() {
    refused("/model/2/out", json!(0), "model[2].out: must be between 1 and 4096, got 0");
    refused("/model/0/out", json!(1_000_000_000), "model[0].out: must be between 1 and 4096, got 1000000000");
    refused("/epochs", json!(0), "epochs: must be between 1 and 1000000000000, got 0");
    refused("/epochs", json!(-3), "epochs: must be between 1 and 1000000000000, got -3");
    refused("/validation", json!(0.95), "validation: must be between 0 and 0.9, got 0.95");
    refused("/batch_size", json!(0), "batch_size: must be between 1 and 1000000, got 0");
    refused(
        "/seed",
        json!(9007199254740992_u64),
        "seed: must be between 0 and 9007199254740991, got 9007199254740992",
    );
    refused(
        "/model/1",
        json!({ "type": "dropout", "p": 1 }),
        "model[1].p: must be at least 0 and less than 1, got 1",
    );
    refused(
        "/optimizer",
        json!({ "type": "adam", "betas": [0.9, 1] }),
        "optimizer.betas[1]: must be at least 0 and less than 1, got 1",
    );
    // Twice 3.4e38 is no float32.
    refused(
        "/data/rows/1",
        json!([1, 1e39, 0]),
        "data.rows[1][1]: must be between -3.4028234663852886e38 and 3.4028234663852886e38, got 1e39",
    );
}

#[test]
fn a_learning_rate_that_is_zero_or_negative_is_refused() {
    for rate in [json!(0), json!(-0.1), json!(-0.0)] {
        let document = with("/optimizer", json!({ "type": "sgd", "lr": rate }));
        let lines = problems(&document);
        assert!(
            lines.len() == 1 && lines[0].starts_with("optimizer.lr: must be greater than 0, got"),
            "{lines:?}"
        );
    }
}

#[test]
fn misspelt_names_come_with_a_suggestion() {
    refused(
        "/optimiser",
        json!({ "type": "adam" }),
        "optimiser: unknown field \"optimiser\"; did you mean \"optimizer\"?",
    );
    refused(
        "/model/1/type",
        json!("sigmiod"),
        "model[1].type: must be one of linear, relu, sigmoid, tanh, leaky_relu, elu, gelu, silu, \
         softplus, softmax, dropout, batch_norm, layer_norm, flatten, conv2d, max_pool2d, got \
         \"sigmiod\"; did you mean \"sigmoid\"?",
    );
    refused("/model/1/sparkle", json!(1), "model[1].sparkle: unknown field \"sparkle\"");
    refused(
        "/loss",
        json!({ "type": "MSE" }),
        "loss.type: must be one of mse, l1, smooth_l1, huber, bce, bce_with_logits, \
         cross_entropy, got \"MSE\"; did you mean \"mse\"?",
    );
}

#[test]
fn a_cell_that_is_no_number_is_named() {
    refused("/data/rows/1/1", json!("eight"), "data.rows[1][1]: expected a number, got the text \"eight\"");
    refused("/data/rows/0/2", json!(null), "data.rows[0][2]: expected a number, got null");
}

#[test]
fn a_row_of_another_length_is_named() {
    refused("/data/rows/1", json!([4, 5]), "data.rows[1]: expected 3 values (2 inputs + 1 target), got 2");
    refused("/predict", json!([[1, 2], [1]]), "predict[1]: expected 2 values, one for each input, got 1");
}

#[test]
fn tables_need_rows_and_columns_with_names_of_their_own() {
    refused("/data/rows", json!([]), "data.rows: there are no rows");
    refused("/data/inputs", json!([]), "data.inputs: there are no columns");
    refused("/data/targets", json!(["a"]), "data.targets[0]: \"a\" is there twice");
    refused("/data/inputs/0", json!(""), "data.inputs[0]: there are no characters");
    refused("/data/inputs/0", json!("x".repeat(65)), "data.inputs[0]: at most 64 characters, got 65");
}

#[test]
fn classes_may_have_names_of_their_own() {
    // More or fewer than there are: a row of another class is shown by its number.
    let experiment = read(&with("/data/classes", json!(["no", "\u{662f}"])));
    let Data::Table { classes, .. } = &experiment.data else { panic!("a table") };
    assert_eq!(classes, &["no", "\u{662f}"]);
    assert_eq!(read(&with("/data/classes", json!([]))), read(&small()));
    assert_eq!(read(&with("/data/classes", json!(null))), read(&small()));
    refused("/data/classes", json!("no"), "data.classes: expected an array, got the text \"no\"");
    refused("/data/classes", json!(["no", 1]), "data.classes[1]: expected text, got 1");
    refused("/data/classes", json!(["no", ""]), "data.classes[1]: there are no characters");
    refused("/data/classes", json!(["a", "b", "a"]), "data.classes[2]: \"a\" is there twice");
    refused("/data/classes", json!(["x".repeat(65)]), "data.classes[0]: at most 64 characters, got 65");
    let many: Vec<String> = (0..4097).map(|i| i.to_string()).collect();
    refused("/data/classes", json!(many), "data.classes: at most 4096 classes, got 4097");
    let mut two = with("/data/classes", json!(["no", "yes"]));
    two["data"]["inputs"] = json!(["a"]);
    two["data"]["targets"] = json!(["y", "z"]);
    assert_eq!(
        problems(&two),
        ["data.classes: a table with named classes needs one target column, of class indices, got 2"]
    );
}

#[test]
fn all_problems_are_reported_at_once_up_to_twenty() {
    let mut document = with("/epochs", json!("many"));
    document["model"][0]["out"] = json!(0);
    document["data"]["rows"][0] = json!([1]);
    let lines = problems(&document);
    assert_eq!(lines.len(), 3, "{lines:?}");
    let cells = vec![json!(["x", "y", "z"]); 100];
    assert_eq!(problems(&with("/data/rows", cells.into())).len(), 20);
}

#[test]
fn a_document_of_another_version_says_which_is_supported() {
    assert_eq!(read(&with("/version", json!(1))), read(&small()));
    refused("/version", json!(2), "version: only version 1 is supported, got 2");
    refused("/version", json!("1"), "version: expected a whole number, got the text \"1\"");
}

#[test]
fn text_that_is_not_json_says_where() {
    let line = |text: &str| from_text(text, ReadOptions::default()).expect_err("it is wrong").to_string();
    assert_eq!(line(""), "document: not JSON: it ends too early at line 1, column 1");
    assert_eq!(line("{\n \"a\" 1}"), "document: not JSON: expected a colon at line 2, column 6");
    assert_eq!(
        line("{\"seed\":1,\"seed\":2}"),
        "document: not JSON: the field \"seed\" is there twice at line 1, column 18"
    );
    assert!(line(&"[".repeat(1_000_000)).contains("nested too deeply"));
    assert!(line("[1e999]").contains("too large for a double"));
    assert_eq!(line("[]"), "document: expected an object, got an array");
}

#[test]
fn nesterov_needs_momentum_and_no_dampening_as_in_pytorch() {
    let line = "optimizer.nesterov: Nesterov momentum requires a momentum and zero dampening";
    refused("/optimizer", json!({ "type": "sgd", "nesterov": true }), line);
    let dampened = json!({ "type": "sgd", "nesterov": true, "momentum": 0.9, "dampening": 0.1 });
    refused("/optimizer", dampened, line);
    read(&with("/optimizer", json!({ "type": "sgd", "nesterov": true, "momentum": 0.9 })));
}
