"""When a level ends by itself (scoring.md section 4): the first whole second at which the score is below its exit."""

from collections.abc import Sequence

from .configuration import Scoring
from .instants import SECOND, second_at_or_after, second_at_or_before
from .scoring import Signal, evaluate


def ends_by(signals: Sequence[Signal], exit_: float, since: int, limit: int, scoring: Scoring) -> int | None:
    """The instant, from `since` to `limit`, at which the score is first below the exit; None when there is none.

    No signal comes in between, so the score never rises (law 3): it is enough to look at the last whole second.
    """
    first, last = second_at_or_after(since), second_at_or_before(limit)
    if last < first or not _below(signals, exit_, last, scoring):
        return None
    return _first_below(signals, exit_, first, last, scoring)


def cools_at(signals: Sequence[Signal], exit_: float, since: int, scoring: Scoring) -> int:
    """The same without a limit: the exit is above 0 and the score falls to 0, so there is such an instant."""
    first, step = second_at_or_after(since), 1
    while not _below(signals, exit_, first + step, scoring):
        step *= 2
    return _first_below(signals, exit_, first, first + step, scoring)


def _first_below(signals: Sequence[Signal], exit_: float, first: int, last: int, scoring: Scoring) -> int:
    """Bisection on a falling function; `last` is below the exit."""
    while first < last:
        middle = (first + last) // 2
        if _below(signals, exit_, middle, scoring):
            last = middle
        else:
            first = middle + 1
    return first * SECOND


def _below(signals: Sequence[Signal], exit_: float, second: int, scoring: Scoring) -> bool:
    return evaluate(signals, second * SECOND, scoring).score < exit_
