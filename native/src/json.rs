//! JSON of one record, strictly. What is not certain to be read the same way by the Python definition is `Odd`.

use std::borrow::Cow;

/// Left to Python: not JSON, or JSON that is out of the ordinary.
#[derive(Debug, PartialEq, Eq)]
pub struct Odd;

pub type Read<T> = Result<T, Odd>;

/// The value of a field.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Value<'a> {
    /// Not there, or null, which means the same.
    #[default]
    Missing,
    Text(Cow<'a, str>),
    /// Not negative.
    Integer(i64),
    /// Finite, not negative.
    Float(f64),
    Flag(bool),
    Texts(Vec<Cow<'a, str>>),
    /// One of the texts that a field takes, by its place among them; no parser gives it.
    Choice(usize),
    /// Valid, of a type that no ordinary field has.
    Other,
}

const MAX_DEPTH: u32 = 64;
/// Of an integer: all of them are the same number as a float, too.
const MAX_DIGITS: usize = 15;
/// Of a number with a fraction.
const MAX_NUMBER_BYTES: usize = 24;

/// Reads an object and hands each field to `take`, which says whether it goes on. A name with an escape is `Odd`.
pub fn object<'a>(text: &'a str, mut take: impl FnMut(&'a str, Value<'a>) -> Read<()>) -> Read<()> {
    let mut parser = Parser { text, bytes: text.as_bytes(), at: 0 };
    parser.blanks();
    parser.expect(b'{')?;
    loop {
        parser.blanks();
        let Cow::Borrowed(name) = parser.text()? else { return Err(Odd) };
        parser.colon()?;
        take(name, parser.value(0)?)?;
        if parser.ends(b'}')? {
            break;
        }
    }
    parser.blanks();
    if parser.at == parser.bytes.len() { Ok(()) } else { Err(Odd) }
}

struct Parser<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Parser<'a> {
    fn peek(&self) -> Read<u8> {
        self.bytes.get(self.at).copied().ok_or(Odd)
    }

    fn next(&mut self) -> Read<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Ok(byte)
    }

    fn expect(&mut self, byte: u8) -> Read<()> {
        if self.next()? == byte { Ok(()) } else { Err(Odd) }
    }

    fn slice(&self, from: usize, to: usize) -> Read<&'a str> {
        self.text.get(from..to).ok_or(Odd)
    }

    fn blanks(&mut self) {
        while matches!(self.bytes.get(self.at), Some(b' ' | b'\n' | b'\t' | b'\r')) {
            self.at += 1;
        }
    }

    fn colon(&mut self) -> Read<()> {
        self.blanks();
        self.expect(b':')?;
        self.blanks();
        Ok(())
    }

    /// Behind an element: whether `close` follows it, and not a comma.
    fn ends(&mut self, close: u8) -> Read<bool> {
        self.blanks();
        match self.next()? {
            b',' => Ok(false),
            byte if byte == close => Ok(true),
            _ => Err(Odd),
        }
    }

    fn value(&mut self, depth: u32) -> Read<Value<'a>> {
        if depth > MAX_DEPTH {
            return Err(Odd);
        }
        match self.peek()? {
            b'"' => Ok(Value::Text(self.text()?)),
            b'0'..=b'9' => self.number(),
            b't' => self.word("true", Value::Flag(true)),
            b'f' => self.word("false", Value::Flag(false)),
            b'n' => self.word("null", Value::Missing),
            b'[' => self.list(depth),
            b'{' => self.inner_object(depth),
            _ => Err(Odd), // numbers below zero, which no field takes, and what is no JSON
        }
    }

    fn word(&mut self, word: &str, value: Value<'a>) -> Read<Value<'a>> {
        let end = self.at + word.len();
        if self.bytes.get(self.at..end) != Some(word.as_bytes()) {
            return Err(Odd);
        }
        self.at = end;
        Ok(value)
    }

    fn text(&mut self) -> Read<Cow<'a, str>> {
        self.expect(b'"')?;
        let start = self.at;
        loop {
            match self.next()? {
                b'"' => return Ok(Cow::Borrowed(self.slice(start, self.at - 1)?)),
                b'\\' => return self.unescaped(start),
                0..=0x1f => return Err(Odd),
                _ => {}
            }
        }
    }

    /// A text that began at `start` and whose first escape has just begun.
    fn unescaped(&mut self, start: usize) -> Read<Cow<'a, str>> {
        let mut found = String::from(self.slice(start, self.at - 1)?);
        loop {
            found.push(self.escape()?);
            let start = self.at;
            loop {
                match self.next()? {
                    b'"' => {
                        found.push_str(self.slice(start, self.at - 1)?);
                        return Ok(Cow::Owned(found));
                    }
                    b'\\' => break,
                    0..=0x1f => return Err(Odd),
                    _ => {}
                }
            }
            found.push_str(self.slice(start, self.at - 1)?);
        }
    }

    fn escape(&mut self) -> Read<char> {
        match self.next()? {
            b'"' => Ok('"'),
            b'\\' => Ok('\\'),
            b'/' => Ok('/'),
            b'b' => Ok('\u{8}'),
            b'f' => Ok('\u{c}'),
            b'n' => Ok('\n'),
            b'r' => Ok('\r'),
            b't' => Ok('\t'),
            b'u' => self.code_point(),
            _ => Err(Odd),
        }
    }

    fn code_point(&mut self) -> Read<char> {
        let first = self.four_digits()?;
        if !(0xd800..0xdc00).contains(&first) {
            return char::from_u32(first).ok_or(Odd); // not the second half of a pair alone
        }
        self.expect(b'\\')?;
        self.expect(b'u')?;
        let second = self.four_digits()?;
        if !(0xdc00..0xe000).contains(&second) {
            return Err(Odd);
        }
        char::from_u32(0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00)).ok_or(Odd)
    }

    fn four_digits(&mut self) -> Read<u32> {
        let mut code = 0;
        for _ in 0..4 {
            code = code * 16 + char::from(self.next()?).to_digit(16).ok_or(Odd)?;
        }
        Ok(code)
    }

    fn digits(&mut self) -> usize {
        let start = self.at;
        while matches!(self.bytes.get(self.at), Some(b'0'..=b'9')) {
            self.at += 1;
        }
        self.at - start
    }

    fn number(&mut self) -> Read<Value<'a>> {
        let start = self.at;
        let whole = self.digits();
        if whole > MAX_DIGITS || (whole > 1 && self.bytes[start] == b'0') {
            return Err(Odd);
        }
        if self.bytes.get(self.at) != Some(&b'.') {
            return match self.bytes.get(self.at) {
                Some(b'e' | b'E') => Err(Odd),
                _ => self.slice(start, self.at)?.parse().map(Value::Integer).map_err(|_| Odd),
            };
        }
        self.at += 1;
        let fraction = self.digits();
        if fraction == 0 || self.at - start > MAX_NUMBER_BYTES || matches!(self.bytes.get(self.at), Some(b'e' | b'E')) {
            return Err(Odd);
        }
        self.slice(start, self.at)?.parse().map(Value::Float).map_err(|_| Odd)
    }

    fn list(&mut self, depth: u32) -> Read<Value<'a>> {
        self.at += 1;
        self.blanks();
        if self.peek()? == b']' {
            self.at += 1;
            return Ok(Value::Texts(Vec::new()));
        }
        let (mut texts, mut only_texts) = (Vec::new(), true);
        loop {
            self.blanks();
            match self.value(depth + 1)? {
                Value::Text(text) if only_texts => texts.push(text),
                _ => only_texts = false,
            }
            if self.ends(b']')? {
                return Ok(if only_texts { Value::Texts(texts) } else { Value::Other });
            }
        }
    }

    fn inner_object(&mut self, depth: u32) -> Read<Value<'a>> {
        self.at += 1;
        self.blanks();
        if self.peek()? == b'}' {
            self.at += 1;
            return Ok(Value::Other);
        }
        loop {
            self.blanks();
            self.text()?;
            self.colon()?;
            self.value(depth + 1)?;
            if self.ends(b'}')? {
                return Ok(Value::Other);
            }
        }
    }
}
