"""`signal-engine explain`: one account's score, parts, evidence and fit, and why or why not."""

import sys

import click
import orjson

from signal_engine.adapters.terminal import progress
from signal_engine.adapters.terminal.account_page import show_account
from signal_engine.adapters.terminal.screen import Warnings, stdout
from signal_engine.entrypoints.explaining import NothingToExplain, explain_account
from signal_engine.entrypoints.inputs import read_inputs
from signal_engine.entrypoints.options import EVENT_FILE, failing_clearly, judging
from signal_engine.entrypoints.replaying import ReplayRun
from signal_engine.entrypoints.reviews import warn_of_reviews
from signal_engine.wire.account_names import NotAnAccount, normalise


@click.command()
@click.argument("account")
@click.argument("files", nargs=-1, required=True, type=EVENT_FILE, metavar="FILE...")
@judging
@click.option("--json", "as_json", is_flag=True, help="The explanation as one JSON document.")
def explain(
    account: str,
    files: tuple[str, ...],
    accounts: str,
    icps: tuple[str, ...],
    scoring: str,
    until: int | None,
    as_json: bool,  # noqa: FBT001 (click passes it by name)
) -> None:
    """Explain ACCOUNT (a domain or URL) as a replay of the event files would have it."""
    name = normalise(account)
    if isinstance(name, NotAnAccount):
        raise click.BadParameter(f"{account!r} {name.reason}", param_hint="ACCOUNT")
    warnings = Warnings()
    with failing_clearly():
        inputs = read_inputs(scoring, icps, accounts, warnings)
        warnings.close()
        with ReplayRun(inputs, files, until) as run:
            with progress.reading(files, "Replaying") as on_read:
                run.run(on_read)
            try:
                told = explain_account(run, name, inputs)
            except NothingToExplain as error:
                raise click.ClickException(str(error)) from None
            if run.verdicts:
                warn_of_reviews(inputs.icps, run.verdicts.until)
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(told) + b"\n")
    else:
        show_account(stdout(), told)
