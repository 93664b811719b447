"""`signal-engine demo`: generated buying journeys, judged, with nothing installed."""

import csv
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import orjson

from signal_engine.adapters.terminal.account_page import show_account
from signal_engine.adapters.terminal.screen import Warnings, stdout
from signal_engine.core.instants import SECOND, days
from signal_engine.core.reasons import NotNow
from signal_engine.entrypoints.explaining import explain_account
from signal_engine.entrypoints.inputs import Inputs, read_inputs
from signal_engine.entrypoints.journeys import journeys
from signal_engine.entrypoints.options import READABLE, failing_clearly
from signal_engine.entrypoints.replay_command import show
from signal_engine.entrypoints.replaying import ReplayRun, json_document

_JOURNEY_DAYS = 90.0


@click.command()
@click.option("--seed", default=7, show_default=True, help="Another seed is another market.")
@click.option("--json", "as_json", is_flag=True, help="The result in the shape of `replay --json`.")
@click.option("--config", type=click.Path(exists=True, file_okay=False), default="config", show_default=True)
@click.option("--accounts", type=READABLE, help="Another accounts file than the one in the configuration.")
def demo(seed: int, as_json: bool, config: str, accounts: str | None) -> None:  # noqa: FBT001 (click passes it by name)
    """Ninety days of generated buying journeys: who is in the market, whom to call, and one why-not."""
    root = Path(config)
    accounts = accounts or str(root / "accounts.csv")
    warnings = Warnings()
    with failing_clearly():
        inputs = read_inputs(str(root / "scoring.yaml"), sorted(map(str, root.glob("icp/*.yaml"))), accounts, warnings)
        warnings.close()
        with _journeys(accounts, seed) as (events, count), ReplayRun(inputs, [events], None) as run:
            told = run.run()
            if as_json:
                sys.stdout.buffer.writelines(json_document(run, told))
                return
            screen = stdout()
            accounts_and_days = f"{len(inputs.fits)} accounts over {_JOURNEY_DAYS:g} days (seed {seed})"
            screen.print(f"{count:,} generated events of {accounts_and_days}, a few of them broken on purpose.")
            screen.print()
            show(run, told, inputs, top=10)
            if (loudest := _loudest_unfit(run, inputs)) is not None:
                screen.print()
                screen.rule("Louder than anybody on the lists, and on none of them", align="left")
                show_account(screen, explain_account(run, loudest, inputs))


@contextmanager
def _journeys(accounts: str, seed: int) -> Iterator[tuple[str, int]]:
    end = int(time.time() * SECOND)
    with Path(accounts).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as events:
        count = 0
        for count, event in enumerate(journeys(rows, seed=seed, start=end - days(_JOURNEY_DAYS), end=end), 1):  # noqa: B007 (the last number is how many there are)
            events.write(orjson.dumps(event) + b"\n")
        events.flush()
        yield events.name, count


def _loudest_unfit(run: ReplayRun, inputs: Inputs) -> str | None:
    """The account with the strongest signals among those that do not fit."""
    if run.verdicts is None:
        return None
    unfit = [name for name, fit in inputs.fits.items() if fit.barred is NotNow.NOT_FIT]
    until = run.verdicts.until
    return max(unfit, key=lambda name: (run.replay.standing(name, until).score.raw, name), default=None)
