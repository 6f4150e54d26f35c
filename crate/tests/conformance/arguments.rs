//! PyTorch's keyword arguments of a case. One that the operator does not ask for is an error.

use super::{dtype, tensor};
use gradus::backend::Device;
use gradus::error::{Error, Result};
use gradus::nn::functional::Reduction;
use gradus::tensor::{Operand, Tensor};
use serde_json::Value;
use std::cell::RefCell;
use std::collections::BTreeSet;

pub struct Arguments<'a> {
    values: &'a Value,
    device: Device,
    asked: RefCell<BTreeSet<String>>,
}

/// A number as arithmetic takes it: an integer where the file has one.
pub fn number(value: &Value) -> Result<Operand<'static>> {
    match value {
        Value::Bool(b) => Ok(Operand::Int(i64::from(*b))),
        Value::Number(n) if n.is_i64() => Ok(Operand::Int(n.as_i64().unwrap_or(0))),
        value => float(value).map(Operand::Float),
    }
}

fn float(value: &Value) -> Result<f64> {
    let number = match value {
        Value::Bool(b) => Some(f64::from(u8::from(*b))),
        Value::String(text) => text.parse().ok(),
        value => value.as_f64(),
    };
    number.ok_or_else(|| Error::Value(format!("{value} is not a number")))
}

fn integer(value: &Value) -> Result<isize> {
    let number = value.as_i64().and_then(|n| isize::try_from(n).ok());
    number.ok_or_else(|| Error::Value(format!("{value} is not an integer")))
}

fn text(value: &Value) -> Result<String> {
    value.as_str().map(String::from).ok_or_else(|| Error::Value(format!("{value} is not a text")))
}

impl<'a> Arguments<'a> {
    pub fn new(device: Device, values: &'a Value) -> Arguments<'a> {
        Arguments { values, device, asked: RefCell::default() }
    }

    /// An error that names an argument which nobody has asked for.
    pub fn all_asked(&self) -> Result<()> {
        let asked = self.asked.borrow();
        let names = self.values.as_object().into_iter().flat_map(|o| o.keys());
        match names.into_iter().find(|name| !asked.contains(*name)) {
            Some(name) => Err(Error::Value(format!("the runner does not know the argument {name}"))),
            None => Ok(()),
        }
    }

    /// None where it is absent or null.
    pub fn get(&self, name: &str) -> Option<&'a Value> {
        self.asked.borrow_mut().insert(name.to_string());
        self.values.get(name).filter(|v| !v.is_null())
    }

    fn read<T>(&self, name: &str, default: T, as_: impl Fn(&Value) -> Result<T>) -> Result<T> {
        self.get(name).map_or(Ok(default), as_)
    }

    pub fn number(&self, name: &str, default: f64) -> Result<f64> {
        self.read(name, default, float)
    }

    pub fn operand(&self, name: &str) -> Result<Option<Operand<'static>>> {
        self.get(name).map(number).transpose()
    }

    pub fn integer(&self, name: &str, default: isize) -> Result<isize> {
        self.read(name, default, integer)
    }

    pub fn optional(&self, name: &str) -> Result<Option<isize>> {
        self.get(name).map(integer).transpose()
    }

    pub fn flag(&self, name: &str, default: bool) -> Result<bool> {
        self.read(name, default, |v| v.as_bool().ok_or_else(|| Error::Value(format!("{v} is not a bool"))))
    }

    pub fn text(&self, name: &str, default: &str) -> Result<String> {
        self.read(name, default.to_string(), text)
    }

    /// One integer or a list of them; none where it is absent.
    pub fn integers(&self, name: &str) -> Result<Vec<isize>> {
        match self.get(name) {
            Some(Value::Array(list)) => list.iter().map(integer).collect(),
            Some(value) => Ok(vec![integer(value)?]),
            None => Ok(Vec::new()),
        }
    }

    pub fn sizes(&self, name: &str) -> Result<Vec<usize>> {
        let size = |n| usize::try_from(n).map_err(|_| Error::Value(format!("{name}: {n} is negative")));
        self.integers(name)?.into_iter().map(size).collect()
    }

    /// One number for both directions, or a pair.
    pub fn pair(&self, name: &str, default: (usize, usize)) -> Result<(usize, usize)> {
        match *self.sizes(name)? {
            [] => Ok(default),
            [both] => Ok((both, both)),
            [vertical, horizontal] => Ok((vertical, horizontal)),
            _ => Err(Error::Value(format!("{name} has more than two numbers"))),
        }
    }

    /// A tensor that is given by name, or else by place.
    pub fn tensor(&self, name: &str, place: Option<&Tensor>) -> Result<Option<Tensor>> {
        match self.get(name) {
            Some(value) => tensor(value).map_err(Error::Value)?.to_device(self.device).map(Some),
            None => Ok(place.cloned()),
        }
    }

    /// The input in the dtype of the argument `dtype`: PyTorch casts before it computes.
    pub fn cast(&self, x: &Tensor) -> Result<Tensor> {
        match self.get("dtype") {
            Some(name) => x.to(dtype(name).map_err(Error::Value)?),
            None => Ok(x.clone()),
        }
    }

    pub fn reduction(&self) -> Result<Reduction> {
        Ok(match self.text("reduction", "mean")?.as_str() {
            "none" => Reduction::None,
            "sum" => Reduction::Sum,
            "batchmean" => Reduction::BatchMean,
            "mean" => Reduction::Mean,
            other => return Err(Error::Value(format!("{other} is not a valid value for reduction"))),
        })
    }
}
