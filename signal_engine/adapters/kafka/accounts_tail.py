"""The accounts as loaded: read from the beginning of `fit.accounts`, and followed, beside what else a process does."""

import asyncio
import time
from collections.abc import Sequence
from typing import Final

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.fit_topics import KafkaLoads
from signal_engine.adapters.kafka.partition_tail import KafkaPartitionTail
from signal_engine.adapters.kafka.topics.cluster import NoConnection
from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.intake.requests.known_accounts import KnownAccounts
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.fetched import FetchedRecord
from signal_engine.engine.ports.loaded_accounts import LoadedRecord
from signal_engine.engine.ports.log_events.processes import AccountsKnown, AccountsReadAnew
from signal_engine.engine.ports.log_events.servers import KafkaUnavailable
from signal_engine.wire.topics import TopicNames

_PAUSE_S: Final = 1.0
_AT_ONCE: Final = 50
"""Records taken before others are served: to read one takes some 20 us."""


class _MadeAnew(SignalEngineError):
    """The topic begins again: it is another one of the same name."""


class AccountsTail:
    """Tells `KnownAccounts` what whole loads wrote, and then what changes."""

    def __init__(self, connection: KafkaConnection, names: TopicNames, partitions: int, event_log: EventLog) -> None:
        """`partitions` of the topic, which must be there."""
        self._connection, self._topic, self._event_log = connection, names.fit_accounts, event_log
        self._loads = KafkaLoads(connection, names)
        self._partitions = partitions
        self._next: dict[int, int] = {}

    async def run(self, known: KnownAccounts) -> None:
        """Runs until cancelled; waits for Kafka where it is away."""
        while True:
            began = time.monotonic()
            try:
                known.forget()
                unreadable = await self._read(known)
                known.is_whole = True
                seconds = round(time.monotonic() - began, 1)
                self._event_log.write(AccountsKnown(seconds=seconds, unreadable=unreadable))
                await self._follow(known)
            except NoConnection as error:
                self._event_log.write(KafkaUnavailable(reason=str(error)))
                await asyncio.sleep(_PAUSE_S)
            except _MadeAnew:
                self._event_log.write(AccountsReadAnew(topic=self._topic))

    async def _read(self, known: KnownAccounts) -> int:
        """Takes all that is there now; returns how many records cannot be read. Raises `NoConnection`."""
        unreadable = 0
        ends = await self._loads.ends(self._topic, self._partitions)
        for number, end in enumerate(ends):
            self._next[number] = end
            async for records in self._loads.read(number, end):
                for place, record in enumerate(records):
                    unreadable += known.take(record) is not None
                    if place % _AT_ONCE == 0:
                        await asyncio.sleep(0)
        return unreadable

    async def _follow(self, known: KnownAccounts) -> None:
        """Takes what changes. Raises `_MadeAnew`."""
        tail = KafkaPartitionTail(self._connection, self._topic, self._event_log)
        for number, start in self._next.items():
            tail.follow(number, start)

        async def take(number: int, records: Sequence[FetchedRecord]) -> None:
            if records[0].offset < self._next[number]:
                raise _MadeAnew
            self._next[number] = records[-1].offset + 1
            for record in records:
                if record.key is not None:
                    known.take(LoadedRecord(record.key.decode("utf-8", "replace"), record.value))

        await tail.run(take)
