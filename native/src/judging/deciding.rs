//! Decides the events of one account after another, as `core/flow.py` does.

use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::PyString;

use super::account::Account;
use super::batch::{day_of, end_of};
use super::calls::{cooldown_ends, Audience, Call, Reason};
use super::events::{Event, Events, Field};
use super::fit::Fits;
use super::flow::{apply, screened, Outcome, Signal};
use super::ids::id_hash;
use super::judge::Judge;
use super::levels::{cools_at, set_upper_bound, stays_below};
use super::policy::HOT;
use super::questions::{Persona, Rule};
use super::score::{evaluate, Score};
use super::stored::{encode, is_near};
use super::writing::{integer, text};

/// An account's fit: its class, and who tells what it means, when that matters.
pub struct Fit<'a, 'py> {
    pub class: &'a [u8],
    pub ask: &'a Bound<'py, PyAny>,
    pub name: &'a Bound<'py, PyString>,
}

/// Episode, whether it has alerted, when a hand was last raised.
pub type Hotness = (u64, bool, Option<i64>);

/// Arrival of a hand raise, the persona, and why no rep is alerted of it.
pub type Raised = (i64, Arc<str>, Option<Reason>);

/// What more comes of an event than points: alerts, and whether it raised a hand.
pub struct Told(pub Vec<Call>, pub Option<Raised>);

/// What became of an event.
pub struct Judged {
    pub outcome: Outcome,
    pub kind: u8,
    /// Of an applied one of a kind that has personas.
    pub persona: Option<Arc<Persona>>,
    pub told: Option<Told>,
}

/// Of an account's events: how many were judged, whether one was applied, the account's hotness before, and of which there is
/// more to tell.
pub type OfAccount = (usize, bool, Hotness, Vec<(u32, Told)>);

impl Judge {
    /// Judges the first of an account's events, up to the first that is Python's. If it is all of them, it writes what became
    /// of the account.
    pub fn account<'py>(
        &mut self,
        name: &Bound<'py, PyString>,
        account: &mut Account,
        events: &Events,
        its: &[u32],
        event_of: &Bound<'py, PyAny>,
        fit: &Fit<'_, 'py>,
    ) -> PyResult<OfAccount> {
        let (mut records, mut told, mut judged, was) = (Vec::new(), Vec::new(), 0, hotness(account));
        let (mut day_ends, kinds) = (end_of(day_of(account.now)), self.kinds.clone());
        for at in its {
            let now = events.at(*at).now;
            if now >= day_ends {
                self.goes_on(name, account, now)?;
                day_ends = end_of(day_of(now));
            }
            let audience = |fits: &mut Fits| {
                let opened = fits.of(fit.class, fit.ask, fit.name)?;
                Ok(Audience { eligible: opened.eligible, triaged: opened.triaged })
            };
            let judge = |event: &Event<'_, 'py>| self.event(account, event, now, audience, Some(&mut records));
            let Some(one) = Event::with(events, *at, &kinds, event_of, judge)? else { break };
            if one.outcome == Outcome::Applied {
                day_ends = end_of(day_of(account.now)); // of an earlier day, perhaps, than an event that changed nothing
            }
            told.extend(one.told.map(|more| (*at, more)));
            judged += 1;
        }
        if !records.is_empty() {
            let latest = records.len().saturating_sub(self.policy.signals_kept);
            self.batch.applied(name, &records[latest..])?;
            if judged == its.len() {
                self.rank(name, account, fit)?;
                account.ids.tidy(account.now, &self.policy);
                self.batch.write(name, &encode(account))?;
                if hotness(account) != was {
                    self.due(name, account, fit)?;
                }
            }
        }
        Ok((judged, !records.is_empty(), was, told))
    }

    /// Judges one event; none, and nothing done, if it is Python's. In a batch, which has `records`, it adds that of an
    /// applied one, and notes what came in. `audience` is asked where it matters.
    pub fn event(
        &mut self,
        account: &mut Account,
        event: &Event<'_, '_>,
        now: i64,
        audience: impl FnOnce(&mut Fits) -> PyResult<Audience>,
        records: Option<&mut Vec<Vec<u8>>>,
    ) -> PyResult<Option<Judged>> {
        let (py, policy) = (event.py, &self.policy);
        let Event { asked, id, occurred_at, confidence, backfill, .. } = *event;
        let (Ok(source), Ok(url)) = (event.fields.at(asked.source), event.fields.at(asked.url)) else { return Ok(None) };
        let source = match source {
            Field::Text(source) => Some(source),
            Field::Missing => None,
            _ => return Ok(None),
        };
        let (arrived, now) = (now, now.max(account.now));
        if !(is_near(now) && is_near(occurred_at)) {
            return Ok(None);
        }
        let hash = id_hash(id, asked.number, &mut self.scratch);
        if let Some(outcome) = screened(account, hash, asked.number, occurred_at, now, policy) {
            self.batch.count(outcome, asked.number, None);
            if records.is_some() {
                self.batch.came_in.note(source, arrived);
            }
            return Ok(Some(Judged { outcome, kind: asked.number, persona: None, told: None }));
        }
        let Ok(Rule(points, act_now, trigger, off_list)) = self.answers.rule(event)? else { return Ok(None) };
        let points = points * confidence;
        if points <= 0.0 {
            self.batch.count(Outcome::Ignored, asked.number, off_list);
            if records.is_some() {
                self.batch.came_in.note(source, arrived);
            }
            return Ok(Some(Judged { outcome: Outcome::Ignored, kind: asked.number, persona: None, told: None }));
        }
        if !points.is_finite() {
            return Ok(None);
        }
        let persona = match asked.title.map(|title| self.answers.persona(event, title)).transpose()? {
            Some(Ok(persona)) => Some(persona),
            Some(Err(_)) => return Ok(None),
            None => None,
        };
        let Ok(facet) = self.answers.facet(event)? else { return Ok(None) };
        let Ok(line) = self.answers.line(event)? else { return Ok(None) };
        let mut tail = Vec::with_capacity(line.len() + 64);
        tail.extend_from_slice(&line);
        tail.push(b',');
        match url {
            Field::Text(url) => text(url, &mut tail),
            Field::Missing => tail.extend_from_slice(b"null"),
            _ => return Ok(None),
        }
        if let Some(alias) = event.alias {
            tail.push(b',');
            text(alias, &mut tail);
        }
        tail.push(b']');
        let signal = Signal {
            number: asked.number,
            event_id: id,
            hash,
            occurred_at,
            now,
            points,
            act_now,
            trigger,
            backfill,
            facet: &facet,
            persona: persona.as_deref(),
            tail: &tail,
        };
        let new_kind = account.kind(asked.number).is_none();
        let matters = act_now || trigger || account.level == HOT || !stays_below(account, points, new_kind, policy);
        let audience = if matters {
            audience(&mut self.fits)?
        } else {
            Audience { eligible: false, triaged: false }
        };
        let mut calls = Vec::new();
        let applied =
            self.answers.asking(py, |is_named| apply(account, &signal, audience, policy, is_named, &mut calls))?;
        let Ok(reason) = applied else { return Ok(None) };
        let told = if act_now {
            Some(Told(calls, Some((arrived, signal.persona_name(policy).clone(), reason))))
        } else {
            (!calls.is_empty()).then_some(Told(calls, None))
        };
        self.batch.count(Outcome::Applied, asked.number, None);
        if let Some(records) = records {
            records.push(record(id, asked.name.bind(py).to_str()?, occurred_at, &self.answers.rounded(py, points)?, &tail));
            self.batch.came_in.note(source, arrived);
            if let Some(persona) = &persona {
                self.batch.came_in.engagement += 1;
                if let Some(title) = &persona.counted {
                    self.batch.came_in.note_title(title);
                }
            }
        }
        Ok(Some(Judged { outcome: Outcome::Applied, kind: asked.number, persona, told }))
    }

    /// Keeps the score with which an account ends a day, when it is to be judged at an instant of a later one.
    fn goes_on(&mut self, name: &Bound<'_, PyString>, account: &Account, now: i64) -> PyResult<()> {
        let day = day_of(account.now);
        if day < day_of(now) && !account.kinds.is_empty() {
            let score = self.score(name.py(), account)?;
            self.batch.scores.push((day, name.clone().unbind(), score.score));
        }
        Ok(())
    }

    fn rank(&mut self, name: &Bound<'_, PyString>, account: &mut Account, fit: &Fit<'_, '_>) -> PyResult<()> {
        let until = account.pinned_until(self.policy.pin);
        let is_warm_enough = account.level >= self.policy.min_level;
        if until.is_none() && !is_warm_enough {
            return Ok(());
        }
        let opened = self.fits.of(fit.class, fit.ask, fit.name)?;
        if opened.places.is_empty() {
            return Ok(());
        }
        let score = self.score(name.py(), account)?;
        set_upper_bound(account, &score, &self.policy);
        if until.is_none() && !(score.score > 0.0 && score.score >= self.policy.min_score) {
            return Ok(());
        }
        for (list, pins, weight) in &opened.places {
            let key = self.policy.level_step * f64::from(account.level) + score.raw * weight;
            self.batch.place(list.bind(name.py()), name, Some(key))?;
            if let Some(until) = until {
                self.batch.place(pins.bind(name.py()), name, Some(until as f64))?;
            }
        }
        Ok(())
    }

    /// `due` of `engine/partition/transaction_builder.py`.
    fn due(&mut self, name: &Bound<'_, PyString>, account: &Account, fit: &Fit<'_, '_>) -> PyResult<()> {
        let (policy, py) = (&self.policy, name.py());
        let until = account.pinned_until(policy.pin);
        let mut due = until;
        if account.level == HOT && self.fits.of(fit.class, fit.ask, fit.name)?.eligible {
            let at = if account.alerted {
                self.answers.asking(py, |is_named| cools_at(account, account.now, policy, is_named))?
            } else {
                Some(cooldown_ends(account, policy))
            };
            due = [due, at.filter(|at| *at > account.now)].into_iter().flatten().min();
        }
        self.batch.due.push((name.clone().unbind(), due));
        if account.hand_raise.is_some() && until.is_none() {
            for pins in &self.fits.of(fit.class, fit.ask, fit.name)?.pins {
                self.batch.place(pins.bind(py), name, None)?;
            }
        }
        Ok(())
    }

    fn score(&mut self, py: Python<'_>, account: &Account) -> PyResult<Score> {
        self.score_at(py, account, account.now)
    }

    pub fn score_at(&mut self, py: Python<'_>, account: &Account, at: i64) -> PyResult<Score> {
        let policy = &self.policy;
        self.answers.asking(py, |is_named| evaluate(account, at, policy, is_named))
    }
}

/// As `engine/partition/transaction_builder.py` has it.
fn hotness(account: &Account) -> Hotness {
    (if account.level == HOT { account.episode } else { 0 }, account.alerted, account.hand_raise.as_ref().map(|raised| raised.at))
}

/// A signal as histories have it.
fn record(id: &str, kind: &str, occurred_at: i64, points: &[u8], tail: &[u8]) -> Vec<u8> {
    let mut json = Vec::with_capacity(40 + id.len() + kind.len() + tail.len());
    json.push(b'[');
    text(id, &mut json);
    json.push(b',');
    text(kind, &mut json);
    json.push(b',');
    integer(occurred_at, &mut json);
    json.push(b',');
    json.extend_from_slice(points);
    json.push(b',');
    json.extend_from_slice(tail);
    json
}
