"""A feed played into the signal topics: its history at once, then what is live, at a pace that one can follow."""

import asyncio
import math
import time
from collections.abc import Callable, Sequence
from typing import Final

from signal_engine.adapters.kafka.feeder import FedPartition, Feeder, Record
from signal_engine.core.rules.instants import days
from signal_engine.entrypoints.demo.feed import Feed, Played
from signal_engine.entrypoints.demo.moving import moved
from signal_engine.wire.topics import topic_names

FAST_DAYS: Final = 25
"""So many of the days to come are played at a day a second."""
FAST_SECONDS: Final = 25.0
SLOWER: Final = 15
"""By so much the days after them are played more slowly."""
OWN_SECONDS: Final = 22.0
"""In which the live part of one's own events is played, at the most."""
OWN_SLOWEST: Final = 10.0
"""Events a second: a few are played sooner."""
_TICK: Final = 0.05
_BATCH_RECORDS: Final = 500


class Player:
    """Plays one feed, once."""

    def __init__(self, feeder: Feeder, feed: Feed, clock: Callable[[], int]) -> None:
        """`clock` gives ms since 1970; what the feed calls now is now."""
        self._feeder = feeder
        self._feed = feed
        self._clock = clock
        self._by = clock() - feed.now
        self._topics = topic_names().signals
        self.sent = 0
        """Events that are in their topics."""
        self.lines: dict[FedPartition, int] = {}
        """Where each of them is -> its number in what is played."""
        self._stopped = False
        self._began = time.monotonic()
        self._done = 0

    async def load(self) -> None:
        """Loads the history, each event with the time at which it arrived then."""
        history = self._feed.history
        for start in range(0, len(history), _BATCH_RECORDS):
            await self._send(history[start : start + _BATCH_RECORDS], self._then)

    async def play(self) -> None:
        """Plays what is live; ends with it, or after `stop` with what is on its way."""
        live, make = self._feed.live, self._just_now if self._feed.as_it_comes else self._moved
        due = due_by(self._feed)
        self._began = time.monotonic()
        while self._done < len(live) and not self._stopped:
            await asyncio.sleep(_TICK)
            until = due(time.monotonic() - self._began)
            await self._send(live[self._done : until], make)
            self._done = until

    def pace(self) -> str:
        """How fast time passes, in words."""
        if self._done == len(self._feed.live):
            return "All has been played; from now on it only decays."
        if not self._feed.as_it_comes:
            return "Your last three days, in fast motion."
        fast = time.monotonic() - self._began < FAST_SECONDS
        return "A day passes every second." if fast else f"A day passes every {SLOWER} seconds."

    def stop(self) -> None:
        """Plays no more."""
        self._stopped = True

    async def _send(self, played: Sequence[Played], make: Callable[[Played], Record]) -> None:
        for start in range(0, len(played), _BATCH_RECORDS):
            some = played[start : start + _BATCH_RECORDS]
            places = await self._feeder.send([make(one) for one in some])
            self.lines.update(zip(places, (one.line for one in some), strict=True))
            self.sent += len(some)

    def _then(self, one: Played) -> Record:
        timestamp = max(0, min(one.at + self._by, self._clock()))
        return self._record(one, self._by, timestamp, backfill=True)

    def _moved(self, one: Played) -> Record:
        return self._record(one, self._by, self._clock(), backfill=False)

    def _just_now(self, one: Played) -> Record:
        now = self._clock()
        return self._record(one, now - one.at, now, backfill=False)

    def _record(self, one: Played, by: int, timestamp: int, *, backfill: bool) -> Record:
        return Record(self._topics[one.kind], one.key, moved(one.value, by), timestamp, backfill)


def due_by(feed: Feed) -> Callable[[float], int]:
    """How many of the live events are to be played by so many seconds: evenly, as nights and weekends are dull."""
    live = feed.live
    if not feed.as_it_comes:
        a_second = max(OWN_SLOWEST, len(live) / OWN_SECONDS)
        return lambda seconds: min(len(live), math.ceil(seconds * a_second))
    fast = sum(one.at <= feed.now + days(FAST_DAYS) for one in live)

    def due(seconds: float) -> int:
        at_full_speed = min(seconds, FAST_SECONDS) + max(0.0, seconds - FAST_SECONDS) / SLOWER
        return min(len(live), math.ceil(fast * at_full_speed / FAST_SECONDS))

    return due
