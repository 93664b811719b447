"""Send records to Kafka while somebody waits: what became of each, within seconds, instead of trying for ever."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Final

from aiokafka.errors import KafkaError

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.producer import KafkaProducer
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.producer import Sent, ToSend

_ANSWER_TIMEOUT_S: Final = 5.0
"""Seconds for Kafka to acknowledge all records of one call."""
_FIRST_PAUSE_S: Final = 0.2
_MAX_PAUSE_S: Final = 2.0


class KafkaPromptProducer(KafkaProducer):
    """`engine.ports.producer.PromptProducer`: answers within `timeout` seconds.

    Once Kafka has not acknowledged in time it counts as away: further calls are turned down at once, so that nothing
    piles up, until a new client has connected in the background. A context manager, bound to its event loop.
    """

    def __init__(
        self, connection: KafkaConnection, event_log: EventLog, largest: int, timeout: float = _ANSWER_TIMEOUT_S
    ) -> None:
        """`largest` is the largest record that the topics accept, in bytes."""
        super().__init__(connection, event_log, largest)
        self._timeout = timeout
        self._connecting: asyncio.Task[None] | None = None

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._connecting is not None:
            self._connecting.cancel()
            with suppress(asyncio.CancelledError):
                await self._connecting
        await super().__aexit__(kind, error, trace)

    @property
    def is_up(self) -> bool:
        """Whether Kafka is connected and took what it was given last."""
        return self._client is not None and self._connecting is None

    def connect(self) -> None:
        """Connects in the background, for as long as it takes."""
        if self._connecting is None:
            self._connecting = asyncio.create_task(self._connect())

    async def attempt(self, records: Sequence[ToSend]) -> list[Sent]:
        """What became of each of `records`, in their order."""
        client = self._client
        if client is None or not self.is_up:
            self.connect()
            return [Sent.NOT_SENT] * len(records)
        futures, trouble = await client.attempt(records, self._timeout)
        outcomes = [_outcome(future) for future in futures]
        if trouble is not None and client is self._client and self._connecting is None:  # else another call has done so
            self._say_away(trouble)
            self.connect()
        return outcomes + [Sent.NOT_SENT] * (len(records) - len(outcomes))

    async def _connect(self) -> None:
        try:
            await self._drop(self._client)
            await self._until_ready()
            self._say_back()
        finally:
            self._connecting = None

    async def _until_ready(self) -> None:
        pause = _FIRST_PAUSE_S
        while True:
            try:
                await self._ready()
            except (KafkaError, OSError, TimeoutError) as error:
                self._say_away(error)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _MAX_PAUSE_S)
            else:
                return


def _outcome(future: Any) -> Sent:
    """Of a record that aiokafka was given. A future that is not done is left to the client, which is replaced."""
    if future.done() and not future.cancelled() and future.exception() is None:
        return Sent.ACKNOWLEDGED
    return Sent.UNKNOWN
