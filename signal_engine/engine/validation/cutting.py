"""The cut: which events may count for the question whether a deal was foreseen."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final, Literal, NamedTuple

from signal_engine.core.rules.instants import DAY
from signal_engine.core.rules.kinds import ENGAGEMENT
from signal_engine.engine.backtest.actions import TimedAction
from signal_engine.engine.backtest.arrivals import Arrival, Block
from signal_engine.engine.validation.deals import Away

_CutReason = Literal["in_deal", "mail", "sales_source", "after_contact"]
"""In a deal or a customer by then; engagement with mail; from a source of sales itself; shortly after sales called."""

_MAIL: Final = frozenset({"email_open", "email_click"})
"""Activities that answer mail. Whose mail it was no event tells, so none counts."""
_CONTACTED: Final = frozenset({"contacted", "meeting_booked"})
"""Dispositions after which engagement may be an answer to sales."""
_ANSWER_DAYS: Final = 14
"""Days after a contact in which engagement counts as an answer to it."""


class EventOfDeal(NamedTuple):
    """An event in the run-up of a deal."""

    account: str
    kind: str
    before_cut: int
    """ms."""


class Cut:
    """Drops from a replay what was not known before a deal or what sales caused; counts it.

    An event is judged by when it arrived; those after `until` (ms) are passed on uncounted, for the replay to skip.
    `run_up` (ms) is how long before a deal its events are noted.
    """

    def __init__(
        self,
        away: Mapping[str, Sequence[Away]],
        run_up: int,
        until: int,
        actions: Iterable[TimedAction] = (),
        sales_sources: Collection[str] = (),
    ) -> None:
        self._away = away
        self._begins = {account: sorted(one.begin for one in times) for account, times in away.items()}
        self._run_up = run_up
        self._until = until
        self._sales_sources = frozenset(source.casefold() for source in sales_sources)
        self._contacts: dict[str, list[int]] = {}
        for timed in sorted(actions):
            if timed.action.outcome in _CONTACTED:
                self._contacts.setdefault(timed.action.account, []).append(timed.now)
        self.dropped: Counter[_CutReason] = Counter()
        self.of_deals: list[EventOfDeal] = []
        """The kept events of each deal's run-up."""
        self.kept = 0
        self.undated = 0
        """Kept events that do not say when they arrived, so that they count from when they happened."""
        self.first: int | None = None
        """When the first event arrived (ms), dropped or not."""
        self.last: int | None = None
        """When the last one did."""
        self.later = 0
        """Events that arrived after `until`."""

    def through(self, blocks: Iterable[Block]) -> Iterable[Block]:
        """The blocks without what is cut."""
        for arrivals, horizon in blocks:
            yield Block([one for one in arrivals if self._keeps(one)], horizon)

    def _keeps(self, arrival: Arrival) -> bool:
        if arrival.now > self._until:
            self.later += 1
            return True
        self.first = arrival.now if self.first is None else self.first
        self.last = arrival.now
        if (reason := self._reason(arrival)) is not None:
            self.dropped[reason] += 1
            return False
        self.kept += 1
        self.undated += arrival.now == arrival.event.occurred_at
        self._note(arrival)
        return True

    def _reason(self, arrival: Arrival) -> _CutReason | None:
        event, now = arrival.event, arrival.now
        if any(one.begin <= now < one.end for one in self._away.get(event.account, ())):
            return "in_deal"
        if self._sales_sources and str(event.fields.get("source", "")).casefold() in self._sales_sources:
            return "sales_source"
        if event.kind != ENGAGEMENT:
            return None
        if event.fields.get("activity") in _MAIL:
            return "mail"
        contacts = self._contacts.get(event.account, ())
        return "after_contact" if any(0 <= now - at < _ANSWER_DAYS * DAY for at in contacts) else None

    def _note(self, arrival: Arrival) -> None:
        begins = self._begins.get(arrival.event.account)
        if begins is None:
            return
        place = bisect_left(begins, arrival.now)
        if place < len(begins) and begins[place] - arrival.now <= self._run_up:
            self.of_deals.append(EventOfDeal(arrival.event.account, arrival.event.kind, begins[place] - arrival.now))
