//! Numbers in a document's text are the doubles nearest to them.

use super::{read, small};
use gradus::experiment::{ReadOptions, from_text};
use proptest::prelude::*;
use serde_json::json;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(target_arch = "wasm32") { 200 } else { 2000 }))]

    #[test]
    fn every_double_is_read_back_from_its_shortest_digits(bits in 1..f64::INFINITY.to_bits()) {
        let value = f64::from_bits(bits);
        // As a rate: it may be of any size, but not zero.
        let mut document = small();
        document["optimizer"] = json!({ "type": "sgd", "lr": 0.5 });
        let text = document.to_string().replace("0.5", &format!("{value:e}"));
        let experiment = from_text(&text, ReadOptions::default()).unwrap();
        prop_assert_eq!(experiment.optimizer.lr().to_bits(), value.to_bits());
    }
}

#[test]
fn numbers_at_the_edges_of_a_double_are_read() {
    for number in [
        "5e-324",
        "2.4703282292062328e-324",
        "2.4703282292062327e-324",
        "2.2250738585072011e-308",
        "2.2250738585072014e-308",
        "1.7976931348623157e308",
        "1.7976931348623158e308",
        "1e-400",
        "1e-99999999999999999999",
    ] {
        let expected: f64 = number.parse().unwrap();
        let document = small().to_string().replacen("[1,", &format!("[{number},"), 1);
        let rows = from_text(&document, ReadOptions::default());
        if expected.abs() <= f64::from(f32::MAX) {
            let gradus::experiment::Data::Table { rows, .. } = rows.unwrap().data else { panic!("a table") };
            assert_eq!(rows.values[0].to_bits(), expected.to_bits(), "{number}");
        } else {
            // Read, and then refused as a cell: it is no infinity.
            let problem = rows.unwrap_err().to_string();
            assert!(problem.contains(&format!("{expected:?}")), "{number}: {problem}");
        }
    }
    for number in ["1.7976931348623159e308", "1e309", "1e99999999999999999999"] {
        let document = small().to_string().replacen("[1,", &format!("[{number},"), 1);
        let problem = from_text(&document, ReadOptions::default()).unwrap_err().to_string();
        assert!(problem.contains("too large for a double"), "{number}: {problem}");
    }
    assert_eq!(read(&small()).optimizer.lr(), 0.001);
}
