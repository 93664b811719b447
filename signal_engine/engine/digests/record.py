"""Since when Redis knows what was sent, so that a digest of before a loss is not sent a second time.

The instant is written by whoever first finds none: at the first start, or after Redis lost everything. Nobody can tell
the two apart; so a digest that was due before it, and of which there is no row, is taken for one that may have arrived.
"""

from typing import Final, NamedTuple

import orjson

from signal_engine.engine.ports.delivery.sent_digests import SentDigests
from signal_engine.wire.storage.documents import MEND_DIGESTS, reading

_NAME: Final = "since"
_VERSION: Final = 1


class RecordSince(NamedTuple):
    """From when on every digest that was begun has a row."""

    at: int
    """ms since 1970."""
    begun: bool
    """Whether it was begun by this very call."""


async def record_since(rows: SentDigests, now: int) -> RecordSince:
    """Since when (ms) rows are complete; begin with `now` where nothing says so. Raises `StoreTrouble`, and
    `UnreadableDocument`."""
    stored = await rows.read(_NAME)
    if stored is None:
        if await rows.replace(_NAME, None, orjson.dumps({"v": _VERSION, "since": now})):
            return RecordSince(now, begun=True)
        stored = await rows.read(_NAME)
    if stored is None:  # lost again between two round trips
        return RecordSince(now, begun=False)
    with reading("since when digests are kept", MEND_DIGESTS):
        found = orjson.loads(stored)
        if found["v"] != _VERSION:
            raise ValueError("it is of a version that this one does not know")
        return RecordSince(int(found["since"]), begun=False)
