"""Alerts of accounts that a person has hidden since: they are recorded as not sent and leave the outbox unsent."""

from collections.abc import Sequence

import orjson

from signal_engine.core.actions.in_force import InForce
from signal_engine.core.fit.reasons import Recorded
from signal_engine.engine.actions.hidden import decided_of
from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.partition.open_transaction import open_transaction
from signal_engine.engine.partition.owned_partition import Partition
from signal_engine.engine.ports.log_events.partitions import AlertsWithheld
from signal_engine.engine.ports.store import Waiting
from signal_engine.engine.ports.transaction import Outbox
from signal_engine.wire.instants import parse_instant


async def withhold_hidden(context: EngineContext, partition: Partition, waiting: Sequence[Waiting]) -> list[Waiting]:
    """Those of `waiting` that may be sent; the others are recorded and removed."""
    names = {one.record.key for one in waiting}
    hidden = await decided_of(context.store, context.partition_of, names, context.clock())
    held = {one.entry: why for one in waiting if (why := _why(one, hidden)) is not None}
    if not held:
        return [*waiting]
    async with open_transaction(context, partition) as transaction:
        if transaction is None:
            return []
        for one in waiting:
            if one.entry in held and one.record.value is not None:
                at = parse_instant(orjson.loads(one.record.value)["at"])
                transaction.builder.history.withhold(one.record.key, at, one.record.value, held[one.entry])
    if transaction.refused:
        return []
    context.reached("after_withholding")
    await context.store.remove(partition.number, Outbox.ALERTS, [*held])
    context.event_log.write(AlertsWithheld(partition=partition.number, alerts=len(held)))
    return [one for one in waiting if one.entry not in held]


def _why(one: Waiting, hidden: dict[str, InForce]) -> Recorded | None:
    actions = hidden.get(one.record.key)
    if actions is None or one.record.value is None:
        return None
    if actions.hidden is not None:
        return Recorded(actions.hidden)
    return Recorded.KILLED if orjson.loads(one.record.value)["icp"] in actions.kills else None
