"""Read dead letters: what was rejected, where and why, and the record as received.

`engine.dead_letters.writer` writes the record's own headers, then ours. So even if the record had such headers itself
(say, a dead letter that somebody produced again by hand), ours are those from the last `dlq.reason` on.
"""

from typing import Final, NamedTuple

from signal_engine.engine.ports.fetched import FetchedRecord
from signal_engine.engine.ports.transaction import MAX_EXACT
from signal_engine.wire.instants import parse_instant

_PREFIX: Final = "dlq."
_FIRST: Final = "dlq.reason"


class RecordPosition(NamedTuple):
    """The position of a rejected record, which identifies its dead letter; copies share it."""

    topic: str
    partition: int
    offset: int

    def __str__(self) -> str:
        return f"{self.topic}/{self.partition}/{self.offset}"


class DeadLetter(NamedTuple):
    """A rejected record with the reason."""

    place: RecordPosition
    reason: str
    detail: str
    at: int
    """When it was rejected (ms since 1970)."""
    partition: int
    """Partition of the dead letter itself, like `offset`."""
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    """Headers as received, without ours."""
    left_out: str
    """Parts of the record that did not fit, such as `value`; empty if it is complete."""
    size: int
    """Bytes of the value as received."""
    sha256: str
    """Of a value that was left out; else empty."""

    @property
    def name(self) -> str:
        """Its identity as text."""
        return str(self.place)

    def without_content(self) -> "DeadLetter":
        """The same without key, headers and value: enough for whoever holds very many."""
        return self._replace(key=None, value=None, headers=())


def read_dead_letter(record: FetchedRecord, partition: int) -> DeadLetter | None:
    """The letter that a record of `partition` of the dead-letter topic is; None: no letter of this engine."""
    headers = list(record.headers)
    ours = max((n for n, (name, _) in enumerate(headers) if name == _FIRST), default=None)
    if ours is None or not all(name.startswith(_PREFIX) for name, _ in headers[ours:]):
        return None
    about = {name.removeprefix(_PREFIX): (value or b"").decode("utf-8", "replace") for name, value in headers[ours:]}
    try:
        place = RecordPosition(about["topic"], int(about["partition"]), int(about["offset"]))
    except (KeyError, ValueError):
        return None
    if not (place.topic and 0 <= place.partition < MAX_EXACT and 0 <= place.offset < MAX_EXACT):
        return None
    return DeadLetter(
        place,
        about["reason"],
        about.get("detail", ""),
        _instant(about.get("at", ""), record.timestamp),
        partition,
        record.offset,
        record.key,
        record.value,
        tuple(headers[:ours]),
        about.get("truncated", ""),
        _size(about.get("size", ""), record.value),
        about.get("sha256", ""),
    )


def parse_place(text: str) -> RecordPosition:
    """`signals.intent/3/17`. Raises ValueError."""
    rest, _, offset = text.rpartition("/")
    topic, partition = parse_topic_partition(rest)
    if not _is_number(offset):
        raise ValueError("an offset is a number")
    return RecordPosition(topic, partition, int(offset))


def parse_topic_partition(text: str) -> tuple[str, int]:
    """`signals.intent/3`. Raises ValueError."""
    topic, _, partition = text.rpartition("/")
    if not topic or not _is_number(partition):
        raise ValueError("a topic-partition is a topic and a number")
    return topic, int(partition)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < len(str(MAX_EXACT))


def _instant(text: str, otherwise: int) -> int:
    try:
        return parse_instant(text)
    except ValueError:
        return otherwise


def _size(text: str, value: bytes | None) -> int:
    return int(text) if _is_number(text) else len(value or b"")
