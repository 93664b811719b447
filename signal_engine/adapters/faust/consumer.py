"""Faust's consumer, with one message per fetch and topic. Its own bookkeeping of offsets is not used."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from aiokafka import TopicPartition
from faust.transport.drivers.aiokafka import Consumer, Transport
from faust.types import TP
from faust.types.tuples import ConsumerMessage
from mode import Service

from signal_engine.adapters.faust.consumer_thread import BatchConsumerThread, Fetch, places
from signal_engine.adapters.faust.engine_port import Engine
from signal_engine.adapters.faust.group import Membership
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.fetched import Position

_POLL_INTERVAL_S: Final = 10.0
"""Seconds; well within `group.POLL_INTERVAL_S`."""


class _NoOffsets(dict[TP, int | None]):
    """Faust's notes of the offsets it has seen: always empty.

    Faust notes the offset of a message after handing it over. If the position was set back meanwhile, it would drop
    what is read from there, and nobody would fetch that again.
    """

    def __missing__(self, place: TP) -> None:
        return None

    def __setitem__(self, place: TP, offset: int | None) -> None:
        """Ignored: epochs tell what was fetched before a change of position."""


class BatchConsumer(Consumer):
    """Reads the partitions `taken`, from where the engine says; `applied` holds how far they are applied."""

    transport: "BatchTransport"
    _thread: BatchConsumerThread

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.applied: dict[TopicPartition, int] = {}
        self.taken: list[int] = []
        self._committed: dict[TopicPartition, int] = {}
        self._epochs: dict[TopicPartition, int] = {}
        super().__init__(*arguments, **options)
        self._read_offset = _NoOffsets()

    def _new_consumer_thread(self) -> BatchConsumerThread:
        transport = self.transport
        return BatchConsumerThread(self, transport.membership, transport.event_log, loop=self.loop, beacon=self.beacon)

    async def getmany(self, timeout: float) -> AsyncIterator[tuple[TP, Any]]:  # noqa: ASYNC109 (Faust's signature)
        """One message with all fetches, since each message has a cost, and topics that come together can be applied in
        one transaction. Fetches from before a change of position are dropped.

        Faust takes it for a message of the first one's topic.
        """
        fetches: Any  # of the thread above: topic-partition -> Fetch
        fetches, _ = await self._wait_next_records(timeout)
        if not fetches or self.should_stop:
            return
        if not self.flow_active:
            # A rebalance. Positions are set anew before the flow goes on, and a fetch that waited since before it may
            # hold what was read from there: nobody would ask for that again.
            await self.wait(self.can_resume_flow)  # type: ignore[arg-type]  # an event of asyncio, as Faust does
            if self.should_stop:
                return
        if current := [fetch for fetch in fetches.values() if self.is_current(fetch)]:
            message = self._batch_message(current)
            yield message.tp, message

    @Service.task
    async def _poll_again(self) -> None:
        while not self.should_stop:
            await self.sleep(_POLL_INTERVAL_S)
            self._thread.stay()
            self._thread.check_open_transactions()

    def is_current(self, fetch: Fetch) -> bool:
        """Whether the position has not been changed since it was fetched."""
        return fetch.epoch == self._epochs.get(TopicPartition(fetch.fetched.topic, fetch.fetched.partition))

    def has_applied(self, place: TopicPartition, end: int) -> None:
        """Note how far a topic-partition has been applied, which makes room for more."""
        self.applied[place] = end
        self._thread.applied(place, end, self._epochs.get(place, 0))

    async def seek_to_committed(self) -> Mapping[TP, int]:
        """Ask the engine where to continue: the store has the positions, not the group."""
        self.taken = sorted({place.partition for place in self.assignment()})
        await self.reposition(await self.transport.engine.take(self.taken))
        return {}

    async def reposition(self, positions: Sequence[Position]) -> None:
        """Continue from `positions` and drop what was fetched of them before."""
        for place in places(positions):
            self._epochs[place] = self._epochs.get(place, 0) + 1
            self.applied.pop(place, None)
        epochs = {place: self._epochs[place] for place in places(positions)}
        for place, at in (await self._thread.stand_at(positions, epochs)).items():
            if self._epochs[place] == epochs[place]:
                self.applied[place] = at

    async def ends(self, wanted: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        """The current ends of topic-partitions; missing ones are left out. Raises `KafkaError`."""
        return await self._thread.ends(wanted)

    def read_to_end_at(self, topic: str, partition: int) -> int | None:
        """See `engine.context.engine_context.Reading`."""
        place = TopicPartition(topic, partition)
        return self._thread.read_to_end_at(place, self.applied.get(place))

    def ack(self, message: Any) -> bool:
        """Only forget the message: the store says what has been processed."""
        done, message.acked = message.acked, True
        self._unacked_messages.discard(message)
        return not done

    async def commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:  # noqa: FBT001 (Faust's signature)
        """Commit the engine's progress to the group, for lag dashboards."""
        del topics, start_new_transaction
        mine = self.assignment()
        news = {p: at for p, at in self.applied.items() if p in mine and self._committed.get(p) != at}
        if not news or not await self._thread.commit(news):
            return False
        self._committed |= news
        return True

    async def verify_all_partitions_active(self) -> None:
        """Faust's check of its own bookkeeping, which is not used."""

    async def _add_gap(self, tp: TP, offset_from: int, offset_to: int) -> None:
        """Ignored: the records of a batch are not a gap."""

    def _batch_message(self, fetches: Sequence[Fetch]) -> Any:
        first = fetches[0].fetched
        place, last = TP(first.topic, first.partition), first.end - 1
        generation = self.app.consumer_generation_id
        value: Any = fetches
        return ConsumerMessage(
            place.topic, place.partition, last, 0.0, 0, None, None, value, None, 0, 0, place, generation_id=generation
        )


class BatchTransport(Transport):
    """Faust's transport over aiokafka with the consumer above."""

    Consumer = BatchConsumer

    def __init__(self, app: Any, membership: Membership, engine: Engine, event_log: EventLog) -> None:
        super().__init__([app.conf.broker[0]], app)
        self.membership = membership
        self.engine = engine
        self.event_log = event_log
