"""A list as served: the published bytes, and filtered parts, each made once."""

from typing import Final, NamedTuple

import orjson

from signal_engine.engine.read_model.whose import Person, concerns
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.output.api_documents import Freshness, ListDocument
from signal_engine.wire.output.lists import STALE_AFTER_MS
from signal_engine.wire.output.models import Entry

_PARTS_KEPT: Final = 64


class Filter(NamedTuple):
    """A filter of list entries; None accepts all."""

    owner: str | None = None
    segment: str | None = None
    tier: str | None = None
    level: str | None = None
    person: Person | None = None
    """Who owns it, calls, or has claimed it."""
    limit: int | None = None
    """The first so many of those."""

    def accepts(self, entry: Entry) -> bool:
        """Whether the entry is wanted, whatever the limit."""
        return (
            self.owner in {None, entry["owner"]}
            and self.segment in {None, entry["segment"]}
            and self.tier in {None, entry["tier"]}
            and self.level in {None, entry["level"]}
            and (self.person is None or concerns(entry, self.person))
        )


_WHOLE: Final = Filter()


class CachedList:
    """One version of one list; repeated requests cost a dictionary look-up."""

    def __init__(self, name: str, version: int, record: bytes | None, beside: str = "") -> None:
        """`record` is the list as published; None when none is served. `beside` names what was added to it."""
        self.name = name
        self.version = version
        self.listed: ListDocument = _nothing_yet(name) if record is None else orjson.loads(record)
        self.beside = beside
        self.etag = f'"{version}{beside}-stale"' if self.listed["stale"] else f'"{version}{beside}"'
        """Names what is served: another one when the list has become stale since it was published."""
        self._stale_from = _when_stale(self.listed["complete_until"])
        self._once_stale: CachedList | None = None
        self.entries: list[Entry] = self.listed["entries"]
        self.ranks: dict[str, int] = {entry["account_id"]: entry["rank"] for entry in self.entries}
        """Account -> rank."""
        self._parts: dict[Filter, bytes] = {_WHOLE: orjson.dumps(self.listed) if record is None else record}

    def at(self, now: int) -> "CachedList":
        """The list as it is at `now` (ms): itself, or the same list when it has become stale since."""
        if self._stale_from is None or now <= self._stale_from or self.listed["stale"]:
            return self
        if self._once_stale is None:
            stale = orjson.dumps({**self.listed, "stale": True})
            self._once_stale = CachedList(self.name, self.version, stale, self.beside)
        return self._once_stale

    def part(self, wanted: Filter) -> bytes:
        """The list with the wanted entries only."""
        if (made := self._parts.get(wanted)) is not None:
            return made
        found = self.select(wanted)
        if len(found) == len(self.entries):
            made = self._parts[_WHOLE]
        else:
            made = orjson.dumps({**self.listed, "entries": found})
        if len(self._parts) > _PARTS_KEPT:
            del self._parts[next(name for name in self._parts if name != _WHOLE)]
        self._parts[wanted] = made
        return made

    def select(self, wanted: Filter) -> list[Entry]:
        """The wanted entries."""
        return [entry for entry in self.entries if wanted.accepts(entry)][: wanted.limit]


class HeldBeside(NamedTuple):
    """Whom a control group keeps off a list."""

    version: int
    record: bytes | None
    """The entries as they are served; None: nobody."""


NOBODY_HELD: Final = HeldBeside(0, None)


def whole(one: CachedList, held: HeldBeside, before: CachedList | None) -> CachedList:
    """The list with who is held back, each ahead of the rank at which it would stand. `before` is the last such one."""
    if held.record is None:
        return one
    beside = f"-{held.version}"
    if before is not None and (before.version, before.beside) == (one.version, beside):
        return before
    return CachedList(one.name, one.version, orjson.dumps(with_held(one.listed, held.record)), beside)


def with_held(listed: ListDocument, held: bytes) -> ListDocument:
    """The list with the entries of who is held back."""
    back: list[Entry] = orjson.loads(held)
    entries = sorted([*back, *listed["entries"]], key=lambda entry: entry["rank"])  # stable: they come first
    return {**listed, "entries": entries}


def _when_stale(until: str | None) -> int | None:
    """The instant (ms) after which a list complete until `until` is stale; None for one never published."""
    return None if until is None else parse_instant(until) + STALE_AFTER_MS


def is_stale(listed: Freshness, now: int) -> bool:
    """Whether a list as published is stale at `now` (ms). The reader decides: a publisher that died cannot."""
    since = _when_stale(listed["complete_until"])
    return listed["stale"] or (since is not None and now > since)


def _nothing_yet(name: str) -> ListDocument:
    """A list that was never published."""
    return {
        "list": name,
        "version": 0,
        "generated_at": None,
        "complete_until": None,
        "stale": False,
        "config_version": None,
        "entries": [],
    }
