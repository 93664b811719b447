"""Play a feed into the signal topics: the history at once, then live events at a pace people can follow."""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from typing import Final

from signal_engine.adapters.kafka.feeder import FedPartition, FedRecord, Feeder
from signal_engine.core.rules.instants import days
from signal_engine.entrypoints.demo.feed import Feed, Played
from signal_engine.entrypoints.demo.moving import moved
from signal_engine.wire.topics import topic_names

_FAST_DAYS: Final = 25
"""How many of the coming days are played at one day per second."""
FAST_SECONDS: Final = 25.0
SLOWDOWN: Final = 15
"""How many times slower the days after them are played."""
OWN_SECONDS: Final = 22.0
"""Longest duration of the live part of your own events, in seconds."""
_MIN_EVENTS_PER_SECOND: Final = 10.0
"""Events per second: a short live part ends sooner."""
_TICK_S: Final = 0.05
_BATCH_RECORDS: Final = 500


class Player:
    """Plays one feed, once."""

    def __init__(self, feeder: Feeder, feed: Feed, clock: Callable[[], int]) -> None:
        """`clock` returns ms since 1970; its present value becomes the feed's now."""
        self._feeder = feeder
        self._feed = feed
        self._clock = clock
        self._by = 0 if feed.now is None else clock() - feed.now
        self._topics = topic_names().signals
        self.sent = 0
        """Number of events written to their topics."""
        self.lines: dict[FedPartition, int] = {}
        """Topic position of each event -> its number in the feed."""
        self._stopped = False
        self._began = time.monotonic()
        self._done = 0

    async def load(self) -> None:
        """Load the history, each event with its own arrival time."""
        history = self._feed.history
        for start in range(0, len(history), _BATCH_RECORDS):
            await self._send(history[start : start + _BATCH_RECORDS], self._then)

    async def play(self) -> None:
        """Play the live events; return after the last, or after `stop` once sends in flight have ended."""
        live, make = self._feed.live, self._just_now if self._feed.as_it_comes else self._moved
        due = due_by(self._feed)
        self._began = time.monotonic()
        while self._done < len(live) and not self._stopped:
            await asyncio.sleep(_TICK_S)
            until = due(time.monotonic() - self._began)
            await self._send(live[self._done : until], make)
            self._done = until

    def pace(self) -> str:
        """How fast time passes, as a sentence."""
        if self._feed.now is None:
            return "These are your own signals, at their own times."
        if self._done == len(self._feed.live):
            return "All events have been played; from now on scores only decay."
        if not self._feed.as_it_comes:
            return "Your last three days, in fast motion."
        fast = time.monotonic() - self._began < FAST_SECONDS
        return "A day passes every second." if fast else f"A day passes every {SLOWDOWN} seconds."

    def stop(self) -> None:
        """Stop playing."""
        self._stopped = True

    async def _send(self, played: Sequence[Played], make: Callable[[Played], FedRecord]) -> None:
        for start in range(0, len(played), _BATCH_RECORDS):
            some = played[start : start + _BATCH_RECORDS]
            places = await self._feeder.send([make(one) for one in some])
            self.lines.update(zip(places, (one.line for one in some), strict=True))
            self.sent += len(some)

    def _then(self, one: Played) -> FedRecord:
        timestamp = max(0, min(one.at + self._by, self._clock()))
        # What keeps its times says itself whether it is too old to alert.
        return self._record(one, self._by, timestamp, backfill=self._feed.now is not None)

    def _moved(self, one: Played) -> FedRecord:
        return self._record(one, self._by, self._clock(), backfill=False)

    def _just_now(self, one: Played) -> FedRecord:
        now = self._clock()
        return self._record(one, now - one.at, now, backfill=False)

    def _record(self, one: Played, by: int, timestamp: int, *, backfill: bool) -> FedRecord:
        return FedRecord(self._topics[one.kind], one.key, moved(one.value, by), timestamp, backfill)


def due_by(feed: Feed) -> Callable[[float], int]:
    """Seconds since the start -> number of live events due: evenly spread, since nights and weekends are dull."""
    live = feed.live
    if not feed.as_it_comes:
        a_second = max(_MIN_EVENTS_PER_SECOND, len(live) / OWN_SECONDS)
        return lambda seconds: min(len(live), math.ceil(seconds * a_second))
    now = 0 if feed.now is None else feed.now
    fast = sum(one.at <= now + days(_FAST_DAYS) for one in live)

    def due(seconds: float) -> int:
        at_full_speed = min(seconds, FAST_SECONDS) + max(0.0, seconds - FAST_SECONDS) / SLOWDOWN
        return min(len(live), math.ceil(fast * at_full_speed / FAST_SECONDS))

    return due
