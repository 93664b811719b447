"""What can still be read of a generation that is served until another one replaces it.

It may be damaged: that can be why it is replaced. Its damage must not be taken for damage of the generation that is
built, which would be given up for another one, again and again.
"""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, cast

from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.context.retry import retrying
from signal_engine.engine.ports.store import Damaged, Generations, Loaded, Store
from signal_engine.engine.ports.transaction import Positions


def replaced_store(context: EngineContext, generations: Generations, served: int) -> Store:
    """The store of the generation `served`; what is damaged there reads as empty, and nothing is written to it."""
    return cast("Store", _Salvaging(retrying(generations.store(served), context.retry)))


class _Salvaging:
    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def positions(self, partition: int) -> Positions:
        try:
            return await self._store.positions(partition)
        except Damaged:
            return Positions(0, {}, {})

    async def load(self, partition: int, accounts: Sequence[str], *, acted: bool = True) -> Loaded:
        try:
            return await self._store.load(partition, accounts, acted=acted)
        except Damaged:
            nothing: list[bytes | None] = [None] * len(accounts)
            return Loaded(nothing, nothing, nothing)

    async def overlay(self, partition: int) -> dict[str, bytes]:
        try:
            return await self._store.overlay(partition)
        except Damaged:
            return {}

    async def put_overlay(self, partition: int, entries: Mapping[str, bytes | None]) -> None:
        with suppress(Damaged):  # nobody can read it there either
            await self._store.put_overlay(partition, entries)
