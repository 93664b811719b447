"""Levels: cold, warm, hot, with hysteresis, ended by score or by silence (scoring.md, section 4)."""

from math import floor, log, log2
from typing import Final

from signal_engine.core.rules.instants import BEGINNING, HOUR, SECOND
from signal_engine.core.rules.kinds import ENGAGEMENT
from signal_engine.core.rules.policy import COLD, HOT, WARM, Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.stack import Score, evaluate, fall_at, has_buying_group, kind_points, weakest_of_group

_SLACK: Final = 1e-9
"""Slack that keeps an upper bound made of sums and differences above the exact value despite rounding."""
_FIRST_PROBE_MS: Final = 8 * HOUR
_PROBE_GROWTH: Final = 3
"""How much further ahead each look for an instant below a limit goes than the one before."""
_FLAT: Final = 1e-18
"""The share of a score by which it falls in a millisecond, below which a line through it leads nowhere."""
_HALF_WAY_EVERY_PROBES: Final = 5
"""Every so many looks one is half way, so that a search never takes more than five times as many as bisection."""
_ROUNDING: Final = 0.999
"""Slack that keeps an upper bound above the exact value despite the rounding of a logarithm."""


def rise(account: Account, kind: str, now: int, policy: Policy) -> Score | None:
    """Roll the level up after a signal of `kind` was applied at `now`; return the score if it had to be computed.

    Most signals cannot cross a threshold. An upper bound shows that without scoring: the last known sum plus every
    point since; if that is too high, the present value of the kind that changed, which is lower if it is saturated.
    """
    no_rise_below = policy.no_rise_below[account.level][len(account.kinds)]
    if is_below(account, no_rise_below, policy) or (
        _tighten(account, kind, now, policy) and account.upper_bound < no_rise_below
    ):
        return None
    score = evaluate(account, now, policy)
    set_upper_bound(account, score, policy)
    roll_up(account, score, policy)
    return score


def roll_up(account: Account, score: Score, policy: Policy) -> None:
    """Raise the level if `score`, at the account's instant, reaches a threshold."""
    hot, warm = policy.levels.hot, policy.levels.warm
    if (
        account.level != HOT
        and score.score >= hot.enter
        and len(score.live) >= hot.min_kinds
        and not is_silent(account, score.at, policy)
    ):
        account.enter(HOT, score.at)
    elif account.level == COLD and score.score >= warm.enter and len(score.live) >= warm.min_kinds:
        account.enter(WARM, score.at)


def is_silent(account: Account, at: int, policy: Policy) -> bool:
    """Whether the last signal of weight is too old at `at` (ms) for the account to be hot."""
    since, max_silence_ms = account.weighty_at, policy.levels.hot.max_silence
    return since is None or (max_silence_ms is not None and at >= since + max_silence_ms)


def _silent_from(account: Account, policy: Policy) -> int | None:
    """The whole second (ms) at which silence ends a hot level without a new signal; None if it never does."""
    since, max_silence_ms = account.weighty_at, policy.levels.hot.max_silence
    return None if since is None or max_silence_ms is None else -(-(since + max_silence_ms) // SECOND) * SECOND


def is_below(account: Account, limit: float, policy: Policy) -> bool:
    """Whether the account's points are certainly below `limit`, before any multiplier."""
    return account.upper_bound < limit and account.upper_bound_stamp == policy.stamp


def set_upper_bound(account: Account, score: Score, policy: Policy) -> None:
    """Set the account's bound to the score just computed."""
    account.upper_bound = sum(score.kinds.values())
    account.upper_bound_stamp = policy.stamp
    for kind, points in score.kinds.items():
        account.kinds[kind].upper_bound = points


def _tighten(account: Account, kind: str, now: int, policy: Policy) -> bool:
    """Lower the bound by the present value of one kind at `now`; False if there is no bound to start from."""
    state = account.kinds[kind]
    if state.upper_bound is None or account.upper_bound_stamp != policy.stamp:
        return False
    points = kind_points(state, now, policy.kinds[kind])
    account.upper_bound += points - state.upper_bound + _SLACK
    state.upper_bound = points
    return True


def level_ends(account: Account, now: int, policy: Policy) -> int | None:
    """The instant at or before `now` at which the present level ended without a new signal, or None.

    Levels end on whole seconds, which `cools_at` predicts: the first one at which the score is below the exit, or at
    which a hot account has been silent for too long.
    """
    if now < account.holds_until:
        return None
    limit = _exit(account, policy)
    last = now - now % SECOND
    if limit is None or last <= account.now:
        return None
    silent = _silent_from(account, policy) if account.level == HOT else None
    if silent is not None and silent <= last:
        return _first_below(account, limit, account.now, max(silent, _next_second(account.now)), policy)
    score = evaluate(account, last, policy)
    if score.score >= limit:
        holds = holds_until(account, score, limit, policy)
        account.holds_until = holds if silent is None else min(holds, silent)
        return None
    return _first_below(account, limit, account.now, last, policy)


def holds_until(account: Account, score: Score, limit: float, policy: Policy) -> int:
    """An instant (ms) before which a score of at least `limit` stays there, from which no evidence takes away.

    A kind with half-life h keeps at least K * 2**(-dt / h) of its points: saturation is concave, so what decays loses
    less than its evidence does; and so does a persona. While no live kind has fallen below the floor and no buying
    group below its measure, the multiplier holds too; without it, the plain sum may hold for longer.
    """
    shortest = min(policy.kinds[kind].half_life for kind in score.kinds)
    floor = policy.stack.live_floor
    live = [policy.kinds[kind].half_life * log2(score.kinds[kind] / floor) for kind in score.live & score.kinds.keys()]
    if policy.group is not None and has_buying_group(account, score.at, policy):
        weakest = weakest_of_group(account, score.at, policy, policy.group)
        live.append(policy.kinds[ENGAGEMENT].half_life * log2(weakest / policy.group.each))
    multiplier_holds = min(live, default=0.0)
    stacked = min(multiplier_holds, shortest * log2(score.raw / limit))
    plain = shortest * log2(score.raw / score.multiplier / limit)
    return score.at + int(max(stacked, plain, 0.0) * _ROUNDING)


def fall(account: Account, at: int, policy: Policy) -> None:
    """Roll the level down at `at`, the instant at which the present level ended."""
    below_warm = account.level == WARM or evaluate(account, at, policy).score < policy.levels.warm.exit
    account.enter(COLD if below_warm else WARM, at)


def roll_down(account: Account, at: int, policy: Policy) -> bool:
    """Lower the level to what holds at `at` (ms), as after a change of the scoring file; True if it was hot."""
    limit = _exit(account, policy)
    account.holds_until = BEGINNING
    if limit is None:
        return False
    was_hot = account.level == HOT
    if evaluate(account, at, policy).score >= limit and not (was_hot and is_silent(account, at, policy)):
        return False
    fall(account, at, policy)
    return was_hot


def cools_at(account: Account, at: int, policy: Policy) -> int | None:
    """The first whole second after `at` (ms) at which the level ends without new signals; None if cold."""
    limit = _exit(account, policy)
    if limit is None:
        return None
    silent = _silent_from(account, policy) if account.level == HOT else None
    until = None if silent is None else max(silent, _next_second(at))
    return _first_below(account, limit, at, until, policy)


def _next_second(at: int) -> int:
    return (at // SECOND + 1) * SECOND


def _exit(account: Account, policy: Policy) -> float | None:
    if account.level == HOT:
        return policy.levels.hot.exit
    return policy.levels.warm.exit if account.level == WARM else None


def _first_below(account: Account, limit: float, after: int, until: int | None, policy: Policy) -> int:
    """The first whole second later than `after` with a score below `limit`; at `until`, a whole second, the level ends
    in any case.

    By Newton's method on the logarithm of the score, which decay makes nearly a line, kept between the last second that
    is known to be above and the first that is known to be below. Where it leads out of them, as at the jump where a
    kind is no longer live, and now and then in any case, the next look is half way. It takes 7 looks where the Illinois
    method took 18; where it leads beyond `until`, the second before that is looked at once, and mostly settles it.
    """
    low, high = after // SECOND, None if until is None else until // SECOND  # at `low` the level has not ended
    at, leap = low, _FIRST_PROBE_MS // SECOND
    looks, looked_at_end = 0, False
    while high is None or high - low > 1:
        raw, falling = fall_at(account, at * SECOND, policy)
        is_steep = falling > raw * _FLAT > 0.0
        guess = at + floor(log(raw / limit) * raw / falling / SECOND) if is_steep else at + leap
        if at > low:
            if raw < limit:  # limits are below the ceiling (laws.py)
                high = at
            else:
                low = at
        looks += 1
        if high is None:
            at = min(max(guess, low + 1), low + leap)
            leap *= _PROBE_GROWTH
        elif guess >= high and not looked_at_end:
            at, looked_at_end = high - 1, True
        elif looks % _HALF_WAY_EVERY_PROBES == 0 or not low <= guess <= high:
            at = (low + high) // 2
        else:
            at = min(max(guess, low + 1), high - 1)
    return high * SECOND
