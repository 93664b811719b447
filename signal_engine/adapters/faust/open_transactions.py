"""Transactions that are left open: what lies behind one is there and cannot be read, and nobody else says so."""

from typing import Any

from aiokafka import TopicPartition

from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.log_events.servers import TransactionHanging


class OpenTransactions:
    """Of one consumer. One that ends between two looks is nobody's concern."""

    def __init__(self, event_log: EventLog) -> None:
        self._event_log = event_log
        self._seen: dict[TopicPartition, int] = {}
        self._reported: dict[TopicPartition, int] = {}

    def look(self, assignment: Any) -> None:
        """Tells, once each, of those that hold up reading as they did at the look before."""
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
    """Topic-partition and last stable offset, of those that have been read up to that and not to their end."""
    for place in assignment.tps:
        state = assignment.state_value(place)
        if None in {state.lso, state.highwater} or not state.has_valid_position:
            continue
        if 0 <= state.lso < state.highwater and state.position >= state.lso:
            yield place, state.lso
