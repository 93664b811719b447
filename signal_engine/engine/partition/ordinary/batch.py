"""One batch as an `OrdinaryJudge` reads and judges it, account by account, and what that adds to the transaction."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from signal_engine.core.fit.icp import Fit
from signal_engine.core.flow import EventOutcome
from signal_engine.core.rules.aliases import Aliases
from signal_engine.core.rules.policy import Policy
from signal_engine.engine.ingest.activity import ActivityCounts
from signal_engine.engine.ingest.triage import TriagedEvent, arrival
from signal_engine.engine.partition.account_cache import CachedAccount, HeldState
from signal_engine.engine.partition.background_count import Background
from signal_engine.engine.partition.ordinary.alerts import Told, alert_of_judge, hand_raise_of_judge
from signal_engine.engine.partition.ordinary.judge import (
    FitMeaning,
    JudgedDifferently,
    JudgeFailed,
    OrdinaryEvents,
    OrdinaryJudge,
    meaning_of,
)
from signal_engine.engine.partition.transaction_builder import Hotness, TransactionBuilder
from signal_engine.engine.ports.fetched import Fetched
from signal_engine.wire.events.decode import Decode, decoder
from signal_engine.wire.events.rejections import Refusal


class Left(NamedTuple):
    """Events of an account that Python has to decide."""

    account: str
    events: list[TriagedEvent]
    changed: bool
    """Whether one before them was applied."""
    was: Hotness | None
    """How hot the account was before all of them; None if none was decided before these."""


class _Read(NamedTuple):
    """A fetch, and what reads one of its records again."""

    fetched: Fetched
    decode: Decode
    clock: int
    left: list[int]
    """Places of the records that were left to Python."""


class OrdinaryBatch:
    """The events of one transaction. Raises `JudgeFailed` wherever the judge fails, or Python at what it is asked.

    `takes`: whether the judge reads records, too; if not, it is handed all events as Python reads them. `many`: whether
    they are of several fetches, whose events are decided in order of time.
    """

    def __init__(self, judge: OrdinaryJudge, policy: Policy, *, many: bool = False, takes: bool = True) -> None:
        self._judge, self._policy, self._takes = judge, policy, takes
        self._hold = judge.hold
        self._events: OrdinaryEvents = judge.events(many=many)
        self._fetches: list[_Read] = []

    def take(
        self, kind: str, fetched: Fetched, clock: int, partition_of: Callable[[str], int], aliases: Aliases
    ) -> Fetched:
        """Takes the ordinary events of a fetch of `kind`; returns what is left of it, for Python to triage."""
        if not self._takes:
            left = [*range(len(fetched.records))]
        else:
            with _asking():
                left = self._judge.take(
                    self._events, len(self._fetches), kind, fetched.records, clock, fetched.partition, partition_of,
                    aliases.changes,
                )  # fmt: skip
        self._fetches.append(_Read(fetched, decoder(kind), clock, left))
        return fetched._replace(records=[fetched.records[place] for place in left])

    def hold(self, stored: bytes, row: bytes | None) -> HeldState | None:
        """See `OrdinaryJudge`."""
        try:  # no context manager: this is called for each account that is loaded
            return self._hold(stored, row)
        except Exception as error:
            raise JudgeFailed(error) from error

    def names(self) -> list[str]:
        """The accounts of the events that were taken."""
        with _asking():
            return self._events.names()

    def add(self, arrived: Iterable[Sequence[TriagedEvent]]) -> None:
        """Adds what Python made of each fetch, in order: first of those that were taken."""
        for number, its in enumerate(arrived):
            places = [*range(len(its))]
            if number < len(self._fetches):
                records = self._fetches[number].fetched.records
                place_of = {records[place].offset: place for place in self._fetches[number].left}
                places = [place_of[one.record.offset] for one in its]
            with _asking():
                self._events.add(number, [*zip(places, its, strict=True)])

    def judge(
        self, known: Mapping[str, CachedAccount], apart: Collection[str], builder: TransactionBuilder
    ) -> Iterator[Left]:
        """Judges all accounts in order, and gives those of which events are Python's: to be decided before going on.

        Those of the accounts `apart` are Python's, and of accounts about which people decided something. What the
        others raise goes to `builder`.
        """

        def held_of(name: str) -> HeldState | None:
            its = known[name]
            return its.held(self.hold) if its.is_ordinary and name not in apart else None

        def opened(name: str) -> FitMeaning:
            return meaning_of(known[name], self._policy)

        self._judge.begin()
        while True:
            with _asking():
                judged = self._judge.judge(self._events, held_of, opened, self._event_of)
                if judged is None:
                    return
                for one in judged.told:
                    self._tell(one, known[judged.account].fit, builder)
            if judged.left:
                yield Left(judged.account, judged.left, judged.applied, judged.was)

    def _tell(self, told: Told, fit: Fit | None, builder: TransactionBuilder) -> None:
        event, judged, raised = told
        alerts = [alert_of_judge(one, event, fit, self._policy) for one in judged]
        if raised is not None:
            builder.history.hand_raise(hand_raise_of_judge(raised, event, alerts, fit, self._policy))
        builder.send(alerts)

    def tell(self, came_in: ActivityCounts) -> None:
        """Hands over what came in so far."""
        with _asking():
            came_in.add(*self._judge.came_in())

    def end(self, builder: TransactionBuilder, counts: dict[EventOutcome, int], background: Background) -> None:
        """Hands over what is written and counted."""
        with _asking():
            judged = self._judge.taken()
        builder.judged(judged.states, judged.ranks, judged.due)
        builder.history.judged(judged.signals, judged.scores)
        for outcome, many in zip(EventOutcome, judged.outcomes, strict=True):
            counts[outcome] += many
        for kind, asked, off in judged.background:
            background.add(kind, asked, off)

    def _event_of(self, number: int, place: int) -> TriagedEvent:
        """The event that was taken of a record, as Python has it."""
        fetched, decode, clock, _ = self._fetches[number]
        record = fetched.records[place]
        now = arrival(record, None, clock)
        verdict = decode(record.value, now, ())
        if isinstance(verdict, Refusal):
            raise JudgedDifferently(f"an event was taken that Python refuses, reason {verdict.reason}")
        return TriagedEvent(record, verdict, now)


@contextmanager
def _asking() -> Iterator[None]:
    try:
        yield
    except Exception as error:
        raise JudgeFailed(error) from error
