"""What every sink is to the process that runs it, and what became of a run."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from signal_engine.core.errors import SignalEngineError
from signal_engine.core.sync.fields import FieldValue
from signal_engine.engine.sync.market import SyncMarket

_NAMED: Final = 10
_SHOWN_WRITES: Final = 20
"""Writes that a run tells one by one."""


Reached = Callable[[str], object]
"""Called with the name of each step that work gets to; tests end or stop the process there."""


def unwatched(step: str) -> None:
    """A `Reached` that looks at nothing."""
    del step


class SinkTrouble(SignalEngineError):
    """A sink cannot be used now; what it has not taken is sent at the next run. Never with a secret or an address."""

    def __init__(self, said: str, *, for_good: bool = False, retry_after_s: float | None = None) -> None:
        """`for_good`: nothing sent there will be taken until somebody changes that. `retry_after_s`: seconds for which
        the system asks to be left alone.
        """
        super().__init__(said)
        self.for_good, self.retry_after_s = for_good, retry_after_s


class PlannedWrite(NamedTuple):
    """One write, as a person is shown it."""

    account: str
    what: str
    """`update`, `create`, `clear`, `clear_old`, `entered`, `left`, `moved`, `file`."""
    fields: Mapping[str, FieldValue]


@dataclass(slots=True)
class SyncRun:
    """One run of one sink: what is asked of it, and what has become of it."""

    now: int
    """ms."""
    whole: bool
    """Whether all accounts are compared; else `accounts` alone."""
    dry: bool = False
    """Whether nothing is sent."""
    accounts: frozenset[str] = frozenset()
    """Where not whole: the accounts to compare."""
    by_hand: bool = False
    """Whether a person asked for it: then what was refused for good is tried again, too."""
    shown: list[PlannedWrite] = field(default_factory=list)
    """The first writes."""
    counts: Counter[str] = field(default_factory=Counter)
    """What was counted, by name."""
    again: set[str] = field(default_factory=set)
    """Accounts that failed, to be compared again at the next run."""
    watched: set[str] = field(default_factory=set)
    """Accounts to be compared at the next runs, on a list or not: those whose signals the system is to show, and those
    whose signals it may be to show though they can be on no list.
    """
    notes: list[str] = field(default_factory=list)
    """What a person has to know."""
    unclear: dict[str, list[str]] = field(default_factory=dict)
    """The first accounts without one record: `ambiguous` and `unmatched`."""

    def count_match(self, match: str, account: str) -> None:
        """Count how many records an account has; the first that have none or several are kept to be named."""
        self.counts[match] += 1
        if match != "matched" and len(named := self.unclear.setdefault(match, [])) < _NAMED:
            named.append(account)

    def show(self, account: str, what: str, fields: Mapping[str, FieldValue]) -> None:
        """Count a write; the first are kept to be shown."""
        self.counts[what] += 1
        if len(self.shown) < _SHOWN_WRITES:
            self.shown.append(PlannedWrite(account, what, fields))


class Sink(Protocol):
    """A system that follows."""

    @property
    def name(self) -> str:
        """As the sync file calls it."""

    @property
    def kind(self) -> str:
        """What it is: `hubspot`, `salesforce`, `linkedin`, `webhook`, `files`."""

    @property
    def asks_first(self) -> bool:
        """Whether it writes nothing before a person has seen its first run."""

    @property
    def compares_accounts(self) -> bool:
        """Whether it compares accounts one by one; else it goes by lists, selections or alerts alone."""

    async def sync(self, market: SyncMarket, run: SyncRun) -> None:
        """Compare and send the difference. Raises `StoreTrouble`, `SinkTrouble`; what was taken is noted before."""


class RecordKey(NamedTuple):
    """By what a record of a CRM is looked for."""

    account: str
    crm_id: str | None


class FoundRecords(NamedTuple):
    """The records of a CRM that an account may be."""

    account: str
    record_ids: Sequence[str]
    """One: matched. Several: ambiguous."""


class RecordWrite(NamedTuple):
    """One record to write."""

    account: str
    record_id: str | None
    """None: to be created."""
    fields: Mapping[str, FieldValue]
    name: str | None = None
    """Of the account, for a record to be created."""
    identify: bool = False
    """Whether our own id is written, too: with the first write of each record."""
    release: bool = False
    """Whether our own id is emptied, too: the record is the account's no more."""


class WrittenRecord(NamedTuple):
    """How a write of one record ended."""

    account: str
    record_id: str | None
    problem: str | None
    """Why it was not taken, in words; None: it was."""
    gone: bool = False
    """Whether the record is not there any more."""
    for_good: bool = False
    """Whether the same write will be refused again, until somebody changes something in the CRM."""


class RecordSystem(Protocol):
    """A CRM. Every method may raise `SinkTrouble`."""

    sought_at_once: int
    """How many records are looked for in a request."""
    written_at_once: int

    async def find(self, keys: Sequence[RecordKey]) -> Sequence[FoundRecords]:
        """The records of at most `sought_at_once` accounts, in their order.

        By `crm_id`, else by our own id, else by domain.
        """

    async def holders(self, record_ids: Sequence[str]) -> Mapping[str, str]:
        """Id -> the account whose own id stands there, or "", of at most `sought_at_once` records; of those there."""

    async def write(self, writes: Sequence[RecordWrite]) -> Sequence[WrittenRecord]:
        """Write at most `written_at_once` records, in their order. The same write twice leaves the same record."""
