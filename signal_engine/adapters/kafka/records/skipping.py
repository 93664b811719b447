"""Skip unreadable batches in consumers that only read, and remember them for reports."""

from typing import Any, Final

from aiokafka import TopicPartition

from signal_engine.adapters.kafka.records.records import PlainDeserializer
from signal_engine.engine.ports.fetched import Unreadable

_BATCH_BYTES: Final = 16 * 1024 * 1024
"""Of one topic-partition."""


class SkippingConsumer:
    """Skips for one consumer: create the consumer with `plain`, call `read_on` after each `getmany`."""

    def __init__(self) -> None:
        self.plain = PlainDeserializer(self._stop)
        self.plain.bytes_per_fetch = _BATCH_BYTES
        self.passed_over: list[tuple[TopicPartition, Unreadable]] = []
        self.ended: set[TopicPartition] = set()
        """Topic-partitions whose next batch cannot be located: they are read no further."""
        self._stopped: dict[TopicPartition, Unreadable] = {}

    def read_on(self, client: Any) -> None:
        """Move the consumer behind the unreadable batches at which it stopped."""
        for place, what in self._stopped.items():
            self.passed_over.append((place, what))
            if what.end is None:
                self.ended.add(place)
            else:
                client.seek(place, what.end)
        self._stopped.clear()

    def _stop(self, place: TopicPartition, what: Unreadable) -> None:
        self._stopped[place] = what
