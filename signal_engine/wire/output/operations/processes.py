"""The documents of `rebuild` and `topics create`."""

from typing import Literal

from typing_extensions import TypedDict

from signal_engine.wire.output.models import Instant


class RebuildDocument(TypedDict):
    """`rebuild`: how it ended, and how many records there were to read."""

    state: Literal["served", "building", "given_up"]
    generation: int
    began_at: Instant
    seconds: float
    records: dict[str, int]


class SettingDifference(TypedDict):
    """A setting of a topic that is not as it should be."""

    setting: str
    found: str
    wanted: str
    why: str


class TopicDocument(TypedDict):
    """One topic of `topics create`."""

    topic: str
    partitions: int
    state: Literal["created", "differs", "ok"]
    differences: list[SettingDifference]
