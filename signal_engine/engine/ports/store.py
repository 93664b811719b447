"""The store: apply transactions and read back what they wrote.

There are two implementations: in memory (`adapters.memory`) and in Redis or Valkey (`adapters.redis`); one contract
suite runs on both. Every method may raise `StoreTrouble`. A conflict is a result, not an exception.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from signal_engine.core.errors import WRONG_USE, SignalEngineError
from signal_engine.engine.ports.controls import Controls
from signal_engine.engine.ports.fit_changes import FitChanges
from signal_engine.engine.ports.history import AccountHistory, Dated, OutcomeHistory
from signal_engine.engine.ports.transaction import Applied, NotApplied, Outbox, Outgoing, Positions, Transaction
from signal_engine.engine.ports.views import ViewName
from signal_engine.wire.storage.building import Building


class StoreTrouble(SignalEngineError):
    """The store cannot be used as it is. The message says where it is and what is wrong, without secrets."""

    public = "Redis cannot be used; see the log"


class StoreUnreachable(StoreTrouble):
    """The server does not answer, or not in time: retry. A transaction may have been applied: the retry is a conflict
    then.
    """

    public = "Redis is unreachable"


class StoreFull(StoreTrouble):
    """The store accepts no writes for lack of memory or disk; nothing of the transaction is written. Retry."""


class WrongServer(StoreTrouble):
    """The engine cannot use this server: credentials, rights, version, role or protocol. Retrying is pointless."""

    exit_code = WRONG_USE


class StoreBusy(WrongServer):
    """The engine cannot use this server now: a replica, a rejected password, a missing right.

    If it was never usable, it is a `WrongServer` like any other. If it was, the trouble is temporary: a replica is
    promoted, a password is set back.
    """


class NotAllowed(StoreBusy):
    """The server's user may not run a required command; the message names it."""


class Damage(NamedTuple):
    """A part of a partition that differs from what its transactions wrote."""

    part: str
    """As `engine.ports.transaction.parts` names it, or `HEAD`."""
    found: str
    """What is wrong with it."""


HEAD: Final = "head"
"""The part that holds counter and positions."""


class Damaged(StoreTrouble):
    """A partition differs from what its transactions wrote: one ended half-way, or somebody else changed a key.

    Nothing may be based on it any more: it must be rebuilt.
    """

    def __init__(self, partition: int, damages: Sequence[Damage]) -> None:
        parts = "; ".join(f"{part}: {found}" for part, found in damages)
        super().__init__(f"the stored data of partition {partition} is damaged ({parts}) and must be rebuilt")
        self.partition = partition
        self.damages = tuple(damages)


class Loaded(NamedTuple):
    """What is stored of some accounts, in the order of the request; None where there is nothing."""

    states: list[bytes | None]
    fits: list[bytes | None]
    actions: list[bytes | None]


class Scanned(NamedTuple):
    """A batch of accounts. One can appear twice, since the data can change during the scan; none is left out."""

    cursor: int
    """Pass it on to get more; 0 at the end."""
    values: dict[str, bytes]
    """Account -> its state, or its actions."""


class Waiting(NamedTuple):
    """A record in an outbox."""

    entry: str
    """Identifies it for `remove`. Never reused, not even after the store has lost data."""
    record: Outgoing


class StoredRank(NamedTuple):
    """An account and its stored priority, an upper bound of the true one."""

    partition: int
    account: str
    priority: float


class Fresh(NamedTuple):
    """A priority evaluated now, which replaces the stored bound."""

    account: str
    read: float
    """The bound that was stored."""
    state: bytes | None
    """The state that was evaluated. A worker that added evidence since may have left the bound unchanged because it
    still holds; the evaluated priority would not.
    """
    priority: float | None
    """None removes the account from the list."""


DISK_TIMEOUT_S: Final = 2.0
"""Seconds after which `appendfsync everysec` has written, even if the disk was busy for a second."""


class Durability(NamedTuple):
    """What the store guarantees if it crashes."""

    on_disk: bool
    """Writes go to an append-only file."""
    can_tell: bool
    """The store can say whether a write is on disk; otherwise one counts as on disk `DISK_TIMEOUT_S` after it was seen.
    """
    warnings: tuple[str, ...] = ()
    """What an operator should fix, shown at start."""
    refusal: str | None = None
    """Why the store may not be used with its configuration; None: it may."""

    def check(self) -> None:
        """Raises `WrongServer` if the store may not be used."""
        if self.refusal is not None:
            raise WrongServer(self.refusal)


class Store(OutcomeHistory, Protocol):
    """The state of all partitions of one generation."""

    async def apply(self, transaction: Transaction) -> Applied | NotApplied:
        """Write the whole transaction, or nothing of it. Readers never see a part of it.

        Raises `Damaged` if a part is not as the last transaction left it, or if a write fails: then the partition stays
        marked as half-written.
        """

    async def probe(self, partition: int) -> None:
        """Check that every command which the partition needs may be run, without running any.

        Raises `NotAllowed`, which names the first one that may not.
        """

    async def damages(self, partition: int) -> list[Damage]:
        """Parts of the partition that are not as its transactions left them; empty if all is well."""

    async def positions(self, partition: int) -> Positions:
        """The partition's counter and positions."""

    async def load(self, partition: int, accounts: Sequence[str], *, acted: bool = True) -> Loaded:
        """States, fit rows and actions of `accounts`. Need not be atomic: the counter refuses a transaction on outdated
        ones. `acted` is False where the caller knows that nobody has acted in the partition, which saves a little.
        """

    async def accounts(self, partition: int, cursor: int = 0, limit: int = 500) -> Scanned:
        """About `limit` accounts that have a state, for work that goes through all of them in batches."""

    async def acted(self, partition: int, cursor: int = 0, limit: int = 500) -> Scanned:
        """About `limit` accounts about which people decided something, with their actions."""

    async def counts(self, partition: int) -> dict[str, int]:
        """Counter name -> its sum."""

    async def views(self, partition: int, names: Sequence[ViewName]) -> list[bytes | None]:
        """The views of a partition, in the order of `names`; None for those never written."""

    async def history(self, partition: int, account: str, days: Sequence[int]) -> AccountHistory:
        """Latest signals and alerts of an account, and its scores of `days` (since 1970-01-01)."""

    async def scores(self, partition: int, day: int) -> dict[str, float]:
        """Account -> its score at the end of `day` (since 1970-01-01), if it had signals on that day."""

    async def feed(self, partition: int, since: int, limit: int) -> list[Dated]:
        """The newest `limit` (1..) alerts of a partition dated `since` (ms) or later, newest first."""

    async def raises(self, partition: int, since: int, limit: int) -> list[Dated]:
        """The newest `limit` (1..) hand raises of a partition that count from `since` (ms) or later, newest first."""

    async def waiting(self, partition: int, outbox: Outbox, limit: int, after: str | None = None) -> list[Waiting]:
        """The oldest `limit` (1..) records of an outbox, in the order in which they were added; only those behind the
        entry `after`, which need not be there any more.
        """

    async def on_disk(self, partition: int, timeout_ms: int = 2000) -> bool | None:
        """Whether what the partition holds now would survive a crash of the store; None: the store cannot tell.

        Waits up to `timeout_ms` (1..3000). What is not on disk may not be sent: after a store has lost its last second,
        the engine decides again, perhaps differently. If the store cannot tell, wait `DISK_TIMEOUT_S` after the write
        was seen.
        """

    async def remove(self, partition: int, outbox: Outbox, entries: Sequence[str]) -> int:
        """Remove delivered records; those already gone are ignored. Return how many were there.

        Unfenced on purpose: it only removes what has been delivered.
        """

    async def due(self, partition: int, until: int, limit: int) -> list[tuple[str, int]]:
        """The first `limit` (1..) accounts due at `until` (ms) or before, with their instants, earliest first."""

    async def top(self, name: str, partitions: Sequence[int], limit: int) -> list[StoredRank]:
        """The `limit` (1..) highest stored bounds of a list over `partitions`, descending; ties by account, descending.

        To get more, ask again with a higher limit; pages would not fit together, since ranks move in between.
        """

    async def refresh(self, partition: int, name: str, fresh: Sequence[Fresh]) -> int:
        """Replace bounds whose bound and state are still the evaluated ones; return how many were replaced.

        Does not move the transaction counter, since no transaction reads a bound.
        """

    async def overlay(self, partition: int) -> dict[str, bytes]:
        """Account -> what was seen of its actions and may not have been applied yet (`engine.actions.overlay`)."""

    async def put_overlay(self, partition: int, entries: Mapping[str, bytes | None]) -> None:
        """Writes entries of the overlay; None removes. Unfenced on purpose: it only ever hides or annotates."""

    async def durability(self) -> Durability:
        """The store's current durability."""


class Marks(NamedTuple):
    """The generations of keys that exist."""

    served: int | None
    """None if the store was never used, or has lost everything."""
    building: Building | None
    """The generation that `rebuild` fills in addition."""
    outdated: tuple[int, ...]
    """Generations that remain to be dropped."""

    @property
    def worked_on(self) -> int | None:
        """The generation that workers write: the one being built, if any."""
        return self.building.generation if self.building is not None else self.served


class Generations(Protocol):
    """Manages the generations of keys. `rebuild` fills a new one beside the served one, then swaps them atomically."""

    async def current(self) -> int | None:
        """The served generation; None if the store was never used, or has lost everything."""

    async def marks(self) -> Marks:
        """All generations; the served one and the one being built are read at the same instant."""

    async def swap(self, old: int | None, new: int) -> bool:
        """Serve `new` (0..) if `old` is still served and none is being built; return whether it was done."""

    async def begin(self, served: int | None, building: Building) -> bool:
        """Mark a generation as being built if `served` is still served and none is being built; return whether it was
        done.
        """

    async def finish(self, building: Building) -> bool:
        """Serve the generation being built, if it is still `building`; the one served before becomes outdated. Return
        whether it was done.
        """

    async def give_up(self, building: Building) -> bool:
        """Stop building, if it is still `building`, which becomes outdated. Return whether it was done."""

    def store(self, generation: int) -> Store:
        """The store of a generation, served or not."""

    def controls(self, generation: int) -> Controls:
        """The controls of a generation, served or not."""

    def fit_changes(self, generation: int) -> FitChanges:
        """The changes of the fit table in a generation."""

    async def drop(self, generation: int) -> None:
        """Remove every key of a generation, and its mark as outdated. Safe to repeat.

        Raises ValueError if it is served or being built.
        """
