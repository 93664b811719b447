"""Send records to Kafka: in order, idempotently, acknowledged by all replicas, retried for as long as it takes.

A broker without producer ids (Tansu) still gets records in order, since aiokafka has one batch per partition in flight;
but a lost acknowledgement duplicates them.
"""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import (
    KafkaError,
    MessageSizeTooLargeError,
    ProducerClosed,
    RecordTooLargeError,
    TopicAuthorizationFailedError,
    UnknownError,
    UnknownTopicOrPartitionError,
)

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.connecting.failures import words
from signal_engine.adapters.kafka.connecting.quiet import cut_off, stop_producer, without_senders_log
from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.log_events.processes import SettingQuestionable
from signal_engine.engine.ports.log_events.servers import KafkaRecovered, KafkaUnavailable, ProducerNotClosed
from signal_engine.engine.ports.producer import Still, TooLarge, ToSend

_FIRST_PAUSE_S: Final = 0.1
_MAX_PAUSE_S: Final = 5.0
_BATCH_RECORDS: Final = 1_000
_DROP_TIMEOUT_S: Final = 5.0
"""Seconds for a failed client to stop before it is replaced."""
_END_TIMEOUT_S: Final = 1.0
"""Seconds to stop at shutdown, when nobody waits for an answer any more."""


class Undeliverable(SignalEngineError):
    """Kafka permanently rejects records for a topic; the message names it."""


class _Client:
    """An aiokafka producer that knows when it has been dropped.

    aiokafka queues a batch that waited for an earlier one even after it was stopped, and never answers for it.
    """

    def __init__(self, producer: Any) -> None:
        self._producer = producer
        self._dropped: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def send(self, records: Sequence[ToSend]) -> None:
        """Return when Kafka has acknowledged all of them. Raises `KafkaError`; `ProducerClosed` if it was dropped."""
        sending = asyncio.ensure_future(_send(self._producer, records))
        try:
            await asyncio.wait((sending, self._dropped), return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                raise ProducerClosed
            sending.result()
        finally:
            if sending.cancel():
                await asyncio.wait((sending,))

    async def attempt(self, records: Sequence[ToSend], within: float) -> tuple[list[Any], Exception | None]:
        """Futures of the records that were given to it within so many seconds, done or not, and what went wrong."""
        futures: list[Any] = []
        try:
            async with asyncio.timeout(within):
                for topic, partition, key, value, headers in records:
                    sent = self._producer.send(topic, value=value, key=key, partition=partition, headers=list(headers))
                    futures.append(await sent)
                if futures:
                    await asyncio.wait(futures)
        except (KafkaError, OSError, TimeoutError) as error:
            return futures, error
        failed = (future.exception() for future in futures if not future.cancelled())
        return futures, next((error for error in failed if isinstance(error, Exception)), None)

    async def drop(self, within: float) -> None:
        """Stop it within so many seconds; what is still unanswered then is answered with `ProducerClosed`, and not sent
        any more. Raises TimeoutError then.
        """
        try:
            async with asyncio.timeout(within):
                await stop_producer(self._producer)
        except TimeoutError:
            await cut_off(self._producer)
            raise
        finally:
            if not self._dropped.done():
                self._dropped.set_result(None)


class KafkaProducer:
    """`engine.ports.producer.Producer`. A context manager, bound to its event loop.

    A failed client is replaced and the whole call is sent again; records can then occur twice, and carry an identity
    by which readers recognise duplicates.
    """

    def __init__(
        self, connection: KafkaConnection, event_log: EventLog, largest: int, *, warns_of_duplicates: bool = True
    ) -> None:
        """`largest` is the largest record that the topics accept, in bytes.

        `warns_of_duplicates`: log it if the broker gives no producer ids; of no use where records are sent once.
        """
        self._connection = connection
        self._event_log = event_log
        self._largest = largest
        self._client: _Client | None = None
        self._making = asyncio.Lock()
        self._away = False
        self._idempotent = True
        self._warns = warns_of_duplicates

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._client is not None:
            await self._drop(self._client, _END_TIMEOUT_S)

    async def send(self, records: Sequence[ToSend], still: Still | None = None) -> bool:
        """See `engine.ports.producer.Producer`. Also raises `Undeliverable`, and what `still` raises."""
        pause, client = _FIRST_PAUSE_S, None
        while True:
            try:
                client = await self._ready()
                for start in range(0, len(records), _BATCH_RECORDS):
                    await client.send(records[start : start + _BATCH_RECORDS])
            except (MessageSizeTooLargeError, RecordTooLargeError) as error:
                await self._drop(client)  # the broker did not count the batch and would reject the next as out of order
                raise TooLarge(str(error)) from None
            except (TopicAuthorizationFailedError, UnknownTopicOrPartitionError) as error:
                named = ", ".join(sorted({record.topic for record in records}))
                raise Undeliverable(f"topic {named}: {error.description}") from None
            except ProducerClosed:  # by another call, because of its records: Kafka is not away
                await self._drop(client)
            except (KafkaError, OSError, TimeoutError) as error:
                self._say_away(error)
                await self._drop(client)
                await asyncio.sleep(pause)
                pause = min(2 * pause, _MAX_PAUSE_S)
            else:
                self._say_back()
                return True
            if still is not None and not await still():
                return False

    async def _ready(self) -> _Client:
        async with self._making:
            if self._client is None:
                try:
                    self._client = await self._connected()
                except UnknownError:  # at the start only the request for a producer id is answered like this
                    if not self._idempotent:
                        raise
                    self._idempotent = False
                    if self._warns:
                        self._event_log.write(
                            SettingQuestionable(
                                warning="the broker gives no producer ids: a record sent again is there twice"
                            )
                        )
                    self._client = await self._connected()
            return self._client

    async def _connected(self) -> _Client:
        producer = AIOKafkaProducer(
            **self._connection.options(),
            enable_idempotence=self._idempotent,
            acks="all",
            max_request_size=self._largest,
            linger_ms=2,
        )
        try:
            with without_senders_log():
                await producer.start()
        except BaseException:
            await stop_producer(producer)
            raise
        return _Client(producer)

    async def _drop(self, client: _Client | None, within: float = _DROP_TIMEOUT_S) -> None:
        if client is None or client is not self._client:  # there was none, or another call has dropped it
            return
        self._client = None
        try:
            await client.drop(within)
        except (KafkaError, OSError, TimeoutError) as error:
            self._event_log.write(ProducerNotClosed(error_type=type(error).__name__))

    def _say_away(self, error: Exception) -> None:
        if not self._away:
            self._event_log.write(KafkaUnavailable(reason=words(error, self._connection.protocol)))
        self._away = True

    def _say_back(self) -> None:
        if self._away:
            self._event_log.write(KafkaRecovered())
        self._away = False


async def _send(producer: Any, records: Sequence[ToSend]) -> None:
    futures: list[Any] = []
    try:
        for topic, partition, key, value, headers in records:
            if key is None and value is None and partition is not None:
                futures.append(await _send_bare(producer, topic, partition, list(headers)))
                continue
            sent = producer.send(topic, value=value, key=key, partition=partition, headers=list(headers))
            futures.append(await sent)
    except Exception:
        await asyncio.gather(*futures, return_exceptions=True)
        raise
    for answer in await asyncio.gather(*futures, return_exceptions=True):
        if isinstance(answer, BaseException):
            raise answer


async def _send_bare(producer: Any, topic: str, partition: int, headers: list[Any]) -> Any:
    """Send a record with neither key nor value, which Kafka accepts but `AIOKafkaProducer.send` asserts away.

    It is a closed batch of its own that waits for those before it, and so keeps its place.
    """
    batch = producer.create_batch()
    batch.append(key=None, value=None, timestamp=None, headers=headers)
    batch.close()
    return await producer.send_batch(batch, topic, partition=partition)
