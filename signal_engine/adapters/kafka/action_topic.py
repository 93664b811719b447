"""The topic `account.actions`: write records, and read back those of a few accounts.

Writing gives up in time: whoever acts waits for the answer, and an action that was told to have failed must not appear
minutes later. A record that arrives twice has the same action_id, and counts once.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Sequence
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.connecting.failures import words
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.kafka.connecting.quiet import stop_producer
from signal_engine.adapters.kafka.topics.cluster import NoConnection, connected
from signal_engine.adapters.kafka.whole_topic import WholeTopic
from signal_engine.core.actions.action import AccountAction
from signal_engine.core.actions.log import LoggedAction
from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.door.past_actions import fold
from signal_engine.engine.ports.producer import ToSend
from signal_engine.wire.actions.record import read_action
from signal_engine.wire.storage.actions import StoredActions

_TIMEOUT_S: Final = 10.0
"""Seconds for Kafka to take a record."""


class NotAcknowledged(SignalEngineError):
    """Kafka did not confirm an action in time; it may have been written nevertheless."""


class ReadAction(NamedTuple):
    """One record of the topic."""

    partition: int
    offset: int
    taken: LoggedAction


class ActionTopic:
    """A context manager, bound to its event loop. Raises `NoConnection`, also if the topic is missing."""

    def __init__(self, connection: KafkaConnection, topic: str) -> None:
        self._connection = connection
        self._topic = topic
        self._client: Any = None
        self._connecting = asyncio.Lock()
        self._partitions = 0
        self.unreadable = 0
        """Records and batches that were skipped by the last reading, since they are no actions."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._drop()

    async def write(self, records: Sequence[ToSend]) -> Sequence[int]:
        """See `engine.door.door.ActionWriter`. Also raises `NotAcknowledged`."""
        await self.partitions()
        try:
            async with asyncio.timeout(2 * _TIMEOUT_S):  # to connect, and to send
                client = await self._ready()
                sent = [await client.send(one.topic, value=one.value, key=one.key) for one in records]
                return [place.timestamp for place in await asyncio.gather(*sent)]
        except (KafkaError, OSError, TimeoutError) as error:
            await self._drop()
            raise NotAcknowledged(
                f"Kafka did not confirm the action: {words(error, self._connection.protocol)}; "
                "whether it was written is not known: `account log` tells, before you send it again"
            ) from None

    async def past(self, accounts: Sequence[str]) -> Sequence[StoredActions]:
        """See `engine.door.door.ActionHistory`. Reads their partitions from the beginning."""
        if not accounts:
            return []
        partition_of = partitioner(await self.partitions())
        found: dict[str, list[LoggedAction]] = {account: [] for account in accounts}
        async for one in self.read({partition_of(account) for account in accounts}):
            if one.taken.action.account in found:
                found[one.taken.action.account].append(one.taken)
        return [fold(found[account]) for account in accounts]

    async def find(self, account: str, action_id: str) -> LoggedAction | None:
        """See `engine.door.door.ActionHistory`. Reads the account's partition from the beginning."""
        found = None
        async for one in self.read({partitioner(await self.partitions())(account)}):
            if found is None and (one.taken.action.account, one.taken.action.action_id) == (account, action_id):
                found = one.taken
        return found

    def wrote(self, taken: LoggedAction) -> None:
        """See `engine.door.door.ActionHistory`: the topic has it already."""

    async def read(self, partitions: Collection[int]) -> AsyncIterator[ReadAction]:
        """Every action that is in `partitions` now, in the order of each."""
        self.unreadable = 0
        async with WholeTopic(self._connection, self._topic, sorted(partitions)) as whole:
            async for batch in whole.read():
                for record in batch.records:
                    action = read_action(record.value, record.timestamp)
                    if isinstance(action, AccountAction):
                        yield ReadAction(batch.partition, record.offset, LoggedAction(record.timestamp, action))
                    else:
                        self.unreadable += 1
            self.unreadable += len(whole.unreadable)

    async def partitions(self) -> int:
        """How many partitions the topic has. Raises `NoConnection` if it is missing."""
        if not self._partitions:
            async with connected(self._connection) as cluster:
                seen = await cluster.topics([self._topic])
            if self._topic not in seen:
                raise NoConnection(f"topic {self._topic} is missing; create it with `signal-engine topics create`")
            self._partitions = seen[self._topic].partitions
        return self._partitions

    async def _ready(self) -> Any:
        async with self._connecting:
            if self._client is None:
                client = AIOKafkaProducer(
                    **self._connection.options(), acks="all", request_timeout_ms=round(_TIMEOUT_S * 1_000)
                )
                try:
                    await client.start()
                except BaseException:
                    await stop_producer(client)
                    raise
                self._client = client
            return self._client

    async def _drop(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await stop_producer(client)
