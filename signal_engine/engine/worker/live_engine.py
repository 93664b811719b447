"""The live engine of one worker: the partitions it owns, each kept by one task, and the leader's publication.

take        partitions become ours: continue from the stored positions
receive     fetches are queued and processed by one loop per partition (`partition.consumer_loop`)
release     partitions are no longer ours
keep        every second per partition: timers, new fit tables, new rules, garbage collection
publish     by the owner of partition 0: the lists (`publishing`)
"""

import asyncio
from collections.abc import Hashable, Sequence
from functools import partial
from typing import Final

from signal_engine.engine.context.active_policy import rules_of
from signal_engine.engine.context.aliases import poll_fit
from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.context.generation import OtherGeneration
from signal_engine.engine.context.instance_lock import InstanceLock
from signal_engine.engine.dead_letters.paused_topics import paused_in, say_paused
from signal_engine.engine.fit.deriving import derive_fit
from signal_engine.engine.ingest.topic_identity import TopicIdentity, TopicsReplaced
from signal_engine.engine.maintenance.due_timers import DueTimers
from signal_engine.engine.maintenance.fit_rollout import roll_out_fit
from signal_engine.engine.maintenance.garbage_collection import GarbageCollection
from signal_engine.engine.maintenance.review_reminder import remind_of_reviews
from signal_engine.engine.partition.consumer_loop import ConsumerLoop
from signal_engine.engine.partition.damage import note_begun
from signal_engine.engine.partition.owned_partition import Partition
from signal_engine.engine.partition.rescore import rescore
from signal_engine.engine.ports.controls import FIT_VERSION, SCORING, SCORING_SEQUENCE
from signal_engine.engine.ports.fetched import Fetched, Position
from signal_engine.engine.ports.loaded_accounts import LoadReplaced
from signal_engine.engine.ports.log_events.partitions import (
    GarbageCollected,
    PartitionsReleased,
    PartitionsTaken,
    TransactionAbandoned,
)
from signal_engine.engine.ports.log_events.processes import FitChanged, ScoringChanged
from signal_engine.engine.ports.rules_topic import RulesCoordinator
from signal_engine.engine.ports.store import StoreTrouble
from signal_engine.engine.ports.transaction import PUBLISHER, Outbox
from signal_engine.engine.publishing.outbox_relay import OutboxRelay
from signal_engine.engine.publishing.withholding import withhold_hidden
from signal_engine.engine.worker.followers import Follower, Followers
from signal_engine.engine.worker.publication import Publication, Publishes
from signal_engine.engine.worker.rebuild import Rebuild
from signal_engine.engine.worker.tasks import WorkerTasks
from signal_engine.wire.storage.in_force import ScoringInForce

_LEADING: Final = 0
"""The owner of this partition publishes. Conflicts of the publisher's own transactions keep out a second one."""
_TICK_S: Final = 1.0
_SETTINGS_CHECK_S: Final = 60.0
"""Seconds between checks whether the store's durability settings are still right."""
_HANDOVER_TIMEOUT_S: Final = 5.0
"""Seconds for which a delivery or transaction in progress may delay the release of a partition."""
_GC_EVERY_TICKS: Final = 30
"""Rounds of a partition's keeper between two calls of garbage collection, which is slow on purpose."""


class LiveEngine:
    """What the Kafka side calls, and the tasks beside it. `failed` ends when the worker has to stop."""

    def __init__(
        self,
        context: EngineContext,
        publisher: Publishes,
        publish_interval_s: float,
        instance_lock: InstanceLock | None = None,
        followers: Sequence[Follower] = (),
        coordinator: RulesCoordinator | None = None,
    ) -> None:
        """`publish_interval_s` is in seconds; `followers` make account actions hide before their turn and keep
        outcomes; `coordinator` brings published rules into force.
        """
        self._coordinator = coordinator
        self._followers = Followers(followers)
        self._context = context
        self._rebuilding = Rebuild(context)
        self._instance_lock = instance_lock
        self._publication = Publication(context, publisher, publish_interval_s, self._rebuilding)
        self._partitions: dict[int, Partition] = {}
        self._wanted: set[int] = set()
        """Those that are ours by the group's word: taking one takes a while, and it can be revoked meanwhile."""
        self._taking = asyncio.Lock()
        self._readers: dict[int, ConsumerLoop] = {}
        self._tasks = WorkerTasks()

    async def start(self) -> None:
        """Begins to watch what is in force, and whether this worker still has its name.

        Raises `StoreTrouble` when the store cannot be used as it is; what comes later and may pass is waited for.
        """
        context = self._context
        await context.store.probe(_LEADING)
        context.retry.used = True
        if self._instance_lock is not None:
            await self._instance_lock.claim()
        await self._poll_controls()
        self._tasks.begin("controls", self._watch_controls())
        self._tasks.begin("controls", self._watch_settings())
        if context.identity is not None:
            self._tasks.begin("controls", self._watch_topics(context.identity))
        for work in self._followers.works():
            self._tasks.begin("controls", work)
        if self._context.generation is not None:
            self._tasks.begin("controls", self._rebuilding.watch())

    async def stop(self) -> None:
        """Ends every task; what they had in hand is done, unless that takes too long."""
        await self.release([*self._partitions, *self._wanted])
        await self._tasks.end("controls")

    async def failed(self) -> None:
        """Never returns; raises whatever made a task of the engine fail, such as `NameTaken` or `OtherGeneration`."""
        await self._tasks.failed()

    async def take(self, partitions: Sequence[int]) -> list[Position]:
        """The partitions are ours: where to read each of their topics on. Without those released meanwhile."""
        self._wanted.update(partitions)
        async with self._taking:
            try:
                await self._check_topics(partitions)
                await asyncio.gather(*map(self._take, partitions))
            except (OtherGeneration, TopicsReplaced, StoreTrouble) as error:  # `Damaged`, or a right that is missing
                self._tasks.fail(error)
                return []
            ours = [number for number in partitions if number in self._partitions]
            self._context.reached("during_take")
            self._context.event_log.write(PartitionsTaken(partitions=_in_words(ours)))
            return [position for number in ours for position in self._partitions[number].read_on()]

    def receive(self, fetched: Fetched) -> None:
        """Takes what has been fetched, to be applied when it is its turn. Never waits."""
        if (reader := self._readers.get(fetched.partition)) is not None:
            reader.receive(fetched)

    async def release(self, partitions: Sequence[int]) -> None:
        """The partitions are no longer ours; returns when what is in hand is done. Others are passed over."""
        self._wanted.difference_update(partitions)
        ours = [number for number in partitions if number in self._partitions]
        await asyncio.gather(*map(self._release, ours))
        if ours:
            self._context.event_log.write(PartitionsReleased(partitions=_in_words(ours)))

    async def _release(self, number: int) -> None:
        if (partition := self._partitions.pop(number, None)) is None:
            return
        at_latest = asyncio.get_running_loop().time() + _HANDOVER_TIMEOUT_S
        partition.open = False
        partition.settled.set()
        self._followers.release(number)
        self._readers.pop(number).wake()
        await self._tasks.end(number)
        self._context.reached("during_release")
        try:
            async with asyncio.timeout_at(at_latest), partition.lock:
                pass
        except TimeoutError:  # the store does not answer; the fence decides which of two owners was first
            self._context.event_log.write(TransactionAbandoned(partition=number))
        await self._tasks.end(_reading(number))

    async def _check_topics(self, partitions: Sequence[int]) -> None:
        """Raises `TopicsReplaced` where the stored positions are those of others."""
        context = self._context
        if context.identity is not None:
            stored = await asyncio.gather(*map(context.store.positions, partitions))
            await context.retry.call(partial(context.identity.check, dict(zip(partitions, stored, strict=True))))

    async def _watch_topics(self, identity: TopicIdentity) -> None:
        async def check() -> None:
            await identity.check({number: partition.positions for number, partition in self._partitions.items()})

        while True:
            await identity.changed()
            await self._context.retry.call(check)

    async def _take(self, number: int) -> None:
        await self._release(number)
        context = self._context
        await context.store.probe(number)
        positions = await context.store.positions(number)
        paused = await paused_in(context.store, number, context.inputs)
        await context.check_generation()  # after it: a store that was emptied has no positions, and no mark
        for topic, why in paused.items():
            say_paused(context.event_log, topic, number, why)
        if number not in self._wanted:  # released while the store was asked
            return
        partition = Partition(number, context, positions, paused)
        await partition.check()
        await self._followers.take(number)
        if number not in self._wanted:
            self._followers.release(number)
            return
        self._partitions[number] = partition
        self._readers[number] = reader = ConsumerLoop(context, partition)
        self._tasks.begin(_reading(number), reader.run())
        self._tasks.begin(number, self._keep(partition))
        self._tasks.begin(number, self._send_alerts(partition))
        if number == _LEADING:
            self._tasks.begin(number, self._rebuilding.lead(context.partitions))
            self._tasks.begin(number, remind_of_reviews(context))
            if self._coordinator is not None:
                self._tasks.begin(number, self._coordinator.run())
            lists_wait = asyncio.Event()
            self._tasks.begin(number, self._publication.run(lists_wait))
            self._tasks.begin(number, OutboxRelay(context, PUBLISHER, Outbox.LISTS, lists_wait).run())

    async def _keep(self, partition: Partition) -> None:
        context = self._context
        timers, garbage = DueTimers(context, partition), GarbageCollection(context, partition)
        round_, noted = 0, False
        await self._rebuilding.recall(partition)
        while True:
            round_ += 1
            await partition.check()
            if partition.begun and not noted:
                await note_begun(context.controls, partition.number)
                noted = True
            if context.rules.sequence != (partition.at(SCORING_SEQUENCE) or 0):
                await rescore(context, partition)
            fit = context.fit
            behind = fit is not None and fit.version > (partition.at(FIT_VERSION) or 0)
            try:
                if fit is not None and behind and await derive_fit(context, partition, fit):
                    await roll_out_fit(context, partition, fit)
            except LoadReplaced:
                await asyncio.sleep(_TICK_S)
                continue
            partition.settled.set()
            if partition.paused:
                await self._poll_pauses(partition)
            while await timers.tick():
                pass
            await self._rebuilding.go_on(partition)
            if round_ % _GC_EVERY_TICKS == 0 and (removed := await garbage.go_on()):
                context.event_log.write(GarbageCollected(partition=partition.number, accounts=removed))
            await asyncio.sleep(_TICK_S)

    async def _poll_pauses(self, partition: Partition) -> None:
        async with partition.lock:
            if partition.open and await partition.check_pauses():
                await self._context.reading.reposition(partition.read_on())

    async def _send_alerts(self, partition: Partition) -> None:
        await self._rebuilding.served()
        await self._rebuilding.before_sending(partition)
        context = self._context
        withhold = partial(withhold_hidden, context, partition) if context.takes_actions else None
        await OutboxRelay(context, partition.number, Outbox.ALERTS, partition.alerts_wait, withhold).run()

    async def _watch_controls(self) -> None:
        while True:
            await asyncio.sleep(_TICK_S)
            await self._poll_controls()
            if self._instance_lock is not None:
                await self._instance_lock.check()

    async def _watch_settings(self) -> None:
        while True:
            await asyncio.sleep(_SETTINGS_CHECK_S)
            (await self._context.store.durability()).check()

    async def _poll_controls(self) -> None:
        context = self._context
        scoring = await context.controls.read(SCORING)
        if scoring is not None:
            in_force = ScoringInForce.decode(scoring)
            if in_force.sequence != context.rules.sequence:
                context.rules = rules_of(in_force, context.rules.scoring_context.remembered_ids)
                context.event_log.write(ScoringChanged(config_version=in_force.config_version, file=in_force.name))
        now = await poll_fit(context)
        if now is not None and (context.fit is None or now.version != context.fit.version):
            context.fit = now
            context.event_log.write(FitChanged(fit_version=now.version, accounts=now.accounts))


def _reading(number: int) -> Hashable:
    """The owner of a partition's reader, which ends after the others, when its transaction in hand is done."""
    return "reading", number


def _in_words(partitions: Sequence[int]) -> str:
    return ",".join(map(str, sorted(partitions)))
