"""Required settings of the topics (contract.md, sections 1 and 2), and how existing topics differ. No I/O."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from signal_engine.core.errors import WRONG_USE, SignalEngineError
from signal_engine.core.rules.instants import DAY
from signal_engine.core.rules.policy import Policy
from signal_engine.wire.topics import topic_names

_RETENTION: Final = "retention.ms"
_TIMESTAMPS: Final = "message.timestamp.type"
LARGEST: Final = "max.message.bytes"
_CLEANUP: Final = "cleanup.policy"

MAX_RECORD_BYTES: Final = 1024 * 1024
"""Largest record batch of topics that we create, in bytes. Lists have at most 900,000."""
DEAD_LETTER_MARGIN_BYTES: Final = 64 * 1024
"""Bytes for the headers that a dead letter has in addition to its record's."""

_RETENTION_MS: Final = 30 * DAY
_INGEST_RETENTION_MS: Final = 7 * DAY
_MAX_DELIVERY_BYTES: Final = 1_100_000
"""Largest record of `ingest.dlq`: the body of a request, and why it is there."""
_FOREVER: Final = -1
_AT_LEAST: Final = {_RETENTION, LARGEST, "retention.bytes"}
_WHY: Final = {
    _RETENTION: "records would be deleted while still needed",
    "retention.bytes": "many records would be deleted while still needed",
    _TIMESTAMPS: "the producer's clock would set the arrival time; the engine limits it to its own clock",
    LARGEST: "some records would not fit",
    _CLEANUP: "needed records would be removed",
}


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic with its required settings."""

    name: str
    partitions: int
    must: Mapping[str, str]
    """Required settings; sizes and retention are minimums."""
    made_with: Mapping[str, str]
    """Further settings for creation."""
    signals: bool = False


class SeenTopic(NamedTuple):
    """A topic as found on Kafka."""

    name: str
    partitions: int
    settings: Mapping[str, str | None]
    """Settings as reported; brokers may omit some."""


class Difference(NamedTuple):
    """A setting that differs from the required one."""

    topic: str
    setting: str
    found: str
    wanted: str
    why: str


class DifferentPartitions(SignalEngineError):
    """Signal topics differ in their number of partitions: one account's events would be on several workers."""

    exit_code = WRONG_USE


def wanted_topics(prefix: str, partitions: int, policy: Policy, seen: Mapping[str, SeenTopic]) -> list[Topic]:
    """All topics of the engine. Signal topics get the number of partitions of existing ones.

    Raises `DifferentPartitions`.
    """
    names = topic_names(prefix)
    there = [seen[name] for name in names.signals.values() if name in seen]
    if len({topic.partitions for topic in there}) > 1:
        counts = ", ".join(f"{topic.name} {topic.partitions}" for topic in there)
        raise DifferentPartitions(
            f"signal topics must have the same number of partitions: {counts}. "
            "Create them again, or use another SIGNAL_ENGINE_PREFIX"
        )
    keep = max(kind.expires_after for kind in policy.kinds.values())
    signals = there[0].partitions if there else partitions
    size = {LARGEST: str(MAX_RECORD_BYTES)}
    largest = max([MAX_RECORD_BYTES, *(int(topic.settings.get(LARGEST) or 0) for topic in there)])
    signal = {_CLEANUP: "delete", _RETENTION: str(keep), "retention.bytes": str(_FOREVER), _TIMESTAMPS: "LogAppendTime"}
    compact = {_CLEANUP: "compact", **size}
    kept = {_CLEANUP: "delete", _RETENTION: str(_RETENTION_MS), "retention.bytes": str(_FOREVER)}
    largest_delivery = str(_MAX_DELIVERY_BYTES)
    # Only closed segments are compacted: with Kafka's default, readers of the current lists would read a week.
    soon = {"segment.ms": str(DAY)}
    return [
        *(Topic(name, signals, signal, size, signals=True) for name in names.signals.values()),
        Topic(names.lists, 1, compact, soon),
        Topic(names.accounts, signals, compact, soon),
        Topic(names.alerts, signals, kept, size),
        Topic(names.dead_letters, signals, {**kept, LARGEST: str(largest + DEAD_LETTER_MARGIN_BYTES)}, {}),
        Topic(
            names.ingest_dead_letters, 1, {**kept, _RETENTION: str(_INGEST_RETENTION_MS), LARGEST: largest_delivery}, {}
        ),
        Topic(names.actions, signals, {**signal, _RETENTION: str(_FOREVER)}, size),
        Topic(names.rules, 1, {**compact, _TIMESTAMPS: "LogAppendTime"}, soon),
        # A row that a later load replaces stays for a day: who is deciding by the load before still finds it.
        Topic(names.fit_accounts, signals, compact, {**soon, "min.compaction.lag.ms": str(DAY)}),
        Topic(names.fit_history, signals, {**kept, _RETENTION: str(_FOREVER)}, size),
        Topic(names.feeds_seen, 1, compact, soon),
        Topic(names.outcomes, signals, {**signal, _RETENTION: str(_FOREVER)}, size),
        Topic(names.digests_stopped, 1, compact, soon),
    ]


def differences(topics: Iterable[Topic], seen: Mapping[str, SeenTopic]) -> Iterator[Difference]:
    """Yield the differing settings of existing topics. Settings that a broker does not report are not checked."""
    for topic in topics:
        if topic.name not in seen:
            continue
        for setting, wanted in topic.must.items():
            found = seen[topic.name].settings.get(setting)
            if found is not None and not _will_do(setting, found, wanted):
                yield Difference(topic.name, setting, found, wanted, _WHY[setting])


def _will_do(setting: str, found: str, wanted: str) -> bool:
    if setting == _CLEANUP:
        return {part.strip() for part in found.split(",")} == {wanted}
    if setting in _AT_LEAST:
        return int(found) == _FOREVER or (int(wanted) != _FOREVER and int(found) >= int(wanted))
    return found == wanted
