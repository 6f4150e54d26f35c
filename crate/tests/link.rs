//! Links: the document in a URL fragment.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[path = "document/arbitrary.rs"]
mod arbitrary;

use arbitrary::check_law;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use gradus::experiment::{
    Data, Experiment, ReadOptions, from_text, from_value,
    link::{self, decode},
    presets,
};
use miniz_oxide::deflate::compress_to_vec;
use proptest::prelude::*;
use serde_json::Value;

/// Links made with version 1, with their documents. Entries are added, never changed.
const GOLDEN: &str = include_str!("../../tests/data/links.json");

fn preset() -> Experiment {
    let document = presets::find("sum").expect("a preset");
    from_text(document, ReadOptions::default()).expect("it is valid")
}

fn encode(experiment: &Experiment) -> String {
    link::encode(experiment).expect("it is small")
}

/// A version 1 link to these bytes, deflated.
fn packed(bytes: &[u8]) -> String {
    format!("#v=1&z={}", URL_SAFE_NO_PAD.encode(compress_to_vec(bytes, 6)))
}

#[track_caller]
fn refused(link: &str, line: &str) {
    assert_eq!(decode(link).expect_err("it is wrong").to_string(), line);
}

#[test]
fn every_link_ever_made_still_gives_its_document() {
    let golden: Value = serde_json::from_str(GOLDEN).expect("JSON");
    for entry in golden.as_array().expect("a list") {
        let link = entry["link"].as_str().expect("a link");
        let expected = from_value(&entry["document"], ReadOptions::default()).expect("valid");
        let decoded = decode(link).unwrap_or_else(|problems| panic!("{link}: {problems}"));
        assert_eq!(decoded.experiment, expected);
        assert!(decoded.refused.is_empty());
    }
}

#[test]
fn every_experiment_survives_a_link_and_the_link_is_always_the_same() {
    check_law(200, arbitrary::experiment(), |experiment| {
        let link = encode(&experiment);
        prop_assert!(link.bytes().all(|byte| byte.is_ascii_graphic()));
        let decoded = decode(&link);
        prop_assert_eq!(decoded.as_ref().map(|decoded| &decoded.experiment), Ok(&experiment));
        prop_assert_eq!(encode(&decoded.expect("it is equal").experiment), link);
        Ok(())
    });
}

#[test]
fn a_link_may_be_a_whole_url_in_any_order_or_percent_encoded() {
    let link = encode(&preset());
    let z = link.strip_prefix("#v=1&z=").expect("the form of a link");
    let encoded: String = z.bytes().map(|byte| format!("%{byte:02x}")).collect();
    for form in [
        format!("v=1&z={z}"),
        format!("#z={z}&v=1"),
        format!("  #v=1&z={z}\n"),
        format!("https://example.org/lab/?embed=1#v=1&z={z}"),
        format!("#v=%31&%7A={encoded}"),
        format!("#v=1&&z={z}=="),
    ] {
        let decoded = decode(&form).unwrap_or_else(|problems| panic!("{form}: {problems}"));
        assert_eq!(decoded.experiment, preset());
    }
}

#[test]
fn parameters_that_are_not_understood_are_named() {
    let link = format!("{}&run=1&theme=dark&run=2", encode(&preset()));
    assert_eq!(decode(&link).expect("the document is good").refused, ["run", "theme"]);
}

#[test]
fn a_link_that_is_no_link_says_why() {
    let cannot = |detail: &str| format!("link: this link cannot be read: {detail}");
    refused("", &cannot("v=, its version, is missing"));
    refused("#v=1", &cannot("z=, its document, is missing"));
    refused("#v=2&z=AA", "link: only version 1 is supported, got 2");
    refused("#v=1&z=$$", &cannot("its document is damaged or cut off"));
    refused("#v=1&z=%7", &cannot("its percent-encoding is broken"));
    refused("#v=1&v=1&z=AA", &cannot("v= is there twice"));
    refused("#v=1&z=", &cannot("its document is damaged or cut off"));
    refused("#v=1&z=____", &cannot("its document is damaged or cut off"));
    refused(&packed(&[0xff, 0xfe]), &cannot("its document is not text"));
    refused(&packed(b"{]"), "document: not JSON: expected a field's name in quotes at line 1, column 2");
    refused(&packed(b"{\"data\":1}"), "data: expected an object, got 1\nmodel: is required");
    let link = encode(&preset());
    for cut in [1, 2, 3, 4, 50] {
        let link = &link[..link.len() - cut];
        refused(link, &cannot("its document is damaged or cut off"));
    }
}

#[test]
fn a_link_that_inflates_without_end_is_refused() {
    // 17 MiB of spaces in a few kB.
    let bomb = packed(&vec![b' '; 17 << 20]);
    assert!(bomb.len() < 100_000);
    refused(&bomb, "link: this link cannot be read: its document is too large");
}

#[test]
fn a_document_too_large_for_a_link_is_refused() {
    let mut large = preset();
    let Data::Table { rows, .. } = &mut large.data else { panic!("a table") };
    rows.values = vec![1.0 / 3.0; 900_000];
    let message = link::encode(&large).expect_err("18 MB").to_string();
    assert!(message.starts_with("link: too large: "), "{message}");
}

#[test]
fn no_link_makes_it_panic() {
    check_law(300, "\\PC{0,60}", |text| {
        prop_assert!(decode(&text).is_err());
        Ok(())
    });
    check_law(300, proptest::collection::vec(any::<u8>(), 0..200), |bytes| {
        let random = format!("#v=1&z={}", URL_SAFE_NO_PAD.encode(&bytes));
        prop_assert!(decode(&random).is_err());
        prop_assert!(decode(&packed(&bytes)).is_err());
        Ok(())
    });
    let damaged = (arbitrary::experiment(), any::<usize>(), any::<u8>());
    check_law(300, damaged, |(experiment, at, byte)| {
        let mut link = encode(&experiment).into_bytes();
        let at = at % link.len();
        link[at] = byte & 0x7f;
        // It may still be a link to something.
        drop(decode(&String::from_utf8_lossy(&link)));
        Ok(())
    });
}

#[test]
fn whatever_way_a_document_was_deflated_it_is_inflated() {
    let preset = preset();
    let text = gradus::experiment::write::to_pretty(&preset);
    // Space, which is allowed around a document: 100 kB of the same, and of what repeats at no distance.
    let spaces = " ".repeat(100_000);
    let mixed: String = (0..30_000u32)
        .map(|at| [' ', '\n', '\t', '\r'][(at.wrapping_mul(2_654_435_761) >> 30) as usize])
        .collect();
    for level in 0..=10 {
        for space in ["", &spaces, &mixed] {
            let bytes = compress_to_vec(format!("{text}{space}").as_bytes(), level);
            let link = format!("#v=1&z={}", URL_SAFE_NO_PAD.encode(bytes));
            assert_eq!(decode(&link).map(|decoded| decoded.experiment), Ok(preset.clone()), "level {level}");
        }
    }
}

#[test]
fn text_that_is_not_base64url_is_damaged() {
    for text in ["A", "AAAAA", "AB", "AAB", "AA+A", "AA A", "AA=A", "ÄÄ"] {
        refused(
            &format!("#v=1&z={text}"),
            "link: this link cannot be read: its document is damaged or cut off",
        );
    }
}
