"""The fit table in force, handed to a new generation: rebuilding changes nobody's fit."""

from collections.abc import Callable
from typing import Final

from signal_engine.engine.fit.alias_mover import copy_aliases
from signal_engine.engine.fit.versions import FitVersions
from signal_engine.engine.ports.controls import FIT, TOPICS
from signal_engine.engine.ports.store import Generations
from signal_engine.wire.storage.in_force import FitInForce, TopicsInForce

_BATCH_ACCOUNTS: Final = 1_000


async def copy_fit(
    generations: Generations, old: int, new: int, partitions: int, partition_of: Callable[[str], int]
) -> bytes | None:
    """Hands the fit table of generation `old` to `new`, of `partitions`; returns that of `old`, None without one.

    The rows are those of the version in force, whether their partitions have taken it over or not; in the new
    generation they all come with that version. Of a version with a load there are none to hand over: the owners of the
    new partitions decide the accounts as loaded. The aliases in force hold in the new generation from the beginning.
    """
    before = generations.controls(old)
    if (document := await before.read(FIT)) is None:
        return None
    in_force, topics, after_controls = FitInForce.decode(document), await before.read(TOPICS), generations.controls(new)
    in_force = in_force._replace(aliases=await copy_aliases(before, after_controls, in_force))
    taken_over = in_force.encode()
    if in_force.load is not None:
        await after_controls.replace(FIT, None, taken_over)
        return document
    had = TopicsInForce.decode(topics).partitions if topics else partitions
    tables = FitVersions(generations.store(old), before, generations.fit_changes(old), had, partition_of)
    after = generations.fit_changes(new)
    waiting: dict[int, dict[str, bytes | None]] = {number: {} for number in range(partitions)}
    for number in range(had):
        async for account, row in tables.rows(number, in_force):
            if row is None:
                continue
            to = partition_of(account)
            waiting[to][account] = row
            if len(waiting[to]) >= _BATCH_ACCOUNTS:
                await after.write(to, in_force.version, waiting[to])
                waiting[to] = {}
    for to, rows in waiting.items():
        if rows:
            await after.write(to, in_force.version, rows)
    await after_controls.replace(FIT, None, taken_over)
    return document
