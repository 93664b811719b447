"""Marks: they tell whether a key is as the last transaction left it, or was lost or replaced by an older one.

Every key of a partition carries a number, the counter of the last transaction that wrote it, and the partition's head
repeats it. A hash has it as a field and a sorted set as a member; its name is not UTF-8, so no account can have it. A
stream itself counts the entries ever added.

A transaction does not set the mark of a hash or sorted set; it adds the difference between its counter and the head's
mark. So a key that was removed or replaced in between does not reach the counter, however soon the transaction follows.
Histories have no marks, since only people read them.
"""

from collections.abc import Sequence
from typing import Any, Final

from redis.exceptions import ResponseError

from signal_engine.adapters.redis.connecting.channel import Command
from signal_engine.engine.ports.store import Damage

_MARK: Final = b"\xffmark"
"""Not UTF-8, so no name of an account."""
_MARK_FIELD: Final = "mark:"
MISSING: Final = "it is missing"


def mark_field(part: str) -> str:
    """The field of a partition's head with the mark of a part."""
    return _MARK_FIELD + part


def marked_part(field: str) -> str | None:
    """The part of such a field; None for other fields."""
    return field.removeprefix(_MARK_FIELD) if field.startswith(_MARK_FIELD) else None


def is_sorted(part: str) -> bool:
    """Whether a part is a sorted set."""
    return part == "due" or part.startswith("ranks:")


def is_stream(part: str) -> bool:
    """Whether a part is a stream."""
    return part.startswith("outbox:")


def raise_mark(part: str, key: str, by: int) -> Command:
    """The command that adds to the mark of a hash or sorted set."""
    return ("ZINCRBY", key, by, _MARK) if is_sorted(part) else ("HINCRBY", key, _MARK, by)


def ask_mark(part: str, key: str) -> Command:
    """The command that reads a mark; `damage` interprets the reply."""
    if is_stream(part):
        return ("XINFO", "STREAM", key)
    return ("ZSCORE", key, _MARK) if is_sorted(part) else ("HGET", key, _MARK)


def is_of_another_type(error: ResponseError) -> bool:
    """Whether a command failed because its key has a foreign type."""
    return str(error).startswith("WRONGTYPE")


def tells_damage(error: ResponseError) -> bool:
    """Whether a mark cannot be read because of its key; other errors concern the server."""
    return is_of_another_type(error) or str(error).startswith(("no such key", "ERR no such key"))


def damage(part: str, reply: Any, expected: int, opened: int | None = None) -> Damage | None:
    """What is wrong with a part whose mark is `reply` while the head says `expected`; None if nothing is.

    If a transaction was `opened` and did not end, a part may also be as that transaction left it.
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
    """A scan or range without the mark, at most `limit` entries of `width` values each, the name first.

    Ask for one entry more than wanted, since the mark may be among them.
    """
    for at in range(0, len(reply), width):
        if reply[at] == _MARK:
            reply = [*reply[:at], *reply[at + width :]]
            break
    return list(reply if limit is None else reply[: width * limit])
