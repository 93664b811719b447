"""Partitions, dead letters and publishing"""

from signal_engine.engine.ports.event_log import Error, Info, Warn


class PartitionsTaken(Info):
    """The worker owns these partitions, as `0,3`, and reads them."""

    partitions: str


class PartitionsReleased(Info):
    """The worker no longer owns these partitions, as `0,3`, and has finished what it had in hand."""

    partitions: str


class PartitionDamaged(Error):
    """Keys of a partition are missing or outdated in Redis. Everything is rebuilt automatically; find the cause."""

    partition: int
    damage: str


class PartitionRebuilt(Info):
    """A partition has been read up to the end that it had when the rebuild began."""

    partition: int
    known_alerts: int


class OutcomesRefused(Warn):
    """Records of the outcomes topic are not valid outcomes, and are not shown. Send corrected ones."""

    topic: str
    partition: int
    records: int
    first_offset: int
    reason: str
    detail: str


class FitDerived(Info):
    """A partition's accounts as loaded have been decided; `changed` of its rows differ and are rolled out now."""

    partition: int
    fit_version: int
    load: int
    accounts: int
    changed: int
    ms: int


class LoadedRowsUnreadable(Warn):
    """Records of `fit.accounts` cannot be read; their accounts count as missing from the accounts file."""

    partition: int
    rows: int


class AlertsUnreadable(Warn):
    """Past alerts could not be read while a partition was rebuilt; one of them may be sent again."""

    partition: int
    records: int


class TransactionRefused(Warn):
    """Another worker wrote to the partition first; this one drops what it knew and reads on from Redis."""

    partition: int
    conflict: str


class TransactionAbandoned(Warn):
    """A transaction did not end before its partition moved; the fence decides which owner was first."""

    partition: int


class EventFailed(Error):
    """Our own code failed on one event, which is now a dead letter with the reason `bug`. Report it."""

    partition: int
    failure: str


class CopiesSkipped(Info):
    """Copies of rerouted records had been counted before; nothing to do."""

    records: int
    topic: str
    partition: int
    from_offset: int


class OriginsDisbelieved(Warn):
    """Records with impossible origin headers count as ordinary records. Find their producer."""

    records: int
    topic: str
    partition: int
    from_offset: int


class DeadLetterTruncated(Warn):
    """A dead letter does not fit its topic and goes without its value. Raise `max.message.bytes` there."""

    topic: str
    partition: int


class TopicPaused(Error):
    """Too many records were rejected, or a batch cannot be read. `advice` is the command that continues it."""

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
    """A partition decides by the new scoring file."""

    partition: int
    config_version: str


class FitRolledOut(Info):
    """A partition decides by the new fit table."""

    partition: int
    fit_version: int


class GarbageCollected(Info):
    """Accounts with nothing left to remember were removed."""

    partition: int
    accounts: int


class AlertsWithheld(Info):
    """Alerts in the outbox were recorded as not sent: a person had hidden their accounts meanwhile."""

    partition: int
    alerts: int


class OutboxPublished(Info):
    """Kafka has acknowledged records from an outbox; partition -1 is the outbox of the lists."""

    outbox: str
    partition: int
    records: int


class ListsWaiting(Info):
    """Lists wait for the `partitions`, as `0,3`, that are still rolling out a fit table or a scoring file."""

    partitions: str


class ListsResumed(Info):
    """All partitions have caught up with fit table and scoring file; lists are published again."""


class ListRetired(Info):
    """The ICP of a list is gone; readers get tombstones."""

    list: str


class PublicationRefused(Warn):
    """Another publisher was first; this one drops what it knew and reads again."""

    conflict: str
