//! A small document, and what is wrong with variations of it.

use gradus::experiment::{Experiment, ReadOptions, from_value};
use serde_json::{Value, json};

/// Two inputs, one target, two rows; a 2-3-1 network.
pub fn small() -> Value {
    json!({
        "data": { "kind": "table", "inputs": ["a", "b"], "targets": ["y"],
                  "rows": [[1, 2, 3], [4, 5, 6]] },
        "model": [{ "type": "linear", "out": 3 }, { "type": "relu" }, { "type": "linear", "out": 1 }],
    })
}

pub fn read(value: &Value) -> Experiment {
    from_value(value, ReadOptions::default()).unwrap_or_else(|problems| panic!("{problems}"))
}

/// The problems of `document`, as lines.
pub fn problems(document: &Value) -> Vec<String> {
    match from_value(document, ReadOptions::default()) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.0.iter().map(ToString::to_string).collect(),
    }
}

/// The small document with the value at `pointer` set is refused with exactly this line.
#[track_caller]
pub fn refused(pointer: &str, value: Value, line: &str) {
    assert_eq!(problems(&with(pointer, value)), [line]);
}

/// The small document with the value at `pointer` set.
pub fn with(pointer: &str, value: Value) -> Value {
    let mut document = small();
    let (parent, field) = pointer.rsplit_once('/').expect("a pointer");
    match document.pointer_mut(parent).expect("a parent") {
        Value::Object(fields) => drop(fields.insert(field.into(), value)),
        Value::Array(items) => items[field.parse::<usize>().expect("an index")] = value,
        _ => panic!("{parent} has no fields"),
    }
    document
}
