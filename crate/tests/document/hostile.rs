//! Arbitrary JSON, and documents damaged by it.

use proptest::{collection::vec, prelude::*};
use serde_json::Value;

/// Any JSON, also with the names that documents have.
pub fn json() -> impl Strategy<Value = Value> {
    let name = prop_oneof![
        Just("type"),
        Just("kind"),
        Just("data"),
        Just("model"),
        Just("rows"),
        Just("inputs"),
        Just("set"),
        Just("out"),
        Just("init"),
        Just("weight"),
        Just("__proto__"),
        Just("é\u{0}"),
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        prop_oneof![Just("linear"), Just("table"), Just("adam"), Just("zeros")].prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..6).prop_map(Value::from),
            vec((name.clone().prop_map(String::from), inner), 0..6)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Puts `value` in the place of the `at`-th value within `document`, counting on from the first.
pub fn replace(document: &mut Value, value: Value, at: usize) {
    fn count(value: &Value) -> usize {
        1 + match value {
            Value::Array(values) => values.iter().map(count).sum(),
            Value::Object(fields) => fields.values().map(count).sum(),
            _ => 0,
        }
    }
    fn visit(place: &mut Value, left: &mut usize, value: &Value) {
        if *left == 0 {
            *place = value.clone();
            *left = usize::MAX;
            return;
        }
        *left = left.saturating_sub(1);
        let mut each = |place: &mut Value| {
            if *left < usize::MAX / 2 {
                visit(place, left, value);
            }
        };
        match place {
            Value::Array(values) => values.iter_mut().for_each(&mut each),
            Value::Object(fields) => fields.values_mut().for_each(&mut each),
            _ => {}
        }
    }
    let mut left = at % count(document);
    visit(document, &mut left, &value);
}
