"""The thread in which aiokafka fetches, batches are packed and positions are changed, one at a time.

Everything here runs in the consumer's own loop, between two awaits, so a batch is either from before a change of
position or from after it, and its epoch says which.
"""

import asyncio
import contextlib
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError, NoOffsetForPartitionError, OffsetOutOfRangeError
from faust.transport.drivers.aiokafka import AIOKafkaConsumerThread
from mode.threads import WorkerThread

from signal_engine.adapters.faust.fetch_budget import FetchBudget
from signal_engine.adapters.faust.fetch_tuning import FetchTuning
from signal_engine.adapters.faust.group import Membership
from signal_engine.adapters.faust.open_transactions import OpenTransactions
from signal_engine.adapters.faust.standing import Standing
from signal_engine.adapters.kafka.records.records import PlainDeserializer
from signal_engine.core.errors import WRONG_USE, SignalEngineError
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.fetched import Fetched, Position, Unreadable
from signal_engine.engine.ports.log_events.servers import RecordsLost

_SLACK_MS: Final = 1_000
"""ms. Records appended while the broker answers may be missing from the answer."""

_STOP_TIMEOUT_S: Final = 1.0
"""Seconds."""


class BeyondTheEnd(SignalEngineError):
    """A position beyond the end of a topic, which was recreated or has lost records."""

    exit_code = WRONG_USE


class Fetch(NamedTuple):
    """A batch and the epoch of its topic-partition: the number of changes of position until then."""

    fetched: Fetched
    epoch: int


class LeavableThread(WorkerThread):
    """A thread that the process does not wait for: a join can be delayed until a dead member's session ends, and a
    worker that is ending no longer needs the answer.
    """

    def __init__(self, service: Any, **options: Any) -> None:
        super().__init__(service, **options)
        self.daemon = True

    def run(self) -> None:
        """As in Faust; errors after the end of the worker's own loop are ignored."""
        try:
            super().run()
        except RuntimeError:
            if not self.service.parent_loop.is_closed():
                raise

    def stop(self) -> None:
        """Wait a limited time for its end, since this blocks the worker's own loop."""
        self.is_stopped.wait(_STOP_TIMEOUT_S)


class BatchConsumerThread(AIOKafkaConsumerThread):
    """Faust's consumer thread, with a consumer that we create."""

    Worker = LeavableThread

    def __init__(self, consumer: Any, membership: Membership, event_log: EventLog, **options: Any) -> None:
        self._membership = membership
        self._event_log = event_log
        self._next: dict[TopicPartition, int] = {}
        self._epochs: dict[TopicPartition, int] = {}
        self._held: set[TopicPartition] = set()
        self._standing = Standing()
        self._budget = FetchBudget()
        self._wanted: set[TopicPartition] = set()
        self._has_room = asyncio.Event()
        self._tuning = FetchTuning()
        self._transactions = OpenTransactions(event_log)
        self._plain = PlainDeserializer(self._found, membership.bytes_per_batch, packed=True)
        self._unreadable: dict[TopicPartition, Unreadable] = {}
        super().__init__(consumer, **options)

    async def stand_at(self, positions: Sequence[Position], epochs: Mapping[TopicPartition, int]) -> dict[Any, int]:
        """Continue from `positions`; return them, with the beginning of the topic for those that name no offset."""
        return await self.call_thread(self._stand_at, positions, epochs)  # type: ignore[no-any-return]

    async def ends(self, wanted: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        """The ends of topic-partitions now; without those that are not there. Raises `KafkaError`."""
        return await self.call_thread(self._ends, wanted)  # type: ignore[no-any-return]

    async def _ends(self, wanted: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        consumer = self._ensure_consumer()
        there = [place for place in wanted if place.partition in (consumer.partitions_for_topic(place.topic) or ())]
        return await consumer.end_offsets(there) if there else {}

    def read_to_end_at(self, place: TopicPartition, applied: int | None) -> int | None:
        """The instant (ms) at which `applied` was all that the broker had; None if it was not, or unknown."""
        consumer = self._consumer
        if applied is None or consumer is None or place not in consumer.assignment():
            return None
        state = consumer._subscription.subscription.assignment.state_value(place)  # noqa: SLF001 (pinned by a test)
        end = state.highwater  # not the last stable offset: what lies behind an open transaction is there, too
        if state.timestamp is None or end is None or not state.has_valid_position or state.position < end:
            return None
        return int(state.timestamp) - _SLACK_MS if applied >= self._next.get(place, applied + 1) else None

    def applied(self, place: TopicPartition, end: int, epoch: int) -> None:
        """Make room for more of a topic-partition that has been applied up to `end`. Callable from any thread."""
        if not self.thread_loop.is_closed():
            self.thread_loop.call_soon_threadsafe(self._make_room, place, end, epoch)

    def stay(self) -> None:
        """Count as a fetch while there is nothing to fetch. Otherwise aiokafka would take an idle worker for a wedged
        one and leave the group, and all workers would stop for a rebalance. Callable from any thread.
        """
        if not self.thread_loop.is_closed():
            self.thread_loop.call_soon_threadsafe(self._stay)

    def check_open_transactions(self) -> None:
        """Report transactions that are left open. Callable from any thread."""
        if not self.thread_loop.is_closed():
            self.thread_loop.call_soon_threadsafe(self._check_open_transactions)

    def _check_open_transactions(self) -> None:
        subscription = None if self._consumer is None else self._consumer._subscription.subscription  # noqa: SLF001 (pinned by a test)
        if subscription is not None and subscription.assignment is not None:
            self._transactions.check(subscription.assignment)

    def _stay(self) -> None:
        consumer = self._consumer
        if consumer is not None and not consumer.assignment():
            with consumer._subscription.fetch_context():  # noqa: SLF001 (pinned by a test)
                pass

    def _make_room(self, place: TopicPartition, end: int, epoch: int) -> None:
        if epoch == self._epochs.get(place):
            self._budget.applied(place, end)
            self._add_to_fetch(place)

    def _add_to_fetch(self, place: TopicPartition) -> None:
        """Add a topic-partition to the waiting fetch, which would not notice what is already fetched ahead."""
        if place in self._held or place not in self._budget:
            return
        self._wanted.add(place)
        self._has_room.set()
        consumer = self._consumer
        if consumer is not None and place in consumer._fetcher._records:  # noqa: SLF001 (pinned by a test)
            for waiter in [*consumer._fetcher._fetch_waiters]:  # noqa: SLF001 (pinned by a test)
                consumer._fetcher._notify(waiter)  # noqa: SLF001 (pinned by a test)

    def _create_worker_consumer(self, transport: Any) -> Any:
        del transport
        # Faust's own assignor keeps the same partition of all topics together.
        self._assignor = self.app.assignor
        return AIOKafkaConsumer(
            partition_assignment_strategy=[self._assignor],
            value_deserializer=self._plain,
            **self._membership.consumer_options(),
        )

    def _found(self, place: TopicPartition, unreadable: Unreadable) -> None:
        """Stop before an unreadable batch, until the engine says where to continue."""
        consumer = self._consumer
        if place in self._next and consumer is not None and self._standing.holds(consumer, place):
            self._unreadable[place] = unreadable
            self._hold(consumer, place, held=True)

    async def _fetch_records(
        self,
        consumer: Any,
        active_partitions: Any,
        timeout: float | None = None,  # noqa: ASYNC109 (Faust's signature)
        max_records: int | None = None,
    ) -> dict[Any, Any]:
        stands = partial(self._standing.holds, consumer)
        fetchable = (place for place in active_partitions if place in self._budget and place not in self._held)
        wanted = self._wanted = {*filter(stands, fetchable)}
        if not wanted:  # to aiokafka, no topic-partition in particular is each of them
            await self._wait_for_room(consumer, timeout)
            return {}
        try:
            records = await super()._fetch_records(consumer, wanted, self._tuning.waits(timeout), max_records)
        except OffsetOutOfRangeError as error:
            _left_the_fetch(consumer)
            await self._reach_back_into_range(consumer, error.args[0])
            return {}
        except NoOffsetForPartitionError:  # assigned and not yet told where to read: that comes
            _left_the_fetch(consumer)
            return {}
        self._tuning.came(consumer, sum(map(len, records.values())), asyncio.get_running_loop().time())
        kept = [place for place, batch in records.items() if batch and place in self._next and stands(place)]
        came = {place: self._packed(place, records[place]) for place in kept}
        return came | {place: self._ended(place, came.get(place)) for place in [*self._unreadable]}

    async def _wait_for_room(self, consumer: Any, seconds: float | None) -> None:
        """Wait as a fetch, so that a worker with an unreachable store does not count as wedged and keeps its
        partitions.
        """
        self._has_room.clear()
        with consumer._subscription.fetch_context(), contextlib.suppress(TimeoutError):  # noqa: SLF001 (pinned by a test)
            async with asyncio.timeout(seconds):
                await self._has_room.wait()

    def _packed(self, place: TopicPartition, batch: Sequence[Any]) -> Fetch:
        start = self._next[place]
        self._next[place] = end = batch[-1].offset + 1
        self._budget.hand_over(place, end)
        return Fetch(Fetched(place.topic, place.partition, start, end, batch), self._epochs[place])

    def _ended(self, place: TopicPartition, fetch: Fetch | None) -> Fetch:
        """The fetched records of a topic-partition, with the unreadable batch after them."""
        unreadable = self._unreadable.pop(place)
        end = max(self._next[place], unreadable.offset)  # transaction markers before it hold no records
        fetched = Fetched(place.topic, place.partition, self._next[place], end, ()) if fetch is None else fetch.fetched
        self._next[place] = end
        return Fetch(fetched._replace(end=end, unreadable=unreadable), self._epochs[place])

    async def _stand_at(
        self, positions: Sequence[Position], epochs: Mapping[TopicPartition, int]
    ) -> dict[TopicPartition, int]:
        consumer = self._ensure_consumer()
        wanted = {TopicPartition(p.topic, p.partition): p.offset for p in positions}
        held = {TopicPartition(p.topic, p.partition) for p in positions if p.held}
        mine = [place for place in wanted if place in consumer.assignment()]
        bytes_per_fetch = self._membership.bytes_per_fetch(len(consumer.assignment()))
        consumer._fetcher._max_partition_fetch_bytes = bytes_per_fetch  # noqa: SLF001 (pinned by a test)
        self._plain.bytes_per_fetch = bytes_per_fetch
        beginnings = await consumer.beginning_offsets(mine) if mine else {}
        snapshot = {}
        for place in mine:
            if place not in consumer.assignment() or epochs[place] < self._epochs.get(place, 0):
                continue  # it has gone, or somebody was faster
            offset = wanted[place]
            snapshot[place] = at = beginnings[place] if offset is None else offset
            self._seek(consumer, place, at, beginnings[place])
            self._standing.note(consumer, place)
            # A transaction names the position that was stored, also where records from there on are gone.
            self._next[place], self._epochs[place] = at, epochs[place]
            self._budget.anew(place)
            self._unreadable.pop(place, None)
            self._hold(consumer, place, held=place in held)
        return snapshot

    def _hold(self, consumer: Any, place: TopicPartition, *, held: bool) -> None:
        """Whether a topic-partition is held at a position; then it is not fetched."""
        if held:
            self._held.add(place)
            consumer.pause(place)
        else:
            self._held.discard(place)
            consumer.resume(place)
            self._add_to_fetch(place)

    async def _reach_back_into_range(self, consumer: Any, out_of_range: Mapping[TopicPartition, int]) -> None:
        beginnings = await consumer.beginning_offsets(list(out_of_range))
        for place, at in out_of_range.items():
            if at >= beginnings[place]:
                raise BeyondTheEnd(
                    f"{place.topic}/{place.partition} ends before the stored position {at}: the topic was created"
                    " anew or has lost records. If its content is right, start over with `signal-engine rebuild`"
                )
            self._seek(consumer, place, at, beginnings[place])

    def _seek(self, consumer: Any, place: TopicPartition, at: int, beginning: int) -> None:
        if at < beginning:
            self._event_log.write(
                RecordsLost(topic=place.topic, partition=place.partition, from_offset=at, to_offset=beginning)
            )
        consumer.seek(place, max(at, beginning))

    async def _commit(self, offsets: Mapping[Any, Any]) -> bool:
        """Commit for lag dashboards; a failure is harmless and stops nothing."""
        try:
            await self._ensure_consumer().commit(dict(offsets))
        except KafkaError as error:
            self.log.debug("group offsets not committed: %r", error)
            return False
        return True


def _left_the_fetch(consumer: Any) -> None:
    """Undo what aiokafka leaves behind when a fetch raises; otherwise the worker would never again count as wedged."""
    consumer._subscription._fetch_count -= 1  # noqa: SLF001 (pinned by a test)


def places(positions: Iterable[Position]) -> list[TopicPartition]:
    """The topic-partitions of positions."""
    return [TopicPartition(position.topic, position.partition) for position in positions]
