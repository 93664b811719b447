"""A worker's membership in its consumer group."""

from dataclasses import dataclass
from typing import Any, Final

from aiokafka import errors

from signal_engine.adapters.faust.fetch_budget import FETCHES_PER_PARTITION
from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.records.batches import MAX_BATCH_BYTES

SESSION_TIMEOUT_S: Final = 12.0
"""Seconds after which a dead worker is removed from the group."""
HEARTBEAT_S: Final = 3.0
POLL_INTERVAL_S: Final = 60.0
"""Seconds without a fetch after which a wedged worker leaves the group; Faust's default is 1,000."""
FETCH_WAIT_S: Final = 0.25
"""Seconds for which a broker holds a fetch without records; Faust's is fixed at 1.5."""
_REBALANCE_TIMEOUT_S: Final = 30.0
"""Seconds that members have to rejoin when the group changes; aiokafka abandons a join that takes longer than a request
may.
"""
REQUEST_TIMEOUT_S: Final = 40.0
RECORDS_PER_FETCH: Final = 5_000
"""More records would block the event loop for a quarter of a second."""
_MAX_BYTES: Final = 2 * 1024 * 1024
"""Limit per fetch and topic-partition. With 64 KiB, throughput halves; with 1 MiB it is 5 to 20 % lower than with 4
MiB.
"""
_MIN_BYTES: Final = 64 * 1024
_BYTES_PER_ANSWER: Final = 16 * 1024 * 1024
"""Limit of one broker's answer for all topic-partitions together."""
FETCHES_KEPT: Final = FETCHES_PER_PARTITION + 1
"""Fetches in memory per topic-partition: those handed over, and the one that aiokafka has fetched ahead."""


class FencedInstanceIdError(errors.BrokerResponseError):  # type: ignore[misc]  # aiokafka has no type hints
    """Another worker has taken over this worker's name."""

    errno = 82
    message = "FENCED_INSTANCE_ID"
    description = "A newer member of the group has the same instance name."


# aiokafka knows this error of the protocol as `UnknownError` only, which hides the difference from others.
errors.kafka_errors.setdefault(FencedInstanceIdError.errno, FencedInstanceIdError)


@dataclass(frozen=True, slots=True)
class Membership:
    """Group and name of a worker, and what its fetches may hold."""

    connection: KafkaConnection
    group: str
    instance: str = ""
    """A stable name of the worker, for static membership; empty for an ordinary member."""
    fetch_megabytes: int = 128
    """Megabytes that may be fetched and not applied yet, for all topic-partitions together."""
    bytes_per_batch: int = MAX_BATCH_BYTES
    """Bytes to which a batch of records may unpack."""

    def bytes_per_fetch(self, owned: int) -> int:
        """Bytes per fetch of each of the `owned` topic-partitions, so that all of them stay within the limit.

        Never less than 64 KiB, so that more than 680 topic-partitions exceed the default limit. A larger record batch
        arrives whole.
        """
        share = self.fetch_megabytes * 1024 * 1024 // (FETCHES_KEPT * max(owned, 1))
        return max(_MIN_BYTES, min(_MAX_BYTES, share))

    def consumer_options(self) -> dict[str, Any]:
        """Keyword arguments of the consumer, without assignor and deserializer."""
        return {
            **self.connection.options(),
            "group_id": self.group,
            "group_instance_id": self.instance or None,
            "client_id": self.instance or self.group,
            "enable_auto_commit": False,
            "auto_offset_reset": "none",  # a reset is ours to say; aiokafka does it silently
            "isolation_level": "read_committed",
            "max_poll_records": RECORDS_PER_FETCH,
            "max_partition_fetch_bytes": _MAX_BYTES,  # until it is known how many topic-partitions are owned
            "fetch_max_bytes": _BYTES_PER_ANSWER,
            "fetch_max_wait_ms": _ms(FETCH_WAIT_S),
            "max_poll_interval_ms": _ms(POLL_INTERVAL_S),
            "session_timeout_ms": _ms(SESSION_TIMEOUT_S),
            "rebalance_timeout_ms": _ms(_REBALANCE_TIMEOUT_S),
            "heartbeat_interval_ms": _ms(HEARTBEAT_S),
            "request_timeout_ms": _ms(REQUEST_TIMEOUT_S),
            "metadata_max_age_ms": _ms(30.0),
        }


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
