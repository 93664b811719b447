"""`signal-engine demo`: everything on one machine, with nothing to install."""

import asyncio
import logging
import signal
import sys
from collections.abc import Coroutine
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import click
import orjson

from signal_engine.adapters.kafka.feeder import Feeder
from signal_engine.adapters.terminal.screen import Warnings, stderr
from signal_engine.adapters.termination import Deadline, on_stop_signal
from signal_engine.entrypoints.demo.feed import Feed, file_feed, journey_feed
from signal_engine.entrypoints.demo.performance import Performance, Result
from signal_engine.entrypoints.demo.showing import Shows, ShowsLines, ShowsScreen, show_end
from signal_engine.entrypoints.demo.stage import Stage
from signal_engine.entrypoints.demo.watching import EngineWatch
from signal_engine.entrypoints.wiring.inputs import Inputs, read_inputs
from signal_engine.entrypoints.wiring.options import EVENT_FILE, READABLE, failing_clearly

_AS_IF_NOW: Final = (
    "Your last three days arrive now, in fast motion; `replay` uses their own times, so its levels can differ"
)
"""For your own events: nobody can wait three days, and a worker uses the machine's clock."""
_UNWATCHED_SECONDS: Final = 30.0
"""Duration when stdout is no terminal, where nobody could press Ctrl-C."""


@click.command()
@click.option("--seconds", type=click.FloatRange(1, 86_400), help="Stop this many seconds after the first list.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON, like `replay --json`.")
@click.option("--events", type=EVENT_FILE, help="Play these events (JSON Lines), shifted to end now.")
@click.option("--accounts", type=READABLE, help="Accounts file to use instead of the one in --config.")
@click.option(
    "--icp", "icps", type=READABLE, multiple=True, help="ICP file to use instead of those in --config; repeatable."
)
@click.option("--config", type=click.Path(exists=True, file_okay=False), default="config", show_default=True)
@click.option("--seed", default=7, show_default=True, help="Seed of the generated market.")
def demo(
    seconds: float | None,
    as_json: bool,  # noqa: FBT001 (click passes it by name)
    events: str | None,
    accounts: str | None,
    icps: tuple[str, ...],
    config: str,
    seed: int,
) -> None:
    """Run the whole engine on this machine and watch it work.

    Starts Valkey, a Kafka-compatible broker, the worker and the dashboard on free local ports, in temporary folders
    that are removed afterwards. Prints the address of the dashboard first. Loads ninety days of generated buying
    journeys, then plays the following days, one per second.

    With --events and --accounts it plays your own events: the last three days of them live, in 22 seconds. They arrive
    now; `replay` uses the times at which they arrived, so its levels can differ.

    Runs until Ctrl-C (for 30 seconds if stdout is no terminal), then prints the list, the alerts, and why one loud
    account is not on the list.
    """
    if events and not accounts:
        raise click.UsageError("--events needs --accounts")
    root = Path(config)
    accounts, scoring = accounts or str(root / "accounts.csv"), str(root / "scoring.yaml")
    icps = icps or tuple(sorted(map(str, root.glob("icp/*.yaml"))))
    watched = sys.stdout.isatty() and not as_json
    if seconds is None and not watched:
        seconds = _UNWATCHED_SECONDS
    warnings = Warnings()
    with failing_clearly():
        inputs = read_inputs(scoring, icps, accounts, warnings)
        warnings.close()
        feed = _feed(events, accounts, seed)
        shows = ShowsScreen() if watched and sys.stderr.isatty() else ShowsLines()
        stage = Stage(scoring, _say, actor=inputs.icps[0].owner_email)
        click.echo(f"Dashboard: {stage.url}", err=as_json)
        result = _run(_play(stage, accounts, icps, inputs, feed, shows, seconds))
        if as_json:
            sys.stdout.buffer.write(orjson.dumps(_document(result)) + b"\n")
        else:
            show_end(result.seen, result.explained, result.refused, inputs.scoring.policy.lists.tier_weight)


def _document(result: Result) -> dict[str, object]:
    """The result in the format of `replay --json`."""
    return {
        "until": result.seen.at,
        "config_version": result.config_version,
        "counts": result.seen.counts,
        "lists": result.lists,
        "alerts": sorted(result.seen.alerts, key=lambda alert: (alert["at"], alert["account_id"])),
        "rejected": result.refused,
    }


def _feed(events: str | None, accounts: str, seed: int) -> Feed:
    return journey_feed(accounts, seed) if events is None else file_feed(events)


def _run(performance: Coroutine[Any, Any, Result]) -> Result:
    logging.getLogger("aiokafka").addHandler(logging.NullHandler())  # or its warnings appear on the screen
    return asyncio.run(performance)


async def _play(
    stage: Stage,
    accounts: str,
    icps: tuple[str, ...],
    inputs: Inputs,
    feed: Feed,
    shows: Shows,
    seconds: float | None,
) -> Result:
    stop = asyncio.Event()
    with _Ending(stop) as ending:
        async with stage:
            await stage.load_fit(accounts, icps)
            async with (
                Feeder(stage.connection) as feeder,
                EngineWatch(stage.connection, stage.redis_url, inputs) as watch,
            ):
                performance = Performance(stage, feeder, watch, feed, inputs)
                _say(f"Loading a history of {len(feed.history):,} events")
                await performance.load()
                ending.is_soft = True
                if not feed.as_it_comes and feed.live:
                    _say(_AS_IF_NOW)
                with shows:
                    await performance.play(shows, stop, seconds)
                    result = await performance.end()
                    shows.show(result.seen)  # include what arrived while waiting for the last events
                return result


class _Ending:
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


def _say(what: str) -> None:
    stderr().print(what)
