"""Who wants no digests, as records of the topic `digests.stopped`, and back.

The key is a JSON list of address and destination, the value says since when; null (a tombstone): they get them again.
"""

from typing import Final, NamedTuple

import orjson

from signal_engine.wire.messages.answers.unsubscribing import DigestsOf

_VERSION: Final = 1
_UNREADABLE: Final = "does not say whose digests are stopped"


class StoppedRecord(NamedTuple):
    """One record."""

    of: DigestsOf
    at: int | None
    """Since when (ms) they are stopped; None: they are not."""


def write_stopped(one: StoppedRecord) -> tuple[bytes, bytes | None]:
    """Key and value. Addresses are the same in any case."""
    key = orjson.dumps([one.of.email.lower(), one.of.destination])
    return key, None if one.at is None else orjson.dumps({"v": _VERSION, "stopped_at": one.at})


def read_stopped(key: bytes | None, value: bytes | None) -> StoppedRecord:
    """Back. Raises ValueError for what does not say whose digests are stopped; the message has no address."""
    try:
        email, destination = orjson.loads(key or b"")
        stored = None if value is None else orjson.loads(value)
        at = None if stored is None else stored["stopped_at"]
        readable = stored is None or (stored["v"] == _VERSION and type(at) is int)
    except (ValueError, TypeError, KeyError):
        raise ValueError(_UNREADABLE) from None
    if not readable or type(email) is not str or type(destination) is not str:
        raise ValueError(_UNREADABLE)
    return StoppedRecord(DigestsOf(email, destination), at)
