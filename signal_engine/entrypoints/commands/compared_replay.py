"""Replays that are compared with each other: of the same events, under two versions of a file."""

from collections.abc import Callable
from typing import TypeVar

import click
import orjson

from signal_engine.adapters.terminal import progress
from signal_engine.adapters.terminal.screen import stderr
from signal_engine.adapters.terminal.tables import show_refused
from signal_engine.engine.backtest.weekly_lists import WeekEnd
from signal_engine.engine.reports.market_diff import ComparedReplay
from signal_engine.entrypoints.commands.replay_run import ReplayRun
from signal_engine.entrypoints.wiring.inputs import Inputs
from signal_engine.wire.output.reports.icp_documents import AlertDifference

Seen = TypeVar("Seen")


def compared_replay(
    inputs: Inputs,
    events: tuple[str, ...],
    until: int | None,
    words: str,
    *,
    show_rejected: bool,
    also: Callable[[ReplayRun, int], Seen],
) -> tuple[ComparedReplay, Seen]:
    """Replays `events` to `until` (ms; None: the last event); returns it with what `also` sees of it at its end.

    `words` say on a terminal what goes on. Raises `ClickException` where there is no event.
    """
    with ReplayRun(inputs, events, until, weekly=True) as run:
        with progress.reading(events, words) as on_read:
            replayed = run.run(on_read)
        if run.verdicts is None or run.weeks is None:
            raise click.ClickException("no events to score")
        if show_rejected:
            show_refused(stderr(), run.rejected(), replayed.counts["rejected"])
        verdicts = run.verdicts
        at_the_end = {name: tuple(ranked.ranks()) for name, ranked in verdicts.lists.items()}
        alerts = (told_alert(payload) for payload in run.alerts())
        compared = ComparedReplay(
            verdicts.until,
            (*run.weeks.ends, WeekEnd(verdicts.until, at_the_end)),
            {alert["alert_id"]: alert for alert in alerts},
        )
        return compared, also(run, verdicts.until)


def told_alert(payload: bytes) -> AlertDifference:
    """What reports tell of an alert as a replay keeps it."""
    alert = orjson.loads(payload)
    return {
        "alert_id": alert["alert_id"],
        "type": alert["type"],
        "at": alert["at"],
        "account_id": alert["account_id"],
        "name": alert["name"],
        "audience": alert["audience"],
        "recorded": alert["recorded"],
    }
