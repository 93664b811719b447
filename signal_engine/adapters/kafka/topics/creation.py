"""What the topics must be (contract.md, sections 1 and 2), and how those that are there differ. Talks to nobody."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

from signal_engine.core.errors import WRONG_USE, SignalEngineError
from signal_engine.core.rules.instants import DAY
from signal_engine.core.rules.policy import Policy
from signal_engine.wire.topics import topic_names

RETENTION: Final = "retention.ms"
TIMESTAMPS: Final = "message.timestamp.type"
LARGEST: Final = "max.message.bytes"
CLEANUP: Final = "cleanup.policy"

LARGEST_RECORD: Final = 1024 * 1024
"""Bytes of one record batch, where we make the topic. A list leaves at no more than 900,000."""
DEAD_LETTER_MARGIN: Final = 64 * 1024
"""Bytes: a dead letter carries headers that the record it came from had not."""

_KEPT: Final = 30 * DAY
_FOREVER: Final = -1
_AT_LEAST: Final = {RETENTION, LARGEST, "retention.bytes"}
_WHY: Final = {
    RETENTION: "records would go before they are no longer needed",
    "retention.bytes": "records would go before their time when there are many",
    TIMESTAMPS: "the producer's clock would count as the time of arrival; the engine clips it to its own",
    LARGEST: "a record that belongs here would not fit",
    CLEANUP: "records that are needed would be removed",
}


@dataclass(frozen=True, slots=True)
class Topic:
    """One topic as it is to be."""

    name: str
    partitions: int
    must: Mapping[str, str]
    """Settings that it must have; sizes and retention at least."""
    made_with: Mapping[str, str]
    """Further settings that we give it when we make it."""
    signals: bool = False


class SeenTopic(NamedTuple):
    """One topic as it is."""

    name: str
    partitions: int
    settings: Mapping[str, str | None]
    """As reported; a broker need not report all."""


class Difference(NamedTuple):
    """A setting that is not as it must be."""

    topic: str
    setting: str
    found: str
    wanted: str
    why: str


class DifferentPartitions(SignalEngineError):
    """Signal topics with different partition counts: one account's events would be on several workers."""

    exit_code = WRONG_USE


def wanted_topics(prefix: str, partitions: int, policy: Policy, seen: Mapping[str, SeenTopic]) -> list[Topic]:
    """Every topic of the engine. Signal topics take the partition count of those that are there already.

    Raises `DifferentPartitions`.
    """
    names = topic_names(prefix)
    there = [seen[name] for name in names.signals.values() if name in seen]
    if len({topic.partitions for topic in there}) > 1:
        counts = ", ".join(f"{topic.name} {topic.partitions}" for topic in there)
        raise DifferentPartitions(
            f"signal topics must have the same number of partitions: {counts}. "
            "Make them anew, or use another SIGNAL_ENGINE_PREFIX"
        )
    keep = max(kind.expires_after for kind in policy.kinds.values())
    signals = there[0].partitions if there else partitions
    size = {LARGEST: str(LARGEST_RECORD)}
    largest = max([LARGEST_RECORD, *(int(topic.settings.get(LARGEST) or 0) for topic in there)])
    signal = {CLEANUP: "delete", RETENTION: str(keep), "retention.bytes": str(_FOREVER), TIMESTAMPS: "LogAppendTime"}
    compact = {CLEANUP: "compact", **size}
    kept = {CLEANUP: "delete", RETENTION: str(_KEPT), "retention.bytes": str(_FOREVER)}
    # Only closed segments are compacted; Kafka's seven days would make readers of the current lists read a week.
    soon = {"segment.ms": str(DAY)}
    return [
        *(Topic(name, signals, signal, size, signals=True) for name in names.signals.values()),
        Topic(names.lists, 1, compact, soon),
        Topic(names.accounts, signals, compact, soon),
        Topic(names.alerts, signals, kept, size),
        Topic(names.dead_letters, signals, {**kept, LARGEST: str(largest + DEAD_LETTER_MARGIN)}, {}),
    ]


def differences(topics: Iterable[Topic], seen: Mapping[str, SeenTopic]) -> Iterator[Difference]:
    """What is not as it must be at the topics that are there. What a broker does not report is not judged."""
    for topic in topics:
        if topic.name not in seen:
            continue
        for setting, wanted in topic.must.items():
            found = seen[topic.name].settings.get(setting)
            if found is not None and not _will_do(setting, found, wanted):
                yield Difference(topic.name, setting, found, wanted, _WHY[setting])


def _will_do(setting: str, found: str, wanted: str) -> bool:
    if setting == CLEANUP:
        return {part.strip() for part in found.split(",")} == {wanted}
    if setting in _AT_LEAST:
        return int(found) == _FOREVER or (int(wanted) != _FOREVER and int(found) >= int(wanted))
    return found == wanted
