"""The store: apply transactions and read back what they wrote.

There are two implementations: in memory (`adapters.memory`) and in Redis or Valkey (`adapters.redis`); one contract
suite runs on both. Every method may raise `StoreTrouble`. A conflict is a result, not an exception.
"""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from signal_engine.core.errors import WRONG_USE, SignalEngineError
from signal_engine.engine.ports.controls import Controls
from signal_engine.engine.ports.fit_changes import FitChanges
from signal_engine.engine.ports.history import AccountHistory, Dated
from signal_engine.engine.ports.transaction import Applied, NotApplied, Outbox, Outgoing, Positions, Transaction
from signal_engine.engine.ports.views import ViewName
from signal_engine.wire.storage.building import Building


class StoreTrouble(SignalEngineError):
    """The store cannot be used as it is; the message says where it is and what is wrong, and has no secrets."""


class StoreUnreachable(StoreTrouble):
    """The server does not answer, or not in time: retry.

    It is unknown whether a transaction was applied. Retrying it is safe: if it was, the retry is a conflict.
    """


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
    """What is stored of some accounts, in the order in which they were asked for; None where there is nothing."""

    states: list[bytes | None]
    fits: list[bytes | None]
    actions: list[bytes | None]


class Scanned(NamedTuple):
    """A batch of accounts. One can come twice, as in any scan of what changes meanwhile; none is left out."""

    cursor: int
    """To be passed on for more; 0 at the end."""
    states: dict[str, bytes]


class Waiting(NamedTuple):
    """A record in an outbox."""

    entry: str
    """Names it for `remove`. Never given to another record, also after the store has lost some."""
    record: Outgoing


class Bound(NamedTuple):
    """An account's place by its stored priority, which the true one does not exceed."""

    partition: int
    account: str
    priority: float


class Fresh(NamedTuple):
    """A priority evaluated now, to replace the stored bound it was evaluated for."""

    account: str
    read: float
    """The bound that was stored."""
    state: bytes | None
    """The state that was evaluated. A worker that added evidence may have left the bound as it was, because it still
    holds; the fresh one would not."""
    priority: float | None
    """None removes the account from the list."""


DISK_TIMEOUT_S: Final = 2.0
"""Seconds. `appendfsync everysec` has written by then, even when the disk was busy for a second."""


class Durability(NamedTuple):
    """What the store promises for the case that it dies."""

    on_disk: bool
    """Writes go to an append-only file."""
    tells: bool
    """It can be asked whether a write has got there; else one has `DISK_TIMEOUT_S` after it was seen."""
    warnings: tuple[str, ...] = ()
    """What an operator should mend, to be shown at start."""
    refusal: str | None = None
    """Why nobody may work with the store as it is set up."""

    def check(self) -> None:
        """Raises `WrongServer` for a store that nobody may work with."""
        if self.refusal is not None:
            raise WrongServer(self.refusal)


class Store(Protocol):
    """The state of all partitions of one generation."""

    async def apply(self, transaction: Transaction) -> Applied | NotApplied:
        """Writes the whole transaction, or nothing of it. Atomic also towards every reader.

        Raises `Damaged` when a part of the transaction is not as the last transaction left it, or a write fails: the
        partition then stays marked as half-written.
        """

    async def probe(self, partition: int) -> None:
        """Tries whether every command that the partition needs may be run, without running any.

        Raises `NotAllowed` naming the first one that may not.
        """

    async def damages(self, partition: int) -> list[Damage]:
        """What of the partition is not as its transactions left it; empty when all is well."""

    async def positions(self, partition: int) -> Positions:
        """Where the partition stands."""

    async def load(self, partition: int, accounts: Sequence[str]) -> Loaded:
        """States, fit rows and actions of `accounts`. Need not be atomic: the counter refuses a transaction on outdated
        ones.
        """

    async def accounts(self, partition: int, cursor: int = 0, limit: int = 500) -> Scanned:
        """About `limit` accounts that have a state, for work that goes through all of them by and by."""

    async def counts(self, partition: int) -> dict[str, int]:
        """Counter name -> sum of what was added."""

    async def views(self, partition: int, names: Sequence[ViewName]) -> list[bytes | None]:
        """What transactions wrote for people to look at, in the order of `names`."""

    async def history(self, partition: int, account: str, days: Sequence[int]) -> AccountHistory:
        """Latest signals and alerts of an account, and its scores of `days` (since 1970-01-01)."""

    async def scores(self, partition: int, day: int) -> dict[str, float]:
        """The scores with which accounts ended a day (since 1970-01-01) on which they had signals."""

    async def feed(self, partition: int, since: int, limit: int) -> list[Dated]:
        """The newest `limit` (1..) alerts of a partition dated `since` (ms) or later, newest first."""

    async def waiting(self, partition: int, outbox: Outbox, limit: int) -> list[Waiting]:
        """The oldest `limit` (1..) records of an outbox, in the order in which transactions put them there."""

    async def on_disk(self, partition: int, timeout_ms: int = 2000) -> bool | None:
        """Whether the store will still have what the partition holds now after it has died; None: it cannot tell.

        Waits up to `timeout_ms` (1..3000). What is not on disk may not be sent: a store that forgets its last second
        decides again, perhaps differently. Where the store cannot tell, that is `DISK_TIMEOUT_S` after it was seen.
        """

    async def remove(self, partition: int, outbox: Outbox, entries: Sequence[str]) -> int:
        """Removes delivered records; those already gone are passed over. Returns how many were there.

        Unfenced on purpose: it only ever takes away what has been delivered.
        """

    async def due(self, partition: int, until: int, limit: int) -> list[tuple[str, int]]:
        """The first `limit` (1..) accounts due at `until` (ms) or before, with their instants, earliest first."""

    async def top(self, name: str, partitions: Sequence[int], limit: int) -> list[Bound]:
        """The `limit` (1..) highest stored bounds of a list over `partitions`, descending; ties by account, descending.

        Whoever needs more asks again for more, rather than page by page: ranks move in between.
        """

    async def refresh(self, partition: int, name: str, fresh: Sequence[Fresh]) -> int:
        """Writes back bounds where bound and state are still those evaluated; returns how many were.

        Does not move the transaction counter: no transaction reads a bound.
        """

    async def overlay(self, partition: int) -> dict[str, bytes]:
        """Account -> what was seen of its actions and may not have been applied yet (`engine.actions.overlay`)."""

    async def put_overlay(self, partition: int, entries: Mapping[str, bytes | None]) -> None:
        """Writes entries of the overlay; None removes. Unfenced on purpose: it only ever hides or annotates."""

    async def durability(self) -> Durability:
        """What the store promises, asked anew."""


class Marks(NamedTuple):
    """Which generations of keys there are."""

    served: int | None
    """None when the store has never been used, or has lost everything."""
    building: Building | None
    """The one that `rebuild` fills beside it."""
    outdated: tuple[int, ...]
    """Those that are still to be dropped."""

    @property
    def worked_on(self) -> int | None:
        """The one that workers read into: while one is being built, that alone."""
        return self.building.generation if self.building is not None else self.served


class Generations(Protocol):
    """Which generation of keys is served. `rebuild` fills a new one beside it and swaps at once."""

    async def current(self) -> int | None:
        """The one served; None when the store has never been used, or has lost everything."""

    async def marks(self) -> Marks:
        """All that is known of them; what is served and what is being built are of one instant."""

    async def swap(self, old: int | None, new: int) -> bool:
        """Serves `new` (0..) if `old` is still the one served and none is being built; says whether it did."""

    async def begin(self, served: int | None, building: Building) -> bool:
        """Marks a generation as being built, if `served` is still the one served and none is; says whether it did."""

    async def finish(self, building: Building) -> bool:
        """Serves the generation that was being built, if this still is it; the one served before is outdated then."""

    async def give_up(self, building: Building) -> bool:
        """Builds it no longer, if this still is it; it is outdated then."""

    def store(self, generation: int) -> Store:
        """The state of that generation, served or not."""

    def controls(self, generation: int) -> Controls:
        """The documents of that generation, served or not."""

    def fit_changes(self, generation: int) -> FitChanges:
        """The fit tables on their way in that generation."""

    async def drop(self, generation: int) -> None:
        """Removes every key of a generation, and forgets that it was outdated. Safe to repeat.

        Raises ValueError for one that is served or being built.
        """
