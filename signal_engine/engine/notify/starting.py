"""Where a partition of the topic of alerts is read on from: its position in the ledger, or what replaces a lost one."""

from signal_engine.core.rules.instants import DAY
from signal_engine.engine.notify.context import NotifyContext
from signal_engine.engine.ports.delivery.alert_topic import AlertReader
from signal_engine.engine.ports.delivery.ledger import LedgerHead
from signal_engine.engine.ports.log_events.delivery import AlertsCutShort, LedgerLost


async def head_of(context: NotifyContext, reader: AlertReader, partition: int, since: int | None) -> LedgerHead:
    """The head of a partition that was just taken.

    Without one, offsets of the group tell that the ledger was lost: what the 24 hours before them brought is planned
    anew, and uncertain. Without either it is the first start: at the end, or at `since` (ms).
    """
    head = await context.ledger.head(partition)
    if head is not None:
        return await context.ledger.begin(partition, head)  # nothing changes, but the partition is known to readers
    reach = await reader.reach(partition)
    if reach.committed is not None:
        committed = min(reach.committed, reach.end)
        head = LedgerHead(await _a_day_before(reader, partition, committed), committed)
        context.event_log.write(LedgerLost(partition=partition, position=head.position, committed=committed))
    elif since is not None:
        head = LedgerHead(await reader.offset_at(partition, since))
    else:  # where the group is known, the partition is a new one
        head = LedgerHead(reach.beginning if reach.group_is_known else reach.end)
    return await context.ledger.begin(partition, head)


async def _a_day_before(reader: AlertReader, partition: int, committed: int) -> int:
    last = await reader.time_before(partition, committed)
    return committed if last is None else min(committed, await reader.offset_at(partition, last - DAY))


async def within_topic(context: NotifyContext, reader: AlertReader, partition: int, head: LedgerHead) -> LedgerHead:
    """The head of a partition whose topic may end before it; itself where that is not so.

    A topic that was recreated begins at 0 again: whoever waited for the old position would pass over every alert until
    then. What was planned before has its rows, so whatever is read again is delivered once.
    """
    reach = await reader.reach(partition)
    if head.position <= reach.end:
        return head
    position = min(reach.end, await reader.offset_at(partition, context.clock() - DAY))
    if await context.ledger.plan(partition, head.position, position, []):
        context.event_log.write(AlertsCutShort(partition=partition, position=head.position, end=reach.end))
    return await context.ledger.head(partition) or head
