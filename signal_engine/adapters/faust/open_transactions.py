"""Detects Kafka transactions that are left open: the records behind one exist but cannot be read, and nothing else
reports it.
"""

from typing import Any

from aiokafka import TopicPartition

from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.log_events.servers import TransactionHanging


class OpenTransactions:
    """Watches one consumer. A transaction that ends between two checks is not reported."""

    def __init__(self, event_log: EventLog) -> None:
        self._event_log = event_log
        self._seen: dict[TopicPartition, int] = {}
        self._reported: dict[TopicPartition, int] = {}

    def check(self, assignment: Any) -> None:
        """Report, once each, the transactions that have held up reading since the previous check."""
        now = dict(_held_up(assignment))
        for place, offset in now.items():
            if self._seen.get(place) == offset and self._reported.get(place) != offset:
                self._reported[place] = offset
                advice = "what lies behind waits until its producer ends it, or Kafka does by transaction.timeout.ms"
                self._event_log.write(
                    TransactionHanging(topic=place.topic, partition=place.partition, offset=offset, advice=advice)
                )
        self._seen = now


def _held_up(assignment: Any) -> Any:
    """Topic-partitions that are read up to their last stable offset, but not to their end, with that offset."""
    for place in assignment.tps:
        state = assignment.state_value(place)
        if None in {state.lso, state.highwater} or not state.has_valid_position:
            continue
        if 0 <= state.lso < state.highwater and state.position >= state.lso:
            yield place, state.lso
