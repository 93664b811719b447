"""What the owner of a partition does beside reading while its generation is being built, and when it is served then.

recall         before anything is judged: the alerts that people got, read from their topic
go_on          once the topics have passed the ends they had at the start: what only alerts tell is written down
before_sending once it is served: alerts that somebody sent meanwhile are taken out of the outbox
lead           the owner of one partition serves the generation when all are through, and drops what is outdated
"""

import asyncio
from contextlib import suppress
from itertools import islice
from typing import Final, NamedTuple

import orjson

from signal_engine.engine.actions.replaced_store import replaced_store
from signal_engine.engine.actions.seen_actions import HIDING_POLL_S, hidden_last
from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.context.generation import OwnGeneration
from signal_engine.engine.context.retry import retrying
from signal_engine.engine.partition.open_transaction import open_transaction
from signal_engine.engine.partition.owned_partition import Partition
from signal_engine.engine.partition.past_alerts import PastAlerts
from signal_engine.engine.ports.controls import FIT, FIT_VERSION, REBUILT, SCORING_SEQUENCE
from signal_engine.engine.ports.log_events.partitions import AlertsUnreadable, PartitionRebuilt
from signal_engine.engine.ports.log_events.processes import GenerationDropped, RebuildCompleted, RebuildWaitingForFit
from signal_engine.engine.ports.store import Generations
from signal_engine.engine.ports.transaction import Outbox, TopicPartition, TopicRead
from signal_engine.engine.publishing.removals import remove_hidden
from signal_engine.wire.storage import state
from signal_engine.wire.storage.building import Building

READ, CLEANED = 1, 2
"""Everything has been read that was there at the start; and the outbox has been looked through."""
_BATCH_ACCOUNTS: Final = 300
"""Accounts a transaction."""
_WHOLE_OUTBOX_RECORDS: Final = 1_000_000
_REMOVED_BATCH_ACCOUNTS: Final = 1_000
_RECHECK_S: Final = 1.0
_COPIES_WAIT_S: Final = 60.0
_DROP_RETRY_S: Final = 10.0
"""Seconds."""


class _Copies(NamedTuple):
    """What the partitions of a generation sent each other before all of them were through."""

    ends: dict[TopicPartition, int]
    """Below which it lies."""
    taken: int = -1
    """How far the partitions had come, added up, when it was looked at last."""
    until: float = 0.0
    """Loop time at which it is no longer waited for, unless they come further."""


class Rebuild:
    """The rebuild of one worker's generation; for one that was served from the start there is nothing to do."""

    def __init__(self, context: EngineContext) -> None:
        self._context = context
        self._own = context.generation
        self._copies: _Copies | None = None

    async def watch(self) -> None:
        """Runs until another generation is to be worked on; raises `OtherGeneration` then."""
        while True:
            await self._context.check_generation()
            await asyncio.sleep(_RECHECK_S)

    async def served(self) -> None:
        """Wait until alerts and lists may be sent."""
        if self._own is not None:
            await self._own.served.wait()

    async def remove_hidden_until_served(self) -> None:
        """Wait until lists may be sent; meanwhile accounts that people hide leave those that are served."""
        own, context = self._own, self._context
        if own is None or not context.takes_actions:
            await self.served()
            return
        last: bytes | None = b""
        while not own.served.is_set():
            served = await context.retry.call(own.generations.current)
            if served is not None:
                store = replaced_store(context, own.generations, served)
                if (now := await hidden_last(store)) != last:
                    last = now
                    controls = retrying(own.generations.controls(served), context.retry)
                    await remove_hidden(context, store, controls)
            with suppress(TimeoutError):
                async with asyncio.timeout(HIDING_POLL_S):
                    await own.served.wait()

    async def recall(self, partition: Partition) -> None:
        """Load the past alerts of the partition's accounts."""
        if self._context.building:
            partition.past = await self._memory(partition.number)

    async def go_on(self, partition: Partition) -> None:
        """Note when the partition has caught up. Call it about once a second."""
        own = self._own
        if own is None or own.building is None or partition.past is None or partition.at(REBUILT) is not None:
            return
        if all(self._is_through(partition, own.building, topic) for topic in self._context.inputs):
            await self._write_down(partition, partition.past)

    async def before_sending(self, partition: Partition) -> None:
        """Takes out of the outbox what has been sent by somebody else since the alerts were read.

        Workers of the old generation may have done so until they noticed. The transaction at the end tells those who
        own the partition later that this has been done.
        """
        if partition.at(REBUILT) != READ:
            return
        context, number = self._context, partition.number
        memory = await self._memory(number, partition.past)
        waiting = await context.store.waiting(number, Outbox.ALERTS, _WHOLE_OUTBOX_RECORDS)
        known = [one.entry for one in waiting if memory.knows(orjson.loads(one.record.value or b"{}")["alert_id"])]
        for start in range(0, len(known), _REMOVED_BATCH_ACCOUNTS):
            some = known[start : start + _REMOVED_BATCH_ACCOUNTS]
            await context.store.remove(number, Outbox.ALERTS, some)
        async with open_transaction(context, partition) as transaction:
            partition.past = None
            if transaction is not None:
                transaction.reads.append(TopicRead(REBUILT, READ, CLEANED))

    async def lead(self, partitions: int) -> None:
        """Serve the generation once every partition has caught up; then drop outdated generations."""
        own, context = self._own, self._context
        if own is None:
            return
        generations = retrying(own.generations, context.retry)
        while True:
            marks = await context.retry.call(own.check)
            if marks.building is not None:  # also again: a store that forgets its last second forgets this, too
                await self._serve_if_through(generations, marks.building, partitions)
                await asyncio.sleep(_RECHECK_S)
                continue
            for outdated in marks.outdated:
                await generations.drop(outdated)
                context.event_log.write(GenerationDropped(generation=outdated))
            await asyncio.sleep(_DROP_RETRY_S)

    async def _serve_if_through(self, generations: Generations, building: Building, partitions: int) -> None:
        context = self._context
        if await self._all_through(partitions) and await self._copies_taken(partitions):
            context.reached("before_swap")
            if await generations.finish(building):
                context.event_log.write(RebuildCompleted(generation=building.generation))
            context.reached("after_swap")

    def _is_through(self, partition: Partition, building: Building, topic: str) -> bool:
        """Whether a topic has been applied up to the end it had, or to the one it has now.

        The latter, because the last offsets of a topic may hold no records: markers of transactions, or what is past
        its retention.
        """
        ends = building.ends.get(topic)  # none of account actions whose topic was made since
        if ends is None or (partition.at(topic) or 0) >= ends[partition.number]:
            return True
        return self._context.reading.read_to_end_at(topic, partition.number) is not None

    async def _write_down(self, partition: Partition, memory: PastAlerts) -> None:
        """Writes the past alerts of accounts for which no event came after them."""
        context, names = self._context, iter(list(memory.past))
        while True:
            some = list(islice(names, _BATCH_ACCOUNTS))
            async with open_transaction(context, partition) as transaction:
                if transaction is None:
                    return
                scoring_context, builder = transaction.rules.scoring_context, transaction.builder
                until = partition.read_until()
                for name, one in (await partition.load(some)).items():
                    before = state.encode(one.account)
                    builder.send(memory.apply(one.account, name, until, one.fit, scoring_context))
                    if state.encode(one.account) != before:
                        builder.write(name, one)
                        builder.due(name, one)
                if not some:
                    transaction.reads.append(TopicRead(REBUILT, 0, READ))
            if transaction.refused:
                return
            if not some:
                context.event_log.write(PartitionRebuilt(partition=partition.number, known_alerts=len(memory)))
                return

    async def _all_through(self, partitions: int) -> bool:
        context = self._context
        in_force = (context.fit.version if context.fit else 0, context.rules.sequence)
        for number in range(partitions):
            reached = (await context.store.positions(number)).topics
            if reached.get(REBUILT, 0) < READ:
                return False
            if (reached.get(FIT_VERSION, 0), reached.get(SCORING_SEQUENCE, 0)) != in_force:
                return False
        return True

    async def _copies_taken(self, partitions: int) -> bool:
        """Whether the partitions have also taken what they sent each other because it names an alias.

        All of it is in Kafka once every partition is through: it lies below the ends that the topics have then. The
        last offsets of a topic may hold no records, so partitions that have come no further for `_COPIES_WAIT_S` are
        not waited for.
        """
        context, time = self._context, asyncio.get_running_loop().time
        if not context.aliases.changes:
            return True
        if self._copies is None:
            places = [TopicPartition(topic, number) for topic in context.inputs for number in range(partitions)]
            self._copies = _Copies(dict(await context.reading.ends(places)))
        taken, left = 0, False
        for number in range(partitions):
            reached = (await context.store.positions(number)).topics
            taken += sum(reached.get(topic, 0) for topic in context.inputs)
            ends = ((place.topic, end) for place, end in self._copies.ends.items() if place.partition == number)
            left = left or any(reached.get(topic, 0) < end for topic, end in ends)
        if taken != self._copies.taken:
            self._copies = self._copies._replace(taken=taken, until=time() + _COPIES_WAIT_S)
        return not left or time() >= self._copies.until

    async def _memory(self, number: int, memory: PastAlerts | None = None) -> PastAlerts:
        """The alerts of a partition as the topic has them now."""
        context, output, building = self._context, self._context.output, self._own.building if self._own else None
        if memory is None:
            memory = PastAlerts(number, context.partition_of, building.began_at if building else 0)
        if output is not None:
            there = await output.partitions(context.topics.alerts)
            own_place = building is not None and not building.moved and there == context.partitions
            await memory.read(output, context.topics.alerts, [number] if own_place else range(there))
            if memory.unreadable:
                context.event_log.write(AlertsUnreadable(partition=number, records=memory.unreadable))
        return memory


async def fit_is_loaded(context: EngineContext, own: OwnGeneration) -> None:
    """Wait for a fit table if history needs one.

    Without it no alert would be decided and every account would leave the lists. Raises `OtherGeneration`.
    """
    if own.building is None or not own.building.needs_fit:
        return
    said = False
    while await context.controls.read(FIT) is None:
        if not said:
            context.event_log.write(
                RebuildWaitingForFit(advice="the fit table is lost: load it again with `signal-engine fit load`")
            )
            said = True
        await context.check_generation()
        await asyncio.sleep(_RECHECK_S)
