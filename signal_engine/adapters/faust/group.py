"""How a worker is a member of its consumer group."""

from dataclasses import dataclass
from typing import Any, Final

from aiokafka import errors

from signal_engine.adapters.faust.fetch_budget import FETCHES_PER_PARTITION
from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.records.batches import MAX_BATCH_BYTES

SESSION_TIMEOUT_S: Final = 12.0
"""Seconds after which a worker that is dead counts as dead."""
HEARTBEAT_S: Final = 3.0
POLL_INTERVAL_S: Final = 60.0
"""Seconds without a fetch after which a worker that is wedged leaves the group; Faust's default is 1,000."""
FETCH_WAIT_S: Final = 0.25
"""Seconds for which a broker holds a fetch that finds nothing; Faust's is fixed at 1.5."""
_REBALANCE_TIMEOUT_S: Final = 30.0
"""Seconds that the members have to join again when the group changes; aiokafka gives up a join that takes longer than a
request may."""
REQUEST_TIMEOUT_S: Final = 40.0
RECORDS_PER_FETCH: Final = 5_000
"""More would block the event loop for a quarter of a second."""
_MAX_BYTES: Final = 2 * 1024 * 1024
"""Of one fetch of one topic-partition. With 64 KiB throughput halves; with 1 MiB it is 5 to 20 % lower than with 4."""
_MIN_BYTES: Final = 64 * 1024
_BYTES_PER_ANSWER: Final = 16 * 1024 * 1024
"""Of all topic-partitions together, from one broker."""
FETCHES_KEPT: Final = FETCHES_PER_PARTITION + 1
"""Of one topic-partition: those handed over, and the one that aiokafka has fetched ahead."""


class FencedInstanceIdError(errors.BrokerResponseError):  # type: ignore[misc]  # aiokafka has no type hints
    """Another worker has taken over this worker's name."""

    errno = 82
    message = "FENCED_INSTANCE_ID"
    description = "A newer member of the group has the same instance name."


# aiokafka knows this error of the protocol as `UnknownError` only, and then it cannot be told from any other.
errors.kafka_errors.setdefault(FencedInstanceIdError.errno, FencedInstanceIdError)


@dataclass(frozen=True, slots=True)
class Membership:
    """Which group, and under which name."""

    connection: KafkaConnection
    group: str
    instance: str = ""
    """A stable name of the worker: static membership. Empty: an ordinary member."""
    fetch_megabytes: int = 128
    """What may have been fetched and not been applied, of all topic-partitions together."""
    bytes_a_batch: int = MAX_BATCH_BYTES
    """What a batch of records may unpack to."""

    def bytes_a_fetch(self, owned: int) -> int:
        """How much is fetched at once of each of the `owned` topic-partitions, so that all of it stays in bounds.

        Never less than 64 KiB: with more than 680 topic-partitions the default bound is passed. A record batch that is
        larger comes whole, as brokers have it.
        """
        share = self.fetch_megabytes * 1024 * 1024 // (FETCHES_KEPT * max(owned, 1))
        return max(_MIN_BYTES, min(_MAX_BYTES, share))

    def consumer_options(self) -> dict[str, Any]:
        """Keyword arguments of the consumer, but for the assignor and what makes its records."""
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
