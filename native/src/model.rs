//! The fields of each kind as Python hands them over, and one object held against them.

use crate::checks::Check;
use crate::instants::instant;
use crate::json::{object, Odd, Read, Value};

/// Fields of the envelope. Events of files with one of the last three, and records with the first of those, are Python's.
const KIND: &str = "kind";
const OCCURRED_AT: &str = "occurred_at";
const CLOUD_EVENT: &str = "specversion";
const OF_LINES: [&str; 2] = ["received_at", "backfill"];

/// Of all kinds together.
pub const MAX_FIELDS: usize = 64;

/// A field of a kind.
#[derive(Clone, Debug)]
pub struct Field {
    pub name: String,
    pub required: bool,
    pub check: Check,
}

/// A field, and where its value is found.
#[derive(Debug)]
struct Placed {
    field: Field,
    slot: usize,
}

/// The fields of a kind, in the order in which events keep them.
#[derive(Debug)]
struct Kind {
    name: String,
    fields: Vec<Placed>,
    occurred_at: usize,
}

/// What all kinds take.
#[derive(Debug)]
pub struct Model {
    kinds: Vec<Kind>,
    /// By the bytes of a name: the names of that length, and their slots.
    slots: Vec<Vec<(String, usize)>>,
    max_bytes: usize,
}

/// An object in which every field is as the kind's model says.
#[derive(Debug)]
pub struct Ordinary<'a> {
    pub kind: usize,
    /// In ms since 1970-01-01T00:00Z.
    pub occurred_at: i64,
    values: Vec<Value<'a>>,
    /// Slot -> place among `values`, counted from 1.
    places: [u8; MAX_FIELDS],
}

impl Model {
    /// `None` where there are too many fields, or a kind without the instant at which something happened.
    pub fn new(kinds: Vec<(String, Vec<Field>)>, max_bytes: usize) -> Option<Model> {
        let mut model = Model { kinds: Vec::new(), slots: Vec::new(), max_bytes };
        let mut taken = 0;
        for special in [KIND, CLOUD_EVENT, OF_LINES[0], OF_LINES[1]] {
            model.place(special, &mut taken);
        }
        for (name, fields) in kinds {
            let fields: Vec<Placed> =
                fields.into_iter().map(|field| Placed { slot: model.place(&field.name, &mut taken), field }).collect();
            let instant = fields.iter().find(|one| one.field.name == OCCURRED_AT && one.field.required)?;
            model.kinds.push(Kind { name, occurred_at: instant.slot, fields });
        }
        (taken <= MAX_FIELDS).then_some(model)
    }

    /// The place of a kind among those that were handed over.
    pub fn kind(&self, name: &str) -> Option<usize> {
        self.kinds.iter().position(|kind| kind.name == name)
    }

    /// The fields of a kind, each with its slot.
    pub fn fields(&self, kind: usize) -> impl Iterator<Item = (&Field, usize)> {
        self.kinds[kind].fields.iter().map(|placed| (&placed.field, placed.slot))
    }

    /// A record of the topic of a kind.
    pub fn record<'a>(&self, kind: usize, value: &'a [u8]) -> Read<Ordinary<'a>> {
        let mut found = self.object(value)?;
        match found.of(self.slot(KIND)?) {
            Value::Missing => {}
            Value::Text(named) if *named == self.kinds[kind].name => {}
            _ => return Err(Odd),
        }
        self.held_against(kind, &mut found)?;
        Ok(found)
    }

    /// A line of a file of events, which names its kind.
    pub fn line<'a>(&self, value: &'a [u8]) -> Read<Ordinary<'a>> {
        let mut found = self.object(value)?;
        for name in OF_LINES {
            if found.holds(self.slot(name)?) {
                return Err(Odd);
            }
        }
        let Value::Text(named) = found.of(self.slot(KIND)?) else { return Err(Odd) };
        let kind = self.kind(named).ok_or(Odd)?;
        self.held_against(kind, &mut found)?;
        Ok(found)
    }

    fn object<'a>(&self, value: &'a [u8]) -> Read<Ordinary<'a>> {
        if value.len() > self.max_bytes {
            return Err(Odd);
        }
        let text = std::str::from_utf8(value).map_err(|_| Odd)?;
        let mut found = Ordinary { kind: 0, occurred_at: 0, values: Vec::with_capacity(16), places: [0; MAX_FIELDS] };
        object(text, |name, value| match self.slot(name) {
            Ok(slot) => found.take(slot, value),
            Err(Odd) => Ok(()), // an unknown field
        })?;
        if found.holds(self.slot(CLOUD_EVENT)?) { Err(Odd) } else { Ok(found) }
    }

    fn held_against(&self, kind: usize, found: &mut Ordinary<'_>) -> Read<()> {
        let Value::Text(text) = found.of(self.kinds[kind].occurred_at) else { return Err(Odd) };
        (found.kind, found.occurred_at) = (kind, instant(text)?);
        for Placed { field, slot } in &self.kinds[kind].fields {
            match found.of_mut(*slot) {
                None | Some(Value::Missing) if field.required => return Err(Odd),
                None | Some(Value::Missing) => {}
                Some(value) => field.check.hold(value)?,
            }
        }
        Ok(())
    }

    fn slot(&self, name: &str) -> Read<usize> {
        let same_length = self.slots.get(name.len()).ok_or(Odd)?;
        same_length.iter().find(|(known, _)| known == name).map(|(_, slot)| *slot).ok_or(Odd)
    }

    fn place(&mut self, name: &str, taken: &mut usize) -> usize {
        if let Ok(slot) = self.slot(name) {
            return slot;
        }
        if self.slots.len() <= name.len() {
            self.slots.resize_with(name.len() + 1, Vec::new);
        }
        self.slots[name.len()].push((name.to_owned(), *taken));
        *taken += 1;
        *taken - 1
    }
}

impl<'a> Ordinary<'a> {
    /// The value in a slot.
    pub fn of(&self, slot: usize) -> &Value<'a> {
        match self.places[slot] {
            0 => &Value::Missing,
            place => &self.values[usize::from(place) - 1],
        }
    }

    fn of_mut(&mut self, slot: usize) -> Option<&mut Value<'a>> {
        let place = usize::from(self.places[slot]).checked_sub(1)?;
        self.values.get_mut(place)
    }

    /// Whether the field came, be it as null.
    fn holds(&self, slot: usize) -> bool {
        self.places[slot] != 0
    }

    /// A field that comes twice is Python's.
    fn take(&mut self, slot: usize, value: Value<'a>) -> Read<()> {
        if self.holds(slot) {
            return Err(Odd);
        }
        self.values.push(value);
        self.places[slot] = self.values.len() as u8;
        Ok(())
    }
}
