//! `advance` of `core/flow.py`, for accounts about which people decided nothing.

use std::sync::Arc;

use super::account::{Account, HandRaise, Kind};
use super::calls::{cooldown_ends, cooled, retried, signal_alert, Audience, Call, Reason};
use super::evidence::{keep, would_keep, Evidence, Kept};
use super::ids::{stamp, BEGINNING};
use super::levels::{fall, level_ends, rise};
use super::numbers::ratio;
use super::policy::{Policy, COLD, HOT};
use super::questions::Persona;
use super::score::IsNamed;
use super::writing::{float, integer, text};
use crate::json::{Odd, Read};

/// What became of an event; the numbers are places in what Python counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Applied,
    Duplicate,
    Ignored,
    Expired,
}

pub struct Signal<'a> {
    pub number: u8,
    pub event_id: &'a str,
    pub hash: u64,
    pub occurred_at: i64,
    pub now: i64,
    pub points: f64,
    pub act_now: bool,
    pub trigger: bool,
    pub backfill: bool,
    pub facet: &'a Arc<str>,
    /// Of a kind that has personas.
    pub persona: Option<&'a Persona>,
    /// Text, address, and alias if there is one, as they are stored.
    pub tail: &'a [u8],
}

impl Signal<'_> {
    /// The instant from which it counts.
    pub fn at(&self) -> i64 {
        self.now.min(self.occurred_at)
    }

    pub fn persona_name<'a>(&'a self, policy: &'a Policy) -> &'a Arc<str> {
        self.persona.map_or(&policy.unknown, |persona| &persona.name)
    }
}

/// Why an event counts for nothing, before any rule is asked.
pub fn screened(account: &Account, hash: u64, kind: u8, at: i64, now: i64, policy: &Policy) -> Option<Outcome> {
    if account.ids.holds(hash, now, policy) {
        return Some(Outcome::Duplicate);
    }
    match policy.kind(kind) {
        None => Some(Outcome::Ignored),
        Some(kind) if now - at > kind.expires_after => Some(Outcome::Expired),
        Some(_) => None,
    }
}

/// Applies a signal and adds the alerts that are due to `calls`; returns why the signal itself alerts no rep. `Odd`, and
/// the account as it was, where what is stored of the kind cannot be read.
pub fn apply(
    account: &mut Account,
    signal: &Signal<'_>,
    audience: Audience,
    policy: &Policy,
    is_named: IsNamed<'_>,
    calls: &mut Vec<Call>,
) -> Read<Option<Reason>> {
    if let Some(kind) = account.kind_mut(signal.number) {
        kind.kept.open()?;
    }
    if account.level == COLD {
        account.now = signal.now;
    } else {
        pass_time(account, signal.now, audience, policy, is_named, calls);
    }
    stack(account, signal, policy)?;
    let was_hot = account.level == HOT;
    let score = if was_hot { None } else { rise(account, signal.number, signal.now, policy, is_named) };
    let (call, reason) = signal_alert(account, signal, was_hot, score, audience, policy, is_named);
    calls.extend(call);
    Ok(reason)
}

fn pass_time(
    account: &mut Account,
    now: i64,
    audience: Audience,
    policy: &Policy,
    is_named: IsNamed<'_>,
    calls: &mut Vec<Call>,
) {
    loop {
        let ends = level_ends(account, now, policy, is_named);
        let waits = account.level == HOT && !account.alerted;
        let retry = if waits { cooldown_ends(account, policy) } else { BEGINNING };
        if audience.eligible && account.now < retry && retry <= now && ends.is_none_or(|ends| retry < ends) {
            account.now = retry;
            calls.push(retried(account, policy, is_named));
        } else if let Some(ends) = ends {
            account.now = ends;
            let was_alerted = account.level == HOT && account.alerted;
            fall(account, ends, policy, is_named);
            if was_alerted && audience.eligible {
                calls.push(cooled(account, policy, is_named));
            }
        } else {
            account.now = now.max(account.now);
            return;
        }
    }
}

/// `stack` of `core/score/stacking.py`.
fn stack(account: &mut Account, signal: &Signal<'_>, policy: &Policy) -> Read<()> {
    let (kind, at, points) = (policy.kind(signal.number).ok_or(Odd)?, signal.at(), signal.points);
    account.ids.add(signal.hash, stamp(signal.occurred_at, signal.number), signal.now, policy);
    if account.kind(signal.number).is_none() {
        if account.kinds.is_empty() {
            account.upper_bound_stamp = policy.stamp;
        }
        let (facets, kept) = (Vec::new(), Kept::Open(Vec::new()));
        account.kinds.push(Kind { number: signal.number, reference: at, facets, kept, upper_bound: Some(0.0) });
    }
    let state = account.kind_mut(signal.number).ok_or(Odd)?;
    state.add(kind, signal.facet, points, at);
    let weight = points.log2() + ratio(at, kind.half_life);
    let kept = state.kept.open()?;
    let (is_kept, pins) = (would_keep(kept, weight, signal.occurred_at, signal.event_id), signal.act_now && !signal.backfill);
    let evidence = (is_kept || pins).then(|| evidence_of(signal, weight));
    if let Some(evidence) = evidence.as_ref().filter(|_| is_kept) {
        keep(kept, evidence.clone());
    }
    account.upper_bound += points;
    if account.last_signal_at.is_none_or(|last| signal.occurred_at > last) {
        account.last_signal_at = Some(signal.occurred_at);
    }
    if points >= policy.live_floor && account.weighty_at.is_none_or(|last| at > last) {
        account.weighty_at = Some(at);
    }
    if let Some(evidence) = evidence.filter(|_| pins) {
        account.raise_hand(raised(signal, &evidence, policy), signal.now);
    }
    if let Some(Persona { name, called: Some(called), .. }) = signal.persona {
        account.meet(name, called, at);
    }
    Ok(())
}

fn evidence_of(signal: &Signal<'_>, weight: f64) -> Evidence {
    let mut json = Vec::with_capacity(48 + signal.event_id.len() + signal.tail.len());
    json.push(b'[');
    float(weight, &mut json);
    json.push(b',');
    integer(signal.occurred_at, &mut json);
    json.push(b',');
    text(signal.event_id, &mut json);
    json.push(b',');
    json.extend_from_slice(signal.tail);
    Evidence { weight, occurred_at: signal.occurred_at, event_id: signal.event_id.into(), json: json.into() }
}

fn raised(signal: &Signal<'_>, evidence: &Evidence, policy: &Policy) -> HandRaise {
    let mut json = vec![b'['];
    integer(signal.at(), &mut json);
    json.push(b',');
    integer(i64::from(signal.number), &mut json);
    json.push(b',');
    text(signal.persona_name(policy), &mut json);
    json.push(b',');
    json.extend_from_slice(&evidence.json);
    json.push(b']');
    HandRaise { at: signal.at(), event_id: evidence.event_id.clone(), json: json.into() }
}
