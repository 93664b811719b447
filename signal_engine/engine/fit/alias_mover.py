"""Bring the aliases of a load into force, with its fit table: by one compare-and-set, and from one instant on."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from signal_engine.core.rules.aliases import NO_ALIASES, AliasChange, Aliases
from signal_engine.core.rules.instants import BEGINNING
from signal_engine.engine.context.aliases import DELAY_MS, MAX_AGE_MS, SUPERSEDED, AliasesLost, read_map
from signal_engine.engine.ports.controls import FIT, Controls, alias_map
from signal_engine.engine.ports.loaded_accounts import LoadedAccounts
from signal_engine.wire.accounts.row_record import LoadedAccount, read_row
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.rules.fit_load import AccountsLoad
from signal_engine.wire.storage import aliases
from signal_engine.wire.storage.in_force import AliasesInForce, FitInForce

Owners = Callable[[], Awaitable[Mapping[str, str]]]
"""Alias -> account, of a load."""
_NOT_IN_KAFKA: Final = (
    "the alias map in force is missing in Redis, and the accounts in force are not in Kafka; load them again with"
    " `signal-engine fit load ACCOUNTS`"
)
_NAMED: Final = b'"aliases"'
"""Is in the record of every account that has any, and in hardly any other."""


async def stage_aliases(
    controls: Controls, before: FitInForce | None, owners: Mapping[str, str], now: int
) -> AliasesInForce | None:
    """What the document of the fit table has to name so that `owners` are the aliases; the map is written before.

    Those of the first load of all hold for whatever is read after it; later changes count from `DELAY_MS` after `now`
    (ms) on. Raises `StoreTrouble`.
    """
    had = None if before is None else before.aliases
    try:
        map_now = await read_map(controls, had)
    except AliasesLost:  # a load mends it
        map_now = NO_ALIASES
    if map_now is None or map_now.owners() == owners:
        return had  # superseded: the compare-and-set of the caller fails, and it starts over
    since = BEGINNING if before is None else max(now + DELAY_MS, had.since if had else BEGINNING)
    return AliasesInForce(await _written(controls, map_now.changed(owners, aliases.UNDATED)), since)


async def settle_aliases(
    controls: Controls, before: FitInForce | None, after: FitInForce, clock: Callable[[], int]
) -> FitInForce:
    """Call it once `after` has been written: puts its aliases off if writing took so long that a worker may learn of
    them too late, and lets go of the earlier map. Returns what is in force. Raises `StoreTrouble`.
    """
    had, has = None if before is None else before.aliases, after.aliases
    if has is None or has == had:
        return after
    while before is not None and clock() > has.since - MAX_AGE_MS:
        put_off = has._replace(since=clock() + DELAY_MS)
        later = after._replace(aliases=put_off)
        if not await controls.replace(FIT, after.encode(), later.encode()):
            break  # somebody moved on; it was theirs to look at the time
        after, has = later, put_off
    if had is not None and had.digest != has.digest:
        name = alias_map(had.digest)
        if document := await controls.read(name):
            await controls.replace(name, document, SUPERSEDED)
    return after


async def owners_as_loaded(loads: LoadedAccounts, load: AccountsLoad) -> Mapping[str, str]:
    """The aliases of a load as its rows in Kafka name them, for a store that has lost them; reads all of them."""
    owners: dict[str, str] = {}
    if load.aliases:
        for number, end in enumerate(load.ends):
            of: dict[str, tuple[str, ...]] = {}
            async for records in loads.read(number, end):
                for account, value in records:
                    row = read_row(value) if value is not None and _NAMED in value else None
                    of[account] = row.aliases if isinstance(row, LoadedAccount) else ()
            owners |= {alias: account for account, some in of.items() for alias in some}
    return owners


async def mend_aliases(controls: Controls, owners: Owners) -> None:
    """Write the map in force anew if the store has lost it: `owners` are those of the load in force.

    All of them then count from the instant of the latest change on. Raises `ConfigurationError` if they are not in
    Kafka, `StoreTrouble`.
    """
    while (stored := await controls.read(FIT)) is not None:
        in_force = FitInForce.decode(stored)
        try:
            await read_map(controls, in_force.aliases)
        except AliasesLost:
            if in_force.load is None or in_force.aliases is None:
                raise ConfigurationError([_NOT_IN_KAFKA]) from None
            digest = await _written(controls, Aliases.of(await owners(), aliases.UNDATED))
            after = in_force._replace(aliases=in_force.aliases._replace(digest=digest))
            if await controls.replace(FIT, stored, after.encode()):
                return
        else:
            return


async def copy_aliases(before: Controls, after: Controls, in_force: FitInForce) -> AliasesInForce | None:
    """Hand the aliases in force to a new generation, in which they hold from the beginning.

    So does that others are none any more: what was sent on while they were is known by it. Raises `StoreTrouble`.
    """
    if in_force.aliases is None:
        return None
    try:
        found = await read_map(before, in_force.aliases)
    except AliasesLost:
        found = None
    changes = {} if found is None else found.changes
    last = {name: (AliasChange(aliases.UNDATED, some[-1].account),) for name, some in changes.items()}
    digest = await _written(after, Aliases(last))
    return AliasesInForce(digest, BEGINNING)


async def _written(controls: Controls, new: Aliases) -> str:
    document = aliases.encode(new)
    digest = aliases.digest(document)
    name = alias_map(digest)
    while (there := await controls.read(name)) != document:
        await controls.replace(name, there, document)
    return digest
