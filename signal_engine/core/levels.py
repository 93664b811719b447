"""Levels: cold, warm, hot, with hysteresis (scoring.md, section 4)."""

from collections.abc import Callable

from signal_engine.core.account import COLD, HOT, WARM, Account
from signal_engine.core.instants import SECOND
from signal_engine.core.policy import Policy
from signal_engine.core.stack import Score, evaluate


def rise(account: Account, now: int, policy: Policy) -> Score | None:
    """Rolls the level up after a signal was applied at `now`; the score when it had to be computed.

    Most signals cannot cross a threshold: an upper bound (the last known sum plus every point since) says so
    without scoring, for 85 to 100 of 100 events.
    """
    if account.bound < policy.quiet_below[account.level][len(account.kinds)]:
        return None
    hot, warm = policy.levels.hot, policy.levels.warm
    score = evaluate(account, now, policy)
    account.bound = sum(score.kinds.values())
    if account.level != HOT and score.score >= hot.enter and len(score.live) >= hot.min_kinds:
        account.enter(HOT, now)
    elif account.level == COLD and score.score >= warm.enter and len(score.live) >= warm.min_kinds:
        account.enter(WARM, now)
    return score


def level_ends(account: Account, now: int, policy: Policy) -> int | None:
    """The instant at or before `now` at which the present level ended with no new signal, or None.

    Levels end on whole seconds, as `cools_at` says beforehand: the first one at which the score is below the exit.
    """
    limit = _exit(account, policy)
    last = now - now % SECOND
    if limit is None or last <= account.now or evaluate(account, last, policy).score >= limit:
        return None
    return _first_below(account, limit, account.now, last, policy)


def fall(account: Account, at: int, policy: Policy) -> None:
    """Rolls the level down at `at`, the instant at which the present one ended."""
    warm = policy.levels.warm
    below_warm = account.level == WARM or evaluate(account, at, policy).score < warm.exit
    account.enter(COLD if below_warm else WARM, at)


def cools_at(account: Account, at: int, policy: Policy) -> int | None:
    """The first whole second after `at` (ms) at which the level ends if no signal comes; None when cold."""
    limit = _exit(account, policy)
    if limit is None:
        return None
    ahead = SECOND
    start = at - at % SECOND
    while evaluate(account, start + ahead, policy).score >= limit:
        ahead *= 2
    return _first_below(account, limit, at, start + ahead, policy)


def _exit(account: Account, policy: Policy) -> float | None:
    if account.level == HOT:
        return policy.levels.hot.exit
    return policy.levels.warm.exit if account.level == WARM else None


def _first_below(account: Account, limit: float, after: int, until: int, policy: Policy) -> int:
    """The first whole second later than `after` with a score below `limit`; `until`, a whole second, is one."""
    return SECOND * _first(
        lambda second: evaluate(account, second * SECOND, policy).score < limit,
        after // SECOND + 1,
        until // SECOND,
    )


def _first(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The least number in low..high for which `holds`, which never turns back to False (law 3); `high` holds."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return high
