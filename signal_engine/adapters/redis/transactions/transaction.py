"""Writes one `Transaction` by MULTI and EXEC: fence, writes and closing script on one connection, in two round trips.

Redis does not roll back: if a command of a transaction fails, the others stay written. So the first write marks the
transaction as open in the head, and the last one, a script, checks every written key before it moves the counter and
removes that mark. Whoever finds an open transaction knows that it ended half-way.
"""

from collections.abc import Sequence
from typing import Any, Final

from redis.exceptions import ExecAbortError, ResponseError

from signal_engine.adapters.redis.connecting.channel import Channel, Command
from signal_engine.adapters.redis.connecting.keys import Keys
from signal_engine.adapters.redis.transactions.head import legible
from signal_engine.adapters.redis.transactions.marks import is_of_another_type
from signal_engine.adapters.redis.transactions.packing import PackedTransaction, trims
from signal_engine.engine.ports.store import HEAD, Damage, Damaged
from signal_engine.engine.ports.transaction import Applied, Conflict, NotApplied, Transaction

HALF_WRITTEN: Final = "the transaction to {} ended half-way"
_TRIES: Final = 5
"""Attempts after a foreign write to the head. Other transactions move the counter, which is a conflict instead."""


async def write(channel: Channel, transaction: Transaction, keys: Keys) -> Applied | NotApplied:
    """Write the whole transaction, or nothing of it. Raises `StoreTrouble`, which includes `Damaged`."""
    packed = PackedTransaction(transaction, keys)
    for _ in range(_TRIES):
        if (answer := await _tried(channel, transaction, keys, packed)) is not None:
            return answer
    return NotApplied(Conflict.STALE_COUNTER, transaction.counter)


async def _tried(
    channel: Channel, transaction: Transaction, keys: Keys, packed: PackedTransaction
) -> Applied | NotApplied | None:
    """One attempt; None if somebody wrote the head in between."""
    async with channel.connected() as connection:
        # Not behind a MULTI that has not been answered: if that were refused, each write would stand for itself.
        asked = [("WATCH", keys.head), ("HMGET", keys.head, *packed.conflict), ("MULTI",)]
        replies = await connection.answers(asked)
        for reply in replies:
            if isinstance(reply, ResponseError):
                raise _wrong_head(transaction, reply) if is_of_another_type(reply) else channel.trouble(reply) from None
        conflict: Sequence[bytes | None] = replies[1]
        with legible(transaction.partition):
            refused, commands = _fenced(transaction, conflict), packed.commands(conflict)
        if refused is not None:
            await connection.answers([("DISCARD",)])
            return refused
        *queued, done = await connection.answers([*commands, ("EXEC",)])
        if isinstance(done, ResponseError):
            raise channel.trouble(_why_discarded(queued, done)) from None
        if done is None:
            return None
        if damages := _damages(keys, commands, done):
            raise Damaged(transaction.partition, damages)
        if too_long := trims(keys, commands, done):
            await connection.answers(too_long)
    return Applied(transaction.counter + 1)


def _fenced(transaction: Transaction, conflict: Sequence[bytes | None]) -> NotApplied | None:
    """Raises `Damaged` where a transaction is open: whatever this writer knows, nothing may be written."""
    counter, opened = conflict[:2]
    if opened is not None:
        raise Damaged(transaction.partition, [Damage(HEAD, HALF_WRITTEN.format(opened.decode()))])
    if int(counter or 0) != transaction.counter:
        return NotApplied(Conflict.STALE_COUNTER, int(counter or 0))
    for read, at in zip(transaction.reads, conflict[2:], strict=False):
        if at is not None and int(at) != read.start:
            return NotApplied(Conflict.STALE_POSITION, transaction.counter)
    return None


def _why_discarded(queued: Sequence[Any], done: ResponseError) -> ResponseError:
    """Why the server discarded the whole transaction: the first command that it rejected."""
    if isinstance(done, ExecAbortError):
        return next((reply for reply in queued if isinstance(reply, ResponseError)), done)
    return done


def _damages(keys: Keys, commands: Sequence[Command], replies: Sequence[Any]) -> list[Damage]:
    """Failed commands, and the findings of the closing script."""
    found = [
        Damage(keys.name(str(command[1])), f"{command[0]!s} failed: {reply}")
        for command, reply in zip(commands[:-1], replies[:-1], strict=True)
        if isinstance(reply, ResponseError)
    ]
    closed = replies[-1]
    if isinstance(closed, ResponseError):
        found.append(Damage(HEAD, f"the end of a transaction failed: {closed}"))
    elif closed[0] != b"applied":
        _, key, error = (part.decode() for part in closed)
        gone = "it was removed or replaced since the last transaction that wrote it"
        found.append(Damage(keys.name(key), error or gone))
    return found


def _wrong_head(transaction: Transaction, error: ResponseError) -> Damaged:
    return Damaged(transaction.partition, [Damage(HEAD, str(error))])
