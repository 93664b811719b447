"""Run the whole engine with a feed from start to end, whatever ends it."""

import asyncio
import logging
import signal
from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Final, NamedTuple, Self

from signal_engine.adapters.kafka.feeder import Feeder
from signal_engine.adapters.terminal.screen import stderr
from signal_engine.adapters.termination import Deadline, on_stop_signal
from signal_engine.entrypoints.demo.feed import Feed
from signal_engine.entrypoints.demo.performance import Performance, Result
from signal_engine.entrypoints.demo.showing import Shows
from signal_engine.entrypoints.demo.stage import Stage
from signal_engine.entrypoints.demo.watching import EngineWatch
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.entrypoints.wiring.inputs import Inputs

_AS_IF_NOW: Final = (
    "Your last three days arrive now, in fast motion; `replay` uses their own times, so its levels can differ"
)
"""For your own events: nobody can wait three days, and a worker uses the machine's clock."""


class FitFiles(NamedTuple):
    """What the fit table is loaded from."""

    accounts: str
    """Path of the accounts file."""
    accounts_as: str | None
    """Name of the mapping that reads it; None: it is in our own format."""
    icps: tuple[str, ...]
    """Paths of the ICP files."""


def run(performance: Coroutine[Any, Any, Result]) -> Result:
    """The result, with no library talking on the screen."""
    logging.getLogger("aiokafka").addHandler(logging.NullHandler())  # or its warnings appear on the screen
    return asyncio.run(performance)


async def play(
    stage: Stage,
    fit_files: FitFiles,
    inputs: Inputs,
    feed: Feed,
    shows: Shows,
    seconds: float | None,
    on_first_list: Callable[[], None] = lambda: None,
) -> Result:
    """Loads the fit table and the feed's history, then plays and shows what follows until somebody ends it, or for so
    many seconds; returns what there is at the end. `on_first_list` is called once the history is on the dashboard.

    Raises `ServerFailed`, and `SystemExit(128 + signal)` when it is aborted.
    """
    stop = asyncio.Event()
    with _Interrupts(stop) as ending:
        async with stage:
            await stage.load_fit(*fit_files)
            async with (
                Feeder(stage.connection) as feeder,
                EngineWatch(stage.connection, stage.redis_url, inputs) as watch,
            ):
                performance = Performance(stage, feeder, watch, feed, inputs)
                say(f"Loading a history of {len(feed.history):,} events")
                await performance.load()
                on_first_list()
                await stage.deliver(clock())
                ending.is_soft = True
                if not feed.as_it_comes and feed.live:
                    say(_AS_IF_NOW)
                with shows:
                    await performance.play(shows, stop, seconds)
                    result = await performance.end()
                    shows.show(result.seen)  # include what arrived while waiting for the last events
                return result


class _Interrupts:
    """What Ctrl-C and SIGTERM do: Ctrl-C ends a running demo with its result; earlier, or pressed twice, it aborts.

    A context manager around everything that must be cleaned up. Aborting raises `SystemExit(128 + signal)`.
    """

    def __init__(self, stop: asyncio.Event) -> None:
        self.is_soft = False
        self._stop = stop
        self._deadline = Deadline()
        self._broken_off_by: int | None = None

    def __enter__(self) -> Self:
        self._task = asyncio.current_task()
        # Ctrl-C ends a running demo, and printing the result may take a while.
        self._stop_handler = on_stop_signal(self._end, self._deadline, arming=(signal.SIGTERM,))
        self._stop_handler.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop_handler.__exit__(kind, error, trace)
        if self._broken_off_by is not None:
            raise SystemExit(128 + self._broken_off_by) from None

    def _end(self, number: signal.Signals) -> None:
        if number == signal.SIGINT and self.is_soft and not self._stop.is_set():
            self._stop.set()
        else:
            self._break_off(number)

    def _break_off(self, number: signal.Signals) -> None:
        self._deadline.arm()
        self._broken_off_by = number
        if self._task is not None:
            self._task.cancel()


def say(what: str) -> None:
    """A line on stderr."""
    stderr().print(what)


def document_of(result: Result) -> dict[str, object]:
    """The result in the format of `replay --json`."""
    return {
        "until": result.seen.at,
        "config_version": result.config_version,
        "counts": result.seen.counts,
        "lists": result.lists,
        "alerts": sorted(result.seen.alerts, key=lambda alert: (alert["at"], alert["account_id"])),
        "rejected": result.refused,
    }
