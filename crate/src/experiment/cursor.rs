//! A place in a document, and reading typed values from it.
//!
//! Serde's internally tagged enums lose the path of what is wrong, and stop at the first problem.
//! Here every read knows its place, notes what is wrong with it, and goes on with a stand-in.

use std::fmt;

use serde_json::{Map, Value};

use super::problem::{Problem, Problems, Range, closest};

/// A path from the root. A linked list on the stack: a million cells cost no allocation.
#[derive(Debug, Clone, Copy)]
pub(super) enum Path<'a> {
    /// The document itself.
    Root,
    /// `.name`
    Field(&'a Path<'a>, &'a str),
    /// `[0]`
    Index(&'a Path<'a>, usize),
    /// `["optimizer.lr"]`
    Key(&'a Path<'a>, &'a str),
}

impl Path<'_> {
    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Field(Path::Root, name) => f.write_str(name),
            Self::Field(parent, name) => {
                parent.write(f)?;
                write!(f, ".{name}")
            }
            Self::Index(parent, index) => {
                parent.write(f)?;
                write!(f, "[{index}]")
            }
            Self::Key(parent, key) => {
                parent.write(f)?;
                write!(f, "[\"{key}\"]")
            }
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if matches!(self, Self::Root) { f.write_str("document") } else { self.write(f) }
    }
}

/// The array at `path`.
pub(super) fn array<'v>(value: &'v Value, path: &Path<'_>, problems: &mut Problems) -> Option<&'v [Value]> {
    let array = value.as_array();
    if array.is_none() {
        problems.push(Problem::wrong_type(path, "array", &value.into()));
    }
    array.map(Vec::as_slice)
}

/// The number at `path`, within `range`.
pub(super) fn number(value: &Value, path: &Path<'_>, range: Range, problems: &mut Problems) -> Option<f64> {
    let Some(number) = value.as_f64() else {
        problems.push(Problem::wrong_type(path, "number", &value.into()));
        return None;
    };
    range.check(number, path).map_err(|problem| problems.push(problem)).ok().map(|()| number)
}

/// The whole number at `path`, `min` to `max`; `8.0` is one, `8.5` is not.
pub(super) fn integer(
    value: &Value,
    path: &Path<'_>,
    (min, max): (u64, u64),
    problems: &mut Problems,
) -> Option<u64> {
    match value.as_f64() {
        Some(number) if number.fract() == 0.0 => {
            let range = Range::Closed(min as f64, max as f64);
            let fits = range.check(number, path).map_err(|problem| problems.push(problem));
            // Exact: the bounds are below 2^53.
            fits.ok().map(|()| number as u64)
        }
        _ => {
            problems.push(Problem::wrong_type(path, "integer", &value.into()));
            None
        }
    }
}

/// The text at `path`, of at most `max` characters.
pub(super) fn text(value: &Value, path: &Path<'_>, max: usize, problems: &mut Problems) -> Option<String> {
    let Some(text) = value.as_str() else {
        problems.push(Problem::wrong_type(path, "text", &value.into()));
        return None;
    };
    let length = text.chars().count();
    if length > max {
        problems.push(Problem::too_long(path, max, length));
        return None;
    }
    Some(text.into())
}

/// Which of `options` the text at `path` is.
pub(super) fn choice(
    value: &Value,
    path: &Path<'_>,
    options: &[&str],
    problems: &mut Problems,
) -> Option<usize> {
    let Some(text) = value.as_str() else {
        problems.push(Problem::wrong_type(path, "text", &value.into()));
        return None;
    };
    let index = options.iter().position(|option| *option == text);
    if index.is_none() {
        problems.push(Problem::not_one_of(path, options, text, closest(text, options)));
    }
    index
}

/// An object whose fields are being read.
///
/// The getters take a default, or `None` where the field is required. What is missing or wrong is
/// noted, and the default, or zero, stands in.
#[derive(Clone, Copy)]
pub(super) struct Fields<'a> {
    fields: &'a Map<String, Value>,
    path: &'a Path<'a>,
}

impl<'a> Fields<'a> {
    /// The object at `path`.
    pub(super) fn open(value: &'a Value, path: &'a Path<'a>, problems: &mut Problems) -> Option<Self> {
        let Some(fields) = value.as_object() else {
            problems.push(Problem::wrong_type(path, "object", &value.into()));
            return None;
        };
        Some(Self { fields, path })
    }

    /// Notes the fields that are not `known`.
    pub(super) fn only(&self, known: &[&str], problems: &mut Problems) {
        for name in self.fields.keys().filter(|name| !known.contains(&name.as_str())) {
            if problems.is_full() {
                break;
            }
            // A suggestion that is there already would not help.
            let free: Vec<&str> =
                known.iter().copied().filter(|known| !self.fields.contains_key(*known)).collect();
            let shown: String = name.chars().take(40).collect();
            let path = Path::Field(self.path, &shown);
            problems.push(Problem::unknown_field(&path, name, closest(name, &free)));
        }
    }

    /// The field as it is.
    pub(super) fn get(&self, name: &str) -> Option<&'a Value> {
        self.fields.get(name)
    }

    /// The field's path.
    pub(super) fn at<'n>(&'n self, name: &'n str) -> Path<'n> {
        Path::Field(self.path, name)
    }

    /// The field as it is, noted where it is missing.
    pub(super) fn required(&self, name: &str, problems: &mut Problems) -> Option<&'a Value> {
        let value = self.get(name);
        if value.is_none() {
            problems.push(Problem::required(&self.at(name)));
        }
        value
    }

    /// A number within `range`.
    pub(super) fn number(
        &self,
        name: &str,
        range: Range,
        default: Option<f64>,
        problems: &mut Problems,
    ) -> f64 {
        let value = match default {
            Some(default) if self.get(name).is_none() => return default,
            _ => self.required(name, problems),
        };
        let read = value.and_then(|value| number(value, &self.at(name), range, problems));
        read.or(default).unwrap_or(0.0)
    }

    /// A whole number, `min` to `max`.
    pub(super) fn integer(
        &self,
        name: &str,
        bounds: (u64, u64),
        default: Option<u64>,
        problems: &mut Problems,
    ) -> u64 {
        let value = match default {
            Some(default) if self.get(name).is_none() => return default,
            _ => self.required(name, problems),
        };
        let read = value.and_then(|value| integer(value, &self.at(name), bounds, problems));
        read.or(default).unwrap_or(bounds.0)
    }

    /// A whole number, `min` to `max` of which is at most `u32::MAX`.
    pub(super) fn small(
        &self,
        name: &str,
        bounds: (u64, u64),
        default: Option<u32>,
        problems: &mut Problems,
    ) -> u32 {
        self.integer(name, bounds, default.map(u64::from), problems) as u32
    }

    /// True or false.
    pub(super) fn boolean(&self, name: &str, default: bool, problems: &mut Problems) -> bool {
        match self.get(name) {
            None => default,
            Some(Value::Bool(value)) => *value,
            Some(value) => {
                let path = self.at(name);
                problems.push(Problem::wrong_type(&path, "boolean", &value.into()));
                default
            }
        }
    }

    /// The required field that names one of `options`: `type`, `kind`, `name`.
    pub(super) fn tag(&self, name: &str, options: &[&str], problems: &mut Problems) -> Option<usize> {
        let value = self.required(name, problems)?;
        choice(value, &self.at(name), options, problems)
    }
}
