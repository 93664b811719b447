"""The accounts as loaded, brought into force by a worker that starts."""

from contextlib import suppress
from functools import partial

from signal_engine.adapters.kafka.fit_topics import KafkaLoads
from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.fit.alias_mover import mend_aliases, owners_as_loaded
from signal_engine.engine.ports.loaded_accounts import LoadReplaced
from signal_engine.engine.rules.load_mover import move_load
from signal_engine.engine.rules.log import RulesLog
from signal_engine.entrypoints.wiring.rules.published import read_rules
from signal_engine.entrypoints.wiring.settings import Settings


async def recall_load(settings: Settings, context: EngineContext, loads: KafkaLoads) -> None:
    """Put the last whole load of accounts in force, if Redis has none or an older one: it was emptied or set back.

    Its aliases come back, too, also if they alone were lost. While `fit.accounts` lacks rows of that load, it waits for
    another one.
    """
    while await loads.partitions() is not None and (latest := await loads.latest()) is not None:
        log = await read_rules(settings) or RulesLog()
        with suppress(LoadReplaced):
            await move_load(context.controls, log, latest.load, latest.offset, loads, context.clock, loads.end_of_rules)
            await mend_aliases(context.controls, partial(owners_as_loaded, loads, latest.load))
            return
