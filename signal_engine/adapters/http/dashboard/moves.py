"""What has changed on a list since yesterday, as a page shows it, by the clock of who looks at it."""

from datetime import datetime
from typing import Any, Final, NamedTuple

from starlette.requests import Request

from signal_engine.adapters.http.api.list_moves import read_zone
from signal_engine.adapters.http.dashboard.words import name_of, when
from signal_engine.core.rules.instants import MINUTE, SECOND
from signal_engine.core.score.wording import one_line
from signal_engine.wire.instants import UTC_ZONE, Zone, parse_instant
from signal_engine.wire.output.change_documents import DayChange, DayChanges
from signal_engine.wire.output.words import count

_ZONE_COOKIE: Final = "signal-engine-zone"
_ROUNDED: Final = 30 * MINUTE
"""Ranks are kept by the half-hour; some zones' midnights are at quarters."""
_GROUPS: Final = (("entered", "Entered"), ("left", "Left"), ("up", "Up"), ("down", "Down"))


class ViewersZone(NamedTuple):
    """The time zone of who looks at a page."""

    zone: Zone
    is_known: bool
    """Whether the browser has named it; else it is UTC."""


def viewers_zone(request: Request) -> ViewersZone:
    """As the page's script has put it into a cookie."""
    try:
        return ViewersZone(read_zone(request.cookies.get(_ZONE_COOKIE, "")), is_known=True)
    except ValueError:
        return ViewersZone(UTC_ZONE, is_known=False)


def moves_shown(document: DayChanges, now: int, viewer: ViewersZone) -> dict[str, Any]:
    """The groups that are not empty, and a sentence that counts them. `now` is in ms since 1970."""
    entered, left = len(document["entered"]), len(document["left"])
    moved = f"{len(document['up'])} moved up, {len(document['down'])} down"
    groups = [(name, title, document[name]) for name, title in _GROUPS]  # type: ignore[literal-required]
    return {
        "since": when(document["since"], now),
        "from": _from(document, viewer.zone),
        "zone": document["zone"].replace("_", " "),
        "zone_is_known": viewer.is_known,
        "words": f"{count(entered, 'account')} entered, {left} left, {moved}" if any(g[2] for g in groups) else "",
        "groups": [
            {"name": name, "title": title, "moves": [_move(one) for one in moves]}
            for name, title, moves in groups
            if moves
        ],
    }


def _from(document: DayChanges, zone: Zone) -> str:
    """Since when, by the viewer's clock: `yesterday, 28 Nov 00:00`."""
    if document["since"] is None:
        return ""
    since, day = parse_instant(document["since"]), parse_instant(document["day"])
    local = f"{datetime.fromtimestamp(since / SECOND, zone.rules):%-d %b %H:%M}"
    if since > day:
        return f"{local}, the earliest that is known"
    return f"yesterday, {local}" if day - since < _ROUNDED else f"{local}, the last that is known before yesterday"


def _move(one: DayChange) -> dict[str, Any]:
    before, rank = one["previous_rank"], one["rank"]
    place = f"now {rank}" if before is None else f"was {before}" if rank is None else f"from {before} to {rank}"
    return {"account": one["account_id"], "name": name_of(one), "place": place, "why": one_line(one["why"] or "")}
