//! Whether data, layers, loss and comparisons fit together.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use gradus::experiment::{
    Data, Init, Layer, ReadOptions, check, compare, document::split_rows, from_text, from_value, presets,
    read, summary,
};
use serde_json::{Value, json};

use super::small::{problems, read, refused, small, with};

#[test]
fn the_chapters_network_has_33_parameters() {
    let document = presets::find("sum").expect("a preset");
    let summary = summary(&from_text(document, ReadOptions::default()).unwrap()).unwrap();
    // 2 * 8 + 8 and 8 * 1 + 1.
    let counts: Vec<usize> = summary.layers.iter().map(|layer| layer.parameters).collect();
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
    model.extend([json!({ "type": "flatten" }), json!({ "type": "linear", "out": 2 })]);
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
    let outputs: Vec<&[usize]> = summary.layers.iter().map(|layer| &*layer.output_shape).collect();
    // floor((8 + 2 - 3) / 2) + 1 = 4, then (4 - 3) / 1 + 1 = 2, and 4 * 2 * 2 = 16.
    let expected: [&[usize]; 6] = [&[4, 4, 4], &[4, 4, 4], &[4, 4, 4], &[4, 2, 2], &[16], &[2]];
    assert_eq!(outputs, expected);
    // 4 * 1 * 3 * 3 + 4, 4 + 4, and 16 * 2 + 2.
    let counts: Vec<usize> = summary.layers.iter().map(|layer| layer.parameters).collect();
    assert_eq!(counts, [40, 8, 0, 0, 0, 34]);
}

#[test]
fn a_layer_that_cannot_take_its_input_is_named() {
    let wide = json!([{ "type": "conv2d", "out": 1, "kernel": 9 }]);
    assert_eq!(
        problems(&image(wide)),
        ["model[0]: conv2d needs an image no smaller than its kernel of 9 x 9, but its input has \
          the shape [1, 8, 8]"]
    );
    refused(
        "/model/1",
        json!({ "type": "max_pool2d", "kernel": 2 }),
        "model[1]: max_pool2d needs channels, height and width (data.input_shape, such as \
         [1, 8, 8]), but its input has the shape [3]",
    );
    refused("/data/input_shape", json!([1, 3]), "data.input_shape: expected 2 values, got 3");
}

#[test]
fn given_weights_must_have_the_layers_shape() {
    let given = |weight: Value, bias: Value| json!({ "weight": weight, "bias": bias });
    let weight = json!([[1, 2], [3, 4], [5, 6]]);
    let experiment = read(&with("/model/0/init", given(weight.clone(), json!([7, 8, 9]))));
    let init = Init::Given {
        weight: vec![1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
        shape: vec![3, 2],
        bias: Some(vec![7.0, 8.0, 9.0]),
    };
    assert_eq!(experiment.model[0], Layer::Linear { out: 3, bias: true, init });
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
    assert_eq!(problems(&document), ["model[0].init.bias: a bias is given, but the layer has none"]);
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
    let document = with("/model", json!([wide, wide, { "type": "linear", "out": 1 }]));
    assert_eq!(
        problems(&document),
        // 2 * 4096 + 4096 and 4096 * 4096 + 4096.
        ["model[1]: too large: 16793600 parameters, at most 10000000 are possible"]
    );
    let mut document = with("/epochs", json!(100_000_000_000_u64));
    document["batch_size"] = json!(1);
    document["data"]["rows"] = vec![json!([1, 2, 3]); 11].into();
    assert_eq!(
        problems(&document),
        ["epochs: too large: 1100000000000 steps, at most 1000000000000 are possible"]
    );
    let mut document = with("/data/rows", vec![json!([1, 2, 3]); 20_000].into());
    document["model"][0]["out"] = json!(4096);
    assert_eq!(
        problems(&document),
        // 20000 rows of 4096 values.
        ["model[0]: too large: 81920000 values in a batch, at most 64000000 are possible"]
    );
    document["batch_size"] = json!(100);
    assert!(problems(&document).is_empty());
    let document = with("/data/rows", vec![json!([]); 700_000].into());
    assert_eq!(problems(&document), ["data.rows: too large: 2100000 cells, at most 2000000 are possible"]);
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
    let experiment = read(&set(json!({ "optimizer.lr": 0.1, "model[1].type": "tanh" })));
    let variant = compare::variant(&experiment, &experiment.compare[0]).unwrap();
    assert_eq!(variant.optimizer.lr(), 0.1);
    assert_eq!(variant.model[1], Layer::Tanh);
    assert_eq!((variant.data, variant.compare), (experiment.data, Vec::new()));
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
        line(set(json!({ "optimizer": { "type": "adam", "lr": "fast" } }))),
        "compare[0].set[\"optimizer\"].lr: expected a number, got the text \"fast\""
    );
    assert_eq!(
        line(set(json!({ "optimizer.momentun": 0.9 }))),
        "compare[0].set[\"optimizer.momentun\"]: unknown field \"momentun\"; did you mean \
         \"momentum\"?"
    );
    for field in ["seed", "data.rows", "model[0].out", "model[0].init", "compare"] {
        let value = match field {
            "model[0].out" => json!(4),
            "model[0].init" => json!("zeros"),
            _ => json!(1),
        };
        let mut fields = json!({});
        fields[field] = value;
        let says = line(set(fields));
        assert!(says.contains("a comparison cannot set this"), "{field}: {says}");
    }
    for field in ["model[9].p", "model[", "model[x]", ".", "", "optimizer..lr", "nothing"] {
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
    let spiral = Data::Generated { name: "spiral".into(), points: 200, noise: 0.1, seed: 0 };
    assert_eq!(read(&document).data, spiral);
    document["data"] = json!({ "kind": "bundled", "name": "digits" });
    document["model"] = json!([{ "type": "flatten" }, { "type": "linear", "out": 10 }]);
    document["loss"] = json!({ "type": "cross_entropy" });
    assert_eq!(summary(&read(&document)).unwrap().parameters, 64 * 10 + 10);
}

#[test]
fn rows_may_come_apart_from_the_document() {
    let mut document = small();
    document["data"].as_object_mut().expect("data").remove("rows");
    assert_eq!(problems(&document), ["data.rows: is required"]);
    let options = ReadOptions { external_rows: true };
    let mut experiment = from_value(&document, options).unwrap();
    assert_eq!(check::check(&experiment).unwrap_err().to_string(), "data.rows: there are no rows");
    let Data::Table { rows, .. } = &mut experiment.data else { panic!("a table") };
    rows.values = vec![1.0, 2.0, 3.0];
    assert_eq!((rows.columns, rows.len()), (3, 1));
    check::check(&experiment).unwrap();
    let Data::Table { rows, .. } = &mut experiment.data else { panic!("a table") };
    rows.values[1] = f64::NAN;
    assert!(check::check(&experiment).unwrap_err().to_string().starts_with("data.rows[0][1]: "));
}

#[test]
fn cells_beside_a_document_are_read_as_rows_inside_it_are() {
    let faults: [(&str, Value); 7] = [
        ("/title", json!("right")),
        ("/data/rows/1/2", json!(4e38)),
        ("/loss", json!({ "type": "cross_entropy" })),
        ("/batch_size", json!(0)),
        ("/model/2/out", json!(2)),
        ("/validation", json!(0.5)),
        ("/data/rows", json!([])),
    ];
    for (pointer, value) in faults {
        let whole = with(pointer, value);
        let cells = whole["data"]["rows"].as_array().expect("rows").iter();
        let cells = cells.flat_map(|row| row.as_array().expect("a row").iter().filter_map(Value::as_f64));
        let mut apart = whole.clone();
        apart["data"]["rows"] = json!([]);
        let read = read::with_rows(&apart.to_string(), cells.collect());
        assert_eq!(read, from_value(&whole, ReadOptions::default()), "{pointer}");
    }
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
fn a_loss_over_classes_needs_data_with_as_many_classes() {
    let mut document = small();
    document["model"] = json!([{ "type": "linear", "out": 2 }]);
    document["data"] = json!({ "kind": "generated", "name": "plane" });
    document["loss"] = json!({ "type": "cross_entropy" });
    assert_eq!(
        problems(&document),
        ["loss.type: must be one of mse, l1, smooth_l1, huber, got \"cross_entropy\""]
    );
}
