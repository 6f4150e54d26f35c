//! Numbers in nested lists, as `torch.tensor` takes them: from Rust arrays, from text as Python has it, and
//! from JSON.

use super::Tensor;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::list::MAX_DIMS;
use crate::shape::Dims;
use std::str::FromStr;

/// A number, or a list of such.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// True or False
    Bool(bool),
    /// A whole number
    Int(i64),
    /// A number with a point or an exponent
    Float(f64),
    /// Any of these in a row
    List(Vec<Literal>),
}

macro_rules! numbers {
    ($($t:ty => $variant:ident),+) => {
        $(impl From<$t> for Literal {
            fn from(value: $t) -> Literal {
                Literal::$variant(value.into())
            }
        })+
    };
}
numbers!(bool => Bool, i32 => Int, i64 => Int, f32 => Float, f64 => Float);

impl<T: Into<Literal>> From<Vec<T>> for Literal {
    fn from(list: Vec<T>) -> Literal {
        Literal::List(list.into_iter().map(Into::into).collect())
    }
}

impl<T: Into<Literal> + Clone> From<&[T]> for Literal {
    fn from(list: &[T]) -> Literal {
        list.to_vec().into()
    }
}

impl<T: Into<Literal>, const N: usize> From<[T; N]> for Literal {
    fn from(list: [T; N]) -> Literal {
        Vec::from(list).into()
    }
}

impl Literal {
    /// From a JSON value of numbers, bools and lists.
    ///
    /// # Errors
    /// For anything else, and for whole numbers beyond 64 bits.
    pub fn from_json(value: &serde_json::Value) -> Result<Literal> {
        Ok(match value {
            serde_json::Value::Bool(b) => Literal::Bool(*b),
            serde_json::Value::Number(n) => match (n.as_i64(), n.as_f64()) {
                (Some(n), _) => Literal::Int(n),
                (None, Some(x)) if n.is_f64() => Literal::Float(x),
                _ => return Err(overflow()),
            },
            serde_json::Value::Array(list) => {
                Literal::List(list.iter().map(Literal::from_json).collect::<Result<_>>()?)
            }
            serde_json::Value::Null => return Err(no_dtype("NoneType")),
            serde_json::Value::String(_) => return Err(Error::Value("too many dimensions 'str'".into())),
            serde_json::Value::Object(_) => return Err(no_dtype("dict")),
        })
    }

    /// The tensor of these numbers: of bools if all are, of whole numbers if no fraction is among them, else
    /// of the default dtype, f32; or of a given dtype.
    ///
    /// # Errors
    /// When lists that stand side by side differ in length, or nest deeper than a tensor has dimensions.
    pub fn to_tensor(&self, dtype: Option<DType>) -> Result<Tensor> {
        // The first of each level tells the sizes, as in PyTorch.
        let mut dims = Dims::new();
        let mut first = Some(self);
        while let Some(Literal::List(list)) = first {
            if dims.len() == MAX_DIMS {
                return Err(Error::Value(format!("a tensor has at most {MAX_DIMS} dimensions")));
            }
            dims.push(list.len());
            first = list.first();
        }
        let mut values = Vec::new();
        let mut found = None;
        self.collect(&dims, 0, &mut values, &mut found)?;
        let dtype = dtype.or(found).unwrap_or(DType::F32);
        // Whole numbers keep all of their digits.
        if dtype == DType::I64 || dtype == DType::Bool {
            let whole = |literal: &&Literal| match literal {
                Literal::Int(n) => *n,
                Literal::Float(x) if dtype == DType::Bool => i64::from(*x != 0.0),
                other => other.as_f64() as i64,
            };
            return Tensor::from_vec(values.iter().map(whole).collect(), &dims)?.to(dtype);
        }
        Tensor::from_vec(values.iter().map(|literal| literal.as_f64()).collect(), &dims)?.to(dtype)
    }

    fn collect<'a>(
        &'a self,
        dims: &[usize],
        depth: usize,
        values: &mut Vec<&'a Literal>,
        found: &mut Option<DType>,
    ) -> Result<()> {
        match (self, dims.get(depth)) {
            (Literal::List(list), Some(&size)) if list.len() == size => {
                list.iter().try_for_each(|item| item.collect(dims, depth + 1, values, found))
            }
            (Literal::List(list), Some(size)) => Err(Error::Value(format!(
                "expected sequence of length {size} at dim {depth} (got {})",
                list.len()
            ))),
            (Literal::List(_), None) => {
                Err(Error::Value("'list' object cannot be interpreted as a number".into()))
            }
            (_, Some(_)) => Err(Error::Value("not a sequence".into())),
            (number, None) => {
                let dtype = match number {
                    Literal::Bool(_) => DType::Bool,
                    Literal::Int(_) => DType::I64,
                    _ => DType::F32,
                };
                *found = Some(found.map_or(dtype, |found| found.promote(dtype)));
                values.push(number);
                Ok(())
            }
        }
    }

    fn as_f64(&self) -> f64 {
        match self {
            Literal::Bool(b) => f64::from(u8::from(*b)),
            Literal::Int(n) => *n as f64,
            Literal::Float(x) => *x,
            Literal::List(_) => f64::NAN,
        }
    }
}

fn overflow() -> Error {
    Error::Value("Overflow when unpacking long long".into())
}

fn no_dtype(what: &str) -> Error {
    Error::Value(format!("Could not infer dtype of {what}"))
}

/// Reads Python's and JSON's notation: `[[1, 2.5], [True, -inf]]`, tuples as lists, `_` in numbers, and
/// `nan` and `inf` with or without `float("…")`, `math.` or `torch.` around them.
impl FromStr for Literal {
    type Err = Error;

    fn from_str(text: &str) -> Result<Literal> {
        let mut reader = Reader { rest: text.trim_start() };
        let literal = reader.literal(0)?;
        if reader.rest.is_empty() { Ok(literal) } else { Err(reader.unexpected()) }
    }
}

/// As `torch.tensor(…)` of the text: see [`Literal`].
impl FromStr for Tensor {
    type Err = Error;

    fn from_str(text: &str) -> Result<Tensor> {
        text.parse::<Literal>()?.to_tensor(None)
    }
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn unexpected(&self) -> Error {
        Error::Value(match self.rest.chars().next() {
            Some(c) => format!("invalid syntax: unexpected {c:?}"),
            None => "invalid syntax: unexpected end".into(),
        })
    }

    /// Takes this token, and spaces after it, if it is next.
    fn takes(&mut self, token: &str) -> bool {
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest.trim_start();
                true
            }
            None => false,
        }
    }

    fn literal(&mut self, depth: usize) -> Result<Literal> {
        for (open, close) in [("[", "]"), ("(", ")")] {
            if !self.takes(open) {
                continue;
            }
            if depth == MAX_DIMS {
                return Err(Error::Value(format!("a tensor has at most {MAX_DIMS} dimensions")));
            }
            let mut list = Vec::new();
            let mut comma = true;
            while !self.takes(close) {
                if !comma {
                    return Err(self.unexpected());
                }
                list.push(self.literal(depth + 1)?);
                comma = self.takes(",");
            }
            // A number in parentheses is a number.
            return Ok(match list.len() {
                1 if open == "(" && !comma => list.remove(0),
                _ => Literal::List(list),
            });
        }
        self.number()
    }

    fn number(&mut self) -> Result<Literal> {
        let before = self.rest;
        let negative = self.takes("-");
        if !negative {
            self.takes("+");
        }
        for prefix in ["torch.", "math.", "np."] {
            self.takes(prefix);
        }
        let called = self.takes("float(");
        let quoted = called && (self.takes("\"") || self.takes("'"));
        let inner = if quoted && self.takes("-") { -1.0 } else { 1.0 };
        let end = self
            .rest
            .char_indices()
            .find(|&(at, c)| {
                // A sign belongs to a number after its exponent only.
                let exponent = at > 0 && self.rest[..at].ends_with(['e', 'E']);
                !(c.is_ascii_alphanumeric() || c == '.' || c == '_' || (exponent && (c == '-' || c == '+')))
            })
            .map_or(self.rest.len(), |(at, _)| at);
        let word = self.rest[..end].to_ascii_lowercase();
        let sign = if negative { -inner } else { inner };
        let literal = match word.as_str() {
            "true" if !negative => Literal::Bool(true),
            "false" if !negative => Literal::Bool(false),
            "nan" => Literal::Float(f64::NAN),
            "inf" | "infinity" => Literal::Float(sign * f64::INFINITY),
            word => {
                let digits = word.replace('_', "");
                let starts = digits.starts_with(|c: char| c.is_ascii_digit() || c == '.');
                let whole = starts && digits.chars().all(|c| c.is_ascii_digit());
                let number = digits.parse::<f64>().ok().filter(|_| starts && !word.starts_with('_'));
                match number {
                    Some(_) if whole => {
                        let signed = if sign < 0.0 { format!("-{digits}") } else { digits };
                        Literal::Int(signed.parse().map_err(|_| overflow())?)
                    }
                    Some(number) => Literal::Float(sign * number),
                    None => {
                        self.rest = before;
                        return Err(self.unexpected());
                    }
                }
            }
        };
        self.rest = &self.rest[end..];
        if quoted && !(self.takes("\"") || self.takes("'")) {
            return Err(self.unexpected());
        }
        self.rest = self.rest.trim_start();
        if called && !self.takes(")") {
            return Err(self.unexpected());
        }
        Ok(match literal {
            Literal::Int(n) if called => Literal::Float(n as f64),
            literal => literal,
        })
    }
}
