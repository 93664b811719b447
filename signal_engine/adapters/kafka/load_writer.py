"""Write one accounts load: its rows, and last the record that says it is whole.

In one Kafka transaction, so that half a load is never read. Its transactional id is the same for all commands of one
engine: whoever starts later fences off a load that still runs. A broker that gives no producer ids (Tansu) has no
transactions: rows then come first and the record last, and half a load is no load until a later one mends it.
"""

import asyncio
from collections.abc import Sequence
from itertools import product
from types import TracebackType
from typing import Any, Final, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError, ProducerFenced, UnknownError

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.connecting.failures import words
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.kafka.connecting.quiet import stop_producer, take_failures
from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.ports.loaded_accounts import LoadedRecord
from signal_engine.wire.rules.fit_load import FIT_LOAD_KEY, AccountsLoad, write_fit_load
from signal_engine.wire.topics import TopicNames

_TRANSACTION: Final = "fit.load"
_TRANSACTION_TIMEOUT_MS: Final = 10 * 60 * 1_000
"""After which the broker gives up a load that does not end; brokers allow 15 minutes unless told otherwise."""
_BATCH_RECORDS: Final = 5_000
"""Records on their way at once."""
_MAX_REQUEST_BYTES: Final = 1024 * 1024
_LARGEST_BATCH_BYTES: Final = 256 * 1024


class LoadFailed(SignalEngineError):
    """A load did not end; nothing of it is in force."""


class LoadWriter:
    """One load. A context manager, bound to its event loop: entering fences off loads that still run.

    Leaving it before `finish` leaves nothing behind that is read, where the broker has transactions. Raises
    `LoadFailed`.
    """

    def __init__(self, connection: KafkaConnection, names: TopicNames, prefix: str, partitions: int) -> None:
        self._connection = connection
        self._names = names
        self._id = f"{prefix}{_TRANSACTION}"
        self._partition_of = partitioner(partitions)
        self._client: Any = None
        self._open = False
        self._written: dict[int, int] = {}
        self.transactional = True
        """False on a broker that has no transactions."""

    async def __aenter__(self) -> Self:
        try:
            self._client = await self._connected(transactional_id=self._id)
        except UnknownError:  # at the start only the request for a producer id is answered like this
            self.transactional = False
            self._client = await self._connected(enable_idempotence=False)
        except (KafkaError, OSError, TimeoutError) as error:
            raise self._failed(error) from None
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        client = self._client
        try:
            take_failures(client)  # taking a transaction back replaces its waiter
            if self._open and self.transactional:
                await client.abort_transaction()
        except (KafkaError, OSError, TimeoutError) as trouble:  # the broker gives it up by itself, and nobody reads it
            if error is None:
                raise self._failed(trouble) from None
        finally:
            await stop_producer(client)

    async def write(self, changed: Sequence[LoadedRecord]) -> None:
        """Write rows, and the same to `fit.history`. Raises `LoadFailed`."""
        try:
            await self._begin()
            for start in range(0, len(changed), _BATCH_RECORDS):
                await self._send(changed[start : start + _BATCH_RECORDS])
        except (KafkaError, OSError, TimeoutError) as error:
            raise self._failed(error) from None

    def ends(self, before: Sequence[int]) -> tuple[int, ...]:
        """The offsets behind the load's last rows, where `before` are those behind what was read before it."""
        return tuple(max(end, self._written.get(number, 0)) for number, end in enumerate(before))

    async def finish(self, load: AccountsLoad) -> int:
        """Write the record that says the load is whole; return its offset. Raises `LoadFailed`."""
        try:
            await self._begin()
            record = await self._client.send_and_wait(self._names.rules, write_fit_load(load), FIT_LOAD_KEY, 0)
            if self.transactional:
                await self._client.commit_transaction()
            self._open = False
        except (KafkaError, OSError, TimeoutError) as error:
            raise self._failed(error) from None
        return int(record.offset)

    async def _begin(self) -> None:
        if not self._open and self.transactional:
            await self._client.begin_transaction()
        self._open = True

    async def _send(self, records: Sequence[LoadedRecord]) -> None:
        topics = (self._names.fit_accounts, self._names.fit_history)
        sent: list[Any] = []
        try:
            for topic, (account, value) in product(topics, records):
                place = self._partition_of(account)
                sent.append(await self._client.send(topic, value, account.encode(), place))
        except KafkaError:  # the ends of those before have to be asked for, too
            await asyncio.gather(*sent, return_exceptions=True)
            raise
        for place in await asyncio.gather(*sent):
            if place.topic == self._names.fit_accounts:
                self._written[place.partition] = max(self._written.get(place.partition, 0), place.offset + 1)

    async def _connected(self, **kind: Any) -> Any:
        client = AIOKafkaProducer(
            **self._connection.options(),
            acks="all",
            max_request_size=_MAX_REQUEST_BYTES,
            max_batch_size=_LARGEST_BATCH_BYTES,
            linger_ms=5,
            transaction_timeout_ms=_TRANSACTION_TIMEOUT_MS,
            **kind,
        )
        try:
            await client.start()
        except BaseException:
            await stop_producer(client)
            raise
        return client

    def _failed(self, error: Exception) -> LoadFailed:
        if isinstance(error, ProducerFenced):
            self._open = False  # whoever fenced it off has aborted it
            return LoadFailed("another load was started meanwhile; nothing of this one is in force")
        return LoadFailed(f"the load did not end: {words(error, self._connection.protocol)}; nothing of it is in force")
