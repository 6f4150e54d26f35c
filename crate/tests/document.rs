//! The Experiment document: what is read, what is refused and where, and what is written.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[path = "document/arbitrary.rs"]
mod arbitrary;
#[path = "document/hostile.rs"]
mod hostile;

use arbitrary::check_law;
use gradus::experiment::{
    Data, Device, Experiment, Gradient, Init, Layer, Loss, Optimizer, ReadOptions, check, compare,
    document::split_rows, from_text, from_value, presets, summary, write,
};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Two inputs, one target, two rows; a 2-3-1 network.
fn small() -> Value {
    json!({
        "data": { "kind": "table", "inputs": ["a", "b"], "targets": ["y"],
                  "rows": [[1, 2, 3], [4, 5, 6]] },
        "model": [{ "type": "linear", "out": 3 }, { "type": "relu" }, { "type": "linear", "out": 1 }],
    })
}

fn read(value: &Value) -> Experiment {
    from_value(value, ReadOptions::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The problems of `document`, as lines.
fn problems(document: &Value) -> Vec<String> {
    match from_value(document, ReadOptions::default()) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.0.iter().map(ToString::to_string).collect(),
    }
}

/// The small document with the value at `pointer` set is refused with exactly this line.
#[track_caller]
fn refused(pointer: &str, value: Value, line: &str) {
    assert_eq!(problems(&with(pointer, value)), [line]);
}

/// The small document with the value at `pointer` set.
fn with(pointer: &str, value: Value) -> Value {
    let mut document = small();
    let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
    match document.pointer_mut(parent).expect("a parent") {
        Value::Object(fields) => drop(fields.insert(field.into(), value)),
        Value::Array(items) => items[field.parse::<usize>().expect("an index")] = value,
        _ => panic!("{parent} has no fields"),
    }
    document
}

#[test]
fn fields_that_are_left_out_are_at_pytorchs_defaults() {
    let experiment = read(&small());
    assert_eq!(experiment.title, "");
    assert_eq!(
        (experiment.seed, experiment.epochs, experiment.validation),
        (0, 50, 0.0)
    );
    assert_eq!(
        (experiment.loss, experiment.device),
        (Loss::Mse, Device::Auto)
    );
    assert_eq!((experiment.batch_size, experiment.shuffle), (None, true));
    assert_eq!(
        (experiment.schedule, experiment.gradient),
        (None, Gradient::Autograd)
    );
    assert!(experiment.predict.is_empty() && experiment.compare.is_empty());
    assert_eq!(
        experiment.optimizer,
        Optimizer::Sgd {
            lr: 0.001,
            momentum: 0.0,
            dampening: 0.0,
            nesterov: false,
            weight_decay: 0.0
        }
    );
    assert_eq!(
        experiment.model[0],
        Layer::Linear {
            out: 3,
            bias: true,
            init: Init::Default
        }
    );
    let adamw = read(&with("/optimizer", json!({ "type": "adamw" }))).optimizer;
    let betas = [0.9, 0.999];
    let expected = Optimizer::AdamW {
        lr: 1e-3,
        betas,
        eps: 1e-8,
        weight_decay: 1e-2,
        amsgrad: false,
    };
    assert_eq!(adamw, expected);
    let adagrad = read(&with("/optimizer", json!({ "type": "adagrad" }))).optimizer;
    assert!(matches!(
        adagrad,
        Optimizer::Adagrad {
            lr: 0.01,
            eps: 1e-10,
            ..
        }
    ));
    let rmsprop = read(&with("/optimizer", json!({ "type": "rmsprop" }))).optimizer;
    assert!(matches!(
        rmsprop,
        Optimizer::RmsProp {
            lr: 0.01,
            alpha: 0.99,
            ..
        }
    ));
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
fn the_chapters_network_has_33_parameters() {
    let document = presets::find("sum").expect("a preset");
    let summary = summary(&from_text(document, ReadOptions::default()).unwrap()).unwrap();
    // 2 * 8 + 8 and 8 * 1 + 1.
    let counts: Vec<usize> = summary
        .layers
        .iter()
        .map(|layer| layer.parameters)
        .collect();
    assert_eq!((counts, summary.parameters), (vec![24, 0, 9], 33));
    let shapes = summary.parameter_shapes();
    let named = |name: &str, shape: &[usize]| (name.to_string(), shape.to_vec());
    let expected = [
        named("0.weight", &[8, 2]),
        named("0.bias", &[8]),
        named("2.weight", &[1, 8]),
        named("2.bias", &[1]),
    ];
    assert_eq!(shapes, expected);
}

#[test]
fn whole_numbers_may_be_written_with_a_point_but_not_be_fractions() {
    let text = small().to_string().replace("\"out\":3", "\"out\":8.0");
    let experiment = from_text(&text, ReadOptions::default()).unwrap();
    assert_eq!(experiment.model[0], Layer::linear(8));
    refused(
        "/model/0/out",
        json!(8.5),
        "model[0].out: expected a whole number, got 8.5",
    );
}

#[test]
fn numbers_out_of_range_name_the_place_and_the_range() {
    refused(
        "/model/2/out",
        json!(0),
        "model[2].out: must be between 1 and 4096, got 0",
    );
    refused(
        "/model/0/out",
        json!(1_000_000_000),
        "model[0].out: must be between 1 and 4096, got 1000000000",
    );
    refused(
        "/epochs",
        json!(0),
        "epochs: must be between 1 and 1000000, got 0",
    );
    refused(
        "/epochs",
        json!(-3),
        "epochs: must be between 1 and 1000000, got -3",
    );
    refused(
        "/validation",
        json!(0.95),
        "validation: must be between 0 and 0.9, got 0.95",
    );
    refused(
        "/batch_size",
        json!(0),
        "batch_size: must be between 1 and 1000000, got 0",
    );
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
    refused(
        "/model/1/sparkle",
        json!(1),
        "model[1].sparkle: unknown field \"sparkle\"",
    );
    refused(
        "/loss",
        json!({ "type": "MSE" }),
        "loss.type: must be one of mse, l1, smooth_l1, huber, bce, bce_with_logits, \
         cross_entropy, got \"MSE\"; did you mean \"mse\"?",
    );
}

#[test]
fn a_cell_that_is_no_number_is_named() {
    refused(
        "/data/rows/1/1",
        json!("eight"),
        "data.rows[1][1]: expected a number, got the text \"eight\"",
    );
    refused(
        "/data/rows/0/2",
        json!(null),
        "data.rows[0][2]: expected a number, got null",
    );
}

#[test]
fn a_row_of_another_length_is_named() {
    refused(
        "/data/rows/1",
        json!([4, 5]),
        "data.rows[1]: expected 3 values (2 inputs + 1 target), got 2",
    );
    refused(
        "/predict",
        json!([[1, 2], [1]]),
        "predict[1]: expected 2 values, one for each input, got 1",
    );
}

#[test]
fn tables_need_rows_and_columns_with_names_of_their_own() {
    refused("/data/rows", json!([]), "data.rows: there are no rows");
    refused(
        "/data/inputs",
        json!([]),
        "data.inputs: there are no columns",
    );
    refused(
        "/data/targets",
        json!(["a"]),
        "data.targets[0]: \"a\" is there twice",
    );
    refused(
        "/data/inputs/0",
        json!(""),
        "data.inputs[0]: there are no characters",
    );
    refused(
        "/data/inputs/0",
        json!("x".repeat(65)),
        "data.inputs[0]: at most 64 characters, got 65",
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
    refused(
        "/version",
        json!(2),
        "version: only version 1 is supported, got 2",
    );
    refused(
        "/version",
        json!("1"),
        "version: expected a whole number, got the text \"1\"",
    );
}

#[test]
fn text_that_is_not_json_says_where() {
    let line = |text: &str| {
        from_text(text, ReadOptions::default())
            .expect_err("it is wrong")
            .to_string()
    };
    assert_eq!(
        line(""),
        "document: not JSON: it ends too early at line 1, column 1"
    );
    assert_eq!(
        line("{\n \"a\" 1}"),
        "document: not JSON: expected a colon at line 2, column 6"
    );
    assert_eq!(
        line("{\"seed\":1,\"seed\":2}"),
        "document: not JSON: the field \"seed\" is there twice at line 1, column 18"
    );
    assert!(line(&"[".repeat(1_000_000)).contains("nested too deeply"));
    assert!(line("[1e999]").contains("too large for a double"));
    assert_eq!(line("[]"), "document: expected an object, got an array");
}

#[test]
fn numbers_are_read_to_the_nearest_double() {
    // 17 digits, where multiplying by a power of ten rounds twice.
    for text in [
        "0.10000000000000001",
        "1.7976931348623157e308",
        "8.41e-17",
        "0.3793228864669800",
    ] {
        let document = small()
            .to_string()
            .replace("[1,2,3]", &format!("[1,2,{text}]"));
        let Ok(experiment) = from_text(&document, ReadOptions::default()) else {
            assert!(
                text.ends_with("308"),
                "only this one is beyond float32: {text}"
            );
            continue;
        };
        let Data::Table { rows, .. } = experiment.data else {
            panic!("a table")
        };
        assert_eq!(
            rows.values[2].to_bits(),
            text.parse::<f64>().unwrap().to_bits()
        );
    }
}

#[test]
fn nesterov_needs_momentum_and_no_dampening_as_in_pytorch() {
    let line = "optimizer.nesterov: Nesterov momentum requires a momentum and zero dampening";
    refused(
        "/optimizer",
        json!({ "type": "sgd", "nesterov": true }),
        line,
    );
    let dampened = json!({ "type": "sgd", "nesterov": true, "momentum": 0.9, "dampening": 0.1 });
    refused("/optimizer", dampened, line);
    read(&with(
        "/optimizer",
        json!({ "type": "sgd", "nesterov": true, "momentum": 0.9 }),
    ));
}

#[test]
fn the_last_layer_must_fit_the_targets() {
    refused(
        "/model/2/out",
        json!(2),
        "model[2]: the last layer's output has the shape [2], but mse needs [1], one value for \
         the target column",
    );
    let mut document = with("/loss", json!({ "type": "cross_entropy" }));
    document["model"][2]["out"] = json!(4);
    assert_eq!(
        problems(&document),
        ["data.rows[1][2]: there is no class 6: the model has 4 outputs, for the classes 0 to 3"]
    );
    document["data"]["rows"] = json!([[0, 0, 1.5], [0, 0, -1], [0, 0, 3]]);
    assert_eq!(
        problems(&document),
        [
            "data.rows[0][2]: a class must be a whole number from 0 on, got 1.5",
            "data.rows[1][2]: a class must be a whole number from 0 on, got -1",
        ]
    );
    document["data"]["inputs"] = json!(["a"]);
    document["data"]["targets"] = json!(["b", "y"]);
    assert_eq!(
        problems(&document),
        ["data.targets: cross_entropy needs one target column, of class indices, got 2"]
    );
}

#[test]
fn binary_targets_lie_between_0_and_1() {
    for loss in ["bce", "bce_with_logits"] {
        let lines = problems(&with("/loss", json!({ "type": loss })));
        let expected = [
            "data.rows[0][2]: must be between 0 and 1, got 3",
            "data.rows[1][2]: must be between 0 and 1, got 6",
        ];
        assert_eq!(lines, expected);
    }
}

/// 64 inputs as an 8 x 8 image, two classes, and these layers before a linear one.
fn image(layers: Value) -> Value {
    let inputs: Vec<String> = (0..64).map(|i| format!("p{i}")).collect();
    let mut model = layers.as_array().expect("layers").clone();
    model.extend([
        json!({ "type": "flatten" }),
        json!({ "type": "linear", "out": 2 }),
    ]);
    json!({
        "data": { "kind": "table", "inputs": inputs, "targets": ["class"], "input_shape": [1, 8, 8],
                  "rows": [vec![0; 65], vec![1; 65]] },
        "model": model, "loss": { "type": "cross_entropy" },
    })
}

#[test]
fn shapes_and_parameters_follow_pytorchs_rules() {
    let layers = json!([
        { "type": "conv2d", "out": 4, "kernel": 3, "padding": 1, "stride": 2 },
        { "type": "batch_norm" },
        { "type": "relu" },
        { "type": "max_pool2d", "kernel": 3, "stride": 1 },
    ]);
    let summary = summary(&read(&image(layers))).unwrap();
    let outputs: Vec<&[usize]> = summary
        .layers
        .iter()
        .map(|layer| &*layer.output_shape)
        .collect();
    // floor((8 + 2 - 3) / 2) + 1 = 4, then (4 - 3) / 1 + 1 = 2, and 4 * 2 * 2 = 16.
    let expected: [&[usize]; 6] = [&[4, 4, 4], &[4, 4, 4], &[4, 4, 4], &[4, 2, 2], &[16], &[2]];
    assert_eq!(outputs, expected);
    // 4 * 1 * 3 * 3 + 4, 4 + 4, and 16 * 2 + 2.
    let counts: Vec<usize> = summary
        .layers
        .iter()
        .map(|layer| layer.parameters)
        .collect();
    assert_eq!(counts, [40, 8, 0, 0, 0, 34]);
}

#[test]
fn a_layer_that_cannot_take_its_input_is_named() {
    let wide = json!([{ "type": "conv2d", "out": 1, "kernel": 9 }]);
    assert_eq!(
        problems(&image(wide)),
        [
            "model[0]: conv2d needs an image no smaller than its kernel of 9 x 9, but its input has \
          the shape [1, 8, 8]"
        ]
    );
    refused(
        "/model/1",
        json!({ "type": "max_pool2d", "kernel": 2 }),
        "model[1]: max_pool2d needs channels, height and width (data.input_shape, such as \
         [1, 8, 8]), but its input has the shape [3]",
    );
    refused(
        "/data/input_shape",
        json!([1, 3]),
        "data.input_shape: expected 2 values, got 3",
    );
}

#[test]
fn given_weights_must_have_the_layers_shape() {
    let given = |weight: Value, bias: Value| json!({ "weight": weight, "bias": bias });
    let weight = json!([[1, 2], [3, 4], [5, 6]]);
    let experiment = read(&with(
        "/model/0/init",
        given(weight.clone(), json!([7, 8, 9])),
    ));
    let init = Init::Given {
        weight: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        shape: vec![3, 2],
        bias: Some(vec![7.0, 8.0, 9.0]),
    };
    assert_eq!(
        experiment.model[0],
        Layer::Linear {
            out: 3,
            bias: true,
            init
        }
    );
    refused(
        "/model/0/init",
        given(json!([[1, 2, 3], [4, 5, 6]]), json!([1, 2, 3])),
        "model[0].init.weight: expected the shape [3, 2], got [2, 3]",
    );
    refused(
        "/model/0/init",
        given(json!([[1, 2], [3], [5, 6]]), json!([1, 2, 3])),
        "model[0].init.weight[1]: expected 2 values, got 1",
    );
    refused(
        "/model/0/init",
        given(weight.clone(), json!([1])),
        "model[0].init.bias: expected 3 values, got 1",
    );
    let mut document = with("/model/0/init", given(weight, json!([1, 2, 3])));
    document["model"][0]["bias"] = json!(false);
    assert_eq!(
        problems(&document),
        ["model[0].init.bias: a bias is given, but the layer has none"]
    );
    refused(
        "/model/0/init",
        json!("xavier"),
        "model[0].init: must be one of default, zeros, xavier_uniform, xavier_normal, \
         kaiming_uniform, kaiming_normal, got \"xavier\"",
    );
}

#[test]
fn what_would_be_too_large_is_refused_before_it_is_made() {
    let wide = json!({ "type": "linear", "out": 4096 });
    let document = with(
        "/model",
        json!([wide, wide, { "type": "linear", "out": 1 }]),
    );
    assert_eq!(
        problems(&document),
        // 2 * 4096 + 4096 and 4096 * 4096 + 4096.
        ["model[1]: too large to compute: 16793600 parameters, at most 10000000 are possible"]
    );
    let mut document = with("/epochs", json!(1_000_000));
    document["batch_size"] = json!(1);
    document["data"]["rows"] = vec![json!([1, 2, 3]); 11].into();
    assert_eq!(
        problems(&document),
        ["epochs: too large to compute: 11000000 steps, at most 10000000 are possible"]
    );
    let mut document = with("/data/rows", vec![json!([1, 2, 3]); 20_000].into());
    document["model"][0]["out"] = json!(4096);
    assert_eq!(
        problems(&document),
        // 20000 rows of 4096 values.
        [
            "model[0]: too large to compute: 81920000 values in a batch, at most 64000000 are possible"
        ]
    );
    document["batch_size"] = json!(100);
    assert!(problems(&document).is_empty());
    let document = with("/data/rows", vec![json!([]); 700_000].into());
    assert_eq!(
        problems(&document),
        ["data.rows: too large to compute: 2100000 cells, at most 2000000 are possible"]
    );
}

#[test]
fn batch_norm_is_refused_where_a_batch_has_one_row() {
    let mut document = with("/model/1", json!({ "type": "batch_norm" }));
    assert!(problems(&document).is_empty());
    document["batch_size"] = json!(1);
    let line = "model[1]: batch norm cannot train on one row: change the number of rows or \
                batch_size";
    assert_eq!(problems(&document), [line]);
}

#[test]
fn comparisons_set_what_leaves_the_initial_weights_alone() {
    let set = |set: Value| with("/compare", json!([{ "label": "other", "set": set }]));
    let experiment = read(&set(
        json!({ "optimizer.lr": 0.1, "model[1].type": "tanh" }),
    ));
    let variant = compare::variant(&experiment, &experiment.compare[0]).unwrap();
    assert_eq!(variant.optimizer.lr(), 0.1);
    assert_eq!(variant.model[1], Layer::Tanh);
    assert_eq!(
        (variant.data, variant.compare),
        (experiment.data, Vec::new())
    );
    let line = |document: Value| {
        let lines = problems(&document);
        assert_eq!(lines.len(), 1, "{lines:?}");
        lines[0].clone()
    };
    assert_eq!(
        line(set(json!({ "optimizer.lr": 0 }))),
        "compare[0].set[\"optimizer.lr\"]: must be greater than 0, got 0"
    );
    assert_eq!(
        line(set(
            json!({ "optimizer": { "type": "adam", "lr": "fast" } })
        )),
        "compare[0].set[\"optimizer\"].lr: expected a number, got the text \"fast\""
    );
    assert_eq!(
        line(set(json!({ "optimizer.momentun": 0.9 }))),
        "compare[0].set[\"optimizer.momentun\"]: unknown field \"momentun\"; did you mean \
         \"momentum\"?"
    );
    for field in [
        "seed",
        "data.rows",
        "model[0].out",
        "model[0].init",
        "compare",
    ] {
        let value = match field {
            "model[0].out" => json!(4),
            "model[0].init" => json!("zeros"),
            _ => json!(1),
        };
        let mut fields = json!({});
        fields[field] = value;
        let says = line(set(fields));
        assert!(
            says.contains("a comparison cannot set this"),
            "{field}: {says}"
        );
    }
    for field in [
        "model[9].p",
        "model[",
        "model[x]",
        ".",
        "",
        "optimizer..lr",
        "nothing",
    ] {
        let mut fields = json!({});
        fields[field] = json!(1);
        let says = line(set(fields));
        assert!(says.starts_with("compare[0].set[\""), "{field}: {says}");
        assert!(says.contains("unknown field"), "{field}: {says}");
    }
}

#[test]
fn generated_and_bundled_data_are_understood() {
    let mut document = small();
    document["data"] = json!({ "kind": "generated", "name": "spiral", "noise": 0.1 });
    let spiral = Data::Generated {
        name: "spiral".into(),
        points: 200,
        noise: 0.1,
        seed: 0,
    };
    assert_eq!(read(&document).data, spiral);
    document["data"] = json!({ "kind": "bundled", "name": "digits" });
    document["model"] = json!([{ "type": "flatten" }, { "type": "linear", "out": 10 }]);
    document["loss"] = json!({ "type": "cross_entropy" });
    assert_eq!(summary(&read(&document)).unwrap().parameters, 64 * 10 + 10);
}

#[test]
fn rows_may_come_apart_from_the_document() {
    let mut document = small();
    document["data"]
        .as_object_mut()
        .expect("data")
        .remove("rows");
    assert_eq!(problems(&document), ["data.rows: is required"]);
    let options = ReadOptions {
        external_rows: true,
    };
    let mut experiment = from_value(&document, options).unwrap();
    assert_eq!(
        check::check(&experiment).unwrap_err().to_string(),
        "data.rows: there are no rows"
    );
    let Data::Table { rows, .. } = &mut experiment.data else {
        panic!("a table")
    };
    rows.values = vec![1.0, 2.0, 3.0];
    assert_eq!((rows.columns, rows.len()), (3, 1));
    check::check(&experiment).unwrap();
    let Data::Table { rows, .. } = &mut experiment.data else {
        panic!("a table")
    };
    rows.values[1] = f64::NAN;
    assert!(
        check::check(&experiment)
            .unwrap_err()
            .to_string()
            .starts_with("data.rows[0][1]: ")
    );
}

#[test]
fn rows_are_split_as_random_split_does() {
    assert_eq!(split_rows(60, 0.25), (45, 15));
    // 7 * 0.75 = 5.25 and 7 * 0.25 = 1.75, both rounded down; the row left over trains.
    assert_eq!(split_rows(7, 0.25), (6, 1));
    assert_eq!(split_rows(4, 0.0), (4, 0));
    assert_eq!(split_rows(0, 0.5), (0, 0));
}

#[test]
fn the_full_form_has_every_field() {
    let experiment = read(&small());
    let full = write::to_full_value(&experiment);
    assert_eq!(full["optimizer"]["momentum"], json!(0));
    assert_eq!(full["model"][0]["init"], json!("default"));
    assert_eq!(full["batch_size"], Value::Null);
    assert_eq!(full["loss"]["type"], json!("mse"));
    assert_eq!(full.as_object().map(serde_json::Map::len), Some(16));
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
        let values = [
            write::to_value(&experiment),
            write::to_full_value(&experiment),
        ];
        for value in values {
            let back = from_value(&value, ReadOptions::default());
            prop_assert_eq!(back.as_ref(), Ok(&experiment));
        }
        for text in [
            write::to_compact(&experiment),
            write::to_pretty(&experiment),
        ] {
            let back = from_text(&text, ReadOptions::default());
            prop_assert_eq!(back.as_ref(), Ok(&experiment));
            let again = write::to_compact(&back.expect("it is equal"));
            prop_assert_eq!(again, write::to_compact(&experiment));
        }
        Ok(())
    });
}

#[test]
fn text_means_to_this_parser_what_it_means_to_serde() {
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
    check_law(300, bytes, |bytes| {
        pathful(&String::from_utf8_lossy(&bytes))
    });
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
