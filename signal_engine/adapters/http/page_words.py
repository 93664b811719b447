"""Values in the words of a page: instants a person reads at a glance, a score as its bar, what moved."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from signal_engine.core.instants import DAY, HOUR, MINUTE, SECOND
from signal_engine.core.wording import one_line
from signal_engine.wire.alert_words import ALERT_IN_WORDS
from signal_engine.wire.instants import format_instant, parse_instant

TYPES: Final = {type_: words.capitalize() for type_, words in ALERT_IN_WORDS.items()}
_TOO_SMALL: Final = 0.005
_UNITS: Final = ((DAY, "d"), (HOUR, "h"), (MINUTE, "min"), (SECOND, "s"))


class When(NamedTuple):
    """An instant, as a page shows it."""

    exact: str
    """RFC 3339."""
    full: str
    """`5 Mar 2026 14:05 UTC`."""
    short: str
    """`3 d ago`, `in 12 d`."""


class Score(NamedTuple):
    """`84.19`, its cents apart."""

    whole: str
    cents: str


class Segment(NamedTuple):
    """A part of a bar of 100."""

    part: str
    points: str
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
    away = age(abs(now - at))
    return When(instant, f"{minute(instant)} UTC", f"{away} ago" if at <= now else f"in {away}")


def age(ms: int) -> str:
    """`3 d`, `5 h`, `12 min`, `8 s`."""
    for length, unit in _UNITS:
        if ms >= length:
            return f"{ms // length} {unit}"
    return "0 s"


@lru_cache(maxsize=8_192)  # a page names the same instants several times, and the next page many of them
def minute(instant: str) -> str:
    """`5 Mar 2026 14:05`."""
    return f"{datetime.fromisoformat(instant).astimezone(UTC):%-d %b %Y %H:%M}"


def minute_of(ms: int) -> str:
    """The same of ms since 1970."""
    return minute(format_instant(ms))


def score_of(value: float) -> Score:
    """A score with two decimals."""
    whole, _, cents = f"{value:.2f}".partition(".")
    return Score(whole, cents)


def bar_of(score: float, parts: Iterable[Mapping[str, Any]]) -> Bar:
    """The bar of a score. What the ceiling takes away is taken off its end, so that it is as long as the score."""
    segments, told, x = [], [], 0.0
    for part in parts:
        points = part["points"]
        if abs(points) < _TOO_SMALL:
            continue
        told.append(f"{part['part']} {points:.2f}")
        if part["part"] != "ceiling" and (width := min(points, score - x)) > 0:
            segments.append(Segment(part["part"], f"{points:.2f}", round(x, 2), round(width, 2)))
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


def beside(told: Mapping[str, Any]) -> str:
    """What stands beside the name."""
    domain = told["account_id"] if told["name"] else None
    return " \N{MIDDLE DOT} ".join(one_line(one) for one in (domain, told["owner"]) if one)


def called(told: Mapping[str, Any]) -> str:
    """The people seen, newest first, by their latest titles."""
    return ", ".join(one_line(person["called"]) for person in told["people"])


def link(url: str | None) -> str | None:
    """An address that may be followed: http and https only."""
    return url if url and urlsplit(url).scheme in {"http", "https"} else None
