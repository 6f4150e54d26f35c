//! Numbers in a document's text are the doubles nearest to them. The standard library, which is exact,
//! says which those are.

use super::{read, small, with};
use gradus::experiment::{ReadOptions, from_text};
use proptest::prelude::*;
use serde_json::json;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// What a document reads `number` as.
fn read_number(number: &str) -> f64 {
    let marker = 1.25;
    let text = with("/predict", json!([[marker, 0]])).to_string();
    let text = text.replacen(&marker.to_string(), number, 1);
    let experiment = from_text(&text, ReadOptions::default()).unwrap_or_else(|e| panic!("{number}: {e}"));
    experiment.predict[0][0]
}

#[track_caller]
fn check(number: &str) {
    let expected: f64 = number.parse().unwrap();
    assert_eq!(read_number(number).to_bits(), expected.to_bits(), "{number}");
}

#[test]
fn whatever_is_hard_to_round_is_the_nearest_double() {
    let half_way_above_one = "1.00000000000000011102230246251565404236316680908203125";
    for number in [
        "-0",
        "0.1",
        "123456789012345678",
        "9007199254740993",
        "9007199254740992.5",
        "1e22",
        "1e23",
        "8.5e-21",
        "3.0517578125e-5",
        half_way_above_one,
        &format!("{half_way_above_one}0000001"),
        "1.0000000000000001110223024625156540423631668090820312499999",
        "1.00000000000000033306690738754696212708950042724609375",
        "7.2057594037927933e16",
        "3.4028234663852886e38",
        "0.000000000000000000000000000000000000001401298464324817",
        "1e0000000000000000000000000000000000000000001",
        "0.00000000000000000000000000000000000000000000000000001e53",
    ] {
        check(number);
    }
    // Digits far beyond what a double holds decide, too.
    check(&format!("{half_way_above_one}{}1", "0".repeat(5000)));
    check(&format!("{half_way_above_one}{}", "0".repeat(5000)));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(if cfg!(target_arch = "wasm32") { 200 } else { 2000 }))]

    #[test]
    fn any_digits_and_exponent_are_the_nearest_double(
        number in "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,25})?(e[+-]?[0-9]{1,2})?",
    ) {
        // A cell holds what float32 can.
        let expected: f64 = number.parse().unwrap();
        prop_assume!(expected.abs() <= f64::from(f32::MAX));
        prop_assert_eq!(read_number(&number).to_bits(), expected.to_bits(), "{}", number);
    }

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
