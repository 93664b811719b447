//! `core/score/stack.py`: from kept signals to a score.

use std::f64::consts::LN_2;
use std::sync::Arc;

use super::account::{Account, Kind};
use super::numbers::{ratio, sat, sat_and_slope, two_to, Sum, CEILING};
use super::policy::{KindPolicy, Policy};

/// Asks whether a persona is somebody, known by name.
pub type IsNamed<'a> = &'a mut dyn FnMut(&Arc<str>) -> bool;

pub struct Score {
    /// Number and points of each kind, in the policy's order.
    pub kinds: Vec<(u8, f64)>,
    /// How many kinds are live, and the buying group.
    pub live: usize,
    /// Those, as bits.
    pub live_set: u32,
    pub multiplier: f64,
    pub raw: f64,
    pub score: f64,
    pub has_group: bool,
}

pub fn evaluate(account: &Account, at: i64, policy: &Policy, is_named: IsNamed<'_>) -> Score {
    let (mut kinds, mut live_set) = (Vec::with_capacity(policy.kinds.len()), 0_u32);
    let mut sum = Sum::new(policy.compensated);
    for kind in &policy.kinds {
        let Some(state) = account.kind(kind.number) else { continue };
        let points = kind_points(state, at, kind);
        sum.add(points);
        live_set |= u32::from(points >= policy.live_floor) << kind.number;
        kinds.push((kind.number, points));
    }
    let has_group = has_buying_group(account, at, policy, is_named);
    live_set |= u32::from(has_group) << policy.group_bit;
    let live = live_set.count_ones() as usize;
    let multiplier = policy.multiplier(live);
    let raw = multiplier * sum.total();
    Score { kinds, live, live_set, multiplier, raw, score: if raw < CEILING { raw } else { CEILING }, has_group }
}

pub fn kind_points(state: &Kind, at: i64, kind: &KindPolicy) -> f64 {
    let decay = two_to(ratio(state.reference - at, kind.half_life));
    let mut together = 0.0;
    for (_, sum) in &state.facets {
        together += sat(sum * decay, kind.facet_cap);
    }
    sat(together, kind.cap)
}

/// `raw` as `evaluate` has it, to the last bit, and the points per millisecond by which it falls.
pub fn fall_at(account: &Account, at: i64, policy: &Policy, is_named: IsNamed<'_>) -> (f64, f64) {
    let (mut points, mut falls, mut live) = (Sum::new(policy.compensated), Sum::new(policy.compensated), 0);
    for kind in &policy.kinds {
        let Some(state) = account.kind(kind.number) else { continue };
        let (one, fall) = falling(state, at, kind);
        points.add(one);
        falls.add(fall);
        live += usize::from(one >= policy.live_floor);
    }
    live += usize::from(has_buying_group(account, at, policy, is_named));
    let multiplier = policy.multiplier(live);
    (multiplier * points.total(), multiplier * falls.total())
}

fn falling(state: &Kind, at: i64, kind: &KindPolicy) -> (f64, f64) {
    let decay = two_to(ratio(state.reference - at, kind.half_life));
    let (mut together, mut steep) = (0.0, 0.0);
    for (_, sum) in &state.facets {
        let now = sum * decay;
        let (saturated, slope) = sat_and_slope(now, kind.facet_cap);
        together += saturated;
        steep += slope * now;
    }
    let (points, slope) = sat_and_slope(together, kind.cap);
    (points, slope * steep * LN_2 / kind.half_life as f64)
}

fn has_buying_group(account: &Account, at: i64, policy: &Policy, is_named: IsNamed<'_>) -> bool {
    let (Some(group), Some(kind)) = (&policy.group, policy.kind(policy.engagement)) else { return false };
    let Some(state) = account.kind(policy.engagement) else { return false };
    if state.facets.len() < group.personas {
        return false;
    }
    let decay = two_to(ratio(state.reference - at, kind.half_life));
    let mut found = 0;
    for (persona, sum) in &state.facets {
        let now = sum * decay;
        if now >= group.each && sat(now, kind.facet_cap) >= group.each && is_named(persona) {
            found += 1;
        }
    }
    found >= group.personas
}

/// The points of the last of the strongest personas of a group that there is.
pub fn weakest_of_group(account: &Account, at: i64, policy: &Policy, is_named: IsNamed<'_>) -> f64 {
    let Some(group) = &policy.group else { return 0.0 };
    let mut points: Vec<f64> = persona_points(account, at, policy, is_named).map(|(_, points)| points).collect();
    points.sort_by(|one, other| other.partial_cmp(one).unwrap_or(std::cmp::Ordering::Equal));
    group.personas.checked_sub(1).and_then(|last| points.get(last)).copied().unwrap_or(0.0)
}

/// The points of each named persona.
pub fn persona_points<'a>(
    account: &'a Account,
    at: i64,
    policy: &'a Policy,
    is_named: IsNamed<'a>,
) -> impl Iterator<Item = (&'a Arc<str>, f64)> {
    let kind = policy.kind(policy.engagement).filter(|_| policy.by_persona);
    let state = kind.and_then(|kind| Some((account.kind(policy.engagement)?, kind)));
    state.into_iter().flat_map(move |(state, kind)| {
        let decay = two_to(ratio(state.reference - at, kind.half_life));
        let named: Vec<_> = state.facets.iter().filter(|(persona, _)| is_named(persona)).collect();
        named.into_iter().map(move |(persona, sum)| (persona, sat(sum * decay, kind.facet_cap)))
    })
}

/// The named personas that are live.
pub fn live_personas(account: &Account, at: i64, policy: &Policy, is_named: IsNamed<'_>) -> Vec<Arc<str>> {
    let points = persona_points(account, at, policy, is_named);
    points.filter(|(_, points)| *points >= policy.live_floor).map(|(persona, _)| persona.clone()).collect()
}
