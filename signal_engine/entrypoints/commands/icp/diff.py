"""`signal-engine icp diff`: what a new version of an ICP would change, and what it would have changed."""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import click

from signal_engine.adapters.terminal.reports.icp_diff import show_diff
from signal_engine.adapters.terminal.screen import Warnings, print_json, stdout
from signal_engine.core.fit.icp import MAX_ICPS, Icp
from signal_engine.core.rules.aliases import Aliases
from signal_engine.engine.fit.table import AccountTable
from signal_engine.engine.reports.icp_diff import icp_diff
from signal_engine.engine.reports.market_diff import ComparedReplay, market_diff
from signal_engine.entrypoints.commands.compared_replay import compared_replay
from signal_engine.entrypoints.wiring.inputs import Inputs, read_account_table, read_icps, read_scoring
from signal_engine.entrypoints.wiring.options import (
    DEFAULT_SCORING,
    READABLE,
    Instant,
    failing_clearly,
    refuse,
    with_accounts_as,
)
from signal_engine.wire.config.scoring_file import ScoringFile


@click.command()
@click.argument("old", type=READABLE)
@click.argument("new", type=READABLE)
@click.option("--accounts", type=READABLE, required=True, help="The accounts file, CSV or JSON Lines, .gz accepted.")
@with_accounts_as
@click.option("--events", type=READABLE, multiple=True, help="An event file, as `replay` reads it; may be repeated.")
@click.option(
    "--icp", "others", type=READABLE, multiple=True, help=f"Another ICP file in force; up to {MAX_ICPS - 1} of them."
)
@click.option("--scoring", type=READABLE, default=DEFAULT_SCORING, show_default=True, help="The scoring file.")
@click.option("--until", type=Instant(), help="With events: the last instant to judge.  [default: the last event]")
@click.option("--json", "as_json", is_flag=True, help="Print the differences as one JSON document.")
def diff(
    old: str,
    new: str,
    accounts: str,
    accounts_as: str | None,
    events: tuple[str, ...],
    others: tuple[str, ...],
    scoring: str,
    until: int | None,
    as_json: bool,  # noqa: FBT001 (click passes it by name)
) -> None:
    """Compare two versions of an ICP: who enters, leaves or moves.

    Also says which criterion changes each decision or tier. With events it replays them under both versions and
    compares the last 90 days: who would have been on which list at the end of each week, and which alerts would or
    would not have come.
    """
    if until is not None and not events:
        raise click.UsageError("--until goes with --events")
    warnings = Warnings()
    with failing_clearly():
        rules = read_scoring(scoring)
        read = partial(read_account_table, accounts, mapping=accounts_as)
        was = _version(read_icps([old, *others], rules), read, lambda _: None)
        will = _version(read_icps([new, *others], rules, warnings), read, warnings)
        _refuse_another_profile(was.profile, will.profile, old, new)
        if will.profile.version <= was.profile.version:
            warnings(
                f"{new}: is version {will.profile.version}, and a new version has to be above {was.profile.version}"
            )
        warnings.close()
        market = None
        if events:
            before = _replayed(was, rules, events, until, show_rejected=True)
            market = market_diff(before, _replayed(will, rules, events, until, show_rejected=False))
        report = icp_diff(was.profile, will.profile, was.table, will.table, market)
        if as_json:
            print_json(report)
        else:
            show_diff(stdout(), report)


class _Version(NamedTuple):
    """One version with what it makes of the accounts."""

    profile: Icp
    icps: tuple[Icp, ...]
    table: AccountTable


def _version(icps: tuple[Icp, ...], read: Callable[..., AccountTable], warn: Callable[[str], None]) -> _Version:
    return _Version(icps[0], icps, read(icps=icps, warn=warn))


def _refuse_another_profile(was: Icp, will: Icp, old: str, new: str) -> None:
    if was.icp != will.icp:
        refuse((f"{new}: is ICP {will.icp}, and {old} is ICP {was.icp}: a diff compares two versions of one ICP",))


def _replayed(
    version: _Version, rules: ScoringFile, events: tuple[str, ...], until: int | None, *, show_rejected: bool
) -> ComparedReplay:
    inputs = Inputs(rules, version.icps, version.table.fits, Aliases.of(version.table.aliases))
    words = f"Replaying version {version.profile.version}"
    compared, _ = compared_replay(
        inputs, events, until, words, show_rejected=show_rejected, also=lambda _run, _until: None
    )
    return compared
