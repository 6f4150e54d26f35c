//! JSON text to values. `serde_json`'s own parser is not used here for three reasons. Without its
//! `float_roundtrip` it may miss the nearest double by one bit, and a shared link must give the same
//! curve to the last. It lets the later of two equal keys win without a word. And its bound on depth
//! suits native stacks, not wasm's.

use serde_json::{Map, Number, Value};

use super::{
    decimal, limits,
    problem::{Problem, Reason, quoted},
};

/// Reads `text`, which must be one JSON value of at most [`limits::TEXT`] bytes.
pub(super) fn parse(text: &str) -> Result<Value, Problem> {
    if text.len() > limits::TEXT {
        return Err(Problem::too_large(&"document", "bytes", limits::TEXT as u64, text.len() as u64));
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut parser = Parser { text, at: 0 };
    let value = parser.value(0).and_then(|value| {
        parser.space();
        if parser.at < text.len() {
            Err(Reason::new("after_end", "something after its end"))
        } else {
            Ok(value)
        }
    });
    value.map_err(|reason| {
        let mut at = parser.at.min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        let before = &text[..at];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
        Problem::bad_json(&reason, line, column)
    })
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
}

type Parsed<T> = Result<T, Reason>;

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\n' | b'\r' | b'\t')) {
            self.at += 1;
        }
    }

    /// Steps over `byte`, if it is next.
    fn eat(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn value(&mut self, depth: usize) -> Parsed<Value> {
        self.space();
        match self.peek() {
            Some(b'{' | b'[') if depth == limits::DEPTH => Err(Reason::new("too_deep", "nested too deeply")),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b'"') => self.string().map(Value::String),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(_) => {
                let words = [("null", Value::Null), ("true", true.into()), ("false", false.into())];
                for (word, value) in words {
                    if self.text.as_bytes()[self.at..].starts_with(word.as_bytes()) {
                        self.at += word.len();
                        return Ok(value);
                    }
                }
                Err(Reason::new("no_value", "expected a value"))
            }
            None => Err(Reason::new("ends_early", "it ends too early")),
        }
    }

    fn array(&mut self, depth: usize) -> Parsed<Value> {
        self.at += 1;
        let mut items = Vec::new();
        self.space();
        if self.eat(b']') {
            return Ok(items.into());
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            if self.eat(b']') {
                return Ok(items.into());
            }
            if !self.eat(b',') {
                return Err(Reason::new("array_goes_on", "expected a comma or ]"));
            }
        }
    }

    fn object(&mut self, depth: usize) -> Parsed<Value> {
        self.at += 1;
        let mut fields = Map::new();
        self.space();
        if self.eat(b'}') {
            return Ok(fields.into());
        }
        loop {
            self.space();
            if self.peek() != Some(b'"') {
                return Err(Reason::new("no_name", "expected a field's name in quotes"));
            }
            let name = self.string()?;
            self.space();
            if !self.eat(b':') {
                return Err(Reason::new("no_colon", "expected a colon"));
            }
            if fields.contains_key(&name) {
                return Err(Reason::naming(
                    "twice",
                    &name,
                    format!("the field {} is there twice", quoted(&name)),
                ));
            }
            let value = self.value(depth + 1)?;
            fields.insert(name, value);
            self.space();
            if self.eat(b'}') {
                return Ok(fields.into());
            }
            if !self.eat(b',') {
                return Err(Reason::new("object_goes_on", "expected a comma or }"));
            }
        }
    }

    fn digits(&mut self) -> Parsed<()> {
        let start = self.at;
        while matches!(self.peek(), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        if self.at == start { Err(Reason::new("no_digit", "expected a digit")) } else { Ok(()) }
    }

    fn number(&mut self) -> Parsed<Value> {
        let start = self.at;
        self.eat(b'-');
        if !self.eat(b'0') {
            self.digits()?;
        }
        let whole = !matches!(self.peek(), Some(b'.' | b'e' | b'E'));
        if self.eat(b'.') {
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            if !self.eat(b'+') {
                self.eat(b'-');
            }
            self.digits()?;
        }
        let token = &self.text[start..self.at];
        if whole
            && token != "-0"
            && let Ok(value) = token.parse::<i64>()
        {
            return Ok(value.into());
        }
        let value = Number::from_f64(decimal::nearest(token));
        value.map(Value::Number).ok_or_else(|| Reason::new("large_number", "a number too large for a double"))
    }

    fn string(&mut self) -> Parsed<String> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let start = self.at;
            while !matches!(self.peek(), None | Some(b'"' | b'\\' | 0..=31)) {
                self.at += 1;
            }
            text.push_str(&self.text[start..self.at]);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(text);
                }
                Some(b'\\') => {
                    self.at += 1;
                    text.push(self.escape()?);
                }
                Some(_) => return Err(Reason::new("control_character", "a control character within text")),
                None => return Err(Reason::new("open_text", "text that does not end")),
            }
        }
    }

    fn escape(&mut self) -> Parsed<char> {
        let escape = self.peek();
        self.at += 1;
        Ok(match escape {
            Some(plain @ (b'"' | b'\\' | b'/')) => plain.into(),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => {
                let first = self.hex()?;
                let code = match first {
                    0xd800..=0xdbff if self.eat(b'\\') && self.eat(b'u') => {
                        let second = self.hex()?;
                        // Out of the low surrogates' range this is no scalar value: refused below.
                        let low = second.wrapping_sub(0xdc00);
                        if low < 0x400 { 0x10000 + ((first - 0xd800) << 10) + low } else { first }
                    }
                    _ => first,
                };
                char::from_u32(code).ok_or_else(|| Reason::new("half_pair", "half of a surrogate pair"))?
            }
            _ => return Err(Reason::new("unknown_escape", "an unknown escape")),
        })
    }

    fn hex(&mut self) -> Parsed<u32> {
        let mut code = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            code =
                code * 16 + digit.ok_or_else(|| Reason::new("no_hex", "expected four hexadecimal digits"))?;
            self.at += 1;
        }
        Ok(code)
    }
}
