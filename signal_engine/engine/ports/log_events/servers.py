"""Redis and Kafka"""

from signal_engine.engine.ports.event_log import Error, Info, Warn


class StoreUnavailable(Warn):
    """Redis cannot be used; written once per outage, and tried again until it can."""

    reason: str


class StoreRecovered(Info):
    """Redis can be used again."""


class PollFailed(Error):
    """The API could not read what it answers from; it tries again, and answers 503 meanwhile."""

    error_type: str


class KafkaUnavailable(Warn):
    """Kafka cannot be used; written once per outage, and tried again until it can."""

    reason: str


class KafkaRecovered(Info):
    """Kafka can be used again."""


class ProducerNotClosed(Warn):
    """The producer could not be closed in order; everything that was to be delivered had been, or is sent again."""

    error_type: str


class RecordsLost(Error):
    """Records were removed from a topic, as by retention, before they were read."""

    topic: str
    partition: int
    from_offset: int
    to_offset: int


class TransactionHanging(Warn):
    """A producer's Kafka transaction is open: what lies behind it cannot be read yet."""

    topic: str
    partition: int
    offset: int
    advice: str


class TopicsNotVerified(Warn):
    """Whether the topics are those that were read before could not be checked."""

    reason: str


class RecordNotVerified(Info):
    """The last record applied could not be compared with the topic; topic ids decide alone."""

    topic: str
    partition: int
    offset: int
    why: str


class OutputBatchUnreadable(Error):
    """A batch of a topic of ours cannot be read and is skipped."""

    topic: str
    partition: int
    why: str
