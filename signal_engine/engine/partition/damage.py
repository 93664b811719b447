"""Detect damaged partitions, and whether the fit table in them is still usable.

The store reports parts that differ from what transactions wrote (`Store.damages`). It cannot report a partition of
which nothing is left, which looks like an unused one. So a separate document notes that a partition is in use.
"""

from typing import Final

from signal_engine.engine.ports.controls import Controls, partition_begun
from signal_engine.engine.ports.store import HEAD, Damage, Store

FITS: Final = "fits"
_BEGUN: Final = b"begun"
_GONE: Final = (Damage(HEAD, "it is missing, and so is all else"), Damage(FITS, "it is missing"))


async def damages_of(store: Store, controls: Controls, number: int) -> list[Damage]:
    """What of a partition is not as its transactions left it; empty when all is well. Raises `StoreTrouble`."""
    if found := await store.damages(number):
        return found
    if not (await store.positions(number)).counter and await controls.read(partition_begun(number)) is not None:
        return list(_GONE)
    return []


async def note_begun(controls: Controls, number: int) -> None:
    """Writes down that a partition holds something. Safe to repeat."""
    await controls.replace(partition_begun(number), None, _BEGUN)


async def fit_is_whole(store: Store, controls: Controls, partitions: int) -> bool:
    """Whether every partition's rows of the fit table are as its transactions left them. Raises `StoreTrouble`."""
    for number in range(partitions):
        if any(damage.part == FITS for damage in await damages_of(store, controls, number)):
            return False
    return True
