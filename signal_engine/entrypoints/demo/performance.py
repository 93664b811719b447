"""One run of the demo: load the history, play and watch live events, collect the results."""

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from itertools import islice
from typing import Any, Final, NamedTuple

from signal_engine.adapters.kafka.feeder import Feeder
from signal_engine.adapters.terminal.demo_screen import EngineAtPoll, Loud
from signal_engine.core.fit.ranking import ALL
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.embedded_servers.supervised import ServerFailed
from signal_engine.entrypoints.demo.feed import Feed
from signal_engine.entrypoints.demo.playing import Player
from signal_engine.entrypoints.demo.showing import Shows
from signal_engine.entrypoints.demo.stage import POLL_INTERVAL_S, Stage
from signal_engine.entrypoints.demo.watching import EngineWatch
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.entrypoints.wiring.inputs import Inputs
from signal_engine.wire.instants import format_instant, parse_instant
from signal_engine.wire.output.api_documents import AccountNow

_HISTORY_TIMEOUT_S: Final = 300.0
"""Seconds to process a history of your own events."""
_CATCH_UP_TIMEOUT_S: Final = 60.0
_PUBLISH_TIMEOUT_S: Final = 15.0
_LOUDEST_INTERVAL_S: Final = 1.0
_MAX_UNFIT_ACCOUNTS: Final = 200
"""How many of the unfit accounts with most events are explained."""


class Result(NamedTuple):
    """The result of a run."""

    seen: EngineAtPoll
    lists: dict[str, list[dict[str, Any]]]
    config_version: str
    refused: list[dict[str, Any]]
    explained: AccountNow | None
    """The explanation of the loudest unfit account."""


class Performance:
    """One run. `stop`, once set, ends it."""

    def __init__(self, stage: Stage, feeder: Feeder, watch: EngineWatch, feed: Feed, inputs: Inputs) -> None:
        self._stage = stage
        self._watch = watch
        self._inputs = inputs
        self._player = Player(feeder, feed, clock)
        self._unfit = _unfit(feed, inputs)
        self._began = 0
        self._first_ranks: dict[str, int] = {}
        self._loud: Loud | None = None
        self._loud_at = 0.0

    async def load(self) -> None:
        """Load the history, start the worker, wait until it has caught up and published its first list.

        The history is loaded before the worker starts: a worker that reads along would reach the end of a topic
        between two parts of the history, and let timers fire up to now although more of the past is still to come.
        """
        await self._player.load()
        await self._stage.start_worker()
        await self._until(self._has_applied, _HISTORY_TIMEOUT_S, "the history was not processed")
        loaded = clock()

        async def listed() -> bool:
            return self._watch.generated_at >= loaded or clock() > loaded + 4_000 * POLL_INTERVAL_S

        await self._until(listed, _PUBLISH_TIMEOUT_S, "no list was published")
        self._began = clock()
        self._first_ranks = {entry["account_id"]: entry["rank"] for entry in self._entries(ALL)}

    async def play(self, shows: Shows, stop: asyncio.Event, seconds: float | None) -> None:
        """Play and show until `stop` is set, or for `seconds`."""
        end = None if seconds is None else time.monotonic() + seconds
        playing = asyncio.create_task(self._player.play())
        try:
            while not stop.is_set() and (end is None or time.monotonic() < end):
                await self._poll()
                shows.show(self._seen())
                if playing.done():
                    playing.result()
            self._player.stop()
            await playing
        finally:
            playing.cancel()

    async def end(self) -> Result:
        """Wait until the results of everything played are published; return them."""
        await self._until(self._has_applied, _CATCH_UP_TIMEOUT_S, "the played events were not processed")
        applied = clock()

        async def published() -> bool:
            watch = self._watch
            looked_twice = clock() > applied + 3_000 * POLL_INTERVAL_S
            return looked_twice and len(watch.refused) >= watch.counts["rejected"] and await watch.has_published_all()

        await self._until(published, _PUBLISH_TIMEOUT_S, "not all results were published")
        self._loud_at = 0.0
        await self._poll()
        seen = self._seen()
        listed = self._watch.lists.get(ALL)
        return Result(
            seen,
            {name: self._watch.lists.get(name, {"entries": []})["entries"] for name in self._watch.names},
            listed["config_version"] if listed else self._inputs.scoring.config_version,
            self._refused(),
            await self._watch.explain(self._loud.account, clock()) if self._loud else None,
        )

    async def _poll(self) -> None:
        self._stage.check()
        await self._watch.listen()
        await self._watch.poll()
        if self._began and time.monotonic() > self._loud_at + _LOUDEST_INTERVAL_S:
            self._loud_at = time.monotonic()
            self._loud = await self._loudest()

    async def _until(self, holds: Callable[[], Awaitable[bool]], within: float, otherwise: str) -> None:
        end = time.monotonic() + within
        while not await holds():
            if time.monotonic() > end:
                raise ServerFailed(f"{otherwise} within {within:g} s")
            await self._poll()

    async def _has_applied(self) -> bool:
        return self._watch.counts["received"] >= self._player.sent

    async def _loudest(self) -> Loud | None:
        found = await self._watch.loudest(self._unfit, clock())
        if found is None:
            return None
        name, score = found
        fit = self._inputs.fits[name]
        reasons = fit.decisions[0].reasons
        listed = (entry for name in self._watch.lists for entry in self._entries(name))
        louder = score > max((_before_ceiling(entry) for entry in listed), default=0.0)
        return Loud(name, fit.name, score, louder, tuple(reasons))

    def _seen(self) -> EngineAtPoll:
        entries = [
            {**entry, "previous_rank": self._first_ranks.get(entry["account_id"])} for entry in self._entries(ALL)
        ]
        return EngineAtPoll(
            at=format_instant(self._watch.generated_at),
            entries=entries,
            alerts=[alert for alert in self._watch.alerts if parse_instant(alert["at"]) >= self._began],
            loud=self._loud,
            counts=self._watch.counts,
            pace=self._player.pace(),
            addresses=self._stage.addresses,
            dashboard=self._stage.url,
        )

    def _entries(self, name: str) -> list[dict[str, Any]]:
        listed = self._watch.lists.get(name)
        return listed["entries"] if listed else []

    def _refused(self) -> list[dict[str, Any]]:
        """Rejected events by their number in the feed."""
        lines = self._player.lines
        refusals = [
            {"line": lines[place], "reason": reason, "detail": detail}
            for place, (reason, detail) in self._watch.refused.items()
        ]
        return sorted(refusals, key=lambda refused: refused["line"])


def _before_ceiling(entry: dict[str, Any]) -> float:
    return sum(float(part["points"]) for part in entry["parts"] if part["part"] != "ceiling")


def _unfit(feed: Feed, inputs: Inputs) -> list[str]:
    """Accounts that do not fit, those with most events first."""
    heard = Counter(one.key.decode() for one in (*feed.history, *feed.live) if one.key is not None)
    unfit = (n for n, _ in heard.most_common() if n in inputs.fits and inputs.fits[n].unchased is NoAlertReason.NOT_FIT)
    return list(islice(unfit, _MAX_UNFIT_ACCOUNTS))
