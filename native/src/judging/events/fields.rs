//! The fields of an event as Python has them, and what of them tells one class of events from another.

use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

use super::kept::{Kept, Plain, ReadHere};
use crate::json::{Odd, Read};
use crate::model::Model;

/// Most fields of one kind that anything asks about.
pub const MAX_FIELDS: usize = 24;
/// Integers up to here are the same number as a float, too.
const MAX_EXACT: i64 = 1 << 53;

/// What is asked of a kind's events, by the places of its fields.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Asked {
    pub name: Py<PyString>,
    pub number: u8,
    pub fields: Vec<Py<PyString>>,
    /// The fields that rules ask about, each with the limits by which they measure it; without any, its value counts.
    pub rule: Vec<(usize, Vec<f64>)>,
    /// The fields of which its line of text is made.
    pub line: Vec<usize>,
    pub facet: usize,
    /// Of a kind that has personas: the title.
    pub title: Option<usize>,
    pub source: usize,
    pub url: usize,
}

/// Where the reader keeps what is asked of a kind.
pub struct Columns {
    /// By place among what the reader reads.
    pub kind: usize,
    pub id: usize,
    pub account: usize,
    pub confidence: usize,
    /// Of each field that is asked its slot, and the texts that it takes where those are few; none if there is no such
    /// field.
    pub asked: Vec<Option<(usize, Vec<String>)>>,
}

pub enum Fields<'a, 'py> {
    Read(&'a Kept, &'a ReadHere),
    Given(Box<[Option<Bound<'py, PyAny>>; MAX_FIELDS]>),
}

pub enum Field<'a, 'py> {
    Missing,
    Text(&'a str),
    Integer(i64),
    Float(f64),
    Flag(bool),
    Texts(Vec<&'a str>),
    List(&'a Bound<'py, PyList>),
}

impl Columns {
    /// Where the reader keeps what is asked of a kind; none if it does not know the kind.
    pub fn of(py: Python<'_>, asked: &Asked, model: &Model) -> PyResult<Option<Columns>> {
        let Some(kind) = model.kind(asked.name.bind(py).to_str()?) else { return Ok(None) };
        let slot = |name: &str| model.fields(kind).find(|(field, _)| field.name == name);
        let (Some((_, id)), Some((_, account)), Some((_, confidence))) = (slot("event_id"), slot("account_id"), slot("confidence"))
        else {
            return Ok(None);
        };
        let mut columns = Columns { kind, id, account, confidence, asked: Vec::new() };
        for name in &asked.fields {
            let found = slot(name.bind(py).to_str()?);
            columns.asked.push(found.map(|(field, slot)| (slot, field.check.choices().to_vec())));
        }
        Ok(Some(columns))
    }
}

impl<'py> Fields<'_, 'py> {
    /// `Odd` unless they are a plain dictionary.
    pub fn of(event: &Bound<'py, PyTuple>, asked: &Asked) -> PyResult<Read<Self>> {
        let fields = event.get_item(5)?;
        let Ok(fields) = fields.cast_exact::<PyDict>() else { return Ok(Err(Odd)) };
        let mut found = Box::new([const { None }; MAX_FIELDS]);
        for (place, name) in asked.fields.iter().enumerate() {
            found[place] = fields.get_item(name.bind(event.py()))?.filter(|value| !value.is_none());
        }
        Ok(Ok(Fields::Given(found)))
    }

    pub fn at(&self, place: usize) -> Read<Field<'_, 'py>> {
        let given = match self {
            Fields::Read(kept, event) => {
                return Ok(match kept.field(event, place) {
                    Plain::Missing => Field::Missing,
                    Plain::Text(text) => Field::Text(kept.text(text)),
                    Plain::Integer(number) => Field::Integer(number),
                    Plain::Float(number) => Field::Float(number),
                    Plain::Flag(flag) => Field::Flag(flag),
                    Plain::Texts(texts) => Field::Texts(kept.texts(texts).collect()),
                })
            }
            Fields::Given(given) => given,
        };
        let Some(value) = &given[place] else { return Ok(Field::Missing) };
        if let Ok(text) = value.cast_exact::<PyString>() {
            return text.to_str().map(Field::Text).map_err(|_| Odd);
        }
        if let Ok(number) = value.cast_exact::<PyFloat>() {
            return Ok(Field::Float(number.value()));
        }
        if let Ok(number) = value.cast_exact::<PyInt>() {
            let number: i64 = number.extract().map_err(|_| Odd)?;
            return if number.abs() <= MAX_EXACT { Ok(Field::Integer(number)) } else { Err(Odd) };
        }
        if let Ok(flag) = value.cast_exact::<PyBool>() {
            return Ok(Field::Flag(flag.is_true()));
        }
        value.cast_exact::<PyList>().map(Field::List).map_err(|_| Odd)
    }
}

impl Field<'_, '_> {
    /// Adds to the key of a class: equal keys are equal values of equal types.
    pub fn tell(&self, key: &mut Vec<u8>) -> Read<()> {
        match self {
            Field::Missing => key.push(0),
            Field::Text(text) => add_text(1, text, key),
            Field::Integer(number) => {
                key.push(2);
                key.extend_from_slice(&number.to_le_bytes());
            }
            Field::Float(number) => {
                key.push(3);
                key.extend_from_slice(&number.to_bits().to_le_bytes());
            }
            Field::Flag(flag) => key.extend_from_slice(&[4, u8::from(*flag)]),
            Field::Texts(texts) => {
                key.push(5);
                texts.iter().for_each(|one| add_text(6, one, key));
            }
            Field::List(texts) => {
                key.push(5);
                for one in texts.iter() {
                    add_text(6, one.cast_exact::<PyString>().map_err(|_| Odd)?.to_str().map_err(|_| Odd)?, key);
                }
            }
        }
        Ok(())
    }

    /// Where a number stands among limits; any other value as it is.
    pub fn measure(&self, limits: &[f64], key: &mut Vec<u8>) -> Read<()> {
        let number = match self {
            Field::Integer(number) => *number as f64,
            Field::Float(number) => *number,
            _ => return self.tell(key),
        };
        key.push(7);
        for limit in limits {
            key.push(number.partial_cmp(limit).ok_or(Odd)? as i8 as u8);
        }
        Ok(())
    }
}

fn add_text(tag: u8, text: &str, key: &mut Vec<u8>) {
    key.push(tag);
    key.extend_from_slice(&(text.len() as u32).to_le_bytes());
    key.extend_from_slice(text.as_bytes());
}
