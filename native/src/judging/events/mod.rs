//! The events of one batch before they are judged: of those that are read here, only what judging asks.

mod fields;
mod kept;
mod names;
mod one;

use std::collections::HashMap;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};

pub use fields::{Asked, Columns, Field, MAX_FIELDS};
pub use kept::{Kept, ReadHere};
pub use names::{partition, Named, Names, Naming};
pub use one::Event;

use crate::guarded;
use crate::json::{Odd, Read, Value};
use crate::model::Ordinary;

pub enum What {
    Read(ReadHere),
    /// A `TriagedEvent`, which Python read.
    Given(Py<PyTuple>),
}

pub struct Arrived {
    account: u32,
    pub fetch: u32,
    /// Among the records of its fetch.
    pub place: u32,
    /// When it arrived, in ms.
    pub now: i64,
    pub what: What,
}

/// An account, and its events in order.
pub struct OfAccount {
    pub name: Py<PyString>,
    pub events: Vec<u32>,
}

/// The events of one batch.
#[pyclass(module = "signal_engine_native")]
#[derive(Default)]
pub struct Events {
    pub kept: Kept,
    all: Vec<Arrived>,
    names: Vec<Py<PyString>>,
    place_of_name: HashMap<Arc<str>, u32>,
    /// Accounts in order; made once judging begins.
    accounts: Option<Vec<OfAccount>>,
    judged: usize,
    /// Whether they are of several fetches, and so judged in order of time.
    many: bool,
}

#[pymethods]
impl Events {
    #[new]
    #[pyo3(signature = (*, many))]
    fn new(many: bool) -> Events {
        Events { many, ..Events::default() }
    }

    /// Adds events of a fetch that Python read, as `TriagedEvent`, each with its place among the records of the fetch.
    fn add(&mut self, fetch: u32, events: Vec<(u32, Bound<'_, PyTuple>)>) -> PyResult<()> {
        guarded(|| {
            for (place, one) in events {
                let (event, now) = (one.get_item(1)?, one.get_item(2)?.extract()?);
                let name = event.cast::<PyTuple>()?.get_item(0)?.cast_into::<PyString>()?;
                let account = self.account(name.to_str()?, &name);
                self.all.push(Arrived { account, fetch, place, now, what: What::Given(one.unbind()) });
            }
            Ok(())
        })
    }

    /// The accounts of the events so far.
    fn names<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        PyList::new(py, &self.names)
    }
}

impl Events {
    /// Adds an event of a record, if it can be kept.
    pub fn take(&mut self, found: &Ordinary<'_>, columns: &Columns, kind: usize, named: &Named, at: (u32, u32, i64)) -> Read<()> {
        let Value::Text(id) = found.of(columns.id) else { return Err(Odd) };
        let confidence = match found.of(columns.confidence) {
            Value::Missing => 1.0,
            Value::Float(confidence) => *confidence,
            _ => return Err(Odd),
        };
        let id = self.kept.add_text(id)?;
        let fields = self.kept.add(found, columns)?;
        let what = What::Read(ReadHere { kind, occurred_at: found.occurred_at, confidence, id, fields });
        let (fetch, place, now) = at;
        let account = match self.place_of_name.get(&named.text) {
            Some(place) => *place,
            None => Python::attach(|py| self.add_name(named.text.clone(), named.name.bind(py))),
        };
        self.all.push(Arrived { account, fetch, place, now, what });
        Ok(())
    }

    pub fn at(&self, place: u32) -> &Arrived {
        &self.all[place as usize]
    }

    /// The account that is next. They come in the order of their first events: several fetches in order of time, and of
    /// one instant in order of fetches; a single fetch as it is.
    pub fn next(&mut self, py: Python<'_>) -> Option<OfAccount> {
        if self.accounts.is_none() {
            self.accounts = Some(self.in_order(py));
        }
        let accounts = self.accounts.as_mut()?;
        let next = accounts.get_mut(self.judged)?;
        self.judged += 1;
        Some(OfAccount { name: next.name.clone_ref(py), events: std::mem::take(&mut next.events) })
    }

    fn in_order(&self, py: Python<'_>) -> Vec<OfAccount> {
        let mut order: Vec<u32> = (0..self.all.len() as u32).collect();
        order.sort_unstable_by_key(|at| {
            let one = self.at(*at);
            (if self.many { one.now } else { 0 }, one.fetch, one.place)
        });
        let mut place_of: Vec<Option<usize>> = vec![None; self.names.len()];
        let mut accounts: Vec<OfAccount> = Vec::with_capacity(self.names.len());
        for at in order {
            let account = self.at(at).account as usize;
            let place = *place_of[account].get_or_insert_with(|| {
                accounts.push(OfAccount { name: self.names[account].clone_ref(py), events: Vec::new() });
                accounts.len() - 1
            });
            accounts[place].events.push(at);
        }
        accounts
    }

    fn account(&mut self, text: &str, name: &Bound<'_, PyString>) -> u32 {
        match self.place_of_name.get(text) {
            Some(place) => *place,
            None => self.add_name(text.into(), name),
        }
    }

    fn add_name(&mut self, text: Arc<str>, name: &Bound<'_, PyString>) -> u32 {
        let place = self.names.len() as u32;
        self.names.push(name.clone().unbind());
        self.place_of_name.insert(text, place);
        place
    }
}
