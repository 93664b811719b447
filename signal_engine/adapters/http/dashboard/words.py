"""Values in the words of a page: instants a person reads at a glance, a score as its bar, what moved."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from signal_engine.core.rules.relations import PROSPECT
from signal_engine.core.score.wording import one_line
from signal_engine.wire.instants import format_instant, parse_instant
from signal_engine.wire.output.words import distance, relation, signal_type

_TOO_SMALL: Final = 0.005


class When(NamedTuple):
    """An instant, as a page shows it."""

    exact: str
    """RFC 3339."""
    full: str
    """`5 Mar 2026 14:05 UTC`."""
    short: str
    """`3 days ago`, `in 1 day`."""
    day: str
    """`5 Mar 2026`."""


class Score(NamedTuple):
    """A whole number, since nobody calls for a tenth of a point, and the exact one for who looks closer."""

    whole: str
    exact: str


class Segment(NamedTuple):
    """A part of a bar of 100."""

    part: str
    told: str
    """The same in words."""
    x: float
    width: float


class Bar(NamedTuple):
    """A score as a bar: its segments, one behind the other, are as long as the score together."""

    segments: list[Segment]
    told: str
    """The same in words."""


class Moved(NamedTuple):
    """How a rank moved since midnight."""

    way: str
    mark: str
    told: str


def when(instant: str | None, now: int) -> When | None:
    """An instant seen from `now` (ms)."""
    if instant is None:
        return None
    at = parse_instant(instant)
    away = distance(abs(now - at))
    full = minute(instant)
    return When(instant, f"{full} UTC", f"{away} ago" if at <= now else f"in {away}", full.rpartition(" ")[0])


@lru_cache(maxsize=8_192)  # a page names the same instants several times, and the next page many of them
def minute(instant: str) -> str:
    """`5 Mar 2026 14:05`."""
    return f"{datetime.fromisoformat(instant).astimezone(UTC):%-d %b %Y %H:%M}"


def minute_of(ms: int) -> str:
    """The same of ms since 1970."""
    return minute(format_instant(ms))


def score_of(value: float) -> Score:
    """As it is shown."""
    return Score(f"{value:.0f}", f"{value:.2f}")


def bar_of(score: float, parts: Iterable[Mapping[str, Any]]) -> Bar:
    """The bar of a score. What the ceiling takes away is taken off its end, so that it is as long as the score."""
    segments, told, x = [], [], 0.0
    for part in parts:
        points = part["points"]
        if abs(points) < _TOO_SMALL:
            continue
        told.append(f"{signal_type(part['part'])} {points:.2f}")
        if part["part"] != "ceiling" and (width := min(points, score - x)) > 0:
            words = f"{signal_type(part['part'])} {points:.2f}"
            segments.append(Segment(part["part"], words, round(x, 2), round(width, 2)))
            x += points
    return Bar(segments, f"score {score:.2f}: {', '.join(told)}" if told else f"score {score:.2f}")


def moved(rank: int, before: int | None) -> Moved:
    """Since the last midnight."""
    if before is None:
        return Moved("up", "new", "new on the list since midnight")
    by = before - rank
    if by == 0:
        return Moved("", "\N{EN DASH}", "unchanged since midnight")
    if by > 0:
        return Moved("up", f"\N{BLACK UP-POINTING TRIANGLE}{by}", f"up {by} since midnight")
    return Moved("down", f"\N{BLACK DOWN-POINTING TRIANGLE}{-by}", f"down {-by} since midnight")


def name_of(told: Mapping[str, Any]) -> str:
    """The company's name, its domain where it has none."""
    return one_line(told["name"] or "") or str(told["account_id"])


def beside(told: Mapping[str, Any], caller: str | None = None) -> str:
    """What stands beside the name: its domain, who calls there, and what it is to us where that is not a prospect."""
    domain = told["account_id"] if told["name"] else None
    return " \N{MIDDLE DOT} ".join(one_line(one) for one in (domain, caller, relation_of(told)) if one)


def relation_of(told: Mapping[str, Any]) -> str:
    """What the account is to us; empty for a prospect, as which every other one counts."""
    return "" if told["relation"] == PROSPECT else relation(told["relation"]).capitalize()


def link(url: str | None) -> str | None:
    """An address that may be followed: http and https only."""
    return url if url and urlsplit(url).scheme in {"http", "https"} else None
