//! The part of Python's pickle format, protocol 2, that state dicts are made of. Nothing is run: a call in
//! the file becomes a [`Value::Call`] to be looked at.

use crate::error::{Error, Result};
use std::collections::BTreeMap;

/// More values than any state dict has (about fifteen per tensor): a pickle of one-byte instructions
/// would otherwise take forty times its length in memory.
const MAX_VALUES: usize = 1 << 20;

/// The place of a value in [`Pickle`]. Values hold places, not values, so that depth is no recursion.
pub(super) type Id = u32;

/// What a pickle makes.
#[derive(Debug)]
pub(super) enum Value<'a> {
    /// `None`
    None,
    /// `True` or `False`
    Bool(bool),
    /// An int
    Int(i64),
    /// A float: nothing reads its value
    Float,
    /// A str
    Text(&'a str),
    /// A tuple
    Tuple(Vec<Id>),
    /// A list
    List(Vec<Id>),
    /// A dict or an OrderedDict
    Dict(Vec<(Id, Id)>),
    /// A function or class: `module\nname`
    Global(&'a str),
    /// A call that was not made: the function and its arguments
    Call(Id, Id),
    /// A reference to something outside the pickle
    Persistent(Id),
}

/// The values of a pickle.
pub(super) struct Pickle<'a> {
    values: Vec<Value<'a>>,
}

impl<'a> Pickle<'a> {
    /// The value at a place.
    pub(super) fn get(&self, id: Id) -> &Value<'a> {
        &self.values[id as usize]
    }

    /// Reads the pickle; the second result is its outermost value.
    ///
    /// # Errors
    /// At the first instruction that a state dict does not have, with its place.
    pub(super) fn read(bytes: &'a [u8]) -> Result<(Pickle<'a>, Id)> {
        let mut machine = Machine {
            bytes,
            at: 0,
            values: Vec::new(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: BTreeMap::new(),
        };
        loop {
            let start = machine.at;
            match machine.step() {
                Ok(None) => {}
                Ok(Some(id)) => return Ok((Pickle { values: machine.values }, id)),
                Err(what) => return Err(Error::File(format!("data.pkl, byte {start}: {what}"))),
            }
        }
    }
}

/// What is wrong with an instruction; its place is added by [`Pickle::read`].
type Step<T> = std::result::Result<T, String>;

struct Machine<'a> {
    bytes: &'a [u8],
    at: usize,
    values: Vec<Value<'a>>,
    stack: Vec<Id>,
    /// Lengths of the stack where a MARK was set
    marks: Vec<usize>,
    memo: BTreeMap<u32, Id>,
}

impl<'a> Machine<'a> {
    /// One instruction; the result after the last.
    fn step(&mut self) -> Step<Option<Id>> {
        let [opcode] = self.read()?;
        match opcode {
            b'\x80' => match self.read()? {
                [2] => {}
                [n] => return Err(format!("pickle protocol {n}; torch.save writes protocol 2")),
            },
            b'N' => self.push(Value::None)?,
            b'\x88' => self.push(Value::Bool(true))?,
            b'\x89' => self.push(Value::Bool(false))?,
            b'K' => {
                let [n] = self.read()?;
                self.push(Value::Int(n.into()))?;
            }
            b'M' => {
                let n = u16::from_le_bytes(self.read()?);
                self.push(Value::Int(n.into()))?;
            }
            b'J' => {
                let n = i32::from_le_bytes(self.read()?);
                self.push(Value::Int(n.into()))?;
            }
            b'\x8a' => self.long()?,
            b'G' => {
                let _: [u8; 8] = self.read()?;
                self.push(Value::Float)?;
            }
            b'X' => {
                let len = u32::from_le_bytes(self.read()?);
                let text = self.text(len as usize)?;
                self.push(Value::Text(text))?;
            }
            b'c' => self.global()?,
            b'(' => self.marks.push(self.stack.len()),
            b')' => self.push(Value::Tuple(Vec::new()))?,
            b']' => self.push(Value::List(Vec::new()))?,
            b'}' => self.push(Value::Dict(Vec::new()))?,
            b't' => {
                let items = self.pop_to_mark()?;
                self.push(Value::Tuple(items))?;
            }
            b'\x85'..=b'\x87' => {
                let mut items = vec![0; usize::from(opcode - 0x84)];
                for item in items.iter_mut().rev() {
                    *item = self.pop()?;
                }
                self.push(Value::Tuple(items))?;
            }
            b'a' => {
                let item = self.pop()?;
                self.append(vec![item])?;
            }
            b'e' => {
                let items = self.pop_to_mark()?;
                self.append(items)?;
            }
            b's' => {
                let (value, key) = (self.pop()?, self.pop()?);
                self.set_items(&[key, value])?;
            }
            b'u' => {
                let items = self.pop_to_mark()?;
                self.set_items(&items)?;
            }
            b'q' => {
                let [n] = self.read()?;
                self.put(n.into())?;
            }
            b'r' => {
                let n = u32::from_le_bytes(self.read()?);
                self.put(n)?;
            }
            b'h' => {
                let [n] = self.read()?;
                self.recall(n.into())?;
            }
            b'j' => {
                let n = u32::from_le_bytes(self.read()?);
                self.recall(n)?;
            }
            b'R' => self.reduce()?,
            b'Q' => {
                let id = self.pop()?;
                self.push(Value::Persistent(id))?;
            }
            b'b' => {
                // An OrderedDict's attributes: `_metadata`, the versions of the layers.
                self.pop()?;
                let id = self.top()?;
                if !matches!(self.values[id as usize], Value::Dict(_)) {
                    return Err("attributes are set on something other than a dict".into());
                }
            }
            b'.' => return self.pop().map(Some),
            other => return Err(format!("instruction {other:#04x} is none that a state dict needs")),
        }
        Ok(None)
    }

    fn read<const N: usize>(&mut self) -> Step<[u8; N]> {
        let found = self.bytes[self.at..].first_chunk().copied().ok_or("the pickle ends too early")?;
        self.at += N;
        Ok(found)
    }

    fn text(&mut self, len: usize) -> Step<&'a str> {
        let text = self.bytes[self.at..].get(..len).ok_or("a text reaches beyond the end")?;
        self.at += len;
        str::from_utf8(text).map_err(|_| "a text that is not UTF-8".into())
    }

    fn push(&mut self, value: Value<'a>) -> Step<()> {
        if self.values.len() == MAX_VALUES {
            return Err(format!("more than {MAX_VALUES} values"));
        }
        self.stack.push(self.values.len() as Id);
        self.values.push(value);
        Ok(())
    }

    fn top(&self) -> Step<Id> {
        let floor = self.marks.last().copied().unwrap_or(0);
        self.stack[floor..].last().copied().ok_or_else(|| "the stack is empty".into())
    }

    fn pop(&mut self) -> Step<Id> {
        let id = self.top()?;
        self.stack.pop();
        Ok(id)
    }

    fn pop_to_mark(&mut self) -> Step<Vec<Id>> {
        let mark = self.marks.pop().ok_or("no mark was set")?;
        Ok(self.stack.split_off(mark))
    }

    fn put(&mut self, key: u32) -> Step<()> {
        let id = self.top()?;
        self.memo.insert(key, id);
        Ok(())
    }

    fn recall(&mut self, key: u32) -> Step<()> {
        let id = self.memo.get(&key).ok_or_else(|| format!("nothing was remembered as {key}"))?;
        self.stack.push(*id);
        Ok(())
    }

    /// An int of up to eight bytes, two's complement.
    fn long(&mut self) -> Step<()> {
        let [len] = self.read()?;
        let len = usize::from(len);
        let digits = self.bytes[self.at..].get(..len).ok_or("an int reaches beyond the end")?;
        self.at += len;
        if len > 8 {
            return Err(format!("an int of {len} bytes"));
        }
        let sign = if digits.last().is_some_and(|&b| b >= 0x80) { 0xff } else { 0 };
        let mut bytes = [sign; 8];
        bytes[..len].copy_from_slice(digits);
        self.push(Value::Int(i64::from_le_bytes(bytes)))
    }

    /// A name: two lines. Only names that torch.save uses for tensors pass.
    fn global(&mut self) -> Step<()> {
        let rest = &self.bytes[self.at..];
        let lines = rest.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(i, _)| i);
        let end = lines.take(2).nth(1).ok_or("a name without an end")?;
        let name = self.text(end)?;
        self.at += 1;
        match name.split_once('\n') {
            Some(("collections", "OrderedDict")) => {}
            Some(("torch" | "torch._utils" | "torch.storage" | "torch.serialization", _)) => {}
            _ => {
                return Err(format!(
                    "the file holds an object that needs {:?}; only state dicts can be read: \
                     torch.save(model.state_dict(), file)",
                    name.replace('\n', ".").chars().take(100).collect::<String>()
                ));
            }
        }
        self.push(Value::Global(name))
    }

    fn reduce(&mut self) -> Step<()> {
        let (arguments, function) = (self.pop()?, self.pop()?);
        match (&self.values[function as usize], &self.values[arguments as usize]) {
            (Value::Global("collections\nOrderedDict"), Value::Tuple(none)) if none.is_empty() => {
                self.push(Value::Dict(Vec::new()))
            }
            (Value::Global(_), Value::Tuple(_)) => self.push(Value::Call(function, arguments)),
            _ => Err("a call of something that is not a function".into()),
        }
    }

    fn append(&mut self, items: Vec<Id>) -> Step<()> {
        let id = self.top()?;
        let Value::List(list) = &mut self.values[id as usize] else {
            return Err("items are appended to something other than a list".into());
        };
        list.extend(items);
        Ok(())
    }

    fn set_items(&mut self, items: &[Id]) -> Step<()> {
        let id = self.top()?;
        let Value::Dict(dict) = &mut self.values[id as usize] else {
            return Err("items are set in something other than a dict".into());
        };
        let (pairs, rest) = items.as_chunks();
        if !rest.is_empty() {
            return Err("a key without a value".into());
        }
        dict.extend(pairs.iter().map(|&[key, value]| (key, value)));
        Ok(())
    }
}
