//! JSON whose fields keep their order, and its text.

use serde_json::Value;

use super::problem::{number, tidy};

/// A JSON value to be written. Borrows what it can: tables are large.
pub(super) enum Node<'a> {
    Null,
    Bool(bool),
    Number(f64),
    Text(&'a str),
    /// An array of numbers; stays on one line.
    Numbers(&'a [f64]),
    List(Vec<Node<'a>>),
    Object(Vec<(&'a str, Node<'a>)>),
}

/// What fits on a line of the pretty form.
const LINE: usize = 100;

impl<'a> Node<'a> {
    /// The same as `value`, fields in alphabetical order.
    pub(super) fn of(value: &'a Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(value) => Self::Number(value.as_f64().unwrap_or(0.0)),
            Value::String(text) => Self::Text(text),
            Value::Array(values) => Self::List(values.iter().map(Self::of).collect()),
            Value::Object(fields) => {
                // serde_json's map is in that order already.
                let fields: Vec<_> = fields.iter().map(|(name, value)| (&**name, Self::of(value))).collect();
                debug_assert!(fields.is_sorted_by_key(|(name, _)| *name));
                Self::Object(fields)
            }
        }
    }

    pub(super) fn value(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Number(value) => tidy(*value),
            Self::Text(text) => (*text).into(),
            Self::Numbers(values) => values.iter().copied().map(tidy).collect(),
            Self::List(values) => values.iter().map(Self::value).collect(),
            Self::Object(fields) => {
                // One by one: collecting would sort first, with code of its own.
                let mut object = serde_json::Map::new();
                for (name, value) in fields {
                    object.insert(String::from(*name), value.value());
                }
                Value::Object(object)
            }
        }
    }

    /// On one line, without a space.
    pub(super) fn compact(&self) -> String {
        let mut text = String::new();
        self.line(&mut text, ["", ":", ","]);
        text
    }

    /// One line for what fits on one, otherwise a line for each field and item; ends with a newline.
    pub(super) fn pretty(&self) -> String {
        let mut text = String::new();
        self.lay_out(&mut text, 0, 0);
        text.push('\n');
        text
    }

    /// On one line: what is within an object's braces, after a colon, after a comma.
    fn line(&self, text: &mut String, space: [&str; 3]) {
        let [brace, colon, comma] = space;
        match self {
            Self::Null => text.push_str("null"),
            Self::Bool(value) => text.push_str(if *value { "true" } else { "false" }),
            Self::Number(value) => text.push_str(&number(*value)),
            Self::Text(value) => quote(value, text),
            Self::Numbers(values) => {
                text.push('[');
                for (index, value) in values.iter().enumerate() {
                    text.push_str(if index > 0 { comma } else { "" });
                    text.push_str(&number(*value));
                }
                text.push(']');
            }
            Self::List(values) => {
                text.push('[');
                for (index, value) in values.iter().enumerate() {
                    text.push_str(if index > 0 { comma } else { "" });
                    value.line(text, space);
                }
                text.push(']');
            }
            Self::Object(fields) if fields.is_empty() => text.push_str("{}"),
            Self::Object(fields) => {
                text.push('{');
                text.push_str(brace);
                for (index, (name, value)) in fields.iter().enumerate() {
                    text.push_str(if index > 0 { comma } else { "" });
                    quote(name, text);
                    text.push_str(colon);
                    value.line(text, space);
                }
                text.push_str(brace);
                text.push('}');
            }
        }
    }

    /// `before` is what stands on the line already.
    fn lay_out(&self, text: &mut String, indent: usize, before: usize) {
        let is_root = text.is_empty();
        if matches!(self, Self::Numbers(_)) || !is_root && self.least() + before <= LINE {
            let start = text.len();
            self.line(text, [" ", ": ", ", "]);
            let is_leaf = !matches!(self, Self::List(_) | Self::Object(_));
            if is_leaf || text.len() - start + before <= LINE {
                return;
            }
            text.truncate(start);
        }
        let inner = indent + 2;
        let (open, close) = if matches!(self, Self::List(_)) { ("[", "]") } else { ("{", "}") };
        text.push_str(open);
        let next = |text: &mut String, index: usize| {
            text.push_str(if index > 0 { ",\n" } else { "\n" });
            text.extend(std::iter::repeat_n(' ', inner));
        };
        match self {
            Self::List(values) => {
                for (index, value) in values.iter().enumerate() {
                    next(text, index);
                    value.lay_out(text, inner, inner);
                }
            }
            Self::Object(fields) => {
                for (index, (name, value)) in fields.iter().enumerate() {
                    next(text, index);
                    let start = text.len();
                    quote(name, text);
                    text.push_str(": ");
                    value.lay_out(text, inner, inner + text.len() - start);
                }
            }
            leaf => return leaf.line(text, ["", ":", ","]),
        }
        text.push('\n');
        text.extend(std::iter::repeat_n(' ', indent));
        text.push_str(close);
    }

    /// A lower bound of the characters on one line, cheap for large tables.
    fn least(&self) -> usize {
        match self {
            Self::Numbers(values) => 2 * values.len(),
            Self::List(values) if values.len() > LINE => values.len(),
            Self::List(values) => values.iter().map(|value| value.least() + 1).sum(),
            Self::Object(fields) => fields.iter().map(|(name, value)| name.len() + value.least() + 4).sum(),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) => 1,
        }
    }
}

/// `value` in quotes, escaped as little as JSON allows.
fn quote(value: &str, text: &mut String) {
    text.push('"');
    for c in value.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            c if c < ' ' => text.push_str(&format!("\\u{:04x}", c as u32)),
            c => text.push(c),
        }
    }
    text.push('"');
}
