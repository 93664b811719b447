"""The chart of an account's score over ninety days."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from signal_engine.adapters.http.dashboard.words import minute
from signal_engine.core.rules.instants import DAY
from signal_engine.engine.ports.history import DAYS_KEPT
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.output.words import count

_LEFT: Final = 30
_RIGHT: Final = 710
_BOTTOM: Final = 180
_HEIGHT: Final = 170
"""Height of a score of 100, in the units of the drawing."""


def chart(
    scores: Sequence[Mapping[str, Any]], signals: Sequence[Mapping[str, Any]], score: float, now: int
) -> dict[str, Any]:
    """The score over the last ninety days as coordinates, with the latest signals on a line below."""
    start = now - DAYS_KEPT * DAY
    days = [(min(now, parse_instant(f"{one['day']}T00:00:00Z") + DAY // 2), one) for one in scores]
    points = [
        {
            "x": _x(at, start),
            "y": _y(one["score"]),
            "day": one["day"],
            "score": f"{one['score']:.0f}",
            "title": f"{one['day']}: {one['score']:.0f}",
        }
        for at, one in days
        if at >= start
    ]
    here = {"x": _x(now, start), "y": _y(score), "title": f"now: {score:.0f}"}
    line = [*points, here]
    path = "M" + " L".join(f"{point['x']} {point['y']}" for point in line)
    best = max((one["score"] for one in scores), default=score)
    return {
        "points": points,
        "now": here,
        "path": path,
        "area": f"{path} L{here['x']} {_BOTTOM} L{line[0]['x']} {_BOTTOM} Z",
        "lines": [{"score": value, "y": _y(value)} for value in (0, 25, 50, 75, 100)],
        "marks": [
            {"kind": one["kind"], "x": _x(at, start), "title": f"{minute(one['at'])}: {one['text']}"}
            for one in signals
            if start <= (at := parse_instant(one["at"])) <= now
        ],
        "ticks": [
            {"x": _x(now - ago * DAY, start), "text": f"{ago} days ago" if ago else "today"}
            for ago in (80, 60, 40, 20, 0)
        ],
        "label": f"{count(len(points), 'day')} with signals, at most {best:.0f}, now {score:.0f}",
    }


def _x(at: int, start: int) -> float:
    return round(_LEFT + (_RIGHT - _LEFT) * (at - start) / (DAYS_KEPT * DAY), 1)


def _y(score: float) -> float:
    return round(_BOTTOM - _HEIGHT * min(100.0, score) / 100, 1)
