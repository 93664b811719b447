"""What hides accounts now, wherever that is: applied, only seen, or inherited from a parent."""

from collections.abc import Iterable

from signal_engine.core.actions.in_force import NOTHING, InForce
from signal_engine.core.fit.icp import Fit
from signal_engine.engine.actions.inheriting import PartitionOf, inherited
from signal_engine.engine.actions.overlay import both, overlay_of
from signal_engine.engine.ports.store import Store
from signal_engine.wire.storage import actions as stored_actions
from signal_engine.wire.storage import fit_rows


async def decided_of(store: Store, partition_of: PartitionOf, names: Iterable[str], now: int) -> dict[str, InForce]:
    """Account -> what people decided and is in force at `now` (ms), of those of `names` of which there is anything.

    Raises `StoreTrouble`. Each action is found, also one that is applied meanwhile: the overlay is read first.
    """
    by_partition: dict[int, list[str]] = {}
    for name in sorted(names):
        by_partition.setdefault(partition_of(name), []).append(name)
    seen = await overlay_of(store, by_partition, now)
    found: dict[str, InForce] = {}
    fits: dict[str, Fit | None] = {}
    for number, some in by_partition.items():
        loaded = await store.load(number, some)
        for name, row, acts in zip(some, loaded.fits, loaded.actions, strict=True):
            fits[name] = None if row is None else fit_rows.decode(row)
            found[name] = both(stored_actions.decode(acts).in_force.at(now), seen.get(name, NOTHING))
    for name, one in (await inherited(store, partition_of, fits, now)).items():
        found[name] = both(one, found[name])
    return {name: one for name, one in found.items() if one != NOTHING}
