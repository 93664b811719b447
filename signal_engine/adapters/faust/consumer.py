"""Faust's consumer, with one message a fetch and topic-partition. Its own bookkeeping of offsets is not used."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any

from aiokafka import TopicPartition
from faust.transport.drivers.aiokafka import Consumer, Transport
from faust.types import TP
from faust.types.tuples import ConsumerMessage

from signal_engine.adapters.faust.consumer_thread import BatchConsumerThread, places
from signal_engine.adapters.faust.engine_port import Engine
from signal_engine.adapters.faust.group import Membership
from signal_engine.engine.fetched import Fetched, Position
from signal_engine.engine.journal import Journal


class BatchConsumer(Consumer):
    """Reads where the engine says. `applied` holds how far its batches have been applied."""

    transport: "BatchTransport"
    _thread: BatchConsumerThread

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.applied: dict[TopicPartition, int] = {}
        self._told: dict[TopicPartition, int] = {}
        self._epochs: dict[TopicPartition, int] = {}
        super().__init__(*arguments, **options)

    def _new_consumer_thread(self) -> BatchConsumerThread:
        transport = self.transport
        return BatchConsumerThread(self, transport.membership, transport.journal, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Any]]:  # noqa: ASYNC109 (Faust's signature)
        """One message a topic-partition; what was fetched before a change of position is dropped."""
        fetches: Any  # of the thread above: topic-partition -> Fetch
        fetches, _ = await self._wait_next_records(timeout)
        if not fetches or self.should_stop:
            return
        for place, fetch in fetches.items():
            if not self.flow_active:  # a rebalance; every position is set again after it
                return
            if fetch.epoch == self._epochs.get(place):
                yield TP(*place), self._batch_message(TP(*place), fetch.fetched)

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Asks the engine where to read on: its store knows, the group's offsets do not."""
        numbers = sorted({place.partition for place in self.assignment()})
        await self.reposition(await self.transport.engine.take(numbers))
        return {}

    async def reposition(self, positions: Sequence[Position]) -> None:
        """Reads on from `positions` and drops what was fetched of them before."""
        for place in places(positions):
            self._epochs[place] = self._epochs.get(place, 0) + 1
            self._read_offset[TP(*place)] = None  # else Faust drops what it has seen
            self.applied.pop(place, None)
        self.applied |= await self._thread.stand_at(
            positions, {place: self._epochs[place] for place in places(positions)}
        )

    def read_to_end_at(self, topic: str, partition: int) -> int | None:
        """As `engine.means.Reading` says."""
        place = TopicPartition(topic, partition)
        return self._thread.read_to_end_at(place, self.applied.get(place))

    def ack(self, message: Any) -> bool:
        """Only the set of messages in hand is kept: what is done with is the store's to say."""
        done, message.acked = message.acked, True
        self._unacked_messages.discard(message)
        return not done

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:  # noqa: FBT001 (Faust's signature)
        """Tells the group how far the engine is, for lag dashboards."""
        del topics, start_new_transaction
        mine = self.assignment()
        news = {p: at for p, at in self.applied.items() if p in mine and self._told.get(p) != at}
        if not news or not await self._thread.commit(news):
            return False
        self._told |= news
        return True

    async def verify_all_partitions_active(self) -> None:
        """Faust's watch over its own bookkeeping, which is not used."""

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """The records of a batch are no gap."""

    def _batch_message(self, place: TP, fetched: Fetched) -> Any:
        last = fetched.end - 1
        generation = self.app.consumer_generation_id
        value: Any = fetched
        return ConsumerMessage(
            place.topic, place.partition, last, 0.0, 0, None, None, value, None, 0, 0, place, generation_id=generation
        )


class BatchTransport(Transport):
    """Faust's transport over aiokafka with the consumer above."""

    Consumer = BatchConsumer

    def __init__(self, app: Any, membership: Membership, engine: Engine, journal: Journal) -> None:
        super().__init__([app.conf.broker[0]], app)
        self.membership = membership
        self.engine = engine
        self.journal = journal
