"""The events of a demo: a history, loaded at once, and live events after it."""

import csv
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from signal_engine.adapters.files.text_files import Source
from signal_engine.core.errors import SignalEngineError
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.instants import days
from signal_engine.core.rules.kinds import INTENT, KINDS
from signal_engine.simulation import journeys
from signal_engine.wire.events.account_names import NotAnAccount, normalise
from signal_engine.wire.events.cloudevents import unwrap
from signal_engine.wire.events.decode import decode_lines
from signal_engine.wire.events.one_event import MAX_VALUE_BYTES, without_nulls
from signal_engine.wire.instants import parse_instant

_JOURNEY_DAYS: Final = 90
_JOURNEYS_NOW: Final = parse_instant("2026-01-05T14:00:00Z")
"""Fixed, and shifted to now as a whole: one seed always shows the same market."""
_FUTURE_DAYS: Final = 60
_LIVE_DAYS: Final = 3
"""How many of the last days of your own events are played live."""
_DECODE_BATCH_LINES: Final = 1_000
_LONGEST: Final = MAX_VALUE_BYTES + 1
"""Bytes sent of an overlong line, which is rejected for its size anyway."""
_BEFORE_ALL_MS: Final = -(1 << 63)


class Played(NamedTuple):
    """One event before its times are shifted."""

    line: int
    """Its number in the feed, from 1."""
    at: int
    """When it arrived, in ms since 1970."""
    kind: str
    """Kind of the topic it is sent to."""
    key: bytes | None
    value: bytes


class Feed(NamedTuple):
    """The events to play, in order of time."""

    history: list[Played]
    live: list[Played]
    now: int | None
    """The instant among their times that is shifted to now, in ms since 1970; None: every event keeps its times."""
    as_it_comes: bool
    """Whether each live event is shifted to arrive when it is played; else all are shifted alike."""


class NothingToPlay(SignalEngineError, ValueError):
    """No event has a readable time."""


def journey_feed(accounts: str, seed: int) -> Feed:
    """Generated journeys of the accounts in the CSV file `accounts`: 90 days of history, and the days after."""
    with Path(accounts).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    start, end = _JOURNEYS_NOW - days(_JOURNEY_DAYS), _JOURNEYS_NOW + days(_FUTURE_DAYS)
    events = journeys(rows, seed=seed, start=start, end=end)
    arrivals = _arrivals(enumerate(map(orjson.dumps, events), 1))
    return _split(arrivals, _JOURNEYS_NOW, _JOURNEYS_NOW, as_it_comes=True)


def file_feed(name: str) -> Feed:
    """The events of a file (JSON Lines, gzip or not, in any order), the last three days of them live.

    Raises `UnreadableInput`, `NothingToPlay`.
    """
    arrivals, last = _read(name)
    return _split(arrivals, last, last - days(_LIVE_DAYS), as_it_comes=False)


def unshifted_feed(name: str) -> Feed:
    """The events of a file with their own times, all of them history. Raises as `file_feed`."""
    arrivals, _ = _read(name)
    return Feed([*_in_order(arrivals)], [], None, as_it_comes=False)


def _read(name: str) -> tuple[list["_ReadLine"], int]:
    """The lines of a file, and when (ms) the last event arrived."""
    source = Source(name)
    lines = ((number, line) for number, line in enumerate(source.lines(), 1) if line and not line.isspace())
    try:
        arrivals = list(_arrivals(lines))
    finally:
        source.close()
    last = max((one.now for one in arrivals if one.event_id is not None and one.now is not None), default=None)
    if last is None:
        raise NothingToPlay(f"{source.name}: no playable event")
    return arrivals, last


class _ReadLine(NamedTuple):
    """A line of the file, read."""

    now: int | None
    """None if unreadable."""
    event_id: str | None
    """None if the line will be rejected."""
    number: int
    text: bytes


def _split(arrivals: Iterable[_ReadLine], now: int, live_from: int, *, as_it_comes: bool) -> Feed:
    played = list(_in_order(arrivals))
    live_begins = next((index for index, one in enumerate(played) if one.at > live_from), len(played))
    return Feed(played[:live_begins], played[live_begins:], now, as_it_comes)


def _in_order(arrivals: Iterable[_ReadLine]) -> Iterator[Played]:
    """The order in which a replay takes them; a line without a readable time follows the one before it."""
    placed: list[tuple[int, str, _ReadLine]] = []
    at, event_id = _BEFORE_ALL_MS, ""
    for one in arrivals:
        if one.now is not None:
            at, event_id = one.now, one.event_id or ""
        placed.append((at, event_id, one))
    placed.sort(key=lambda place: place[:2])
    first = next((at for at, _, _ in placed if at != _BEFORE_ALL_MS), 0)
    for at, _, one in placed:
        yield Played(one.number, max(at, first), *_address(one.text), one.text)


def _arrivals(lines: Iterable[tuple[int, bytes]]) -> Iterator[_ReadLine]:
    lines = iter(lines)
    while block := [(number, text[:_LONGEST]) for number, text in islice(lines, _DECODE_BATCH_LINES)]:
        for (number, text), (now, verdict) in zip(block, decode_lines([text for _, text in block]), strict=True):
            yield _ReadLine(now, verdict.event_id if isinstance(verdict, Event) else None, number, text)


def _address(text: bytes) -> tuple[str, bytes | None]:
    """Kind and key under which a producer would send a line, as far as the line names them."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return INTENT, None
    if not isinstance(value, dict):
        return INTENT, None
    event, _, kind = unwrap(without_nulls(value))
    return _kind(event.get("kind", kind)), _key(event.get("account_id"))


def _kind(event: Any) -> str:
    return event if isinstance(event, str) and event in KINDS else INTENT


def _key(account: Any) -> bytes | None:
    """The account's registrable domain; text that names no account as written."""
    if not isinstance(account, str):
        return None
    name = normalise(account)
    return (account if isinstance(name, NotAnAccount) else name).encode()
