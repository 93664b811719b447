"""A step as the arguments of its script."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from typing import Final

from signal_engine.adapters.redis.channel import Argument
from signal_engine.adapters.redis.keys import Keys
from signal_engine.core.instants import days
from signal_engine.engine.history import ALERTS_KEPT, FEED_DAYS, FEED_KEPT, SIGNALS_KEPT, History, ends_at
from signal_engine.engine.steps import Outgoing, Step, TopicPartition

COUNTER: Final = "counter"
_POSITION: Final = "at:"
_ORIGIN: Final = "from:"
_AT_ONCE: Final = 4000
"""Arguments a call. Lua's `unpack` fails at about 8,000."""


def position_field(topic: str) -> str:
    """Where the head of a partition holds the position of a topic."""
    return _POSITION + topic


def origin_field(origin: TopicPartition) -> str:
    """Where the head of a partition holds the highest offset of an origin."""
    return f"{_ORIGIN}{origin.partition}:{origin.topic}"


def read_head(fields: Mapping[str, int]) -> tuple[int, dict[str, int], dict[TopicPartition, int]]:
    """Counter, positions and origins out of the head of a partition."""
    topics, origins = {}, {}
    for name, number in fields.items():
        if name.startswith(_POSITION):
            topics[name.removeprefix(_POSITION)] = number
        elif name.startswith(_ORIGIN):
            partition, _, topic = name.removeprefix(_ORIGIN).partition(":")
            origins[TopicPartition(topic, int(partition))] = number
    return fields.get(COUNTER, 0), topics, origins


class Packed:
    """Keys and arguments of the step script."""

    def __init__(self, step: Step, keys: Keys) -> None:
        self.keys = [keys.head]
        self.arguments: list[Argument] = [step.counter, len(step.reads)]
        for read in step.reads:
            self.arguments += (position_field(read.topic), read.start, read.end)
        self._hash(keys.states, step.states)
        self._hash(keys.fits, step.fits)
        self._hash(keys.views, step.views)
        self._sorted(keys.due, step.due)
        for name, ranks in step.ranks.items():
            self._sorted(keys.ranks(name), ranks)
        self._write("SADD", keys.lists, step.ranks)
        self._write("HINCRBY", keys.counts, _flat(step.counts.items()), 2)
        self._write("MAX", keys.head, _flat((origin_field(o), offset) for o, offset in step.origins.items()), 2)
        for outbox, records in step.outbox.items():
            for record in records:
                self._write("XADD", keys.outbox(outbox), _entry(record))
        if not step.history.empty:
            self._history(keys, step.history)

    def _history(self, keys: Keys, history: History) -> None:
        """Commands a batch, not an account: only the latest signals and alerts are lists of their own."""
        self._write("LATEST", keys.signals, _each(history.signals), SIGNALS_KEPT)
        self._write("LATEST", keys.alerts, _each(history.alerts), ALERTS_KEPT)
        for day, scores in history.scores.items():
            self._write("HSET", keys.scores(day), _flat(scores.items()))
            self._write("EXPIREAT", keys.scores(day), (ends_at(day),))
        self._write("SADD", keys.days, history.scores)
        if history.feed:
            oldest = max(one.at for one in history.feed) - days(FEED_DAYS)
            self._write("ZADD", keys.feed, _flat(history.feed))
            self._write("ZREMRANGEBYSCORE", keys.feed, ("-inf", f"({oldest}"))
            self._write("ZREMRANGEBYRANK", keys.feed, (0, -FEED_KEPT - 1))
        for kept in (keys.signals, keys.alerts):
            self._write("FORGET", kept, history.forgotten)

    def _hash(self, key: str, changes: Mapping[str, bytes | None]) -> None:
        if not changes:
            return
        if None not in changes.values():
            self._write("HSET", key, _flat(changes.items()))
            return
        self._write("HSET", key, _flat((name, value) for name, value in changes.items() if value is not None))
        self._write("HDEL", key, (name for name, value in changes.items() if value is None))

    def _sorted(self, key: str, changes: Mapping[str, float | None]) -> None:
        if changes:
            self._write("ZADD", key, _flat((n, name) for name, n in changes.items() if n is not None))
            self._write("ZREM", key, (name for name, number in changes.items() if number is None))

    def _write(self, command: str, key: str, arguments: Iterable[Argument], at_once: int = _AT_ONCE) -> None:
        packed = tuple(arguments)
        if packed:
            if key not in self.keys:
                self.keys.append(key)
            self.arguments += (command, self.keys.index(key) + 1, at_once, len(packed), *packed)


def _flat(pairs: Iterable[tuple[Argument, Argument | None]]) -> Iterable[Argument]:
    return chain.from_iterable(pairs)  # type: ignore[arg-type]  # a None has been taken out


def _each(kept: Mapping[str, Sequence[bytes]]) -> list[Argument]:
    arguments: list[Argument] = []
    for account, values in kept.items():
        arguments += (account, len(values), *values)
    return arguments


def _entry(record: Outgoing) -> tuple[Argument, ...]:
    fields = ("*", "topic", record.topic, "key", record.key)
    return fields if record.value is None else (*fields, "value", record.value)


def read_entry(fields: list[bytes]) -> Outgoing:
    """A record out of an entry of an outbox."""
    named = dict(zip(fields[::2], fields[1::2], strict=True))
    return Outgoing(named[b"topic"].decode(), named[b"key"].decode(), named.get(b"value"))
