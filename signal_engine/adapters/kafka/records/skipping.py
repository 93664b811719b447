"""How somebody who only looks reads on behind a batch that cannot be read: what it was is kept, to be told."""

from typing import Any, Final

from aiokafka import TopicPartition

from signal_engine.adapters.kafka.records.records import Plain
from signal_engine.engine.ports.fetched import Unreadable

_BATCH_BYTES: Final = 16 * 1024 * 1024
"""Of one topic-partition."""


class SkippingConsumer:
    """Of one consumer: it is made with `plain`, and `read_on` is called after each `getmany`."""

    def __init__(self) -> None:
        self.plain = Plain(self._stop)
        self.plain.bytes_a_fetch = _BATCH_BYTES
        self.passed_over: list[tuple[TopicPartition, Unreadable]] = []
        self.ended: set[TopicPartition] = set()
        """Where nobody can say where the next batch begins: no more comes of these."""
        self._stopped: dict[TopicPartition, Unreadable] = {}

    def read_on(self, client: Any) -> None:
        """Lets the consumer go on behind what it stands before now."""
        for place, what in self._stopped.items():
            self.passed_over.append((place, what))
            if what.end is None:
                self.ended.add(place)
            else:
                client.seek(place, what.end)
        self._stopped.clear()

    def _stop(self, place: TopicPartition, what: Unreadable) -> None:
        self._stopped[place] = what
