"""The engine's health from the store: event counts, how far topics have been read, what is paused."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson

from signal_engine.engine.dead_letters.paused_topics import why_of
from signal_engine.engine.ports.counters import OUTCOMES
from signal_engine.engine.ports.store import Store
from signal_engine.engine.ports.views import READ_UNTIL, last_event
from signal_engine.engine.ports.views import paused as paused_view
from signal_engine.wire.output.api_documents import StoredPause

_RATE_WINDOW_MS: Final = 10_000
"""ms over which events per second are averaged."""


@dataclass(frozen=True, slots=True)
class PausedTopicPartition:
    """A paused topic-partition, which waits for an operator."""

    topic: str
    partition: int
    pause: StoredPause
    """As the worker wrote it: `at`, `refused`, `of`, `reasons`, `offset`, `unreadable`, `end`."""

    @property
    def why(self) -> str:
        """Why it is paused, in a few words."""
        return why_of(self.pause)


@dataclass(frozen=True, slots=True)
class Health:
    """The sums over all partitions at one instant."""

    at: int = 0
    """ms; 0: never looked."""
    counts: Mapping[str, int] = field(default_factory=dict)
    """Outcome, `rejected:REASON` or `rejected:TOPIC` -> events since the beginning."""
    per_second: float | None = None
    """Events of all outcomes, over the last ten seconds or so; None before the second look."""
    read_until: int | None = None
    """The instant (ms) up to which every topic of every partition has been read; None when one never was."""
    last_events: Mapping[str, int] = field(default_factory=dict)
    """Topic -> when (ms) its last record arrived; without those that nothing was read of."""
    paused: Sequence[PausedTopicPartition] = ()


class HealthWatch:
    """Polls the health repeatedly; a rate needs two polls."""

    def __init__(self) -> None:
        self._seen: list[tuple[int, int]] = []

    async def poll(self, store: Store, partitions: int, topics: Sequence[str], now: int) -> Health:
        """The health at `now` (ms); two round trips a partition. Raises `StoreTrouble`."""
        counts: Counter[str] = Counter()
        until: list[int] = []
        last: dict[str, int] = {}
        paused: list[PausedTopicPartition] = []
        views = [READ_UNTIL, *map(last_event, topics), *map(paused_view, topics)]
        for number in range(partitions):
            counts.update(await store.counts(number))
            read, *by_topic = await store.views(number, views)
            until.append(int(read) if read else 0)
            for topic, at, stopped in zip(topics, by_topic[: len(topics)], by_topic[len(topics) :], strict=True):
                if at:
                    last[topic] = max(int(at), last.get(topic, 0))
                if stopped:
                    paused.append(PausedTopicPartition(topic, number, orjson.loads(stopped)))
        return Health(
            at=now,
            counts=counts,
            per_second=self._rate(now, sum(counts[outcome] for outcome in OUTCOMES)),
            read_until=min(until, default=0) or None,
            last_events=last,
            paused=paused,
        )

    def _rate(self, now: int, total: int) -> float | None:
        """A total that falls (another generation) begins anew."""
        if self._seen and total < self._seen[-1][1]:
            self._seen.clear()
        self._seen = [(at, seen) for at, seen in self._seen if 0 <= now - at <= _RATE_WINDOW_MS]  # clocks are put back
        self._seen.append((now, total))
        (first, before), (last, after) = self._seen[0], self._seen[-1]
        return None if last == first else max(0.0, (after - before) * 1_000 / (last - first))
