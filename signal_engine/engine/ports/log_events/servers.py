"""Redis and Kafka"""

from signal_engine.engine.ports.event_log import Error, Info, Warn


class StoreUnavailable(Warn):
    """Redis is unreachable or refuses; it is retried, and written once. Look at Redis if it lasts."""

    reason: str


class StoreRecovered(Info):
    """Redis answers again; work goes on."""


class PollFailed(Error):
    """The API could not read what it serves; it tries again, and answers 503 meanwhile. Report it."""

    error_type: str


class KafkaUnavailable(Warn):
    """Kafka is unreachable or refuses; it is retried, and written once. Look at the brokers if it lasts."""

    reason: str


class KafkaRecovered(Info):
    """Kafka answers again; work goes on."""


class ProducerNotClosed(Warn):
    """Kafka did not let a producer close in time; nothing is lost."""

    error_type: str


class ActionNotConfirmed(Warn):
    """Kafka did not confirm an account action; whoever acted was told to send it again."""

    reason: str


class ActionsNotRead(Warn):
    """The actions of an account could not be read; whoever asked was told so."""

    reason: str


class AccountsNotRead(Warn):
    """The accounts as loaded could not be read from Kafka for a report; whoever asked was told so."""

    reason: str


class RecordsLost(Error):
    """Records were removed, as by retention, before they were read. Raise `retention.ms`, or run more workers."""

    topic: str
    partition: int
    from_offset: int
    to_offset: int


class TransactionHanging(Warn):
    """A producer left a Kafka transaction open: what lies behind it cannot be read yet."""

    topic: str
    partition: int
    offset: int
    advice: str


class TopicsNotVerified(Warn):
    """Kafka did not say whether its topics are still the same; it is asked again."""

    reason: str


class RecordNotVerified(Info):
    """The last record applied could not be compared with the topic; topic ids alone decide."""

    topic: str
    partition: int
    offset: int
    why: str


class OutputBatchUnreadable(Error):
    """A batch of a topic of ours, or one that is followed beside the consumer group, cannot be read and is skipped."""

    topic: str
    partition: int
    why: str


class LoadsUnreadable(Error):
    """A record of an accounts load in the topic `rules` cannot be read; the load before it stays in force."""

    offset: int
    why: str
