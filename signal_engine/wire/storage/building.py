"""The mark of a generation that is being built: what it has to read before it can be served (JSON in the store)."""

from typing import NamedTuple

import orjson

from signal_engine.wire.storage.documents import reading


class Building(NamedTuple):
    """A generation that is being built."""

    generation: int
    began_at: int
    """ms."""
    ends: dict[str, list[int]]
    """Signal topic -> by partition, the end it had when this began; 0 where it held nothing."""
    needs_fit: bool
    """Lists were published before and no fit table is known: nothing is read before one is loaded."""
    moved: bool
    """Accounts may have been in other partitions before, and so may be the alerts they gave."""

    def encode(self) -> bytes:
        """As JSON; equal marks have equal bytes."""
        return orjson.dumps(self._asdict(), option=orjson.OPT_SORT_KEYS)

    @classmethod
    def decode(cls, document: bytes) -> "Building":
        """From JSON."""
        with reading("the mark of the rebuild"):
            return cls(**orjson.loads(document))
