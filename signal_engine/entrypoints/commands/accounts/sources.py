"""Explanations of accounts, from a replay of event files or from the live engine."""

from collections.abc import Callable, Sequence
from typing import NamedTuple, cast

import click

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.terminal import progress
from signal_engine.adapters.terminal.screen import Warnings
from signal_engine.core.alerting.plays import Play
from signal_engine.core.delivery.holdback import NO_CONTROL_GROUP
from signal_engine.core.rules.aliases import Aliases
from signal_engine.core.rules.instants import BEGINNING
from signal_engine.engine.context.aliases import aliases_in_force
from signal_engine.engine.ports.controls import TOPICS
from signal_engine.engine.read_model.account_view import AccountView, Agreed
from signal_engine.engine.reports.what_if import what_if
from signal_engine.entrypoints.commands.explanation import NothingToExplain, explain_account
from signal_engine.entrypoints.commands.replay_run import ReplayRun
from signal_engine.entrypoints.wiring.connections import View, clock, run_live, scoring_in_force, served_view
from signal_engine.entrypoints.wiring.inputs import read_inputs, served_plays
from signal_engine.entrypoints.wiring.options import DEFAULT_SCORING, failing_clearly
from signal_engine.entrypoints.wiring.reviews import warn_of_reviews
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.config.scoring_advice import dead_rules
from signal_engine.wire.config.scoring_file import ScoringFile
from signal_engine.wire.events.account_names import AccountName, NotAnAccount, normalise
from signal_engine.wire.output.operations.explain import ExplainDocument
from signal_engine.wire.storage.in_force import IcpInForce, TopicsInForce


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


class LiveAccounts(NamedTuple):
    """The accounts of one generation."""

    accounts: AccountView
    partitions: int


async def live_accounts(view: View, plays: tuple[Play, ...] = ()) -> LiveAccounts:
    """The accounts of `view`, whose next steps are told by `plays`. Raises `StoreTrouble`."""
    topics = await view.controls.read(TOPICS)
    partitions = TopicsInForce.decode(topics).partitions if topics else 1
    return LiveAccounts(AccountView(view.store, view.controls, partitioner(partitions), plays), partitions)


def explained(
    names: Sequence[str], files: Files | None, *, with_what_if: bool = False, administers: bool = False
) -> list[ExplainDocument]:
    """Explain each account at the same instant. Ends the command with a message if nothing can be explained.

    Of a live account, only who `administers` is told that it is held back.
    """
    if files is not None:
        return _replayed(names, files, with_what_if=with_what_if)
    with failing_clearly():
        settings, plays = read_settings(), served_plays()
    documents = run_live(_live(settings, names, plays, with_what_if=with_what_if, administers=administers))
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
                documents = explained_replay(run, names, served_plays(), with_what_if=with_what_if)
            except NothingToExplain as error:
                raise click.ClickException(str(error)) from None
            if run.verdicts:
                warn_of_reviews(inputs.icps, run.verdicts.until)
            return documents


def explained_replay(
    run: ReplayRun, names: Sequence[str], plays: Sequence[Play], *, with_what_if: bool
) -> list[ExplainDocument]:
    """Explain each account, or the one it is an alias of, at the end of `run`. Raises `NothingToExplain`."""
    until = run.verdicts.until if run.verdicts else BEGINNING
    accounts = [run.inputs.aliases.account(name, until) for name in names]
    return [_of_replay(run, name, plays, with_what_if=with_what_if) for name in accounts]


def _of_replay(run: ReplayRun, name: str, plays: Sequence[Play], *, with_what_if: bool) -> ExplainDocument:
    inputs = run.inputs
    document = explain_account(run, name, inputs, plays)
    if with_what_if and run.verdicts:
        at, scoring = run.verdicts.until, inputs.scoring
        state = run.replay.state(name, at)
        document["what_if"] = what_if(state, at, inputs.fits.get(name), scoring.policy, dead_rules(scoring))
    return document


async def _live(
    settings: Settings, names: Sequence[str], plays: tuple[Play, ...], *, with_what_if: bool, administers: bool
) -> list[ExplainDocument] | None:
    async with served_view(settings) as view:
        return await explained_live(
            view,
            settings,
            names,
            plays,
            clock(),
            with_what_if=with_what_if,
            review=warn_of_reviews,
            administers=administers,
        )


async def explained_live(
    view: View,
    settings: Settings,
    names: Sequence[str],
    plays: tuple[Play, ...],
    now: int,
    *,
    with_what_if: bool,
    review: Callable[[Sequence[IcpInForce], int], None] = lambda _icps, _now: None,
    administers: bool = False,
) -> list[ExplainDocument] | None:
    """Explain each account, or the one it is an alias of, as of `now` (ms); None when nothing was ever computed.

    `review` is given the ICPs in force and now. Only who `administers` is told who is held back.

    Raises `StoreTrouble`, and `ConfigurationError` for a scoring file that this version cannot read.
    """
    live = (await live_accounts(view, plays)).accounts
    agreed = await live.agreed()
    if agreed.rules is None:
        return None
    review(agreed.icps, now)
    scoring = await scoring_in_force(view, settings) if with_what_if else None
    aliases = await aliases_in_force(view.controls)
    documents = [
        await _of_view(live, aliases.latest(name), now, agreed, scoring, aliases, administers=administers)
        for name in names
    ]
    return None if None in documents else [one for one in documents if one is not None]


async def _of_view(
    live: AccountView,
    name: str,
    now: int,
    agreed: Agreed,
    scoring: ScoringFile | None,
    aliases: Aliases,
    *,
    administers: bool,
) -> ExplainDocument | None:
    found = await live.explain(name, now, agreed, administers=administers)
    if found is None:
        return None
    document = cast("ExplainDocument", found)
    loaded, outcomes = await live.load(name), await live.outcomes(name, aliases)
    kept = await live.account(name, now, agreed, loaded, outcomes, administers=administers)
    if kept is not None:
        document["alerts"], document["outcomes"] = kept["alerts"], kept["outcomes"]
    if scoring is not None:
        group = NO_CONTROL_GROUP if administers else agreed.control_group
        state, fit = await live.state(name, now, scoring.policy, group)
        document["what_if"] = what_if(state, state.now, fit, scoring.policy, dead_rules(scoring))
    return document
