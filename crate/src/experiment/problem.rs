//! What is wrong with a document, and where.
//!
//! Every problem has a code, so that the page can say it in the reader's language: the locale key is
//! `problem.<code>`, and the message's numbers and names are in `params`. These are the codes:
//!
//! | code | params | in English |
//! | --- | --- | --- |
//! | `bad_json` | `reason`, `name`?, `line`, `column` | not JSON |
//! | `bad_link` | `reason`, `name`? | not a link made by this program |
//! | `unsupported_version` | `supported`, `got` | made for another version |
//! | `required` | | is missing |
//! | `unknown_field` | `field`, `suggestion`? | no such field here |
//! | `wrong_type` | `expected`, `got`, `value`? | another type of value |
//! | `out_of_range` | `min`, `max`, `got` | not between the two, both allowed |
//! | `not_below` | `min`, `below`, `got` | not at least `min` and less than `below` |
//! | `not_positive` | `got` | not greater than zero |
//! | `negative` | `got` | less than zero |
//! | `not_one_of` | `options`, `got`, `suggestion`? | not one of a few names |
//! | `empty` | `what` | nothing where something is needed |
//! | `too_many` | `what`, `max`, `got` | more than may be |
//! | `too_large` | `what`, `max`, `got` | the whole would be too large |
//! | `too_long` | `max`, `got` | text of too many characters |
//! | `row_length` | `inputs`, `targets`, `expected`, `got` | a row of another length than the columns |
//! | `length_mismatch` | `expected`, `got` | another length than it must have |
//! | `shape_mismatch` | `expected`, `got` | another shape than it must have |
//! | `duplicate` | `name` | the same name twice |
//! | `not_class` | `classes`?, `got` | not a class index, or one that the model has no output for |
//! | `layer_input` | `layer`, `needs`, `got` | a layer that cannot take the shape before it |
//! | `output_count` | `loss`, `expected`, `got` | the model's outputs do not fit the loss and targets |
//! | `target_count` | `loss`, `expected`, `got` | more target columns than the loss takes |
//! | `one_row_batch` | | batch norm over a batch of one row |
//! | `nesterov` | | Nesterov momentum without momentum, or with dampening |
//! | `no_bias` | | a bias given to a layer without one |
//! | `not_settable` | | a comparison cannot set this |
//! | `not_available` | `what` | part of the format, but not of this version of the program |

//!
//! A `reason` is a code, too: its key is `problem.<code>.<reason>`.

use std::fmt;

use serde::Serialize;
use serde_json::{Map, Value, json};

use super::limits;

/// One problem of a document.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Problem {
    /// Where: `model[2].out`, or `document`, or `link`.
    pub path: String,
    /// Which kind: see the [module](self).
    pub code: &'static str,
    /// What the message fills in.
    pub params: Map<String, Value>,
    /// The English message, without the path.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.message)
    }
}

/// Why text cannot be read at all.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reason {
    code: &'static str,
    /// What it is about, in the text's own words.
    name: Option<String>,
    english: String,
}

impl Reason {
    pub(super) fn new(code: &'static str, english: &str) -> Self {
        Self { code, name: None, english: english.into() }
    }

    pub(super) fn naming(code: &'static str, name: &str, english: String) -> Self {
        Self { code, name: Some(shortened(name)), english }
    }

    fn params(&self) -> Value {
        let mut params = json!({ "reason": self.code });
        if let Some(name) = &self.name {
            params["name"] = name.as_str().into();
        }
        params
    }
}

/// Everything that is wrong with a document, at most [`limits::PROBLEMS`] of it.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let newline = if index == 0 { "" } else { "\n" };
            write!(f, "{newline}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

impl Problems {
    /// Whether there are as many as are reported.
    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= limits::PROBLEMS
    }

    /// Whether one of them is in the field `root` of the document.
    pub(super) fn touch(&self, root: &str) -> bool {
        let within = |path: &str| {
            let rest = path.strip_prefix(root);
            rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        self.0.iter().any(|problem| within(&problem.path))
    }

    /// Adds one, if there is room.
    pub(super) fn push(&mut self, problem: Problem) {
        if !self.is_full() {
            self.0.push(problem);
        }
    }

    /// `value` if there are none.
    pub(super) fn or<T>(self, value: T) -> Result<T, Self> {
        if self.0.is_empty() { Ok(value) } else { Err(self) }
    }
}

/// Which numbers a field takes. None takes NaN or an infinity.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Range {
    /// Any.
    Finite,
    /// From the first to the second, both included.
    Closed(f64, f64),
    /// From the first, included, to the second, excluded.
    Below(f64, f64),
    /// Greater than zero.
    Positive,
    /// Zero or greater.
    NotNegative,
}

impl Range {
    /// The problem of `got` at `path`, if it has one.
    pub(super) fn check(self, got: f64, path: &dyn fmt::Display) -> Result<(), Problem> {
        let fits = got.is_finite()
            && match self {
                Self::Finite => true,
                Self::Closed(min, max) => (min..=max).contains(&got),
                Self::Below(min, below) => (min..below).contains(&got),
                Self::Positive => got > 0.0,
                Self::NotNegative => got >= 0.0,
            };
        if fits {
            return Ok(());
        }
        let says = number(got);
        Err(match self {
            Self::Closed(min, max) => Problem::new(
                path,
                "out_of_range",
                json!({ "min": tidy(min), "max": tidy(max), "got": tidy(got) }),
                format!("must be between {} and {}, got {says}", number(min), number(max)),
            ),
            Self::Below(min, below) => Problem::new(
                path,
                "not_below",
                json!({ "min": tidy(min), "below": tidy(below), "got": tidy(got) }),
                format!("must be at least {} and less than {}, got {says}", number(min), number(below)),
            ),
            Self::Positive => Problem::new(
                path,
                "not_positive",
                json!({ "got": tidy(got) }),
                format!("must be greater than 0, got {says}"),
            ),
            Self::NotNegative => Problem::new(
                path,
                "negative",
                json!({ "got": tidy(got) }),
                format!("must not be negative, got {says}"),
            ),
            Self::Finite => Problem::wrong_type(path, "number", &Found::NotFinite),
        })
    }
}

/// What a field holds instead.
pub(super) enum Found {
    /// `null`, `true` or a number, as JSON has it
    Plain(String),
    /// Text
    Text(String),
    /// An array
    Array,
    /// An object
    Object,
    /// NaN or an infinity, which JSON does not have
    NotFinite,
}

impl From<&Value> for Found {
    fn from(value: &Value) -> Self {
        match value {
            Value::Null => Self::Plain("null".into()),
            Value::Bool(value) => Self::Plain(value.to_string()),
            Value::Number(value) => Self::Plain(number(value.as_f64().unwrap_or(f64::NAN))),
            Value::String(text) => Self::Text(shortened(text)),
            Value::Array(_) => Self::Array,
            Value::Object(_) => Self::Object,
        }
    }
}

impl Found {
    /// The code that the page has words for, the value that they name, and the English words.
    fn told(&self) -> (&'static str, Option<&str>, String) {
        match self {
            Self::Plain(value) => ("plain", Some(value), value.clone()),
            Self::Text(text) => ("text", Some(text), format!("the text \"{text}\"")),
            Self::Array => ("array", None, "an array".into()),
            Self::Object => ("object", None, "an object".into()),
            Self::NotFinite => ("not_finite", None, "a number that is not finite".into()),
        }
    }
}

/// `text` in quotation marks, shortened when long.
pub(super) fn quoted(text: &str) -> String {
    format!("\"{}\"", shortened(text))
}

fn shortened(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("{short}{more}")
}

/// The shortest decimal that is `value`, and no `.0`: as JSON has it.
pub(super) fn number(value: f64) -> String {
    let mut text = format!("{value:?}");
    if text.ends_with(".0") && text != "-0.0" {
        text.truncate(text.len() - 2);
    }
    text
}

/// `value` as JSON, an integer where it is one.
pub(super) fn tidy(value: f64) -> Value {
    if value.fract() == 0.0 && value.abs() <= limits::SEED as f64 && !value.is_sign_negative() {
        Value::from(value as u64)
    } else if value.fract() == 0.0 && value.abs() <= limits::SEED as f64 && value != 0.0 {
        Value::from(value as i64)
    } else {
        Value::from(value)
    }
}

/// `[1, 8, 8]`
fn shape_text(shape: &[usize]) -> String {
    format!("{shape:?}")
}

/// The problems, one function each; the table of the [module](self) is their index.
impl Problem {
    fn new(path: &dyn fmt::Display, code: &'static str, params: Value, message: String) -> Self {
        let params = match params {
            Value::Object(params) => params,
            _ => Map::new(),
        };
        Self { path: path.to_string(), code, params, message }
    }

    /// Only the page's module lacks something.
    #[cfg(not(any(not(target_arch = "wasm32"), feature = "bundled")))]
    pub(super) fn not_available(path: &str, what: &str) -> Self {
        let message = format!("{what} cannot be run by this version");
        Self::new(&path, "not_available", json!({ "what": what }), message)
    }

    pub(super) fn bad_json(reason: &Reason, line: usize, column: usize) -> Self {
        let mut params = reason.params();
        params["line"] = line.into();
        params["column"] = column.into();
        let message = format!("not JSON: {} at line {line}, column {column}", reason.english);
        Self::new(&"document", "bad_json", params, message)
    }

    pub(super) fn bad_link(reason: &Reason) -> Self {
        let message = format!("this link cannot be read: {}", reason.english);
        Self::new(&"link", "bad_link", reason.params(), message)
    }

    pub(super) fn unsupported_version(path: &dyn fmt::Display, got: &str) -> Self {
        let supported = super::document::VERSION;
        Self::new(
            path,
            "unsupported_version",
            json!({ "supported": supported, "got": got }),
            format!("only version {supported} is supported, got {got}"),
        )
    }

    pub(super) fn required(path: &dyn fmt::Display) -> Self {
        Self::new(path, "required", json!({}), "is required".into())
    }

    pub(super) fn unknown_field(path: &dyn fmt::Display, field: &str, suggestion: Option<&str>) -> Self {
        let mut params = json!({ "field": field });
        let mut message = format!("unknown field {}", quoted(field));
        suggest(&mut params, &mut message, suggestion);
        Self::new(path, "unknown_field", params, message)
    }

    pub(super) fn wrong_type(path: &dyn fmt::Display, expected: &str, got: &Found) -> Self {
        let english = match expected {
            "integer" => "a whole number",
            "number" => "a number",
            "text" => "text",
            "boolean" => "true or false",
            "array" => "an array",
            "object" => "an object",
            "init" => "the name of an init, or an object with a weight",
            other => other,
        };
        let (got, value, told) = got.told();
        let mut params = json!({ "expected": expected, "got": got });
        if let Some(value) = value {
            params["value"] = value.into();
        }
        Self::new(path, "wrong_type", params, format!("expected {english}, got {told}"))
    }

    pub(super) fn not_one_of(
        path: &dyn fmt::Display,
        options: &[&str],
        got: &str,
        suggestion: Option<&str>,
    ) -> Self {
        let mut params = json!({ "options": options, "got": got });
        let mut message = format!("must be one of {}, got {}", options.join(", "), quoted(got));
        suggest(&mut params, &mut message, suggestion);
        Self::new(path, "not_one_of", params, message)
    }

    /// `what` is a plural: rows, layers, names.
    pub(super) fn empty(path: &dyn fmt::Display, what: &str) -> Self {
        Self::new(path, "empty", json!({ "what": what }), format!("there are no {what}"))
    }

    pub(super) fn too_many(path: &dyn fmt::Display, what: &str, max: usize, got: usize) -> Self {
        Self::new(
            path,
            "too_many",
            json!({ "what": what, "max": max, "got": got }),
            format!("at most {max} {what}, got {got}"),
        )
    }

    pub(super) fn too_large(path: &dyn fmt::Display, what: &str, max: u64, got: u64) -> Self {
        Self::new(
            path,
            "too_large",
            json!({ "what": what, "max": max, "got": got }),
            format!("too large: {got} {what}, at most {max} are possible"),
        )
    }

    pub(super) fn too_long(path: &dyn fmt::Display, max: usize, got: usize) -> Self {
        Self::new(
            path,
            "too_long",
            json!({ "max": max, "got": got }),
            format!("at most {max} characters, got {got}"),
        )
    }

    pub(super) fn row_length(path: &dyn fmt::Display, inputs: usize, targets: usize, got: usize) -> Self {
        let expected = inputs + targets;
        let values = if expected == 1 { "value" } else { "values" };
        let message = match targets {
            0 => format!("expected {expected} {values}, one for each input, got {got}"),
            _ => format!(
                "expected {expected} {values} ({inputs} {} + {targets} {}), got {got}",
                if inputs == 1 { "input" } else { "inputs" },
                if targets == 1 { "target" } else { "targets" },
            ),
        };
        Self::new(
            path,
            "row_length",
            json!({ "inputs": inputs, "targets": targets, "expected": expected, "got": got }),
            message,
        )
    }

    pub(super) fn length_mismatch(path: &dyn fmt::Display, expected: usize, got: usize) -> Self {
        Self::new(
            path,
            "length_mismatch",
            json!({ "expected": expected, "got": got }),
            format!("expected {expected} values, got {got}"),
        )
    }

    pub(super) fn shape_mismatch(path: &dyn fmt::Display, expected: &[usize], got: &[usize]) -> Self {
        Self::new(
            path,
            "shape_mismatch",
            json!({ "expected": expected, "got": got }),
            format!("expected the shape {}, got {}", shape_text(expected), shape_text(got)),
        )
    }

    pub(super) fn duplicate(path: &dyn fmt::Display, name: &str) -> Self {
        Self::new(path, "duplicate", json!({ "name": name }), format!("{} is there twice", quoted(name)))
    }

    /// `classes` is how many the model tells apart, where that is known.
    pub(super) fn not_class(path: &dyn fmt::Display, classes: Option<usize>, got: f64) -> Self {
        let message = match classes {
            None => format!("a class must be a whole number from 0 on, got {}", number(got)),
            Some(classes) => format!(
                "there is no class {}: the model has {classes} outputs, for the classes 0 to {}",
                number(got),
                classes.saturating_sub(1),
            ),
        };
        let mut params = json!({ "got": tidy(got) });
        if let Some(classes) = classes {
            params["classes"] = classes.into();
        }
        Self::new(path, "not_class", params, message)
    }

    /// `needs` says in English what the layer takes.
    pub(super) fn layer_input(path: &dyn fmt::Display, layer: &str, needs: &str, got: &[usize]) -> Self {
        Self::new(
            path,
            "layer_input",
            json!({ "layer": layer, "needs": needs, "got": got }),
            format!("{layer} needs {needs}, but its input has the shape {}", shape_text(got)),
        )
    }

    /// `expected` says in English how many outputs are needed.
    pub(super) fn output_count(path: &dyn fmt::Display, loss: &str, expected: &str, got: &[usize]) -> Self {
        Self::new(
            path,
            "output_count",
            json!({ "loss": loss, "expected": expected, "got": got }),
            format!("the last layer's output has the shape {}, but {loss} needs {expected}", shape_text(got)),
        )
    }

    pub(super) fn target_count(path: &dyn fmt::Display, loss: &str, got: usize) -> Self {
        Self::new(
            path,
            "target_count",
            json!({ "loss": loss, "expected": 1, "got": got }),
            format!("{loss} needs one target column, of class indices, got {got}"),
        )
    }

    pub(super) fn one_row_batch(path: &dyn fmt::Display) -> Self {
        let message = "batch norm cannot train on one row: change the number of rows or batch_size";
        Self::new(path, "one_row_batch", json!({}), message.into())
    }

    pub(super) fn nesterov(path: &dyn fmt::Display) -> Self {
        let message = "Nesterov momentum requires a momentum and zero dampening";
        Self::new(path, "nesterov", json!({}), message.into())
    }

    pub(super) fn no_bias(path: &dyn fmt::Display) -> Self {
        Self::new(path, "no_bias", json!({}), "a bias is given, but the layer has none".into())
    }

    pub(super) fn not_settable(path: &dyn fmt::Display) -> Self {
        Self::new(
            path,
            "not_settable",
            json!({}),
            "a comparison cannot set this: only what leaves the data and the initial weights alone".into(),
        )
    }
}

fn suggest(params: &mut Value, message: &mut String, suggestion: Option<&str>) {
    if let Some(suggestion) = suggestion {
        params["suggestion"] = suggestion.into();
        message.push_str(&format!("; did you mean \"{suggestion}\"?"));
    }
}

/// The one of `options` that `got` probably means: at most a third of its letters differ.
pub(super) fn closest<'a>(got: &str, options: &[&'a str]) -> Option<&'a str> {
    if got.len() > limits::NAME {
        return None;
    }
    let near = |option: &&'a str| (distance(got, option), *option);
    let (far, option) = options.iter().map(near).min_by_key(|(far, _)| *far)?;
    (far <= 1 + option.len() / 4 && far < option.len()).then_some(option)
}

/// The Levenshtein distance, whatever the case.
fn distance(a: &str, b: &str) -> usize {
    let letters = |text: &str| text.chars().map(|c| c.to_ascii_lowercase()).collect::<Vec<_>>();
    let (a, b) = (letters(a), letters(b));
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = diagonal + usize::from(x != y);
            diagonal = row[j + 1];
            row[j + 1] = change.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[b.len()]
}
