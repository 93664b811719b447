//! Whom to call: `core/alerting/alerts.py` and `signal_alert.py`. What an alert says is Python's; it gets the state as
//! it was at that instant.

use std::sync::Arc;

use super::account::Account;
use super::flow::Signal;
use super::ids::BEGINNING;
use super::levels::{cools_at, is_silent};
use super::policy::{Policy, HOT};
use super::score::{evaluate, live_personas, IsNamed, Score};
use super::stored::encode;

/// The numbers are places in the list of types that Python hands over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CallType {
    HandRaise,
    EnteredHot,
    Trigger,
    NewEvidence,
    Cooled,
    Inbound,
}

/// Why a signal calls nobody; the numbers are places in the list of reasons that Python hands over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reason {
    Cooldown,
    AlreadyAlerted,
    HandRaiseRecent,
    TriggerRecent,
    TooFewKinds,
    Silence,
    BelowThreshold,
    /// For whatever keeps a rep from being alerted of the account.
    Ineligible,
}

/// An alert that was decided.
pub struct Call {
    pub call: CallType,
    pub at: i64,
    /// Whether a signal gave it, and not time.
    pub by_signal: bool,
    /// The live personas.
    pub personas: Vec<Arc<str>>,
    /// Of new evidence: the kinds and personas that are news.
    pub new_kinds: u32,
    pub new_personas: Vec<Arc<str>>,
    /// The persona of a hand raise.
    pub raised_by: Option<Arc<str>>,
    /// The account then.
    pub state: Vec<u8>,
    pub score: Score,
    pub cools_at: Option<i64>,
}

/// What may be told of an account.
#[derive(Clone, Copy)]
pub struct Audience {
    /// Whether somebody may be alerted of it.
    pub eligible: bool,
    /// Whether a hand raise is passed on where nobody may.
    pub triaged: bool,
}

/// What was decided, before the account is kept as it is then.
struct Decided {
    call: CallType,
    personas: Vec<Arc<str>>,
    new_kinds: u32,
    new_personas: Vec<Arc<str>>,
}

impl Decided {
    fn of(call: CallType, personas: Vec<Arc<str>>) -> Decided {
        Decided { call, personas, new_kinds: 0, new_personas: Vec::new() }
    }
}

type Decision = Result<Decided, Reason>;

fn told(account: &Account, at: i64, decided: Decided, score: Score, policy: &Policy, is_named: IsNamed<'_>) -> Call {
    Call {
        call: decided.call,
        at,
        by_signal: false,
        personas: decided.personas,
        new_kinds: decided.new_kinds,
        new_personas: decided.new_personas,
        raised_by: None,
        state: encode(account),
        score,
        cools_at: cools_at(account, at, policy, is_named),
    }
}

/// `end_of_cooldown` at the account's instant.
pub fn retried(account: &mut Account, policy: &Policy, is_named: IsNamed<'_>) -> Call {
    let at = account.now;
    let score = evaluate(account, at, policy, is_named);
    let decided = end_of_cooldown(account, at, &score, policy, is_named);
    told(account, at, decided, score, policy, is_named)
}

/// `cooled` at the account's instant.
pub fn cooled(account: &Account, policy: &Policy, is_named: IsNamed<'_>) -> Call {
    let at = account.now;
    let decided = Decided::of(CallType::Cooled, live_personas(account, at, policy, is_named));
    told(account, at, decided, evaluate(account, at, policy, is_named), policy, is_named)
}

/// The alert of an applied signal, or why no rep gets one. `score`: where it is known.
pub fn signal_alert(
    account: &mut Account,
    signal: &Signal<'_>,
    was_hot: bool,
    score: Option<Score>,
    audience: Audience,
    policy: &Policy,
    is_named: IsNamed<'_>,
) -> (Option<Call>, Option<Reason>) {
    let (now, age) = (signal.now, signal.now - signal.at());
    let raised = signal.act_now && age < policy.pin;
    let (decided, score, reason) = if audience.eligible {
        let triggered = signal.trigger && age < policy.trigger_pause;
        if !raised && !triggered {
            if let Some(quiet) = quiet(account, signal, was_hot, score.as_ref(), policy, is_named) {
                return (None, Some(quiet));
            }
        }
        let score = score.unwrap_or_else(|| evaluate(account, now, policy, is_named));
        match decide(account, signal, raised, triggered, &score, policy, is_named) {
            Ok(decided) => (decided, score, None),
            Err(reason) => return (None, Some(reason)),
        }
    } else {
        let reason = Some(Reason::Ineligible);
        if !raised || !audience.triaged || !takes_hand_raise(account, signal, policy) {
            return (None, reason);
        }
        let personas = live_personas(account, now, policy, is_named);
        let score = score.unwrap_or_else(|| evaluate(account, now, policy, is_named));
        (Decided::of(CallType::Inbound, personas), score, reason)
    };
    let raised_by = matches!(decided.call, CallType::HandRaise | CallType::Inbound);
    let mut call = told(account, now, decided, score, policy, is_named);
    call.by_signal = true;
    call.raised_by = raised_by.then(|| signal.persona_name(policy).clone());
    (Some(call), reason)
}

/// The first that no limit holds back.
fn decide(
    account: &mut Account,
    signal: &Signal<'_>,
    raised: bool,
    triggered: bool,
    score: &Score,
    policy: &Policy,
    is_named: IsNamed<'_>,
) -> Decision {
    let now = signal.now;
    let mut limit = None;
    if raised {
        if takes_hand_raise(account, signal, policy) {
            return Ok(by_itself(account, CallType::HandRaise, now, score, policy, is_named));
        }
        limit = Some(Reason::HandRaiseRecent);
    }
    let entered = match entered_hot(account, now, score, policy, is_named) {
        Ok(decided) => return Ok(decided),
        Err(reason) => reason,
    };
    if triggered {
        if account.last_trigger_at.is_none_or(|last| now - last >= policy.trigger_pause) {
            account.last_trigger_at = Some(now);
            return Ok(by_itself(account, CallType::Trigger, now, score, policy, is_named));
        }
        limit = limit.or(Some(Reason::TriggerRecent));
    }
    new_evidence(account, now, score, policy, is_named).ok_or(limit.unwrap_or(entered))
}

fn takes_hand_raise(account: &mut Account, signal: &Signal<'_>, policy: &Policy) -> bool {
    let (persona, now) = (signal.persona_name(policy), signal.now);
    let is_recent = |at: i64| now - at < policy.hand_raise_pause;
    if account.hand_raised.iter().any(|(one, at)| one == persona && is_recent(*at)) {
        return false;
    }
    account.hand_raised.retain(|(_, at)| is_recent(*at));
    account.hand_raised.push((persona.clone(), now));
    true
}

fn by_itself(
    account: &mut Account,
    call: CallType,
    now: i64,
    score: &Score,
    policy: &Policy,
    is_named: IsNamed<'_>,
) -> Decided {
    let personas = live_personas(account, now, policy, is_named);
    if account.level == HOT {
        keep(account, now, score, &personas);
    }
    Decided::of(call, personas)
}

fn entered_hot(account: &mut Account, at: i64, score: &Score, policy: &Policy, is_named: IsNamed<'_>) -> Decision {
    if account.level != HOT {
        return Err(not_hot(account, at, score, policy));
    }
    if account.alerted {
        return Err(Reason::AlreadyAlerted);
    }
    if cooldown_ends(account, policy) > at && score.live_set & !account.last_alert_kinds == 0 {
        return Err(Reason::Cooldown);
    }
    Ok(end_of_cooldown(account, at, score, policy, is_named))
}

fn end_of_cooldown(account: &mut Account, at: i64, score: &Score, policy: &Policy, is_named: IsNamed<'_>) -> Decided {
    let personas = live_personas(account, at, policy, is_named);
    keep(account, at, score, &personas);
    Decided::of(CallType::EnteredHot, personas)
}

/// None, too, where the account is not hot or its episode has not alerted: `entered_hot` said why.
fn new_evidence(
    account: &mut Account,
    at: i64,
    score: &Score,
    policy: &Policy,
    is_named: IsNamed<'_>,
) -> Option<Decided> {
    if account.level != HOT || !account.alerted {
        return None;
    }
    let personas = live_personas(account, at, policy, is_named);
    let new_kinds = score.live_set & !account.named;
    let new_personas: Vec<_> = personas.iter().filter(|one| !account.has_named(one)).cloned().collect();
    if new_kinds == 0 && new_personas.is_empty() {
        return None;
    }
    keep(account, at, score, &personas);
    Some(Decided { call: CallType::NewEvidence, personas, new_kinds, new_personas })
}

/// `_quiet`: why a signal that neither raises a hand nor triggers alerts nobody, where no score is needed to tell.
fn quiet(
    account: &Account,
    signal: &Signal<'_>,
    was_hot: bool,
    score: Option<&Score>,
    policy: &Policy,
    is_named: IsNamed<'_>,
) -> Option<Reason> {
    if was_hot {
        return nothing_new(account, signal, policy, is_named);
    }
    if account.level == HOT {
        return None;
    }
    Some(score.map_or(Reason::BelowThreshold, |score| not_hot(account, signal.now, score, policy)))
}

fn nothing_new(account: &Account, signal: &Signal<'_>, policy: &Policy, is_named: IsNamed<'_>) -> Option<Reason> {
    let alerted = if account.alerted { account.named } else { account.last_alert_kinds };
    if alerted >> signal.number & 1 == 0 {
        return None;
    }
    if signal.number == policy.engagement {
        let people = account.kind(signal.number).map_or(0, |kind| kind.facets.len());
        if policy.group.as_ref().is_some_and(|group| people >= group.personas) && alerted >> policy.group_bit & 1 == 0 {
            return None;
        }
        let persona = signal.persona_name(policy);
        if account.alerted && policy.by_persona && !account.has_named(persona) && is_named(persona) {
            return None;
        }
    }
    if account.alerted {
        return Some(Reason::AlreadyAlerted);
    }
    (cooldown_ends(account, policy) > signal.now).then_some(Reason::Cooldown)
}

fn not_hot(account: &Account, at: i64, score: &Score, policy: &Policy) -> Reason {
    if score.score < policy.hot.enter {
        Reason::BelowThreshold
    } else if score.live < policy.hot.min_kinds {
        Reason::TooFewKinds
    } else if is_silent(account, at, policy) {
        Reason::Silence
    } else {
        Reason::BelowThreshold
    }
}

/// The instant from which the account may be called again.
pub fn cooldown_ends(account: &Account, policy: &Policy) -> i64 {
    account.last_alert_at.map_or(BEGINNING, |at| at + policy.cooldown)
}

/// `_record`.
fn keep(account: &mut Account, at: i64, score: &Score, personas: &[Arc<str>]) {
    account.alerted = true;
    account.named |= score.live_set;
    for persona in personas {
        if !account.has_named(persona) {
            account.named_personas.push(persona.clone());
        }
    }
    account.named_personas.sort();
    account.last_alert_at = Some(at);
    account.last_alert_kinds = score.live_set;
}
