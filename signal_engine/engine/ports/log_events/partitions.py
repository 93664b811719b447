"""Partitions, dead letters and publishing"""

from signal_engine.engine.ports.event_log import Error, Info, Warn


class PartitionsTaken(Info):
    """The worker owns these partitions, as `0,3`, and reads them."""

    partitions: str


class PartitionsReleased(Info):
    """The worker no longer owns these partitions, as `0,3`, and has finished what it had in hand."""

    partitions: str


class PartitionDamaged(Error):
    """A partition does not hold what was written to it; everything is rebuilt."""

    partition: int
    damage: str


class PartitionRebuilt(Info):
    """A partition has read its past alerts and is ready to be served."""

    partition: int
    known_alerts: int


class AlertsUnreadable(Warn):
    """Records of the alerts topic cannot be read: an alert of theirs may be sent again after a rebuild."""

    partition: int
    records: int


class TransactionRefused(Warn):
    """Somebody else wrote the partition first: nothing of the batch is written, and it is read again."""

    partition: int
    conflict: str


class TransactionAbandoned(Warn):
    """A transaction was not done when its partition had to go; whether it was written is seen by the next owner."""

    partition: int


class EventFailed(Error):
    """Our own code failed on one event, which is now a dead letter with the reason `bug`."""

    partition: int
    failure: str


class CopiesSkipped(Info):
    """Copies of rerouted records were dealt with before, and are skipped."""

    records: int
    topic: str
    partition: int
    from_offset: int


class OriginsDisbelieved(Warn):
    """Headers of records name an origin that cannot be; the records count without it."""

    records: int
    topic: str
    partition: int
    from_offset: int


class DeadLetterTruncated(Warn):
    """The broker does not take a dead letter in full; its reason goes without its bytes."""

    topic: str
    partition: int


class TopicPaused(Error):
    """A topic-partition is read no further until an operator resumes it: rejections, or an unreadable batch."""

    topic: str
    partition: int
    why: str
    rejected_records: int
    of_records: int
    reasons: str
    offset: int
    advice: str


class TopicResumed(Info):
    """A topic-partition that was paused is read again."""

    topic: str
    partition: int


class ScoringRolledOut(Info):
    """All accounts of a partition are decided by the scoring file in force."""

    partition: int
    config_version: str


class FitRolledOut(Info):
    """All accounts of a partition are decided by a version of the fit table."""

    partition: int
    fit_version: int


class GarbageCollected(Info):
    """Accounts of a partition whose signals have decayed to nothing are removed."""

    partition: int
    accounts: int


class OutboxPublished(Info):
    """Kafka has the records that waited in an outbox; partition -1 is that of the lists."""

    outbox: str
    partition: int
    records: int


class ListsWaiting(Info):
    """Lists are not published before these partitions, as `0,3`, have what is in force."""

    partitions: str


class ListsResumed(Info):
    """All partitions have what is in force; lists are published again."""


class ListRetired(Info):
    """A list that no longer exists has been withdrawn."""

    list: str


class PublicationRefused(Warn):
    """Another publisher was first; what is published is read again."""

    conflict: str
