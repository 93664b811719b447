"""The lists as last published, and how a publisher without stored state reads them back from their compacted topics."""

from typing import NamedTuple

import orjson

from signal_engine.core.fit.ranking import ALL
from signal_engine.engine.ports.output_topics import OutputTopics
from signal_engine.wire.output.models import Entry, PriorityList
from signal_engine.wire.topics import TopicNames


class StoredList(NamedTuple):
    """One list as in Kafka."""

    listed: PriorityList | None
    """None if it was retired or never published."""
    entries: dict[str, Entry]
    """Account -> its entry of `priority.accounts`."""


class PublishedList:
    """One list as last published."""

    def __init__(self, listed: PriorityList | None = None) -> None:
        self.listed = listed
        self.entries: dict[str, Entry] = {}
        """Account -> its entry of `priority.accounts`. Empty after a start: then all are published again, once."""
        self.at = 0
        """When (ms) the whole of it was last published; 0: by somebody else, or incompletely."""
        self.least_version = 0
        """What readers have seen, if more than `listed` says."""
        self.ahead = False
        """Whether it contains what arrived after its instant, while it was evaluated; the next one that does not
        corrects it."""

    @property
    def version(self) -> int:
        """0 before the first."""
        return max(self.least_version, self.listed["version"] if self.listed else 0)

    @property
    def accounts(self) -> set[str]:
        """Those on it."""
        listed = self.listed["entries"] if self.listed else ()
        return {entry["account_id"] for entry in listed} | self.entries.keys()


async def read_lists(output: OutputTopics, topic: str) -> dict[str, PriorityList]:
    """List -> as last published, without retired ones."""
    return {name: orjson.loads(value) for name, value in (await _kept(output, topic)).items()}


async def read_back(output: OutputTopics, topics: TopicNames) -> dict[str, StoredList]:
    """List -> what readers of the topics have."""
    lists = await read_lists(output, topics.lists)
    stored = {name: StoredList(listed, {}) for name, listed in lists.items()}
    for key, value in (await _kept(output, topics.accounts)).items():
        name, _, account = key.partition("/")
        stored.setdefault(name, StoredList(None, {})).entries[account] = orjson.loads(value)
    return stored


def were_by_fit(lists: dict[str, PriorityList]) -> bool:
    """Whether published lists imply a fit table: without one, there is only `all`, which is empty."""
    return any(name != ALL or listed["entries"] for name, listed in lists.items())


async def _kept(output: OutputTopics, topic: str) -> dict[str, bytes]:
    """Key -> last value, as after compaction."""
    kept: dict[str, bytes] = {}

    def take(key: bytes | None, value: bytes | None) -> None:
        name = (key or b"").decode()
        if value is None:
            kept.pop(name, None)
        else:
            kept[name] = value

    for partition in range(await output.partitions(topic)):
        await output.read(topic, partition, 0, take)
    return kept
