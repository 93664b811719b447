//! One event as judging sees it, whoever read it.

use pyo3::prelude::*;
use pyo3::types::{PyString, PyTuple};

use super::fields::{Asked, Fields};
use super::{Events, What};

pub struct Event<'a, 'py> {
    pub py: Python<'py>,
    pub asked: &'a Asked,
    pub id: &'a str,
    /// In ms.
    pub occurred_at: i64,
    pub confidence: f64,
    pub fields: Fields<'a, 'py>,
    pub alias: Option<&'a str>,
    pub backfill: bool,
    python: Made<'a, 'py>,
}

/// How Python gets the event.
#[derive(Clone, Copy)]
enum Made<'a, 'py> {
    Already(&'a Bound<'py, PyTuple>),
    By(&'a Bound<'py, PyAny>, u32, u32),
}

impl<'a, 'py> Event<'a, 'py> {
    /// Hands the event at a place to `work`; none for one that is Python's. `event_of` makes the `TriagedEvent` of a record,
    /// by its fetch and its place there.
    pub fn with<T>(
        events: &Events,
        at: u32,
        kinds: &[Asked],
        event_of: &Bound<'py, PyAny>,
        work: impl FnOnce(&Event<'_, 'py>) -> PyResult<Option<T>>,
    ) -> PyResult<Option<T>> {
        let (py, one) = (event_of.py(), events.at(at));
        match &one.what {
            What::Read(read) => work(&Event {
                py,
                asked: &kinds[read.kind],
                id: events.kept.text(read.id),
                occurred_at: read.occurred_at,
                confidence: read.confidence,
                fields: Fields::Read(&events.kept, read),
                alias: None,
                backfill: false, // a header, and records with headers are not read here
                python: Made::By(event_of, one.fetch, one.place),
            }),
            What::Given(given) => Event::given(given.bind(py).get_item(1)?.cast::<PyTuple>()?, kinds, work),
        }
    }

    /// As `with`, of an event that Python read.
    pub fn given<T>(
        event: &Bound<'py, PyTuple>,
        kinds: &[Asked],
        work: impl FnOnce(&Event<'_, 'py>) -> PyResult<Option<T>>,
    ) -> PyResult<Option<T>> {
        let py = event.py();
        let (kind, id, alias) = (event.get_item(1)?, event.get_item(2)?, event.get_item(7)?);
        let (Ok(kind), Ok(id)) = (kind.cast::<PyString>()?.to_str(), id.cast::<PyString>()?.to_str()) else { return Ok(None) };
        let Some(asked) = kinds.iter().find(|one| one.name.bind(py) == kind) else { return Ok(None) };
        let alias = match alias.cast::<PyString>() {
            Ok(alias) => match alias.to_str() {
                Ok(alias) => Some(alias),
                Err(_) => return Ok(None),
            },
            Err(_) if alias.is_none() => None,
            Err(_) => return Ok(None),
        };
        let Ok(fields) = Fields::of(event, asked)? else { return Ok(None) };
        let Ok(backfill) = event.get_item(6)?.extract() else { return Ok(None) };
        let (occurred_at, confidence) = (event.get_item(3)?.extract()?, event.get_item(4)?.extract()?);
        let python = Made::Already(event);
        work(&Event { py, asked, id, occurred_at, confidence, fields, alias, backfill, python })
    }

    /// The event as Python has it.
    pub fn python(&self) -> PyResult<Bound<'py, PyAny>> {
        match self.python {
            Made::Already(event) => Ok(event.clone().into_any()),
            Made::By(event_of, fetch, place) => event_of.call1((fetch, place))?.get_item(1),
        }
    }
}
