//! Events of a replay, one after another over all accounts, and what of them its market is told.

use std::collections::HashMap;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyTuple};

use super::account::Account;
use super::calls::Audience;
use super::events::Event;
use super::fit::Fits;
use super::flow::Outcome;
use super::held::Held;
use super::judge::Judge;
use super::levels::{is_silent, set_upper_bound};
use super::policy::{COLD, HOT};

const SECOND: i64 = 1_000;

/// What of an account need not be asked or told again, for as long as it is held.
#[derive(Default)]
pub struct Noted {
    audience: Option<Audience>,
    /// Whether the market counts it.
    reached: Option<bool>,
    /// By level: whether the market was told that it had a signal then.
    told: [bool; 3],
}

/// The market that follows a replay.
#[derive(FromPyObject)]
#[pyo3(from_item_all)]
pub struct Market {
    /// The names of accounts that count.
    reached: Py<PyAny>,
    /// The names of accounts that are high on it.
    ladder: Py<PyDict>,
    /// By the number of kinds, the highest multiplier.
    most_by_kinds: Vec<f64>,
    /// Takes name, score, kinds that are live, and whether it is silent; returns the score above which it asks.
    scored: Py<PyAny>,
    /// Takes name, score, and whether it is silent, of one that is high on the ladder, before its next event.
    rolled_down: Py<PyAny>,
}

/// The first instant of a signal; personas, each with its signals; the kinds of those that count, as bits; accounts that
/// count, with the level that a signal left.
pub type Followed = (Option<i64>, Vec<(String, u64)>, u32, Vec<(Py<PyString>, u8)>);

pub struct Replay {
    accounts: Py<PyDict>,
    wake: Py<PyAny>,
    audience: Py<PyAny>,
    tell: Py<PyAny>,
    market: Option<Market>,
    began: Option<i64>,
    personas: HashMap<Arc<str>, u64>,
    kinds: u32,
    seen: Vec<(Py<PyString>, u8)>,
}

type Name<'a, 'py> = &'a Bound<'py, PyString>;

impl Replay {
    pub fn new(
        accounts: Py<PyDict>,
        wake: Py<PyAny>,
        audience: Py<PyAny>,
        tell: Py<PyAny>,
        market: Option<Market>,
    ) -> Replay {
        let (began, personas, kinds, seen) = (None, HashMap::new(), 0, Vec::new());
        Replay { accounts, wake, audience, tell, market, began, personas, kinds, seen }
    }

    pub fn followed(&mut self) -> Followed {
        let personas = self.personas.drain().map(|(name, signals)| (name.to_string(), signals)).collect();
        (self.began.take(), personas, std::mem::take(&mut self.kinds), std::mem::take(&mut self.seen))
    }

    pub fn run(
        &mut self,
        judge: &mut Judge,
        arrivals: &Bound<'_, PyList>,
        at: usize,
        last: i64,
        midnight: i64,
        mut asks: f64,
    ) -> PyResult<usize> {
        let py = arrivals.py();
        let accounts = self.accounts.bind(py).clone();
        for place in at..arrivals.len() {
            let arrival = arrivals.get_item(place)?;
            let arrival = arrival.cast::<PyTuple>()?;
            let now: i64 = arrival.get_item(0)?.extract()?;
            if now > last {
                return Ok(place);
            }
            let event = arrival.get_item(4)?;
            let event = event.cast::<PyTuple>()?;
            let name = event.get_item(0)?;
            let name = name.cast::<PyString>()?;
            let held = match accounts.get_item(name)? {
                Some(held) => held,
                None => self.wake.bind(py).call1((name,))?,
            };
            if held.is_none() {
                return Ok(place);
            }
            let mut held = held.cast::<Held>()?.try_borrow_mut()?;
            let Held { account, noted, .. } = &mut *held;
            if midnight < now && account.now <= midnight && may_be_listed(account, judge.policy.min_level) {
                return Ok(place);
            }
            if !self.one(judge, name, account, noted, event, now, &mut asks)? {
                return Ok(place);
            }
        }
        Ok(arrivals.len())
    }

    #[allow(clippy::too_many_arguments)]
    fn one<'py>(
        &mut self,
        judge: &mut Judge,
        name: Name<'_, 'py>,
        account: &mut Account,
        noted: &mut Noted,
        event: &Bound<'py, PyTuple>,
        now: i64,
        asks: &mut f64,
    ) -> PyResult<bool> {
        let py = name.py();
        self.before(judge, name, account, now)?;
        let audience = |_: &mut Fits| match noted.audience {
            Some(audience) => Ok(audience),
            None => {
                let (eligible, triaged) = self.audience.bind(py).call1((name,))?.extract()?;
                Ok(*noted.audience.insert(Audience { eligible, triaged }))
            }
        };
        let kinds = judge.kinds.clone();
        let judged = Event::given(event, &kinds, |event| judge.event(account, event, now, audience, None))?;
        let Some(judged) = judged else { return Ok(false) };
        if let Some(told) = judged.told {
            self.tell.bind(py).call1((told.values(event)?,))?;
        }
        if judged.outcome != Outcome::Applied {
            return Ok(true);
        }
        if let Some(persona) = judged.persona {
            match self.personas.get_mut(&persona.name) {
                Some(signals) => *signals += 1,
                None => drop(self.personas.insert(persona.name.clone(), 1)),
            }
        }
        self.began.get_or_insert(account.now);
        self.after(judge, name, account, noted, judged.kind, asks)?;
        Ok(true)
    }

    /// Before an account that is high on the ladder is judged: levels end on whole seconds, so it is scored there.
    fn before(&self, judge: &mut Judge, name: Name<'_, '_>, account: &Account, now: i64) -> PyResult<()> {
        let (py, Some(market)) = (name.py(), &self.market) else { return Ok(()) };
        let at = account.now.max(now - now.rem_euclid(SECOND));
        if at == account.now || !market.ladder.bind(py).contains(name)? {
            return Ok(());
        }
        let score = judge.score_at(py, account, at)?;
        market.rolled_down.bind(py).call1((name, score.raw, is_silent(account, at, &judge.policy)))?;
        Ok(())
    }

    /// After a signal was applied.
    fn after(
        &mut self,
        judge: &mut Judge,
        name: Name<'_, '_>,
        account: &mut Account,
        noted: &mut Noted,
        kind: u8,
        asks: &mut f64,
    ) -> PyResult<()> {
        let (py, Some(market)) = (name.py(), &self.market) else { return Ok(()) };
        let reached = match noted.reached {
            Some(reached) => reached,
            None => market.reached.bind(py).contains(name)?,
        };
        noted.reached = Some(reached);
        if !reached {
            return Ok(());
        }
        self.kinds |= 1 << kind;
        let told = &mut noted.told[usize::from(account.level.min(HOT))];
        if !*told {
            *told = true;
            self.seen.push((name.clone().unbind(), account.level));
        }
        let most = market.most_by_kinds.get(account.kinds.len()).copied().unwrap_or(f64::INFINITY);
        if account.upper_bound * most >= *asks || account.upper_bound_stamp != judge.policy.stamp {
            let score = judge.score_at(py, account, account.now)?;
            set_upper_bound(account, &score, &judge.policy);
            let silent = is_silent(account, account.now, &judge.policy);
            *asks = market.scored.bind(py).call1((name, score.raw, score.live, silent))?.extract()?;
        }
        Ok(())
    }
}

/// Whether the account may stand on a list, so that its place at midnight is worth noting.
fn may_be_listed(account: &Account, min_level: u8) -> bool {
    !account.kinds.is_empty() && (account.level != COLD || min_level == COLD || account.hand_raise.is_some())
}
