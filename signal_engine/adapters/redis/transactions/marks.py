"""Marks: they tell a key that went missing, or came back from yesterday, from one that is as the last transaction left
it.

Every key of a partition carries a number that each transaction which writes it raises, and the partition's head holds
the same number. A hash carries it as a field and a sorted set as a member, under a name that is no text, so that no
account can have it: the counter of the last transaction that wrote the key. A stream counts by itself how many entries
it was ever given.

A transaction does not set the mark of a hash or a sorted set but adds to it what the counter has risen since the head's
mark: a key that was removed in between, or that is of another time, then does not arrive at the counter, however soon
the transaction follows. Histories have no marks: only people look at them.
"""

from collections.abc import Sequence
from typing import Any, Final

from redis.exceptions import ResponseError

from signal_engine.adapters.redis.connecting.channel import Command
from signal_engine.engine.ports.store import Damage

_MARK: Final = b"\xffmark"
"""No text: UTF-8 has no such byte."""
_MARK_FIELD: Final = "mark:"
MISSING: Final = "it is missing"


def mark_field(part: str) -> str:
    """Where the head of a partition holds the mark of a part."""
    return _MARK_FIELD + part


def marked_part(field: str) -> str | None:
    """The inverse; None for another field."""
    return field.removeprefix(_MARK_FIELD) if field.startswith(_MARK_FIELD) else None


def is_sorted(part: str) -> bool:
    """Whether a part is a sorted set."""
    return part == "due" or part.startswith("ranks:")


def is_stream(part: str) -> bool:
    """Whether a part is a stream."""
    return part.startswith("outbox:")


def raise_mark(part: str, key: str, by: int) -> Command:
    """The command that adds to the mark of a hash or a sorted set."""
    return ("ZINCRBY", key, by, _MARK) if is_sorted(part) else ("HINCRBY", key, _MARK, by)


def ask_mark(part: str, key: str) -> Command:
    """The command that reads a mark; `damage` understands the reply."""
    if is_stream(part):
        return ("XINFO", "STREAM", key)
    return ("ZSCORE", key, _MARK) if is_sorted(part) else ("HGET", key, _MARK)


def is_of_another_type(error: ResponseError) -> bool:
    """Whether a command was refused because its key holds what no transaction wrote."""
    return str(error).startswith("WRONGTYPE")


def tells_damage(error: ResponseError) -> bool:
    """Whether a mark cannot be read because of its key; anything else says something of the server."""
    return is_of_another_type(error) or str(error).startswith(("no such key", "ERR no such key"))


def damage(part: str, reply: Any, expected: int, opened: int | None = None) -> Damage | None:
    """What is wrong with a part whose mark is `reply`, where the head says `expected`.

    Where a transaction is `opened` that did not end, a part may be as that transaction left it.
    """
    if isinstance(reply, ResponseError):
        return Damage(part, MISSING if "no such key" in str(reply).lower() else str(reply))
    if is_stream(part):
        fields = dict(zip(reply[::2], reply[1::2], strict=True))
        reply = fields.get(b"entries-added")
        if opened is not None and reply is not None and reply >= expected:
            return None
    if reply is None:
        return Damage(part, MISSING)
    if float(reply) not in {expected, opened}:
        return Damage(part, f"it is of transaction {float(reply):.0f}, not of {expected}")
    return None


def without_mark(reply: Sequence[Any], width: int = 2, limit: int | None = None) -> list[Any]:
    """A scan or range of `width` values an entry, the name first, without the mark; at most `limit` entries.

    Whoever asks for a range asks for one entry more than is wanted: the mark may be among them.
    """
    for at in range(0, len(reply), width):
        if reply[at] == _MARK:
            reply = [*reply[:at], *reply[at + width :]]
            break
    return list(reply if limit is None else reply[: width * limit])
