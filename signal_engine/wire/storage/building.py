"""The mark of a generation that is being built: what it must read before it is served. JSON in the store."""

from typing import NamedTuple

import orjson

from signal_engine.wire.storage.documents import reading


class Building(NamedTuple):
    """A generation that is being built."""

    generation: int
    began_at: int
    """ms."""
    ends: dict[str, list[int]]
    """Signal topic -> the end of each partition when the rebuild began; 0 if it was empty."""
    needs_fit: bool
    """Whether a fit table must be loaded first: lists were published before, but no fit table is known."""
    moved: bool
    """Whether accounts, and with them their past alerts, may have been in other partitions before."""

    def encode(self) -> bytes:
        """As JSON; equal marks have equal bytes."""
        return orjson.dumps(self._asdict(), option=orjson.OPT_SORT_KEYS)

    @classmethod
    def decode(cls, document: bytes) -> "Building":
        """From JSON."""
        with reading("the mark of the rebuild"):
            return cls(**orjson.loads(document))
