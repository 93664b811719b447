"""One look at a state feed: what is new or gone since the last one becomes events, and what is kept changes."""

from collections.abc import Collection, Iterable
from typing import Final, NamedTuple

import orjson

from signal_engine.core.errors import SignalEngineError
from signal_engine.core.rules.instants import DAY
from signal_engine.core.rules.kinds import HIRING, TECHNOGRAPHIC
from signal_engine.engine.intake.natural_keys import given_id
from signal_engine.engine.intake.outcomes import EventLine
from signal_engine.engine.intake.row_mapper import is_history
from signal_engine.engine.intake.states.seen import Seen
from signal_engine.wire.instants import format_instant
from signal_engine.wire.intake.seen_records import SeenRecord, SeenState

_ENDS: Final[dict[str, dict[str, str]]] = {HIRING: {"status": "closed"}, TECHNOGRAPHIC: {"change": "dropped"}}
"""Kind -> the fields that say that it has ended; of other kinds, an end is no event."""
_WHOLE_FEED: Final = ""
"""In the place of an account: that all rows of the feed have been looked at."""
_REMEMBERED_MS: Final = 400 * DAY
"""How long the number of a row that is gone is kept: longer than any of its events counts."""


class BrokenFeed(SignalEngineError):
    """A feed lost more than half of its rows at once: that is taken for a fault of whoever sends it."""


class FeedLook(NamedTuple):
    """What a feed shows now."""

    feed: str
    rows: Collection[EventLine]
    """Their ids name the rows, not yet their appearances."""
    whole_of: Collection[str] | None
    """Accounts of which the rows are all that there is now; None: of every account of the feed."""
    is_whole: bool
    """False if rows were refused: what is not among the rest may be one of them, so nothing counts as gone."""
    now: int
    """ms."""
    alerts: bool = False
    """Whether history raises alerts, too."""


class FeedChange(NamedTuple):
    """What a look found."""

    events: tuple[EventLine, ...]
    """To be sent, and acknowledged, before `records` are: whoever dies in between makes the same ones again."""
    records: tuple[SeenRecord, ...]
    """What is to be kept from now on, in this order."""
    first: int = 0
    """Rows of accounts that were looked at for the first time: no news."""
    new: int = 0
    gone: int = 0


class FoundStates(NamedTuple):
    """What became of one feed."""

    feed: str
    change: FeedChange
    has_refused: bool
    """Whether rows were refused, so that nothing counts as gone."""


def changes(look: FeedLook, seen: Seen, *, insist: bool = False) -> FeedChange:
    """What is new or gone in a look. Raises `BrokenFeed`, unless `insist`."""
    there: dict[str, dict[str, EventLine]] = {}
    for row in look.rows:
        there.setdefault(row.account, {}).setdefault(f"{row.kind}:{row.event_id}", row)
    whole = seen.accounts(look.feed) if look.whole_of is None else look.whole_of
    accounts = [*dict.fromkeys([*there, *sorted(whole)])]
    if not insist:
        _check(look, seen, there, whole)
    events: list[EventLine] = []
    records: list[SeenRecord] = []
    counts = [0, 0, 0]
    ends_of = frozenset(whole) if look.is_whole else frozenset()
    feed_is_known = look.whole_of is None and seen.is_looked_at(look.feed, _WHOLE_FEED)
    for account in accounts:
        known = _Known(feed_is_known, seen.is_looked_at(look.feed, account))
        one = _AccountLook(look, account, seen.states(look.feed, account), known)
        for item, row in there.get(account, {}).items():
            one.show(item, row)
        if account in ends_of:
            one.end_others(there.get(account, {}))
        one.forget()
        events += one.events
        records += one.records
        counts = [before + more for before, more in zip(counts, one.counts, strict=True)]
    # Last, so that a look that dies while it is kept is made again as the first. One with refused rows is no baseline:
    # what is mended would be news.
    looked_at = [*accounts, *([_WHOLE_FEED] if look.whole_of is None else ())] if look.is_whole else []
    records += [
        SeenRecord(look.feed, account, "", None) for account in looked_at if not seen.is_looked_at(look.feed, account)
    ]
    return FeedChange(tuple(events), tuple(records), *counts)


def _check(look: FeedLook, seen: Seen, there: dict[str, dict[str, EventLine]], whole: Iterable[str]) -> None:
    before = lost = 0
    for account in whole:
        for item, state in seen.states(look.feed, account).items():
            if state.event is not None:
                before += 1
                lost += item not in there.get(account, ())
    if lost * 2 > before and look.is_whole:
        raise BrokenFeed(
            f"{look.feed}: {lost:,} of the {before:,} rows that were there last are gone, more than half: the feed is"
            " taken for broken, and nothing was changed; an import of all of it with --yes insists"
        )


class _Known(NamedTuple):
    """What was looked at before."""

    feed: bool
    account: bool

    def is_first(self, kind: str) -> bool:
        """Whether a row of `kind` is no news.

        What companies have (jobs, technology) was there before somebody added them to a lookup. What they do is news of
        whoever appears in a feed that shows all of them.
        """
        return not self.account and (kind in _ENDS or not self.feed)


class _AccountLook:
    """One account of a feed, while it is looked at."""

    def __init__(self, look: FeedLook, account: str, states: dict[str, SeenState], known: _Known) -> None:
        self._look, self._account, self._states, self._known = look, account, states, known
        self._changed: set[str] = set()
        self.events: list[EventLine] = []
        self.records: list[SeenRecord] = []
        self.first = self.new = self.gone = 0

    @property
    def counts(self) -> tuple[int, int, int]:
        """As `FeedChange` has them."""
        return self.first, self.new, self.gone

    def show(self, item: str, row: EventLine) -> None:
        """A row is there."""
        last = self._states.get(item)
        if last is not None and last.event is not None:
            return
        state = SeenState(last.appearance + 1 if last else 1, orjson.loads(row.value))
        self._keep(item, state)
        is_first = self._known.is_first(row.kind)
        if is_first:
            self.first += 1
        else:
            self.new += 1
        if row.is_dated and (last is None or row.occurred_at > last.gone_at):
            self._tell(row, state, row.occurred_at, {})
        elif not is_first:
            self._tell(row, state, self._look.now, {})

    def end_others(self, there: Collection[str]) -> None:
        """What is not among the rows that are there is gone."""
        for item, last in self._states.items():
            if last.event is None or item in there:
                continue
            self.gone += 1
            self._keep(item, SeenState(last.appearance, None, self._look.now))
            kind = item.partition(":")[0]
            if (ends := _ENDS.get(kind)) is not None:
                known = EventLine(
                    self._account, kind, item.partition(":")[2], 0, orjson.dumps(last.event), history=False
                )
                self._tell(known, last, self._look.now, ends)

    def forget(self) -> None:
        """Rows that have been gone for long."""
        for item, last in self._states.items():
            if last.event is None and last.gone_at < self._look.now - _REMEMBERED_MS and item not in self._changed:
                self._keep(item, None)

    def _keep(self, item: str, state: SeenState | None) -> None:
        self._changed.add(item)
        self.records.append(SeenRecord(self._look.feed, self._account, item, state))

    def _tell(self, row: EventLine, state: SeenState, at: int, more: dict[str, str]) -> None:
        named = given_id("/".join([row.event_id, str(state.appearance), *more.values()]))
        fields = {**orjson.loads(row.value), **more, "event_id": named, "occurred_at": format_instant(at)}
        history = is_history(at, self._look.now, alerts=self._look.alerts)
        self.events.append(EventLine(self._account, row.kind, named, at, orjson.dumps(fields), history))
