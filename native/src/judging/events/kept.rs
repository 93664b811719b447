//! What is kept of the events that are read here: the texts of a batch in one piece, and places in it.

use super::fields::Columns;
use crate::json::{Odd, Read, Value};
use crate::model::Ordinary;

/// From where to where, in a text or a list.
#[derive(Clone, Copy)]
pub struct Span(u32, u32);

/// The value of a field.
#[derive(Clone, Copy)]
pub enum Plain {
    Missing,
    Text(Span),
    Integer(i64),
    Float(f64),
    Flag(bool),
    /// Some of `Kept::texts`.
    Texts(Span),
}

/// What is kept of the events that are read here.
#[derive(Default)]
pub struct Kept {
    text: String,
    fields: Vec<Plain>,
    texts: Vec<Span>,
}

/// An event that was read here.
pub struct ReadHere {
    /// By place among what is asked.
    pub kind: usize,
    pub occurred_at: i64,
    pub confidence: f64,
    pub id: Span,
    /// Where its fields begin.
    pub fields: usize,
}

impl Kept {
    pub fn text(&self, span: Span) -> &str {
        &self.text[span.0 as usize..span.1 as usize]
    }

    pub fn texts(&self, span: Span) -> impl Iterator<Item = &str> {
        self.texts[span.0 as usize..span.1 as usize].iter().map(|one| self.text(*one))
    }

    pub fn field(&self, event: &ReadHere, place: usize) -> Plain {
        self.fields[event.fields + place]
    }

    /// Adds what is asked of an event's fields; where they begin.
    pub fn add(&mut self, found: &Ordinary<'_>, columns: &Columns) -> Read<usize> {
        let begin = self.fields.len();
        for column in &columns.asked {
            let Some((slot, choices)) = column else {
                self.fields.push(Plain::Missing);
                continue;
            };
            let plain = match found.of(*slot) {
                Value::Missing => Plain::Missing,
                Value::Text(text) => Plain::Text(self.add_text(text)?),
                Value::Choice(place) => Plain::Text(self.add_text(choices.get(*place).ok_or(Odd)?)?),
                Value::Integer(number) => Plain::Integer(*number),
                Value::Float(number) => Plain::Float(*number),
                Value::Flag(flag) => Plain::Flag(*flag),
                Value::Texts(texts) => {
                    let first = self.texts.len();
                    for text in texts {
                        let text = self.add_text(text)?;
                        self.texts.push(text);
                    }
                    Plain::Texts(span(first, self.texts.len())?)
                }
                Value::Other => return Err(Odd),
            };
            self.fields.push(plain);
        }
        Ok(begin)
    }

    pub fn add_text(&mut self, text: &str) -> Read<Span> {
        let begin = self.text.len();
        self.text.push_str(text);
        span(begin, self.text.len())
    }
}

fn span(begin: usize, end: usize) -> Read<Span> {
    Ok(Span(u32::try_from(begin).map_err(|_| Odd)?, u32::try_from(end).map_err(|_| Odd)?))
}
