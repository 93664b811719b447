"""The topic `feeds.seen`: read from its beginning and followed, and its records as they are written."""

import time
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Self

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.tail import Tail
from signal_engine.adapters.kafka.topics.cluster import NoConnection
from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.intake.states.seen import Seen
from signal_engine.engine.ports.producer import ToSend
from signal_engine.wire.intake.seen_records import SeenRecord, seen_record

_PARTITIONS: Final = 1
_SILENCE_TIMEOUT_S: Final = 15.0
"""Seconds without a record, short of the end, after which Kafka counts as unreachable."""


class _UnreadableRecord(SignalEngineError):
    """The topic holds a record that says nothing of a feed."""


class FeedsSeenTopic:
    """What state feeds showed last, as the topic has it. A context manager, bound to its event loop."""

    def __init__(self, connection: KafkaConnection, topic: str) -> None:
        """The topic must be there."""
        self._topic = topic
        self._tail = Tail(connection, [topic], _PARTITIONS)
        self._seen = Seen()

    async def __aenter__(self) -> Self:
        await self._tail.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._tail.__aexit__(kind, error, trace)

    async def up_to_date(self) -> Seen:
        """All that is there now, whoever wrote it. Raises `NoConnection`, `_UnreadableRecord`."""
        heard = time.monotonic()
        while not await self._tail.at_end():
            came = await self._tail.read()
            self._seen.take(map(self._record, came))
            if came:
                heard = time.monotonic()
            elif time.monotonic() - heard > _SILENCE_TIMEOUT_S:
                raise NoConnection(f"Kafka does not answer: no record of {self._topic} in {_SILENCE_TIMEOUT_S:g} s")
        return self._seen

    def _record(self, record: Any) -> SeenRecord:
        try:
            return seen_record(record.key, record.value)
        except ValueError as error:
            raise _UnreadableRecord(f"topic {self._topic}: the record at offset {record.offset} {error}") from None


def seen_records(topic: str, records: Sequence[SeenRecord]) -> list[ToSend]:
    """What is written to `topic`."""
    return [ToSend(topic, None, one.key, one.value) for one in records]
