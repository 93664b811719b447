//! What Python sees of judging.

use std::sync::Arc;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyDict, PyList, PyString, PyTuple};

use super::batch::Batch;
use super::calls::Call;
use super::deciding::{Fit, Hotness, Told};
use super::events::{Asked, Columns, Events, Names, Naming, OfAccount, What, MAX_FIELDS};
use super::fit::Fits;
use super::held::{Held, Hold};
use super::numbers::{sat, sat_and_slope, two_to};
use super::policy::Policy;
use super::questions::{Answers, Questions};
use super::replay::{Followed, Market, Replay};
use super::stored::encode;
use crate::guarded;
use crate::reader::Reader;

/// Judges by one scoring file.
#[pyclass(module = "signal_engine_native")]
pub struct Judge {
    pub(super) policy: Policy,
    pub(super) kinds: Arc<[Asked]>,
    pub(super) reader: Py<Reader>,
    /// By kind, where the reader has it.
    pub(super) columns: Vec<Option<Columns>>,
    pub(super) names: Names,
    pub(super) answers: Answers,
    pub(super) fits: Fits,
    pub(super) batch: Batch,
    replay: Option<Replay>,
    pub(super) scratch: Vec<u8>,
    broken: bool,
}

/// Of an account: its name, the events that are Python's, whether one before them was applied, its hotness before those if
/// there are any, and those of which there is more to tell.
type Outcomes<'py> = (Bound<'py, PyString>, Bound<'py, PyList>, bool, Option<Hotness>, Vec<Bound<'py, PyTuple>>);

/// As `ActivityCounts.add` takes it.
type CameInValues = (u64, u64, Vec<(String, u64, i64)>, Vec<(String, u64)>);

#[pymethods]
impl Judge {
    #[new]
    #[pyo3(signature = (policy, kinds, questions, reader, naming, *, broken = false))]
    fn new(
        py: Python<'_>,
        policy: Policy,
        kinds: Vec<Asked>,
        questions: Questions,
        reader: Py<Reader>,
        naming: Naming,
        broken: bool,
    ) -> PyResult<Judge> {
        if kinds.iter().any(|kind| kind.fields.len() > MAX_FIELDS) || policy.multipliers.is_empty() {
            return Err(PyValueError::new_err(format!("more than {MAX_FIELDS} fields, or no multiplier")));
        }
        let columns: PyResult<Vec<_>> = kinds.iter().map(|kind| Columns::of(py, kind, &reader.get().model)).collect();
        let (columns, answers, batch) = (columns?, Answers::new(questions), Batch::new(py));
        let (kinds, names, fits, scratch) = (kinds.into(), Names::new(naming), Fits::default(), Vec::new());
        Ok(Judge { policy, kinds, reader, columns, names, answers, fits, batch, replay: None, scratch, broken })
    }

    /// Begins a batch; what was not taken of the one before is dropped.
    fn begin(&mut self, py: Python<'_>) {
        self.batch = Batch::new(py);
    }

    /// What holds accounts for it; a thing of its own, because it is asked while this judges.
    fn holding(&self) -> Hold {
        Hold { kinds: self.kinds.iter().map(|kind| kind.number).collect() }
    }

    /// Reads those of the records of a fetch that are ordinary for certain and belong to partition `here`; the places of the
    /// others. `clock` (ms) limits instants of producers; `aliased` are names that may mean another account.
    #[allow(clippy::too_many_arguments)]
    fn take(
        &mut self,
        events: &Bound<'_, Events>,
        fetch: u32,
        kind: &str,
        records: &Bound<'_, PyAny>,
        clock: i64,
        here: i64,
        partition_of: &Bound<'_, PyAny>,
        aliased: &Bound<'_, PyAny>,
    ) -> PyResult<Vec<u32>> {
        let mut events = events.try_borrow_mut()?;
        guarded(|| {
            self.take_records(&mut events, (fetch, kind, clock, here), records, partition_of, aliased)
        })
    }

    /// Judges accounts one after another, up to one of which events are Python's, or of which there is more to tell. None
    /// after the last account.
    ///
    /// `held_of` gives the state of an account, none if all of its events are Python's; `opened` what its fit means, where
    /// that matters; `event_of` the `TriagedEvent` of a record, by its fetch and its place there.
    fn judge<'py>(
        &mut self,
        events: &Bound<'py, Events>,
        held_of: &Bound<'py, PyAny>,
        opened: &Bound<'py, PyAny>,
        event_of: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Outcomes<'py>>> {
        let mut events = events.try_borrow_mut()?;
        guarded(|| {
            assert!(!self.broken, "broken on purpose");
            let py = held_of.py();
            while let Some(OfAccount { name, events: its }) = events.next(py) {
                let name = name.into_bound(py);
                let held = held_of.call1((&name,))?;
                let (mut judged, mut changed, mut was, mut told) = (0, false, None, Vec::new());
                if !held.is_none() {
                    let mut held = held.cast::<Held>()?.try_borrow_mut()?;
                    let Held { account, fit, .. } = &mut *held;
                    let fit = Fit { class: fit, ask: opened, name: &name };
                    let before;
                    (judged, changed, before, told) = self.account(&name, account, &events, &its, event_of, &fit)?;
                    was = Some(before);
                }
                if judged < its.len() || !told.is_empty() {
                    let left: PyResult<Vec<_>> = its[judged..].iter().map(|at| triaged(&events, *at, event_of)).collect();
                    let told: PyResult<_> = told.into_iter().map(|(at, one)| one.values(&triaged(&events, at, event_of)?.get_item(1)?)).collect();
                    return Ok(Some((name, PyList::new(py, left?)?, changed, was, told?)));
                }
            }
            Ok(None)
        })
    }

    /// What the batch writes: states, signals, ranks, when accounts are due, scores of days; and counts: outcomes, and by
    /// kind the events that rules were asked of, and those for which none held.
    #[allow(clippy::type_complexity)]
    fn taken<'py>(&mut self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        guarded(|| {
            let batch = std::mem::replace(&mut self.batch, Batch::new(py));
            let of_kind = |kind: &Asked| (kind.name.clone_ref(py), batch.background[usize::from(kind.number)]);
            let background: Vec<_> = self.kinds.iter().map(of_kind).map(|(name, (asked, off))| (name, asked, off)).collect();
            (batch.states, batch.signals, batch.ranks, batch.due, batch.scores, batch.outcomes.to_vec(), background).into_pyobject(py)
        })
    }

    /// Begins a replay over `accounts`, name -> `Held`. `wake(name)` gives an account that is not there, and puts it
    /// there, or gives none if it is Python's; `audience(name)` says whom its alerts reach; `tell` takes an event of which
    /// there is more to tell; `market` follows, if there is one.
    fn replay(
        &mut self,
        accounts: Py<PyDict>,
        wake: Py<PyAny>,
        audience: Py<PyAny>,
        tell: Py<PyAny>,
        market: Option<Market>,
    ) {
        self.replay = Some(Replay::new(accounts, wake, audience, tell, market));
    }

    /// Judges a replay's arrivals in order from place `at`: up to `last` (ms), or to the first that is Python's, be it
    /// because the place of its account at `midnight` (ms) is to be noted first. Returns how far it came. `asks`: the
    /// score from which an account is told to the market.
    fn run(&mut self, arrivals: &Bound<'_, PyList>, at: usize, last: i64, midnight: i64, asks: f64) -> PyResult<usize> {
        guarded(|| {
            assert!(!self.broken, "broken on purpose");
            let mut replay = self.replay.take().ok_or_else(|| PyValueError::new_err("no replay has begun"))?;
            let reached = replay.run(self, arrivals, at, last, midnight, asks);
            self.replay = Some(replay);
            reached
        })
    }

    /// What the market is told of, since this was last asked.
    fn followed(&mut self) -> PyResult<Followed> {
        guarded(|| Ok(self.replay.as_mut().map(Replay::followed).unwrap_or_default()))
    }

    /// A state to be stored for long: without ids that are expired.
    fn rest<'py>(&self, held: &Bound<'py, Held>) -> PyResult<Bound<'py, PyBytes>> {
        let py = held.py();
        let mut held = held.try_borrow_mut()?;
        guarded(|| {
            let account = &mut held.account;
            account.ids.forget_expired(account.now, &self.policy);
            Ok(PyBytes::new(py, &encode(account)))
        })
    }

    /// What came in since this was last asked: events, applied signals of people, sources, titles of nobody.
    fn came_in(&mut self) -> PyResult<CameInValues> {
        guarded(|| {
            let came = std::mem::take(&mut self.batch.came_in);
            let sources = came.sources.iter().map(|(name, events, last)| (name.to_string(), *events, *last)).collect();
            let titles = came.titles.iter().map(|(title, events)| (title.to_string(), *events)).collect();
            Ok((came.events, came.engagement, sources, titles))
        })
    }
}

impl Told {
    /// As `adapters/native/judge.py` takes it, of `event`.
    pub fn values<'py>(self, event: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyTuple>> {
        let (Told(calls, raised), py) = (self, event.py());
        let calls: PyResult<Vec<_>> = calls.into_iter().map(|call| values(call, py)).collect();
        let raised = raised.map(|(now, persona, reason)| (now, persona.to_string(), reason.map(|one| one as u8)));
        (event, calls?, raised).into_pyobject(py)
    }
}

fn values(call: Call, py: Python<'_>) -> PyResult<Bound<'_, PyTuple>> {
    let texts = |those: &[Arc<str>]| those.iter().map(|one| one.to_string()).collect::<Vec<_>>();
    let score = call.score;
    (
        call.call as u8,
        call.at,
        call.by_signal,
        texts(&call.personas),
        call.new_kinds,
        texts(&call.new_personas),
        call.raised_by.as_deref(),
        PyBytes::new(py, &call.state),
        (score.kinds, score.live_set, score.multiplier, score.raw, score.score),
        call.cools_at,
    )
        .into_pyobject(py)
}

/// An event as `TriagedEvent`.
fn triaged<'py>(events: &Events, at: u32, event_of: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let one = events.at(at);
    match &one.what {
        What::Given(given) => Ok(given.bind(event_of.py()).clone().into_any()),
        What::Read(_) => event_of.call1((one.fetch, one.place)),
    }
}

/// `2.0 ** x`, logarithms of `x`, and its saturation at 14 with the slope, for Python to compare: the last bits must be
/// the same.
#[pyfunction]
pub fn arithmetic(x: f64) -> (f64, f64, f64, f64, (f64, f64)) {
    (two_to(x), x.log2(), x.ln(), sat(x, 14.0), sat_and_slope(x, 14.0))
}

/// The partition of an account by murmur2, for Python to compare.
#[pyfunction]
pub fn partition(account: &str, partitions: i64) -> PyResult<i64> {
    if partitions < 1 {
        return Err(PyValueError::new_err("no partitions"));
    }
    Ok(super::events::partition(account, partitions))
}
