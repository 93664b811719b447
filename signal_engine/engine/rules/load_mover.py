"""The last whole load of accounts, moved into force: by the coordinator, and by workers that start."""

from collections.abc import Callable, Mapping

from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.fit.alias_mover import owners_as_loaded
from signal_engine.engine.fit.mover import icps_in_force, is_in_force, move_load_into_force
from signal_engine.engine.ports.controls import FIT, Controls
from signal_engine.engine.ports.loaded_accounts import LoadedAccounts, LoadReplaced
from signal_engine.engine.ports.rules_topic import End
from signal_engine.engine.rules.icp_mover import published_icps
from signal_engine.engine.rules.log import RulesLog
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.rules.fit_load import AccountsLoad
from signal_engine.wire.storage.in_force import FitInForce


async def move_load(
    controls: Controls,
    log: RulesLog,
    load: AccountsLoad,
    offset: int,
    loads: LoadedAccounts,
    clock: Callable[[], int],
    end: End,
) -> None:
    """Put the last whole load, whose record is at `offset`, in force, unless it is, or a later one.

    It is decided by the published ICPs, or else by its own; its aliases are read from `loads` if they are needed.
    `end` is the topic's.

    `fit load` does the same at once, since the first load comes before the first worker; whoever is second changes
    nothing. So a command that dies behind its transaction leaves nothing undone. Raises `StoreTrouble`, and
    `ConfigurationError`, also where `loads` raises because the aliases cannot be read, and `LoadReplaced`.
    """
    stored = await controls.read(FIT)
    if stored is not None and await is_in_force(FitInForce.decode(stored), offset, end):
        return  # before ICPs are parsed, since this is asked every second
    published = published_icps(log)
    icps = icps_in_force(load.icps) if published is None else published.icps
    by = None if published is None else published.by

    async def owners() -> Mapping[str, str]:
        try:
            return await owners_as_loaded(loads, load)
        except LoadReplaced:
            raise
        except SignalEngineError as error:
            raise ConfigurationError([f"the aliases of accounts load {load.number} cannot be read: {error}"]) from None

    await move_load_into_force(controls, load, offset, icps, by, owners=owners, clock=clock, end=end)
