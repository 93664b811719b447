//! `core/score/levels.py`: how levels rise and end.

use super::account::Account;
use super::numbers::ratio;
use super::policy::{Policy, COLD, HOT, WARM};
use super::score::{evaluate, fall_at, kind_points, weakest_of_group, IsNamed, Score};

const SLACK: f64 = 1e-9;
const ROUNDING: f64 = 0.999;
const SECOND: i64 = 1_000;
const FIRST_PROBE: i64 = 8 * 3_600_000;
const PROBE_GROWTH: i64 = 3;
const FLAT: f64 = 1e-18;
const HALF_WAY_EVERY_PROBES: u32 = 5;

/// Whether a signal of so many points leaves the level for certain, before it is applied.
pub fn stays_below(account: &Account, points: f64, new_kind: bool, policy: &Policy) -> bool {
    let stamp = if account.kinds.is_empty() { policy.stamp } else { account.upper_bound_stamp };
    let kinds = account.kinds.len() + usize::from(new_kind);
    let below = policy.no_rise_below[usize::from(account.level)].get(kinds).copied().unwrap_or(0.0);
    account.upper_bound + points < below && stamp == policy.stamp
}

/// Rolls the level up after a signal of a kind was applied; the score if it had to be computed.
pub fn rise(account: &mut Account, kind: u8, now: i64, policy: &Policy, is_named: IsNamed<'_>) -> Option<Score> {
    let below = policy.no_rise_below[usize::from(account.level)].get(account.kinds.len()).copied().unwrap_or(0.0);
    if account.upper_bound_stamp == policy.stamp {
        if account.upper_bound < below {
            return None;
        }
        tighten(account, kind, now, policy);
        if account.upper_bound < below {
            return None;
        }
    }
    let score = evaluate(account, now, policy, is_named);
    set_upper_bound(account, &score, policy);
    let (hot, warm) = (&policy.hot, &policy.warm);
    if score.score >= hot.enter && score.live >= hot.min_kinds && !is_silent(account, now, policy) {
        account.enter(HOT, now);
    } else if account.level == COLD && score.score >= warm.enter && score.live >= warm.min_kinds {
        account.enter(WARM, now);
    }
    Some(score)
}

pub fn set_upper_bound(account: &mut Account, score: &Score, policy: &Policy) {
    account.upper_bound = score.kinds.iter().map(|(_, points)| points).sum();
    account.upper_bound_stamp = policy.stamp;
    for (number, points) in &score.kinds {
        if let Some(kind) = account.kind_mut(*number) {
            kind.upper_bound = Some(*points);
        }
    }
}

/// Lowers the bound by the present value of one kind; nothing, where there is no bound to start from.
fn tighten(account: &mut Account, number: u8, now: i64, policy: &Policy) {
    let (Some(kind), Some(state)) = (policy.kind(number), account.kind_mut(number)) else { return };
    let Some(bound) = state.upper_bound else { return };
    let points = kind_points(state, now, kind);
    state.upper_bound = Some(points);
    account.upper_bound += points - bound + SLACK;
}

pub fn is_silent(account: &Account, at: i64, policy: &Policy) -> bool {
    match (account.weighty_at, policy.hot.max_silence) {
        (None, _) => true,
        (Some(_), None) => false,
        (Some(since), Some(most)) => at >= since + most,
    }
}

/// The whole second at which silence ends a hot level.
fn silent_from(account: &Account, policy: &Policy) -> Option<i64> {
    let since = account.weighty_at.filter(|_| account.level == HOT)? + policy.hot.max_silence?;
    Some(-(-since).div_euclid(SECOND) * SECOND)
}

/// The instant at or before `now` at which the present level ended without a new signal.
pub fn level_ends(account: &mut Account, now: i64, policy: &Policy, is_named: IsNamed<'_>) -> Option<i64> {
    let limit = policy.exit(account.level)?;
    let last = now - now.rem_euclid(SECOND);
    if now < account.holds_until || last <= account.now {
        return None;
    }
    let silent = silent_from(account, policy);
    if let Some(silent) = silent.filter(|silent| *silent <= last) {
        let until = silent.max(next_second(account.now));
        return Some(first_below(account, limit, account.now, Some(until), policy, is_named));
    }
    let score = evaluate(account, last, policy, is_named);
    if score.score >= limit {
        if let Some(until) = holds_until(account, &score, last, limit, policy, is_named) {
            account.holds_until = silent.map_or(until, |silent| until.min(silent));
        }
        return None;
    }
    Some(first_below(account, limit, account.now, Some(last), policy, is_named))
}

/// Rolls the level down at the instant at which it ended.
pub fn fall(account: &mut Account, at: i64, policy: &Policy, is_named: IsNamed<'_>) {
    let below_warm = account.level == WARM || evaluate(account, at, policy, is_named).score < policy.warm.exit;
    account.enter(if below_warm { COLD } else { WARM }, at);
}

/// The first whole second after `at` at which the level ends without new signals; none if cold.
pub fn cools_at(account: &Account, at: i64, policy: &Policy, is_named: IsNamed<'_>) -> Option<i64> {
    let limit = policy.exit(account.level)?;
    let until = silent_from(account, policy).map(|silent| silent.max(next_second(at)));
    Some(first_below(account, limit, at, until, policy, is_named))
}

fn next_second(at: i64) -> i64 {
    (at.div_euclid(SECOND) + 1) * SECOND
}

/// `_first_below`, look by look, so that it finds the same second even where rounding makes a score rise.
fn first_below(account: &Account, limit: f64, after: i64, until: Option<i64>, policy: &Policy, is_named: IsNamed<'_>) -> i64 {
    let (mut low, mut high) = (after.div_euclid(SECOND), until.map(|until| until.div_euclid(SECOND)));
    let (mut at, mut leap, mut looks, mut looked_at_end) = (low, FIRST_PROBE / SECOND, 0, false);
    loop {
        if let Some(high) = high.filter(|high| high - low <= 1) {
            return high * SECOND;
        }
        let (raw, falling) = fall_at(account, at * SECOND, policy, is_named);
        let is_steep = falling > raw * FLAT && raw * FLAT > 0.0;
        let ahead = if is_steep { ((raw / limit).ln() * raw / falling / SECOND as f64).floor() as i64 } else { leap };
        let guess = at.saturating_add(ahead);
        if at > low {
            if raw < limit {
                high = Some(at);
            } else {
                low = at;
            }
        }
        looks += 1;
        match high {
            None => {
                at = guess.max(low + 1).min(low.saturating_add(leap));
                leap = leap.saturating_mul(PROBE_GROWTH);
            }
            Some(high) if guess >= high && !looked_at_end => {
                at = high - 1;
                looked_at_end = true;
            }
            Some(high) if looks % HALF_WAY_EVERY_PROBES == 0 || guess < low || guess > high => {
                at = (low + high).div_euclid(2);
            }
            Some(high) => at = guess.max(low + 1).min(high - 1),
        }
    }
}

/// None where there is no telling.
fn holds_until(
    account: &Account,
    score: &Score,
    at: i64,
    limit: f64,
    policy: &Policy,
    is_named: IsNamed<'_>,
) -> Option<i64> {
    let (mut shortest, mut live) = (None, None);
    for (number, points) in &score.kinds {
        let half_life = policy.kind(*number)?.half_life;
        shortest = Some(shortest.map_or(half_life, |before: i64| before.min(half_life)));
        if *points >= policy.live_floor {
            least(&mut live, half_life as f64 * (points / policy.live_floor).log2());
        }
    }
    if score.has_group {
        let (group, half_life) = (policy.group.as_ref()?, policy.kind(policy.engagement)?.half_life);
        let weakest = weakest_of_group(account, at, policy, is_named);
        least(&mut live, half_life as f64 * (weakest / group.each).log2());
    }
    let shortest = ratio(shortest?, 1);
    let stacked = live.unwrap_or(0.0).min(shortest * (score.raw / limit).log2());
    let plain = shortest * (score.raw / score.multiplier / limit).log2();
    let holds = stacked.max(plain).max(0.0) * ROUNDING;
    holds.is_finite().then_some(at.saturating_add(holds as i64))
}

fn least(found: &mut Option<f64>, one: f64) {
    *found = Some(found.map_or(one, |before| before.min(one)));
}
