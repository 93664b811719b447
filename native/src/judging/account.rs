//! One account: `core/score/account.py` and `kind_state.py`, as far as ordinary events ask. What they leave alone is
//! kept as it was stored.

use std::sync::Arc;

use super::evidence::Kept;
use super::ids::{Ids, BEGINNING};
use super::numbers::{ratio, two_to};
use super::policy::{KindPolicy, COLD, HOT};

const FORGET_FACET_BELOW_POINTS: f64 = 1e-13;
const RENORMALISE_AFTER_HALF_LIVES: f64 = 24.0;
const PEOPLE_KEPT: usize = 10;

#[derive(Clone, Debug)]
pub struct Kind {
    pub number: u8,
    pub reference: i64,
    /// In the order in which they came: sums go by it.
    pub facets: Vec<(Arc<str>, f64)>,
    pub kept: Kept,
    pub upper_bound: Option<f64>,
}

/// A persona seen: when last, and under which title.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub struct Seen(pub i64, pub Arc<str>);

/// The latest hand raise that can pin.
#[derive(Clone, Debug)]
pub struct HandRaise {
    /// The instant from which it counts.
    pub at: i64,
    pub event_id: Arc<str>,
    /// All of it, as it is stored.
    pub json: Arc<[u8]>,
}

#[derive(Clone, Debug)]
pub struct Account {
    pub now: i64,
    pub upper_bound: f64,
    pub upper_bound_stamp: u64,
    pub last_signal_at: Option<i64>,
    pub weighty_at: Option<i64>,
    pub level: u8,
    pub previous_level: i8,
    pub since: Option<i64>,
    pub episode: u64,
    pub episode_began: i64,
    pub alerted: bool,
    pub named: u32,
    pub named_personas: Vec<Arc<str>>,
    pub last_alert_at: Option<i64>,
    pub last_alert_kinds: u32,
    pub last_trigger_at: Option<i64>,
    /// Persona, when its last hand raise was alerted; in the order in which they came.
    pub hand_raised: Vec<(Arc<str>, i64)>,
    pub hand_raise: Option<HandRaise>,
    pub raise_applied_at: Option<i64>,
    pub answered_at: Option<i64>,
    pub people: Vec<(Arc<str>, Seen)>,
    pub kinds: Vec<Kind>,
    pub ids: Ids,
    pub holds_until: i64,
}

impl Account {
    pub fn blank() -> Account {
        Account {
            now: BEGINNING,
            upper_bound: 0.0,
            upper_bound_stamp: 0,
            last_signal_at: None,
            weighty_at: None,
            level: COLD,
            previous_level: -1,
            since: None,
            episode: 0,
            episode_began: 0,
            alerted: false,
            named: 0,
            named_personas: Vec::new(),
            last_alert_at: None,
            last_alert_kinds: 0,
            last_trigger_at: None,
            hand_raised: Vec::new(),
            hand_raise: None,
            raise_applied_at: None,
            answered_at: None,
            people: Vec::new(),
            kinds: Vec::new(),
            ids: Ids::new(Vec::new(), Vec::new(), 0),
            holds_until: BEGINNING,
        }
    }

    pub fn kind(&self, number: u8) -> Option<&Kind> {
        self.kinds.iter().find(|kind| kind.number == number)
    }

    pub fn kind_mut(&mut self, number: u8) -> Option<&mut Kind> {
        self.kinds.iter_mut().find(|kind| kind.number == number)
    }

    pub fn enter(&mut self, level: u8, at: i64) {
        self.previous_level = self.level as i8;
        self.level = level;
        self.since = Some(at);
        self.holds_until = BEGINNING;
        if level == HOT {
            self.episode += 1;
            self.episode_began = at;
            self.alerted = false;
            self.named = 0;
            self.named_personas.clear();
        }
    }

    pub fn meet(&mut self, persona: &Arc<str>, called: &Arc<str>, at: i64) {
        let seen = Seen(at, called.clone());
        match self.people.iter_mut().find(|(known, _)| known == persona) {
            Some((_, before)) => {
                if seen > *before {
                    *before = seen;
                }
            }
            None => self.people.push((persona.clone(), seen)),
        }
        if self.people.len() > PEOPLE_KEPT {
            let oldest = |(_, one): &(usize, &(Arc<str>, Seen))| (one.1 .0, one.1 .1.clone(), one.0.clone());
            let least = self.people.iter().enumerate().min_by_key(oldest).map(|(at, _)| at);
            self.people.remove(least.unwrap_or(0));
        }
    }

    pub fn raise_hand(&mut self, raised: HandRaise, now: i64) {
        self.raise_applied_at = Some(self.raise_applied_at.map_or(now, |before| before.max(now)));
        if self.hand_raise.as_ref().is_none_or(|before| (raised.at, &raised.event_id) > (before.at, &before.event_id)) {
            self.hand_raise = Some(raised);
        }
    }

    /// The instant until which it is pinned now.
    pub fn pinned_until(&self, pin: i64) -> Option<i64> {
        let (raised, applied) = (self.hand_raise.as_ref()?, self.raise_applied_at?);
        let answered = self.answered_at.is_some_and(|at| at > applied);
        (!answered).then_some(raised.at + pin).filter(|until| self.now < *until)
    }

    /// Whether alerts of the latest episode named the persona.
    pub fn has_named(&self, persona: &str) -> bool {
        self.named_personas.iter().any(|known| **known == *persona)
    }
}

impl Kind {
    pub fn add(&mut self, policy: &KindPolicy, facet: &Arc<str>, points: f64, at: i64) {
        let mut age = ratio(at - self.reference, policy.half_life);
        if age > RENORMALISE_AFTER_HALF_LIVES {
            self.renormalise(policy, at);
            age = 0.0;
        }
        let added = points * two_to(age);
        match self.facets.iter_mut().find(|(known, _)| known == facet) {
            Some((_, sum)) => *sum += added,
            None => self.facets.push((facet.clone(), added)),
        }
        if let Some(bound) = &mut self.upper_bound {
            *bound += points;
        }
    }

    fn renormalise(&mut self, policy: &KindPolicy, at: i64) {
        let decay = two_to(ratio(self.reference - at, policy.half_life));
        for (_, sum) in &mut self.facets {
            *sum *= decay;
        }
        self.facets.retain(|(_, sum)| *sum >= FORGET_FACET_BELOW_POINTS);
        self.reference = at;
    }
}
