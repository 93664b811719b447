"""When a level ends by itself (scoring.md section 4): the first whole second at which score or silence ends it."""

from collections.abc import Sequence

from tests.oracle.inputs.configuration import Scoring
from tests.oracle.inputs.instants import SECOND, second_at_or_after, second_at_or_before
from tests.oracle.scores.scoring import Score, Signal, evaluate


def silent_at(signals: Sequence[Signal], scoring: Scoring) -> int | None:
    """z + hot.max_silence_days; None where the file names no silence, or where there is no z."""
    z = last_worth_a_floor(signals, scoring)
    return None if z is None or scoring.hot.max_silence is None else z + scoring.hot.max_silence


def last_worth_a_floor(signals: Sequence[Signal], scoring: Scoring) -> int | None:
    """z: the latest t_i of the signals whose points, before any decay, were at least live_floor."""
    return max((signal.at for signal in signals if signal.points >= scoring.live_floor), default=None)


def may_become_hot(signals: Sequence[Signal], score: Score, now: int, scoring: Scoring) -> bool:
    """Score, live kinds and silence. Without a z the account does not become hot, also in a file without silence."""
    silent = silent_at(signals, scoring)
    return (
        score.score >= scoring.hot.enter
        and len(score.live) >= scoring.hot.min_kinds
        and last_worth_a_floor(signals, scoring) is not None
        and (silent is None or now < silent)
    )


def may_become_warm(score: Score, scoring: Scoring) -> bool:
    """Score and live kinds."""
    return score.score >= scoring.warm.enter and len(score.live) >= scoring.warm.min_kinds


def ends_by(signals: Sequence[Signal], level: str, since: int, limit: int, scoring: Scoring) -> int | None:
    """The instant, from `since` to `limit`, at which the level first ends; None when there is none.

    No signal comes in between, so the score never rises (law 3): it is enough to look at the last whole second.
    """
    first, last = second_at_or_after(since), second_at_or_before(limit)
    if last < first or not _has_ended(signals, level, last, scoring):
        return None
    return _first_ended(signals, level, first, last, scoring)


def cools_at(signals: Sequence[Signal], level: str, since: int, scoring: Scoring) -> int:
    """The same without a limit: the exit is above 0 and the score falls to 0, so there is such an instant."""
    first, step = second_at_or_after(since), 1
    while not _has_ended(signals, level, first + step, scoring):
        step *= 2
    return _first_ended(signals, level, first, first + step, scoring)


def _first_ended(signals: Sequence[Signal], level: str, first: int, last: int, scoring: Scoring) -> int:
    """Bisection: once ended, a level stays so; at `last` it has."""
    while first < last:
        middle = (first + last) // 2
        if _has_ended(signals, level, middle, scoring):
            last = middle
        else:
            first = middle + 1
    return first * SECOND


def _has_ended(signals: Sequence[Signal], level: str, second: int, scoring: Scoring) -> bool:
    t = second * SECOND
    if level == "warm":
        return evaluate(signals, t, scoring).score < scoring.warm.exit
    silent = silent_at(signals, scoring)
    return (silent is not None and t >= silent) or evaluate(signals, t, scoring).score < scoring.hot.exit
