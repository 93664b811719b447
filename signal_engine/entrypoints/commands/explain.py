"""`signal-engine explain`: one account's score, parts, evidence, fit, and why it is or is not listed."""

import sys
from typing import Any

import click
import orjson

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.terminal import progress
from signal_engine.adapters.terminal.account_page import show_account
from signal_engine.adapters.terminal.screen import Warnings, stdout, warn_if_stale
from signal_engine.engine.ports.controls import TOPICS
from signal_engine.engine.read_model.account_view import AccountView
from signal_engine.entrypoints.commands.explanation import NothingToExplain, explain_account
from signal_engine.entrypoints.commands.replay_run import ReplayRun
from signal_engine.entrypoints.wiring.connections import clock, run_live, served_view
from signal_engine.entrypoints.wiring.inputs import read_inputs
from signal_engine.entrypoints.wiring.options import DEFAULT_SCORING, EVENT_FILE, failing_clearly, judging
from signal_engine.entrypoints.wiring.reviews import warn_of_reviews
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.events.account_names import NotAnAccount, normalise
from signal_engine.wire.storage.in_force import TopicsInForce


@click.command()
@click.argument("account")
@click.argument("files", nargs=-1, type=EVENT_FILE, metavar="[FILE...]")
@judging(required=False)
@click.option("--json", "as_json", is_flag=True, help="Print the explanation as one JSON document.")
@click.pass_context
def explain(
    context: click.Context,
    account: str,
    files: tuple[str, ...],
    accounts: str | None,
    icps: tuple[str, ...],
    scoring: str | None,
    until: int | None,
    as_json: bool,  # noqa: FBT001 (click passes it by name)
) -> None:
    """Explain an account: score, parts, evidence, fit, why or why not.

    ACCOUNT is a domain or URL. With event FILEs, the account is explained at the end of their replay (--accounts and
    --icp are then required); without, as it is in the live engine now.
    """
    name = normalise(account)
    if isinstance(name, NotAnAccount):
        raise click.BadParameter(f"{account!r} {name.reason}", param_hint="ACCOUNT")
    if files:
        if not accounts or not icps:
            raise click.UsageError("event files need --accounts and --icp")
        told = _replayed(name, files, accounts, icps, scoring or DEFAULT_SCORING, until)
    else:
        _refuse_options_of_files(context)
        told = _live(name)
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(told) + b"\n")
    else:
        show_account(stdout(), told)
    warn_if_stale(told)


def _replayed(
    name: str, files: tuple[str, ...], accounts: str, icps: tuple[str, ...], scoring: str, until: int | None
) -> dict[str, Any]:
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
            return told


def _live(name: str) -> dict[str, Any]:
    with failing_clearly():
        settings = read_settings()
    told = run_live(_out_of_the_view(settings, name))
    if told is None:
        raise click.ClickException("nothing to explain yet: no worker has run on this Redis and prefix")
    return told


async def _out_of_the_view(settings: Settings, name: str) -> dict[str, Any] | None:
    async with served_view(settings) as view:
        topics = await view.controls.read(TOPICS)
        partitions = TopicsInForce.decode(topics).partitions if topics else 1
        live, now = AccountView(view.store, view.controls, partitioner(partitions)), clock()
        agreed = await live.agreed()
        told = await live.explain(name, now, agreed)
        if told is not None and (kept := await live.account(name, now, agreed, await live.load(name))) is not None:
            told["alerts"] = kept["alerts"]
        return told


def _refuse_options_of_files(context: click.Context) -> None:
    spelt = {"accounts": "--accounts", "icps": "--icp", "scoring": "--scoring", "until": "--until"}
    for name, option in spelt.items():
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{option} is only used with event files")
