"""A `Transaction` as Redis commands."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Any, Final

from signal_engine.adapters.redis.connecting.channel import Argument, Command
from signal_engine.adapters.redis.connecting.keys import Keys
from signal_engine.adapters.redis.connecting.scripts import CLOSE
from signal_engine.adapters.redis.transactions.head import COUNTER, OPEN, last_field, origin_field, position_field
from signal_engine.adapters.redis.transactions.marks import is_sorted, is_stream, mark_field, raise_mark
from signal_engine.core.rules.instants import days
from signal_engine.engine.ports.history import ALERTS_KEPT, FEED_DAYS, FEED_KEPT, SIGNALS_KEPT, History, ends_at
from signal_engine.engine.ports.transaction import Outgoing, Transaction, outbox_part, parts, ranks_part


class PackedTransaction:
    """The Redis commands of one transaction, from its fence to its end."""

    def __init__(self, transaction: Transaction, keys: Keys) -> None:
        self._transaction = transaction
        self._keys = keys
        self._parts = parts(transaction)
        self.positions: Final = [position_field(read.topic) for read in transaction.reads]
        self._origins: Final = [origin_field(origin) for origin in transaction.origins]

    @property
    def conflict(self) -> list[str]:
        """The fields of the head that the transaction depends on; the counter and `OPEN` come first."""
        return [COUNTER, OPEN, *self.positions, *self._origins, *map(mark_field, self._parts)]

    def commands(self, conflict: Sequence[bytes | None]) -> list[Command]:
        """The commands between MULTI and EXEC, for these values of the head's fields of `conflict`.

        A full server rejects the first one, and with it the whole transaction.
        """
        at = 2 + len(self.positions)
        origins = conflict[at : at + len(self._origins)]
        marks = [int(mark or 0) for mark in conflict[at + len(self._origins) :]]
        made: list[Command] = [("HSET", self._keys.head, OPEN, self._transaction.counter + 1)]
        made += self._writes()
        for part, mark in zip(self._parts, marks, strict=True):
            if not is_stream(part):
                made.append(raise_mark(part, self._keys.part(part), self._transaction.counter + 1 - mark))
        return [*made, self._close(origins, marks)]

    def _close(self, origins: Sequence[bytes | None], marks: Sequence[int]) -> Command:
        """The closing script, which is documented there."""
        transaction, counter = self._transaction, self._transaction.counter + 1
        head: list[Argument] = [COUNTER, counter]
        for read in transaction.reads:
            head += (position_field(read.topic), read.end)
            if read.last is not None:
                head += (last_field(read.topic), "{} {} {}".format(*read.last))
        for field, before, offset in zip(self._origins, origins, transaction.origins.values(), strict=True):
            head += (field, offset if before is None else max(offset, int(before)))
        checks: list[Argument] = []
        for part, last in zip(self._parts, marks, strict=True):
            mark, how = counter, "HGET"
            if is_stream(part):
                mark, how = last + self._waiting(part), "XINFO"
            elif is_sorted(part):
                how = "ZSCORE"
            checks += (how, mark)
            head += (mark_field(part), mark)
        keys = [self._keys.head, *map(self._keys.part, self._parts)]
        counts = list(_flat(transaction.counts.items()))
        where = 2 + self._parts.index("counts") if counts else 1
        return ("EVAL", CLOSE.text, len(keys), *keys, *checks, where, len(counts), *counts, *head)

    def _waiting(self, part: str) -> int:
        return next(len(records) for outbox, records in self._transaction.outbox.items() if outbox_part(outbox) == part)

    def _writes(self) -> list[Command]:
        """All writes except counts: the closing script adds those, so that an error keeps the transaction open."""
        transaction, keys = self._transaction, self._keys
        made: list[Command] = []
        for key, changes in (
            (keys.states, transaction.states),
            (keys.fits, transaction.fits),
            (keys.actions, transaction.actions),
            (keys.views, transaction.views),
        ):
            made += hash_changes(key, changes)
        made += _sorted(keys.due, transaction.due)
        for name, ranks in transaction.ranks.items():
            made += _sorted(keys.part(ranks_part(name)), ranks)
        for outbox, records in transaction.outbox.items():
            made += [("XADD", keys.outbox(outbox), "*", *_entry(record)) for record in records]
        if not transaction.history.empty:
            made += _history(keys, transaction.history)
        return made


def trims(keys: Keys, commands: Sequence[Command], replies: Sequence[Any]) -> list[Command]:
    """The commands that trim histories which `commands` made too long.

    Not for every transaction: a list may hold a few more than are kept, and readers ignore those.
    """
    made: list[Command] = []
    for command, length in zip(commands, replies, strict=True):
        if command[0] == "LPUSH" and length > ALERTS_KEPT:
            limit = SIGNALS_KEPT if str(command[1]).startswith(keys.signals) else ALERTS_KEPT
            if length > limit + limit // 4:
                made.append(("LTRIM", command[1], 0, limit - 1))
    return made


def _history(keys: Keys, history: History) -> Iterable[Command]:
    """Latest signals and alerts are lists, one per account; `trims` keeps them short."""
    for one in history.withdrawn:
        yield ("ZREM", keys.feed, one.feed)
        for kept in one.alerts:
            yield ("LREM", keys.alerts + one.account, 1, kept)
    for root, more in ((keys.signals, history.signals), (keys.alerts, history.alerts)):
        for account, values in more.items():
            yield ("LPUSH", root + account, *values)
        if history.forgotten:
            yield ("DEL", *(root + account for account in history.forgotten))
    for day, scores in history.scores.items():
        if scores:
            yield ("HSET", keys.scores(day), *_flat(scores.items()))
        yield ("EXPIREAT", keys.scores(day), ends_at(day))
    if history.scores:
        yield ("SADD", keys.days, *history.scores)
    for key, dated in ((keys.feed, history.feed), (keys.raises, history.raises)):
        if dated:
            oldest = max(one.at for one in dated) - days(FEED_DAYS)
            yield ("ZADD", key, *_flat(dated))
            yield ("ZREMRANGEBYSCORE", key, "-inf", f"({oldest}")
            yield ("ZREMRANGEBYRANK", key, 0, -FEED_KEPT - 1)


def hash_changes(key: str, changes: Mapping[Any, bytes | None]) -> Iterable[Command]:
    """What writes the fields of a hash, and removes those that are None."""
    if None not in changes.values():
        if changes:
            yield ("HSET", key, *_flat(changes.items()))
        return
    if kept := [(name, value) for name, value in changes.items() if value is not None]:
        yield ("HSET", key, *_flat(kept))
    yield ("HDEL", key, *(name for name, value in changes.items() if value is None))


def _sorted(key: str, changes: Mapping[str, float | None]) -> Iterable[Command]:
    if kept := [(number, name) for name, number in changes.items() if number is not None]:
        yield ("ZADD", key, *_flat(kept))
    if gone := [name for name, number in changes.items() if number is None]:
        yield ("ZREM", key, *gone)


def _flat(pairs: Iterable[tuple[Argument, Argument | None]]) -> Iterable[Argument]:
    return chain.from_iterable(pairs)  # type: ignore[arg-type]  # a None has been taken out


def _entry(record: Outgoing) -> tuple[Argument, ...]:
    fields = ("topic", record.topic, "key", record.key)
    return fields if record.value is None else (*fields, "value", record.value)


def read_entry(fields: list[bytes]) -> Outgoing:
    """The record of an outbox entry."""
    named = dict(zip(fields[::2], fields[1::2], strict=True))
    return Outgoing(named[b"topic"].decode(), named[b"key"].decode(), named.get(b"value"))
