"""Values as a page shows them: times that read at a glance, a score as a bar, changes of rank."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final, NamedTuple
from urllib.parse import urlsplit

from signal_engine.core.rules.instants import SECOND
from signal_engine.core.rules.relations import PROSPECT
from signal_engine.core.score.wording import one_line
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.output.words import distance, relation, signal_type

_TOO_SMALL_POINTS: Final = 0.005


class ShownInstant(NamedTuple):
    """An instant as a page shows it."""

    exact: str
    """RFC 3339."""
    full: str
    """`5 Mar 2026 14:05 UTC`."""
    short: str
    """`3 days ago`, `in 1 day`."""
    day: str
    """`5 Mar 2026`."""


class ShownScore(NamedTuple):
    """A score: the whole number, since nobody calls for a tenth of a point, and the exact one for a tooltip."""

    whole: str
    exact: str


class Segment(NamedTuple):
    """A segment of a bar of length 100."""

    part: str
    label: str
    """The same in words."""
    x: float
    width: float


class Bar(NamedTuple):
    """A score as a bar; the lengths of its segments add up to the score."""

    segments: list[Segment]
    label: str
    """The same in words."""


class Moved(NamedTuple):
    """The change of a rank since midnight."""

    way: str
    mark: str
    label: str


def since(ms: int) -> str:
    """`3 days ago`, `just now` of what was `ms` ago."""
    return "just now" if ms < SECOND else f"{distance(ms)} ago"


def when(instant: str | None, now: int) -> ShownInstant | None:
    """An instant relative to `now` (ms since 1970)."""
    if instant is None:
        return None
    at = parse_instant(instant)
    full = minute(instant)
    return ShownInstant(
        instant, f"{full} UTC", since(now - at) if at <= now else f"in {distance(at - now)}", full.rpartition(" ")[0]
    )


@lru_cache(maxsize=8_192)  # pages repeat many instants
def minute(instant: str) -> str:
    """`5 Mar 2026 14:05`."""
    return f"{datetime.fromisoformat(instant).astimezone(UTC):%-d %b %Y %H:%M}"


def score_of(value: float) -> ShownScore:
    """A score for display."""
    return ShownScore(f"{value:.0f}", f"{value:.2f}")


def bar_of(score: float, parts: Iterable[Mapping[str, Any]]) -> Bar:
    """The bar of a score. The ceiling shortens the bar at its end, so that it is as long as the score."""
    segments, spoken, x = [], [], 0.0
    for part in parts:
        points = part["points"]
        if abs(points) < _TOO_SMALL_POINTS:
            continue
        spoken.append(f"{signal_type(part['part'])} {points:.2f}")
        if part["part"] != "ceiling" and (width := min(points, score - x)) > 0:
            words = f"{signal_type(part['part'])} {points:.2f}"
            segments.append(Segment(part["part"], words, round(x, 2), round(width, 2)))
            x += points
    return Bar(segments, f"score {score:.2f}: {', '.join(spoken)}" if spoken else f"score {score:.2f}")


def moved(rank: int, before: int | None) -> Moved:
    """The change from rank `before` (None: not on the list) since the last midnight."""
    if before is None:
        return Moved("up", "new", "new on the list since midnight UTC")
    by = before - rank
    if by == 0:
        return Moved("", "\N{EN DASH}", "unchanged since midnight UTC")
    if by > 0:
        return Moved("up", f"\N{BLACK UP-POINTING TRIANGLE}{by}", f"up {by} since midnight UTC")
    return Moved("down", f"\N{BLACK DOWN-POINTING TRIANGLE}{-by}", f"down {-by} since midnight UTC")


def name_of(document: Mapping[str, Any]) -> str:
    """The company's name, or its domain."""
    return one_line(document["name"] or "") or str(document["account_id"])


def beside(document: Mapping[str, Any], caller: str | None = None) -> str:
    """The text beside a name: domain, who calls, and the relation unless it is a prospect."""
    domain = document["account_id"] if document["name"] else None
    return " \N{MIDDLE DOT} ".join(one_line(one) for one in (domain, caller, relation_of(document)) if one)


def relation_of(document: Mapping[str, Any]) -> str:
    """The relation to us; empty for a prospect."""
    return "" if document["relation"] == PROSPECT else relation(document["relation"]).capitalize()


def site(account: str) -> str:
    """The company's own site."""
    return f"https://{account}/"


def link(url: str | None) -> str | None:
    """The URL if it is http or https, else None."""
    return url if url and urlsplit(url).scheme in {"http", "https"} else None
