"""One worker: runs the Faust app in the current event loop until it is asked to stop or has to."""

import asyncio
import contextlib
from collections.abc import Awaitable, Iterable, Mapping, Sequence
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from signal_engine.adapters.faust.app import signal_app
from signal_engine.adapters.faust.consumer import BatchConsumer, BatchTransport
from signal_engine.adapters.faust.consumer_thread import Fetch
from signal_engine.adapters.faust.engine_port import Engine
from signal_engine.adapters.faust.group import FencedInstanceIdError, Membership
from signal_engine.adapters.kafka.connecting.failures import words
from signal_engine.engine.context.instance_lock import NameTaken
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.fetched import Position
from signal_engine.engine.ports.log_events.processes import ShutdownTimeout
from signal_engine.engine.ports.log_events.servers import KafkaUnavailable
from signal_engine.engine.ports.transaction import TopicPartition as Place
from signal_engine.wire.topics import TopicNames

_FIRST_PAUSE_S: Final = 0.2
_MAX_PAUSE_S: Final = 5.0
_LEAVE_TIMEOUT_S: Final = 6.0
"""Seconds for a clean end; then it is left as it is, and nothing is lost by that. With all else that ends then (the
producer, the store) it is less than `adapters.termination.GRACE_PERIOD_S`."""


class InstanceReplaced(NameTaken):
    """Another worker with the same instance name has taken this worker's place."""


class FaustWorker:
    """Runs an engine, and implements `engine.context.engine_context.Reading` for it."""

    def __init__(
        self, membership: Membership, topics: TopicNames, event_log: EventLog, *, takes_actions: bool = False
    ) -> None:
        self._membership = membership
        self._topics = topics
        self._takes_actions = takes_actions
        self._event_log = event_log
        self._engine: Engine | None = None
        self._app: Any = None
        self._failure: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def run(self, engine: Engine, stop: asyncio.Event, also: Awaitable[None]) -> None:
        """Run until `stop` is set. Raises what ended it earlier; `also` runs beside it and may end it only by raising.

        Raises `InstanceReplaced` if another worker has taken this worker's name.
        """
        self._engine = engine
        self._app = app = signal_app(self._membership, self._topics, self._receive, takes_actions=self._takes_actions)
        app.transport = BatchTransport(app, self._membership, engine, self._event_log)
        app.on_partitions_revoked.connect(self._on_revoked)
        running = asyncio.ensure_future(app.maybe_start())
        ends = [asyncio.ensure_future(end) for end in (stop.wait(), self._crashed(), self._failed(), also)]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            for end in ends:
                if end.done():
                    end.result()
        finally:
            for end in ends:
                end.cancel()
            await asyncio.gather(*ends, return_exceptions=True)
            await self._leave(running)

    def read_to_end_at(self, topic: str, partition: int) -> int | None:
        """See `engine.context.engine_context.Reading`."""
        consumer = self._consumer
        return None if consumer is None else consumer.read_to_end_at(topic, partition)

    async def ends(self, places: Iterable[Place]) -> Mapping[Place, int]:
        """See `engine.context.engine_context.Reading`."""
        wanted, pause = [TopicPartition(*place) for place in places], _FIRST_PAUSE_S
        while True:
            consumer = self._consumer
            try:
                found = {} if consumer is None else await consumer.ends(wanted)
            except KafkaError as error:
                self._event_log.write(KafkaUnavailable(reason=words(error, self._membership.connection.protocol)))
                await asyncio.sleep(pause)
                pause = min(2 * pause, _MAX_PAUSE_S)
            else:
                return {Place(*place): end for place, end in found.items()}

    def applied(self, topic: str, partition: int, end: int) -> None:
        """See `engine.context.engine_context.Reading`."""
        if (consumer := self._consumer) is not None:
            consumer.has_applied(TopicPartition(topic, partition), end)

    async def reposition(self, positions: Sequence[Position]) -> None:
        """See `engine.context.engine_context.Reading`."""
        if (consumer := self._consumer) is not None:
            await consumer.reposition(positions)

    @property
    def _consumer(self) -> BatchConsumer | None:
        return None if self._app is None else self._app.consumer

    async def _receive(self, fetches: Sequence[Fetch]) -> None:
        for fetch in fetches:
            consumer = self._consumer
            if self._engine is None or consumer is None or self._failure.done():
                return  # nothing after a failure may be handed over
            if not consumer.is_current(fetch):
                continue  # from before a change of position
            try:
                self._engine.receive(fetch.fetched)
            except Exception as error:  # noqa: BLE001 (Faust would ack the batch and go on)
                self._failure.set_exception(error)

    async def _on_revoked(self, *about: Any, **_: Any) -> None:
        _, revoked = about  # the app, the topic-partitions
        if self._engine is not None:
            await self._engine.release(sorted({place.partition for place in revoked}))

    async def _failed(self) -> None:
        await asyncio.shield(self._failure)

    async def _crashed(self) -> None:
        """Called by Faust when one of its services crashes."""
        await self._app._crashed.wait()  # noqa: SLF001 (pinned by a test)
        reason: BaseException | None = self._app.crash_reason
        while reason is not None and not isinstance(reason, FencedInstanceIdError):
            reason = reason.__cause__ or reason.__context__
        if reason is not None:
            raise InstanceReplaced(self._membership.instance) from None
        raise self._app.crash_reason or RuntimeError("Faust has stopped without a reason")

    async def _leave(self, running: "asyncio.Future[Any]") -> None:
        running.cancel()
        consumer = self._consumer
        try:
            async with asyncio.timeout(_LEAVE_TIMEOUT_S):
                if self._engine is not None and consumer is not None:  # nothing is begun any more
                    await self._engine.release(consumer.taken)
                with contextlib.suppress(asyncio.CancelledError):
                    await running
                await self._app.stop()
        except TimeoutError:
            self._event_log.write(ShutdownTimeout(timeout_s=_LEAVE_TIMEOUT_S))
