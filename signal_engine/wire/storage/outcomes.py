"""The outcomes of an account, and how far a partition's have been read, as the bytes of one value, and back."""

from collections.abc import Sequence
from typing import NamedTuple

import orjson

from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.outcomes.record import AccountOutcome, read_outcome, write_outcome
from signal_engine.wire.storage.documents import reading


class ReadUpTo(NamedTuple):
    """How far the outcomes of a partition have been read."""

    topic_id: str
    """Of the topic that was read; empty where the broker gives none."""
    offset: int
    """The position to read on from."""

    def encode(self) -> bytes:
        """As text."""
        return f"{self.offset} {self.topic_id}".encode()

    @classmethod
    def decode(cls, value: bytes) -> "ReadUpTo":
        """From text. Raises `UnreadableDocument`."""
        with reading("how far outcomes have been read"):
            offset, topic_id = value.decode().split(" ", 1)
            return cls(topic_id, int(offset))


def encode(outcomes: Sequence[AccountOutcome]) -> bytes:
    """As a JSON list of the topic's records; equal outcomes have equal bytes."""
    return b"[" + b",".join(map(write_outcome, outcomes)) + b"]"


def decode(value: bytes | None) -> list[AccountOutcome]:
    """From JSON; none where there is none. Raises `UnreadableDocument`."""
    if value is None:
        return []
    with reading("the outcomes of an account"):
        found = [read_outcome(orjson.dumps(record)) for record in orjson.loads(value)]
        if any(isinstance(one, Refusal) for one in found):
            raise ValueError
        return [one for one in found if isinstance(one, AccountOutcome)]
