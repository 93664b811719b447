"""The market as sinks see it: every account of the accounts file at one instant, read a few at a time."""

from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

import orjson

from signal_engine.core.errors import SignalEngineError
from signal_engine.core.fit.acted import by_rule, fit_at
from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.ranking import ALL
from signal_engine.core.flow import ScoringContext, pass_time
from signal_engine.core.rules.instants import DAY
from signal_engine.core.score.snapshot import AccountSnapshot, take_snapshot
from signal_engine.core.sync.fields import FieldValue, wanted_fields
from signal_engine.core.sync.selections import EXCLUDE, SELECTIONS, Selection, selected
from signal_engine.engine.actions.inheriting import PartitionOf, inherited, with_inherited
from signal_engine.engine.actions.overlay import Overlay, overlay_of, stored_with
from signal_engine.engine.partition.account_cache import read
from signal_engine.engine.partition.history_records import day_and_score
from signal_engine.engine.ports.controls import FIT, FIT_VERSION, SCORING, TOPICS, Controls
from signal_engine.engine.ports.fit_changes import FitChanges
from signal_engine.engine.ports.store import Generations, Store
from signal_engine.engine.read_model.account_view import rules_by
from signal_engine.wire.output.api_documents import ListDocument
from signal_engine.wire.output.models import Entry
from signal_engine.wire.storage import state
from signal_engine.wire.storage.in_force import FitInForce, IcpInForce, TopicsInForce

_AT_ONCE: Final = 200
"""Accounts read at once: decoding them takes some milliseconds, during which nobody else is answered."""


_ALL_RANKS: Final = 2**31
"""More places than any list has."""
HeldBack = Callable[[str, int, bool], bool]
"""Whether an account is in a control group at an instant (ms), given whether it is pinned."""


def _nobody(account: str, now: int, pinned: bool) -> bool:  # noqa: FBT001 (as `HeldBack` says)
    """There is no control group."""
    del account, now, pinned
    return False


class UnknownPlace(SignalEngineError):
    """A list that a sink follows is not published: it was misspelt, its ICP is gone, or nothing was published yet."""


class SyncedAccount(NamedTuple):
    """An account of the accounts file."""

    fit: Fit
    stands: AccountSnapshot


@dataclass(frozen=True, slots=True)
class SyncMarket:
    """One generation at `now` (ms), by the rules in force. Every method may raise `StoreTrouble`."""

    store: Store
    controls: Controls
    fit_changes: FitChanges
    partitions: int
    partition_of: PartitionOf
    generation: int
    """Which one: another one, and all accounts may be others."""
    now: int
    context: ScoringContext
    icps: tuple[IcpInForce, ...]
    held_back: HeldBack = _nobody
    """What signals say of these accounts leaves by no sink."""

    @property
    def list_names(self) -> tuple[str, ...]:
        """The lists there are."""
        return (ALL, *(icp.icp for icp in self.icps))

    def wanted(self, one: SyncedAccount) -> Mapping[str, FieldValue]:
        """The fields that a CRM is to have of the account."""
        owners = {icp.icp: icp.owner_email for icp in self.icps}
        held = self._holds(one.fit.account, pinned=one.stands.pinned)
        owner = owners.get(one.fit.primary.icp)
        return wanted_fields(one.stands, one.fit, owner, self.context.policy, held_back=held)

    async def everybody(self) -> AsyncIterator[Sequence[SyncedAccount]]:
        """All accounts of the accounts file, some at a time, each once."""
        for number in range(self.partitions):
            over = await overlay_of(self.store, [number], self.now)
            seen: set[str] = set()
            cursor, more = 0, True
            while more:
                cursor, rows = await self.fit_changes.applied(number, cursor, _AT_ONCE)
                new = [name for name, row in rows.items() if row is not None and name not in seen]
                seen.update(new)
                if new:
                    yield await self._read(number, new, over)
                more = bool(cursor)

    async def some(self, names: Iterable[str]) -> Sequence[SyncedAccount]:
        """Those of `names` that are in the accounts file."""
        by_partition: dict[int, list[str]] = {}
        for name in sorted({*names}):
            by_partition.setdefault(self.partition_of(name), []).append(name)
        found: list[SyncedAccount] = []
        for number, mine in by_partition.items():
            over = await overlay_of(self.store, [number], self.now)
            for start in range(0, len(mine), _AT_ONCE):
                found += await self._read(number, mine[start : start + _AT_ONCE], over)
        return found

    async def listed(self, name: str) -> Sequence[Entry] | None:
        """The entries of a list as it was last published, by rank, without control groups; None where it never was."""
        served = await self.controls.served(name)
        if served is None:
            return None
        document: ListDocument = orjson.loads(served)
        return [one for one in document["entries"] if not self._holds(one["account_id"], pinned=one["pinned"])]

    async def ranked(self) -> frozenset[str]:
        """Every account that its signals may put on a list, those below the last place too, and some that cooled."""
        numbers = range(self.partitions)
        found = [await self.store.top(name, numbers, _ALL_RANKS) for name in self.list_names]
        return frozenset(one.account for ranks in found for one in ranks)

    async def held(self, accounts: Iterable[str]) -> frozenset[str]:
        """Those of `accounts` that are in a control group now."""
        maybe = [account for account in accounts if self._holds(account, pinned=False)]
        pinned = {one.fit.account for one in await self.some(maybe) if one.stands.pinned}
        return frozenset(one for one in maybe if self._holds(one, pinned=one in pinned))

    async def scores(self, days: Sequence[int]) -> dict[int, dict[str, float]]:
        """Each of `days` (since 1970-01-01, all over) -> account -> its score at the end, if signals came on it.

        The score of an account's last day is not written down before a later one: until then it is in its state.
        """
        found: dict[int, dict[str, float]] = {day: {} for day in days}
        for number in range(self.partitions):
            cursor, more = 0, True
            while more:
                cursor, states = await self.store.accounts(number, cursor, _AT_ONCE)
                for name, stored in states.items():
                    account = state.decode(stored)
                    if account.kinds and account.now // DAY in found:
                        day, score = day_and_score(account, self.context.policy)
                        found[day][name] = score
                more = bool(cursor)
            for day in days:  # behind the states: of an account that was judged meanwhile it is here
                found[day] |= await self.store.scores(number, day)
        return found

    async def places(self, of: str) -> dict[str, int | None]:
        """Account -> rank of a list, or None for each account of a selection.

        Raises `UnknownPlace` for a list that is not there: it is not empty, and nobody has left it.
        """
        if of not in SELECTIONS:
            entries = await self.listed(of) if of in self.list_names else None
            if entries is None:
                known = ", ".join((*self.list_names, *SELECTIONS))
                raise UnknownPlace(f"{of}: is none of the lists that are published, nor a selection: {known}")
            return {entry["account_id"]: entry["rank"] for entry in entries}
        found: dict[str, int | None] = {}
        async for some in self.everybody():
            for fit, stands in some:
                if self.selects(of, fit, stands):
                    found[fit.account] = None
        return found

    def selects(self, selection: Selection, fit: Fit, stands: AccountSnapshot) -> bool:
        """Whether the account is in the selection; one of a control group is in no selection to be spoken to."""
        if selection != EXCLUDE and self._holds(fit.account, pinned=stands.pinned):
            return False
        return selected(selection, fit, stands.level, self.context.policy)

    def _holds(self, account: str, *, pinned: bool) -> bool:
        return self.held_back(account, self.now, pinned)

    async def _read(self, number: int, names: Sequence[str], over: Overlay) -> list[SyncedAccount]:
        loaded = await self.store.load(number, names)
        acted = zip(names, loaded.fits, loaded.actions, strict=True)
        fits = {name: read(None, row, acts, name).fit for name, row, acts in acted}
        over = with_inherited(over, await inherited(self.store, self.partition_of, fits, self.now))
        found = []
        for name, stored, row, acts in zip(names, loaded.states, loaded.fits, loaded.actions, strict=True):
            known = read(stored, row, stored_with(acts, over[name]) if name in over else acts, name)
            account, fit = known.account, known.fit
            at = max(self.now, account.now)
            pass_time(account, name, at, fit, self.context)  # its alerts come from the timer
            fit = fit_at(fit, at)
            if fit is not None and by_rule(fit) is not None:
                found.append(SyncedAccount(fit, take_snapshot(name, account, at, self.context.policy)))
        return found


async def market_at(
    generations: Generations,
    partitions_by: Callable[[int], PartitionOf],
    now: int,
    held_back: HeldBack = _nobody,
) -> SyncMarket | None:
    """The market at `now` (ms), of the generation that is served; None when no worker has run yet, or no
    accounts were loaded: nobody has left then.

    `partitions_by` makes the partitioner of a number of partitions. Raises `StoreTrouble`, and `ConfigurationError` for
    a scoring file that this version cannot read.
    """
    served = await generations.current()
    if served is None:
        return None
    controls = generations.controls(served)
    scoring, fit, topics = await controls.read(SCORING), await controls.read(FIT), await controls.read(TOPICS)
    if scoring is None or fit is None:
        return None
    partitions = TopicsInForce.decode(topics).partitions if topics else 1
    return SyncMarket(
        generations.store(served),
        controls,
        generations.fit_changes(served),
        partitions,
        partitions_by(partitions),
        served,
        now,
        rules_by(scoring).scoring_context,
        FitInForce.decode(fit).icps,
        held_back,
    )


async def table_versions(store: Store, partitions: int) -> tuple[int, ...]:
    """The version of the fit table that each partition goes by: another one, and all accounts may be others."""
    return tuple([(await store.positions(number)).topics.get(FIT_VERSION, 0) for number in range(partitions)])
