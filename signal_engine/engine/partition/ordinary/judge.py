"""Ordinary events of ordinary accounts, which another judge may read and judge before Python; what is not ordinary for
certain is Python's.

`core.flow` is the definition. Whoever judges beside it keeps states in a form of its own (`HeldState`), asks Python
what rules, titles and words mean, once for each class of events, and leaves to it what an alert says (`alerts`).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from signal_engine.core.errors import SignalEngineError
from signal_engine.core.fit.eligibility import goes_to_triage, unalerted_reason
from signal_engine.core.flow import ScoringContext
from signal_engine.core.rules.policy import Policy
from signal_engine.engine.ingest.triage import TriagedEvent
from signal_engine.engine.partition.account_cache import CachedAccount, HeldState, lists_of, pins_of, places
from signal_engine.engine.partition.ordinary.alerts import Told
from signal_engine.engine.partition.ordinary.replayed import (
    JudgedMarket,
    ReplayedAccounts,
    ReplayedEvent,
    ReplayedMarket,
)
from signal_engine.engine.partition.transaction_builder import Hotness
from signal_engine.engine.ports.fetched import FetchedRecord


class JudgedBatch(NamedTuple):
    """What a batch writes and counts."""

    states: Mapping[str, bytes]
    signals: Mapping[str, Sequence[bytes]]
    """Account -> its latest signals, as histories keep them."""
    ranks: Mapping[str, Mapping[str, float | None]]
    """Place -> account -> key; None: it leaves the place."""
    due: Sequence[tuple[str, int | None]]
    """Accounts whose hotness changed, and when (ms) they are due; None: not any more."""
    scores: Sequence[tuple[int, str, float]]
    """Day, account, the score with which it ended."""
    outcomes: Sequence[int]
    """Events, in the order of `core.flow.EventOutcome`."""
    background: Sequence[tuple[str, int, int]]
    """Kind, its events of which rules were asked, those of them for which none holds."""


CameIn = tuple[int, int, Sequence[tuple[str, int, int]], Sequence[tuple[str, int]]]
"""What `ActivityCounts.add` takes."""


class OrdinaryEvents(Protocol):
    """The events of one batch, before they are judged, in whatever form."""

    def add(self, fetch: int, events: Sequence[tuple[int, TriagedEvent]], /) -> None:
        """Add events of a fetch that Python read, each with its place among the records of the fetch."""

    def names(self) -> list[str]:
        """The accounts of the events so far."""


class JudgedEvents(NamedTuple):
    """What became of the events of one account."""

    account: str
    left: list[TriagedEvent]
    """Those that Python has to decide: the last ones."""
    applied: bool
    """Whether any before them was applied."""
    was: Hotness | None
    """Of the account before all of them; None if all are left."""
    told: Sequence[Told]
    """Those of which there is more to tell, in order."""


class FitMeaning(NamedTuple):
    """What a fit means to a judge."""

    eligible: bool
    """Whether somebody may be alerted of the account."""
    triaged: bool
    """Whether a hand raise is passed on where nobody may."""
    places: Sequence[tuple[str, str, float]]
    """The lists on which it may be: each with the place of its pins, and the weight of the account's tier there."""
    pins: Sequence[str]
    """The places of the pins of all lists that know it."""


class OrdinaryJudge(Protocol):
    """Reads and judges as `engine.ingest.triage` and `core.flow.advance` do, by one scoring file. What alerts say is
    left to Python.

    Where it raises, what it holds is worth nothing any more: the batch is judged by Python. It is not asked again then,
    unless Python fails on an event of that batch, too.
    """

    def events(self, *, many: bool) -> OrdinaryEvents:
        """No events yet. `many`: they will be of several fetches, and are to be judged in order of time; of one instant
        in order of fetches, and in these as they come.
        """

    def take(
        self,
        events: OrdinaryEvents,
        fetch: int,
        kind: str,
        records: Sequence[FetchedRecord],
        clock: int,
        here: int,
        partition_of: Callable[[str], int],
        aliased: Mapping[str, object],
        /,
    ) -> list[int]:
        """Add the events of those records of a fetch that are ordinary for certain; return the places of the others.

        They are of `kind`, without headers, and of accounts of partition `here`, of which none is among those that are
        `aliased` or of a mail provider. `clock` (ms) limits instants of producers. Where `partition_of` has a number
        `murmur2_of`, it is that of Kafka's default partitioners for so many partitions, and need not be asked.
        """

    def begin(self) -> None:
        """Begin to judge a batch, whatever became of the one before; until it is taken, no other may begin."""

    def hold(self, state: bytes, row: bytes | None, /) -> HeldState | None:
        """The account in a stored state, a blank one for no bytes, and its row of the fit table; None if Python must
        read them.
        """

    def judge(
        self,
        events: OrdinaryEvents,
        held_of: Callable[[str], HeldState | None],
        opened: Callable[[str], FitMeaning],
        event_of: Callable[[int, int], TriagedEvent],
        /,
    ) -> JudgedEvents | None:
        """Judge accounts in the order of their first events, up to one of which events are Python's, or of which there
        is more to tell. None: no more.

        An account of which events are left has to be written by whoever judges the others. `held_of` tells an
        account's state, None if all of its events are Python's; `opened` what its fit means, asked once for all fits
        that mean the same. `event_of` makes the event that was taken of a record, by its fetch and its place there.
        """

    def came_in(self) -> CameIn:
        """What came in since this was last asked."""

    def taken(self) -> JudgedBatch:
        """What the batch writes and counts; it ends with that."""

    def replay(self, accounts: ReplayedAccounts, market: ReplayedMarket | None) -> None:
        """Begin a replay, of which only outcomes, `background` and `followed` are counted."""

    def run(self, arrivals: Sequence[ReplayedEvent], at: int, last: int, midnight: int, asks: float, /) -> int:
        """Judge a replay's events in order from place `at`: up to `last` (ms), or to the first that is Python's.

        That is also one of an account whose place at `midnight` (ms) has to be noted first. Returns how far it came.
        `asks` is the market's.
        """

    def followed(self) -> JudgedMarket:
        """What the market is told of the replay, since this was last asked, background apart."""

    def rest(self, held: HeldState, /) -> bytes:
        """A state to be stored for long, as `wire.storage.state` encodes it once expired ids are forgotten."""


class JudgeFailed(SignalEngineError):
    """The batch is to be judged by Python alone: what a judge held of it must be loaded again.

    `why` is what was raised. The judge is to blame for it, unless Python fails on an event of that batch, too: what is
    asked of Python fails in both.
    """

    def __init__(self, why: Exception) -> None:
        super().__init__(str(why))
        self.why = why


class JudgedDifferently(SignalEngineError):
    """The judge came to something else than Python. Names what, the account, and numbers of it; never a text."""


class _JudgeInUse:
    """How a process judges events: Python alone, or another judge before it."""

    __slots__ = ("_every", "_judge", "_make", "_number", "_of", "failed")

    def __init__(self) -> None:
        self._make: Callable[[ScoringContext], OrdinaryJudge] | None = None
        self._judge: OrdinaryJudge | None = None
        self._of: ScoringContext | None = None
        self._every = self._number = 0
        self.failed: Callable[[Exception], None] = lambda _: None
        """Is told why the judge is not asked any more."""

    def offer(self, make: Callable[[ScoringContext], OrdinaryJudge] | None, *, check_every: int = 0) -> None:
        """From now on a judge judges first; it is made for each scoring file. None: Python alone.

        Python judges one batch of `check_every`, too; 0: none.
        """
        self._make, self._judge, self._of, self._every = make, None, None, check_every

    def judge(self, scoring_context: ScoringContext) -> OrdinaryJudge | None:
        """The judge that is asked first, if there is one."""
        if self._make is not None and self._of is not scoring_context:
            try:
                self._judge, self._of = self._make(scoring_context), scoring_context
            except Exception as error:  # noqa: BLE001 (whatever fails there, Python judges)
                self.give_up(error)
        return self._judge

    @property
    def is_offered(self) -> bool:
        """Whether a judge is offered, and was not given up."""
        return self._make is not None

    @property
    def is_checking(self) -> bool:
        """Whether Python judges some batches, too."""
        return self._every > 0

    @property
    def by(self) -> str:
        """What judges: `python`, `native`, or `native and python`."""
        return "python" if self._make is None else "native and python" if self._every else "native"

    def is_checked(self) -> bool:
        """Whether the batch that comes is one that Python judges, too."""
        self._number += 1
        return self._every > 0 and self._number % self._every == 0

    def give_up(self, error: Exception) -> None:
        """The judge failed: from now on Python judges alone."""
        if self._make is not None:
            self.offer(None)
            self.failed(error)


judging: Final = _JudgeInUse()
"""Of this process."""


def failed(error: Exception) -> JudgeFailed:
    """The judge failed by `error`, for which it is to blame: it is not asked again."""
    judging.give_up(error)
    return JudgeFailed(error)


def meaning_of(one: CachedAccount, policy: Policy) -> FitMeaning:
    """What an account's fit means to a judge."""
    fit = one.fit
    weighed = [(name, pins_of(name), weight) for name, weight in places(fit, policy).items()]
    pins = [pins_of(name) for name in lists_of(fit)]
    return FitMeaning(unalerted_reason(fit, policy) is None, goes_to_triage(fit), weighed, pins)
