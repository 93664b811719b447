"""The alias map in force, as every process reads it.

The document of the fit table in force names the map and says from when on its latest changes count: `DELAY_MS` after
the load. No worker judges by a map that it read more than `MAX_AGE_MS` ago, so all of them know a change before the
first event arrives for which it counts (as long as clocks differ by less than the two together allow). That makes what
an event means a matter of its time of arrival alone, whoever reads it and whenever.
"""

from typing import Final

from signal_engine.core.rules.aliases import NO_ALIASES, Aliases
from signal_engine.core.rules.instants import BEGINNING
from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.context.generation import OtherGeneration
from signal_engine.engine.ports.controls import FIT, Controls, alias_map
from signal_engine.engine.ports.log_events.processes import AliasesChanged
from signal_engine.wire.instants import format_instant
from signal_engine.wire.storage import aliases
from signal_engine.wire.storage.in_force import AliasesInForce, FitInForce

DELAY_MS: Final = 10_000
"""From a load to the instant from which on its changes count."""
MAX_AGE_MS: Final = 5_000
"""Of the map by which a batch is judged."""
SUPERSEDED: Final = b""
"""What becomes of the document of an earlier map."""


class AliasesLost(OtherGeneration):
    """The store has lost the alias map in force: events would count for aliases. A worker that starts over mends it."""


async def read_map(controls: Controls, in_force: AliasesInForce | None) -> Aliases | None:
    """The map that is named; None if another one is in force meanwhile. Raises `AliasesLost`, `StoreTrouble`."""
    if in_force is None:
        return NO_ALIASES
    document = await controls.read(alias_map(in_force.digest))
    if document is None:
        raise AliasesLost("the alias map in force is missing in Redis: a worker that starts writes it anew")
    return None if document == SUPERSEDED else aliases.decode(document, in_force.since)


async def aliases_in_force(controls: Controls) -> Aliases:
    """The map in force in a generation. Raises `AliasesLost`, `StoreTrouble`."""
    while True:
        stored = await controls.read(FIT)
        in_force = None if stored is None else FitInForce.decode(stored).aliases
        if (found := await read_map(controls, in_force)) is not None:
            return found


async def poll_fit(context: EngineContext) -> FitInForce | None:
    """The fit table in force; the worker has its alias map from then on. Raises `AliasesLost`."""
    while True:
        began = context.clock()
        stored = await context.controls.read(FIT)
        fit = None if stored is None else FitInForce.decode(stored)
        wanted = None if fit is None else fit.aliases
        if wanted != context.aliases_in_force:
            found = await read_map(context.controls, wanted)
            if found is None:
                continue
            context.aliases, context.aliases_in_force = found, wanted
            since = "" if wanted is None or wanted.since == BEGINNING else format_instant(wanted.since)
            context.event_log.write(AliasesChanged(aliases=len(found.owners()), since=since))
        context.aliases_read_at = began
        return fit


async def know_aliases(context: EngineContext) -> None:
    """Read what is in force again if that is too long ago for a batch. Call it before each is judged."""
    if context.clock() - context.aliases_read_at > MAX_AGE_MS:
        await poll_fit(context)
