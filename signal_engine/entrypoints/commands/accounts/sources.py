"""Explanations of accounts, from a replay of event files or from the live engine."""

from collections.abc import Sequence
from typing import NamedTuple, cast

import click

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.terminal import progress
from signal_engine.adapters.terminal.screen import Warnings
from signal_engine.engine.ports.controls import TOPICS
from signal_engine.engine.read_model.account_view import AccountView, Agreed
from signal_engine.engine.reports.what_if import what_if
from signal_engine.entrypoints.commands.explanation import NothingToExplain, explain_account
from signal_engine.entrypoints.commands.replay_run import ReplayRun
from signal_engine.entrypoints.wiring.connections import clock, run_live, scoring_in_force, served_view
from signal_engine.entrypoints.wiring.inputs import Inputs, read_inputs
from signal_engine.entrypoints.wiring.options import DEFAULT_SCORING, failing_clearly
from signal_engine.entrypoints.wiring.reviews import warn_of_reviews
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.config.scoring_advice import dead_rules
from signal_engine.wire.config.scoring_file import ScoringFile
from signal_engine.wire.events.account_names import AccountName, NotAnAccount, normalise
from signal_engine.wire.output.operations.explain import ExplainDocument
from signal_engine.wire.storage.in_force import TopicsInForce


class Files(NamedTuple):
    """The options of a command over files."""

    events: tuple[str, ...]
    accounts: str
    icps: tuple[str, ...]
    scoring: str
    accounts_as: str | None
    """The mapping that reads the accounts file."""
    until: int | None
    """ms since 1970; None: the last event."""


def account_named(given: str) -> AccountName:
    """The account that an argument names. Raises `BadParameter` if it names none."""
    name = normalise(given)
    if isinstance(name, NotAnAccount):
        raise click.BadParameter(f"{given!r} {name.reason}", param_hint="ACCOUNT")
    return name


def files_given(
    context: click.Context,
    events: tuple[str, ...],
    accounts: str | None,
    icps: tuple[str, ...],
    scoring: str | None,
    accounts_as: str | None,
    until: int | None,
) -> Files | None:
    """The files of a command; None if it asks the live engine. Raises `UsageError` if some are missing."""
    if events:
        if not accounts or not icps:
            raise click.UsageError("event files need --accounts and --icp")
        return Files(events, accounts, icps, scoring or DEFAULT_SCORING, accounts_as, until)
    spelt = {
        "accounts": "--accounts",
        "accounts_as": "--as",
        "icps": "--icp",
        "scoring": "--scoring",
        "until": "--until",
    }
    for name, option in spelt.items():
        if context.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{option} is only used with event files")
    return None


def explained(names: Sequence[str], files: Files | None, *, with_what_if: bool = False) -> list[ExplainDocument]:
    """Explain each account at the same instant. Ends the command with a message if nothing can be explained."""
    if files is not None:
        return _replayed(names, files, with_what_if=with_what_if)
    with failing_clearly():
        settings = read_settings()
    documents = run_live(_out_of_the_view(settings, names, with_what_if=with_what_if))
    if documents is None:
        raise click.ClickException("nothing to explain yet: no worker has run on this Redis and prefix")
    return documents


def _replayed(names: Sequence[str], files: Files, *, with_what_if: bool) -> list[ExplainDocument]:
    warnings = Warnings()
    with failing_clearly():
        inputs = read_inputs(files.scoring, files.icps, files.accounts, warnings, files.accounts_as)
        warnings.close()
        with ReplayRun(inputs, files.events, files.until) as run:
            with progress.reading(files.events, "Replaying") as on_read:
                run.run(on_read)
            try:
                documents = [_of_replay(run, name, inputs, with_what_if=with_what_if) for name in names]
            except NothingToExplain as error:
                raise click.ClickException(str(error)) from None
            if run.verdicts:
                warn_of_reviews(inputs.icps, run.verdicts.until)
            return documents


def _of_replay(run: ReplayRun, name: str, inputs: Inputs, *, with_what_if: bool) -> ExplainDocument:
    document = explain_account(run, name, inputs)
    if with_what_if and run.verdicts:
        at, scoring = run.verdicts.until, inputs.scoring
        state = run.replay.state(name, at)
        document["what_if"] = what_if(state, at, inputs.fits.get(name), scoring.policy, dead_rules(scoring))
    return document


async def _out_of_the_view(
    settings: Settings, names: Sequence[str], *, with_what_if: bool
) -> list[ExplainDocument] | None:
    async with served_view(settings) as view:
        topics = await view.controls.read(TOPICS)
        partitions = TopicsInForce.decode(topics).partitions if topics else 1
        live, now = AccountView(view.store, view.controls, partitioner(partitions)), clock()
        agreed = await live.agreed()
        scoring = await scoring_in_force(view, settings) if with_what_if else None
        documents = [await _of_view(live, name, now, agreed, scoring) for name in names]
        return None if None in documents else [one for one in documents if one is not None]


async def _of_view(
    live: AccountView, name: str, now: int, agreed: Agreed, scoring: ScoringFile | None
) -> ExplainDocument | None:
    found = await live.explain(name, now, agreed)
    if found is None:
        return None
    document = cast("ExplainDocument", found)
    if (kept := await live.account(name, now, agreed, await live.load(name))) is not None:
        document["alerts"] = kept["alerts"]
    if scoring is not None:
        state, fit = await live.state(name, now, scoring.policy)
        document["what_if"] = what_if(state, state.now, fit, scoring.policy, dead_rules(scoring))
    return document
