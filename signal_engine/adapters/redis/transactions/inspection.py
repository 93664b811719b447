"""Inspects a partition: whether every key is as its transactions left it, and whether all its commands may be run."""

from collections.abc import Iterable
from typing import Any, Final

from redis.exceptions import NoPermissionError, OutOfMemoryError, ResponseError

from signal_engine.adapters.redis.connecting.channel import Argument, Channel, Command, Connected
from signal_engine.adapters.redis.connecting.keys import Keys
from signal_engine.adapters.redis.transactions import head, marks
from signal_engine.adapters.redis.transactions.transaction import HALF_WRITTEN
from signal_engine.engine.ports.store import HEAD, Damage, NotAllowed, StoreTrouble
from signal_engine.engine.ports.transaction import Outbox, outbox_part, ranks_part

_TRIES: Final = 5
_NO_RIGHT: Final = (
    "Redis at {} does not let its user run {}, which a transaction needs: {}. Give the user that right (ACL SETUSER)"
)
_UNKNOWN: Final = "Redis at {} does not know {}, which a transaction needs: Redis 7 or Valkey is needed"
_SOME_PARTS: Final = ("states", "actions", "views", "due", "counts", *map(outbox_part, Outbox), ranks_part("all"))
"""Parts that can exist without a head that names them."""


async def damages(channel: Channel, keys: Keys) -> list[Damage]:
    """What is not as the transactions left it; empty while they are made faster than the parts can be read."""
    async with channel.connected() as connection:
        (reply,) = await connection.answers([("HGETALL", keys.head)])
        if isinstance(reply, ResponseError):
            return [_of_head(channel, reply), *await _lost_fits(channel, connection, keys)]
        fields = head.fields(reply)
        if head.COUNTER not in fields and head.OPEN not in fields:
            return await _without_head(channel, connection, keys)
        try:
            names = [*head.marks(fields)]
            head.positions(fields)
        except ValueError:
            return [Damage(HEAD, head.NOT_OURS), *await _lost_fits(channel, connection, keys)]
        read_head: Command = ("HMGET", keys.head, head.COUNTER, head.OPEN, *map(marks.mark_field, names))
        ask = [marks.ask_mark(part, keys.part(part)) for part in names]
        for _ in range(_TRIES):  # not as a transaction: a full server takes none, also to read
            first, *answers, last = await connection.answers([read_head, *ask, read_head])
            if isinstance(first, ResponseError):
                return [_of_head(channel, first), *await _lost_fits(channel, connection, keys)]
            if first == last:  # no transaction was made meanwhile
                return list(_compared(channel, names, first[1:], answers))
    return []


async def _without_head(channel: Channel, connection: Connected, keys: Keys) -> list[Damage]:
    """Without a head, there must be no other part."""
    lost = await _lost_fits(channel, connection, keys)
    exists = await connection.answers([("EXISTS", keys.part(part)) for part in _SOME_PARTS])
    there = ["fits"] * (not lost) + [part for part, number in zip(_SOME_PARTS, exists, strict=True) if number]
    return [Damage(HEAD, f"{marks.MISSING}, and {there[0]} is not"), *lost] if there else []


async def _lost_fits(channel: Channel, connection: Connected, keys: Keys) -> list[Damage]:
    """Whether the rows of the fit table are gone although no head names them: a rebuild reads them from here."""
    (mark,) = await connection.answers([marks.ask_mark("fits", keys.fits)])
    if isinstance(mark, ResponseError) and not marks.tells_damage(mark):
        raise channel.trouble(mark) from None
    return [] if isinstance(mark, bytes) else [Damage("fits", str(mark or marks.MISSING))]


def _compared(channel: Channel, names: list[str], expected: list[bytes | None], replies: list[Any]) -> Iterable[Damage]:
    for reply in replies:
        if isinstance(reply, ResponseError) and not marks.tells_damage(reply):
            raise channel.trouble(reply) from None
    opened, *expected = expected
    if opened is not None:
        yield Damage(HEAD, HALF_WRITTEN.format(opened.decode()))
    for part, mark, reply in zip(names, expected, replies, strict=True):
        if mark is None:  # the head has gone in between: the next look says so
            continue
        found = marks.damage(part, reply, int(mark), None if opened is None else int(opened))
        if found is not None:
            yield found


def _of_head(channel: Channel, error: ResponseError) -> Damage:
    if not marks.is_of_another_type(error):
        raise channel.trouble(error) from None
    return Damage(HEAD, str(error))


async def probe(channel: Channel, keys: Keys) -> None:
    """Queue every command of a partition in a transaction and discard it: rights are checked when queueing.

    Raises `NotAllowed` for a command that may not be run, and other errors for the first command that the server
    rejects. A full server is no error: it accepts them later.
    """
    commands = list(_commands(keys))
    async with channel.connected() as connection:
        first: list[Command] = [("WATCH", keys.head), ("MULTI",), ("EXEC",)]
        for command, reply in zip(first, await connection.answers(first), strict=True):
            if isinstance(reply, ResponseError):
                raise _not_taken(channel, command, reply) from None
        (begun,) = await connection.answers([("MULTI",)])
        if isinstance(begun, ResponseError):  # else what follows would be run
            raise _not_taken(channel, ("MULTI",), begun) from None
        *replies, ended = await connection.answers([*commands, ("DISCARD",)])
        if isinstance(ended, ResponseError):
            raise _not_taken(channel, ("DISCARD",), ended) from None
    for command, reply in zip(commands, replies, strict=True):
        if isinstance(reply, ResponseError) and not isinstance(reply, OutOfMemoryError):
            raise _not_taken(channel, command, reply) from None


def _not_taken(channel: Channel, command: Command, reply: ResponseError) -> StoreTrouble:
    if isinstance(reply, NoPermissionError) or "NOPERM" in str(reply):
        return NotAllowed(_NO_RIGHT.format(channel.address, _name(command), reply))
    if str(reply).lower().startswith(("unknown command", "unknown subcommand")):
        return NotAllowed(_UNKNOWN.format(channel.address, _name(command)))
    return channel.trouble(reply)


def _name(command: Command) -> str:
    return " ".join(str(word) for word in command[: 3 if command[0] == "XINFO" else 2])


def _commands(keys: Keys) -> Iterable[tuple[Argument, ...]]:
    """One of each command that transactions, their script, timers, publication and outboxes run on a partition."""
    outbox = keys.outbox(Outbox.ALERTS)
    yield ("HSET", keys.head, "f", "v")
    yield ("HGET", keys.head, "f")
    yield ("HMGET", keys.head, "f")
    yield ("HGETALL", keys.head)
    yield ("HDEL", keys.head, "f")
    for key in (keys.states, keys.fits, keys.actions, keys.views):
        yield ("HSET", key, "f", "v")
    yield ("HDEL", keys.states, "f")
    yield ("HSCAN", keys.fits, 0)
    yield ("HINCRBY", keys.counts, "f", 1)
    for key in (keys.due, keys.ranks("all"), keys.feed, keys.raises):
        yield ("ZADD", key, 0, "m")
    yield ("ZREM", keys.due, "m")
    yield ("ZSCORE", keys.due, "m")
    yield ("ZINCRBY", keys.due, 1, "m")
    yield ("ZRANGEBYSCORE", keys.due, 0, 1)
    yield ("ZREVRANGE", keys.ranks("all"), 0, 1)
    yield ("ZREMRANGEBYSCORE", keys.feed, 0, 1)
    yield ("ZREMRANGEBYRANK", keys.feed, 0, 1)
    yield ("XADD", outbox, "*", "f", "v")
    yield ("XRANGE", outbox, "-", "+")
    yield ("XDEL", outbox, "0-1")
    yield ("XINFO", "STREAM", outbox)
    yield ("LPUSH", keys.signals, "v")
    yield ("LTRIM", keys.signals, 0, 1)
    yield ("LREM", keys.signals, 1, "v")
    yield ("DEL", keys.signals)
    yield ("EXPIREAT", keys.scores(0), 1)
    yield ("SADD", keys.days, 0)
    yield ("EXISTS", keys.states)
    yield ("SET", keys.disk, "")
    yield ("EVAL", "return 0", 0)
    yield ("EVALSHA", "0", 0)
    yield ("UNLINK", keys.fit_changes(0))
