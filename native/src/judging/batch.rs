//! What judging a batch writes and counts, until Python takes it.

use std::collections::HashMap;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString};

use super::flow::Outcome;
use super::policy::MAX_KINDS;

const DAY: i64 = 86_400_000;

/// The day of an instant, since 1970-01-01.
pub fn day_of(at: i64) -> i64 {
    at.div_euclid(DAY)
}

/// The instant at which a day ends.
pub fn end_of(day: i64) -> i64 {
    day.saturating_add(1).saturating_mul(DAY)
}

/// What came in since Python was last told.
#[derive(Default)]
pub struct CameIn {
    pub events: u64,
    pub engagement: u64,
    /// Source, its events on one day, the last of them (ms); a source has an entry for each change of its day.
    pub sources: Vec<(Arc<str>, u64, i64)>,
    place_of_source: HashMap<Arc<str>, usize>,
    pub titles: Vec<(Arc<str>, u64)>,
    place_of_title: HashMap<Arc<str>, usize>,
}

impl CameIn {
    pub fn note(&mut self, source: Option<&str>, now: i64) {
        self.events += 1;
        let Some(source) = source else { return };
        if let Some(place) = self.place_of_source.get(source) {
            let (_, events, last) = &mut self.sources[*place];
            if day_of(*last) == day_of(now) {
                *events += 1;
                *last = now.max(*last);
                return;
            }
        }
        let name: Arc<str> = source.into();
        self.place_of_source.insert(name.clone(), self.sources.len());
        self.sources.push((name, 1, now));
    }

    pub fn note_title(&mut self, title: &Arc<str>) {
        match self.place_of_title.get(title) {
            Some(place) => self.titles[*place].1 += 1,
            None => {
                self.place_of_title.insert(title.clone(), self.titles.len());
                self.titles.push((title.clone(), 1));
            }
        }
    }
}

pub struct Batch {
    /// Account -> state.
    pub states: Py<PyDict>,
    /// Account -> its latest signals, as histories have them.
    pub signals: Py<PyDict>,
    /// Place -> account -> key; none: it leaves the place.
    pub ranks: Py<PyDict>,
    /// Accounts, when they are due; none: not any more.
    pub due: Vec<(Py<PyString>, Option<i64>)>,
    /// Day, account, the score with which it ended.
    pub scores: Vec<(i64, Py<PyString>, f64)>,
    pub outcomes: [u64; 4],
    /// By number of a kind: events of which rules were asked, and those for which none held.
    pub background: [(u64, u64); MAX_KINDS],
    pub came_in: CameIn,
}

impl Batch {
    pub fn new(py: Python<'_>) -> Batch {
        Batch {
            states: PyDict::new(py).unbind(),
            signals: PyDict::new(py).unbind(),
            ranks: PyDict::new(py).unbind(),
            due: Vec::new(),
            scores: Vec::new(),
            outcomes: [0; 4],
            background: [(0, 0); MAX_KINDS],
            came_in: CameIn::default(),
        }
    }

    pub fn count(&mut self, outcome: Outcome, kind: u8, off_list: Option<bool>) {
        self.outcomes[outcome as usize] += 1;
        let (asked, off) = &mut self.background[usize::from(kind)];
        match (outcome, off_list) {
            (Outcome::Applied, _) => *asked += 1,
            (Outcome::Ignored, Some(is_off)) => {
                *asked += 1;
                *off += u64::from(is_off);
            }
            _ => {}
        }
    }

    pub fn write(&self, name: &Bound<'_, PyString>, state: &[u8]) -> PyResult<()> {
        self.states.bind(name.py()).set_item(name, PyBytes::new(name.py(), state))
    }

    pub fn applied(&self, name: &Bound<'_, PyString>, records: &[Vec<u8>]) -> PyResult<()> {
        let py = name.py();
        let records = PyList::new(py, records.iter().map(|record| PyBytes::new(py, record)))?;
        self.signals.bind(py).set_item(name, records)
    }

    pub fn place(&self, list: &Bound<'_, PyAny>, name: &Bound<'_, PyString>, key: Option<f64>) -> PyResult<()> {
        let ranks = self.ranks.bind(name.py());
        if let Some(of_list) = ranks.get_item(list)? {
            return of_list.cast::<PyDict>()?.set_item(name, key);
        }
        let of_list = PyDict::new(name.py());
        of_list.set_item(name, key)?;
        ranks.set_item(list, of_list)
    }
}
