"""Running sinks: all accounts are compared at the start, daily and with every new fit table.

In between those are whose signals may say something else: all that rank for a list, though below its last place, those
whose signals the system shows, and those that can be on no list while their owner is alerted.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final
from uuid import uuid4

from signal_engine.core.errors import SignalEngineError
from signal_engine.core.rules.instants import DAY, SECOND
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.log_events.syncing import SinkRan, SinkRecovered, SinkStopped, SinkUnconfirmed
from signal_engine.engine.sync.ledger import SyncLedger
from signal_engine.engine.sync.market import SyncMarket, UnknownPlace, table_versions
from signal_engine.engine.sync.sink import Sink, SinkTrouble, SyncRun
from signal_engine.engine.sync.turns import PATIENCE_S, SinkInUse, turn_at
from signal_engine.wire.sync.ledger_rows import SinkState

OpenMarket = Callable[[], Awaitable[SyncMarket | None]]
"""The market now, of the generation that is served now."""


_LONGEST_PAUSE_S: Final = 15 * 60.0
_MOST_DOUBLINGS: Final = 16
"""More would change nothing: the shortest pause is a second."""


def pause_s(every_s: float, failures: int) -> float:
    """Seconds until the next look at a system that failed `failures` times in a row: twice as long each time, up to a
    quarter of an hour, and never shorter than `every_s`. A day without a CRM then costs some 500 of its calls.
    """
    return max(every_s, min(every_s * 2.0 ** min(failures, _MOST_DOUBLINGS), _LONGEST_PAUSE_S))


def rest_s(trouble: SinkTrouble) -> float:
    """Seconds for which a system is left alone as it asks, at most a day: a wrong date would stop it for longer."""
    return min(trouble.retry_after_s or 0.0, DAY / SECOND)


async def run_once(sink: Sink, ledger: SyncLedger, market: SyncMarket, run: SyncRun) -> SyncRun:
    """One run, and what became of it in the state of the sink.

    Raises `StoreTrouble`, `SinkTrouble`, `UnknownPlace`.
    """
    try:
        await sink.sync(market, run)
    except (SinkTrouble, UnknownPlace) as trouble:
        state = SinkState.decode(await ledger.state())
        state.trouble, state.trouble_at = str(trouble), run.now
        if isinstance(trouble, SinkTrouble):
            state.disabled = trouble.for_good
            state.rests_until = run.now + round(rest * SECOND) if (rest := rest_s(trouble)) else None
        await ledger.put_state(state.encode())
        raise
    state = SinkState.decode(await ledger.state())
    state.ran_at, state.trouble, state.trouble_at = run.now, None, None
    state.disabled, state.rests_until = False, None
    if run.whole:
        state.whole_at, state.counts = run.now, dict(run.counts)
    await ledger.put_state(state.encode())
    return run


async def may_write(sink: Sink, ledger: SyncLedger) -> bool:
    """Whether a person has seen what the sink would write, where it asks for that."""
    return not sink.asks_first or SinkState.decode(await ledger.state()).confirmed_at is not None


async def confirm(ledger: SyncLedger, now: int) -> None:
    """Let the sink write from now (ms) on."""
    state = SinkState.decode(await ledger.state())
    if state.confirmed_at is None:
        state.confirmed_at = now
        await ledger.put_state(state.encode())


@dataclass(slots=True)
class FollowingSink:
    """One sink as the process runs it: for ever, whatever happens to the others."""

    sink: Sink
    ledger: SyncLedger
    market: OpenMarket
    log: EventLog
    holder: str = field(default_factory=lambda: str(uuid4()))
    """Whose turns these are."""
    patience_s: float = PATIENCE_S
    """Seconds that it waits for a turn."""
    counts: dict[str, int] = field(default_factory=dict, init=False)
    """What was counted since the process started."""
    runs: int = field(default=0, init=False)
    failures: int = field(default=0, init=False)
    problem: str | None = field(default="has not run yet", init=False)
    """Why it does not follow now; None: it does."""
    ran_at: int | None = field(default=None, init=False)
    """When (ms) it last got to its end."""
    failures_in_a_row: int = field(default=0, init=False)
    """Of the system; those of our own store do not count."""
    turn: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    """Held by each run, and by whatever else uses the system or the state of the sink."""
    _compared: object = field(default=None, init=False)
    """Day, generation, fit tables and confirmation by which all accounts were last compared."""
    _watched: frozenset[str] = field(default=frozenset(), init=False)
    _again: frozenset[str] = field(default=frozenset(), init=False)

    async def follow(self, every_s: float) -> None:
        """Run every `every_s` seconds, and less often while the system fails, until it is cancelled."""
        while True:
            await self.step()
            await asyncio.sleep(pause_s(every_s, self.failures_in_a_row))

    async def step(self) -> None:
        """One run; trouble is said once, and the next run tries again."""
        async with self.turn:
            await self._step()

    async def _step(self) -> None:
        try:
            async with turn_at(self.ledger, self.holder, self.patience_s):
                await self._look()
        except SinkInUse as taken:
            if self.problem is not None:  # who has it may be at it for long, and this one follows after it
                self._stopped(str(taken))
        except SinkTrouble as trouble:
            self.failures += 1
            self.failures_in_a_row += 1
            self._stopped(SinkState(trouble=str(trouble), disabled=trouble.for_good).problem or "")
        except SignalEngineError as error:  # also of what somebody else wrote into its state: the others go on
            self.failures += 1
            self._stopped(error.in_public(), "; ".join(error.messages()))

    async def _look(self) -> None:
        market = await self.market()
        if market is None:
            self._stopped("nothing was computed yet: no worker has run, or no accounts were loaded")
        elif not await self._rests(market.now):
            await self._run(market)

    async def _rests(self, now: int) -> bool:
        """Whether the system is not to be asked at `now` (ms): another process or an earlier run was told so."""
        state = SinkState.decode(await self.ledger.state())
        if state.disabled or (state.rests_until is not None and now < state.rests_until):
            self._stopped(state.problem or "")
            return True
        return False

    async def _run(self, market: SyncMarket) -> None:
        confirmed = await may_write(self.sink, self.ledger)
        versions = await table_versions(market.store, market.partitions)
        tables = (market.now // DAY, market.generation, versions, confirmed)
        whole = tables != self._compared
        if not confirmed and not whole:
            return
        run = SyncRun(market.now, whole, dry=not confirmed)
        if not self.sink.compares_accounts:
            await run_once(self.sink, self.ledger, market, run)
        else:
            await self._compare(market, run)
        self._compared = tables
        self.runs += 1
        self.failures_in_a_row = 0
        for name, number in run.counts.items():
            self.counts[name] = self.counts.get(name, 0) + number
        self._ran(run, confirmed=confirmed)

    async def _compare(self, market: SyncMarket, run: SyncRun) -> None:
        """A run over all accounts, or over those whose signals may say something else than at the last one."""
        run.accounts = await market.ranked() | self._watched | self._again
        await run_once(self.sink, self.ledger, market, run)
        self._watched, self._again = frozenset(run.watched), frozenset(run.again)

    def _ran(self, run: SyncRun, *, confirmed: bool) -> None:
        self.ran_at = run.now
        if not confirmed:
            self._stopped("writes nothing until `signal-engine sync run` was confirmed")
            counts = {name: run.counts[name] for name in ("matched", "ambiguous", "unmatched")}
            self.log.write(SinkUnconfirmed(sink=self.sink.name, **counts))
            return
        if self.problem is not None and self.failures:
            self.log.write(SinkRecovered(sink=self.sink.name))
        self.problem = None
        if run.shown or run.counts["failed"]:
            problem = "; ".join(run.notes) or None
            written = sum(run.counts[name] for name in ("written", "file"))
            self.log.write(SinkRan(sink=self.sink.name, written=written, failed=run.counts["failed"], problem=problem))

    def _stopped(self, problem: str, in_full: str | None = None) -> None:
        if problem != self.problem:
            self.log.write(SinkStopped(sink=self.sink.name, reason=in_full or problem))
        self.problem = problem
