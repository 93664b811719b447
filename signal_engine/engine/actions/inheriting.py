"""What accounts inherit from their parents, wherever those are: an overlay, which only hides.

It is looked up whenever it matters (lists, alerts about to be sent, an account explained), in what is stored of the
ancestors and in what was seen of their actions. Only accounts with a parent cost anything.
"""

from collections.abc import Callable, Collection, Iterable, Mapping

from signal_engine.core.actions.in_force import NOTHING, InForce
from signal_engine.core.fit.acted import acted_on, actions_of
from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.inherited import inherited_do_not_contact
from signal_engine.engine.actions.overlay import Overlay, both, overlaid, overlay_of
from signal_engine.engine.ports.store import Store
from signal_engine.wire.storage import actions as stored_actions
from signal_engine.wire.storage import fit_rows

PartitionOf = Callable[[str], int]


async def inherited(
    store: Store, partition_of: PartitionOf, fits: Mapping[str, Fit | None], now: int, over: Overlay | None = None
) -> dict[str, InForce]:
    """Account -> what it inherits at `now` (ms), of those of `fits` that inherit anything; raises `StoreTrouble`.

    `over` is the overlay of all partitions; without it those of the ancestors are read.
    """
    known = {name: fit for name, fit in fits.items() if fit is not None and fit.parent is not None}
    asked, wanted = [*known], _parents(known.values()) - known.keys()
    every: dict[str, Fit | None] = {**known}
    while wanted:
        found = await _ancestors(store, partition_of, wanted, now, over)
        every |= found
        wanted = _parents(found.values()) - every.keys()
    held = {name: inherited_do_not_contact(name, every.get) for name in asked if not _has_its_own(known[name])}
    return {name: InForce(do_not_contact=one) for name, one in held.items() if one is not None}


def with_inherited(over: Overlay, taken: Mapping[str, InForce]) -> dict[str, InForce]:
    """An overlay with what accounts inherit; what a person decided about the account itself is told first."""
    return {**over, **{name: both(one, over.get(name, NOTHING)) for name, one in taken.items()}}


def _has_its_own(fit: Fit) -> bool:
    return actions_of(fit).do_not_contact is not None


def _parents(fits: Iterable[Fit | None]) -> set[str]:
    return {fit.parent for fit in fits if fit is not None and fit.parent is not None}


async def _ancestors(
    store: Store, partition_of: PartitionOf, names: Collection[str], now: int, over: Overlay | None
) -> dict[str, Fit | None]:
    """Their fits, with the actions in force and those that were only seen."""
    by_partition: dict[int, list[str]] = {}
    for name in sorted(names):
        by_partition.setdefault(partition_of(name), []).append(name)
    seen = await overlay_of(store, by_partition, now) if over is None else over
    found: dict[str, Fit | None] = {}
    for number, some in by_partition.items():
        loaded = await store.load(number, some)
        for name, row, acts in zip(some, loaded.fits, loaded.actions, strict=True):
            by_rule = None if row is None else fit_rows.decode(row)
            fit = acted_on(name, by_rule, stored_actions.decode(acts).in_force.at(now))
            found[name] = overlaid(name, fit, seen[name]) if name in seen else fit
    return found
