//! The chapter's programs in `examples/` print what the originals print in PyTorch and NumPy
//! (`tests/fixtures/chapter.py`): all words, and every number to its last digit but one.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;
#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

use std::error::Error;
use std::io::Write;

const PRINTED: &str = include_str!("../../tests/data/programs.json");
/// What the chapter itself shows.
const CHAPTER: &str = include_str!("../../tests/data/chapter.json");

macro_rules! programs {
    ($($name:ident: $path:literal),+ $(,)?) => {
        $(#[path = $path]
        #[expect(dead_code, reason = "its main is not called")]
        mod $name;)+

        type Program = fn(&mut dyn Write) -> Result<(), Box<dyn Error>>;
        const PROGRAMS: &[(&str, Program)] = &[$((stringify!($name), $name::program)),+];
    };
}

programs! {
    finite_differences: "../examples/finite_differences.rs",
    learning_rates: "../examples/learning_rates.rs",
    network: "../examples/network.rs",
    batches: "../examples/batches.rs",
    own_loss: "../examples/own_loss.rs",
    inside: "../examples/inside.rs",
    sequential: "../examples/sequential.rs",
    saving: "../examples/saving.rs",
}

fn run(name: &str) -> String {
    let (_, program) = PROGRAMS.iter().find(|(n, _)| *n == name).unwrap();
    let mut out = Vec::new();
    program(&mut out).unwrap_or_else(|e| panic!("{name}: {e}"));
    String::from_utf8(out).unwrap()
}

/// Numbers and what is between them: `["loss ", "0.25", "\n"]`.
fn pieces(text: &str) -> Vec<&str> {
    let numeric = |c: char| c.is_ascii_digit() || c == '.' || c == '-';
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut last = None;
    for (at, c) in text.char_indices() {
        if last.is_some_and(|last| last != numeric(c)) {
            pieces.push(&text[start..at]);
            start = at;
        }
        last = Some(numeric(c));
    }
    pieces.push(&text[start..]);
    pieces
}

/// One more or less in the last digit, and a relative error of f32's.
fn close(got: &str, want: &str) -> bool {
    let (Ok(a), Ok(b)) = (got.parse::<f64>(), want.parse::<f64>()) else { return false };
    let digits = want.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let unit = 10f64.powi(-(digits as i32));
    let whole = !want.contains('.');
    !whole && (a - b).abs() <= 1.01 * unit + 1e-6 * b.abs()
}

#[test]
fn every_program_prints_what_the_original_prints() {
    let printed: serde_json::Value = serde_json::from_str(PRINTED).unwrap();
    assert_eq!(printed.as_object().unwrap().len(), PROGRAMS.len());
    for (name, _) in PROGRAMS {
        let got = run(name);
        let want = printed[name].as_str().unwrap();
        let same = got.lines().zip(want.lines()).all(|(got, want)| {
            let (got, want) = (pieces(got), pieces(want));
            got.len() == want.len() && got.iter().zip(&want).all(|(a, b)| a == b || close(a, b))
        });
        assert!(same && got.lines().count() == want.lines().count(), "{name}:\n{got}\ninstead of\n{want}");
    }
}

/// The numbers after a word in every line that has it.
fn after(text: &str, word: &str) -> Vec<f64> {
    let number = |line: &str| {
        let rest = line.split_once(word)?.1.trim_start();
        rest.split_whitespace().next()?.parse().ok()
    };
    text.lines().filter_map(number).collect()
}

fn numbers(value: &serde_json::Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

#[test]
fn the_losses_and_weights_are_those_of_the_chapter() {
    let chapter: serde_json::Value = serde_json::from_str(CHAPTER).unwrap();
    let losses = after(&run("finite_differences"), "loss ");
    let want = numbers(&chapter["11.5 finite differences, lr 0.01, 100 epochs"]["loss_history"]);
    assert_eq!(losses.len(), 100);
    assert!(losses.iter().zip(&want).all(|(a, b)| (a - b).abs() <= 5.1e-9));
    let text = run("learning_rates");
    let epochs: Vec<&str> = text.lines().filter(|line| line.starts_with("epoch")).collect();
    for (run, lr) in epochs.chunks(10).zip(["0.01", "0.1", "1"]) {
        let section = &chapter[format!("11.6 y=3x finite differences, lr {lr}")];
        let run = run.join("\n");
        for (word, key) in [("weight", "weight_after_each_epoch"), ("loss", "loss_before_each_epoch")] {
            for (got, want) in after(&run, word).into_iter().zip(numbers(&section[key])) {
                assert!((got - want).abs() <= 5.1e-7 + 1e-15 * want, "{lr}, {word}: {got} is not {want}");
            }
        }
    }
    let summary = run("sequential");
    assert_eq!(
        after(&summary, "Total params:"),
        [chapter["10.9.4 parameters of 2-8-1"]["count"].as_f64().unwrap()]
    );
}
