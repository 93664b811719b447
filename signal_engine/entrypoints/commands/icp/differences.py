"""What a publication of ICPs changes: the files, the accounts as loaded, and the plays to be looked at."""

from typing import Final

import click

from signal_engine.core.alerting.plays import Play
from signal_engine.core.fit.icp import Icp
from signal_engine.engine.reports.publication_diff import publication_diff
from signal_engine.engine.rules.log import RulesLog
from signal_engine.engine.rules.publishing import Plan
from signal_engine.entrypoints.commands.publishing.writing import text_difference
from signal_engine.entrypoints.wiring.inputs import served_plays
from signal_engine.entrypoints.wiring.kafka import accounts_loads
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.config import icp_file
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.output.operations.rules import IcpDifference
from signal_engine.wire.output.reports.icp_documents import IcpDiff
from signal_engine.wire.output.words import count
from signal_engine.wire.rules.record import IcpVersion

_SAID_FROM: Final = 50_000
"""Accounts from which it takes seconds, so that it is said."""


async def differences(settings: Settings, log: RulesLog, plan: Plan) -> list[IcpDifference]:
    """What `plan` changes, by ICP; empty where everything is published already. Raises `RuleRefused`."""
    rules = plan(log)
    if not rules:
        return []
    before = {icp: one.rule for icp, one in log.icps_in_force().items()}
    new = {rule.named.icp: rule for rule in rules if isinstance(rule, IcpVersion)}
    kept = {named.icp for rule in rules for named in getattr(rule, "icps", ())}
    after = {icp: rule for icp, rule in {**before, **new}.items() if icp in kept}
    accounts, plays = await _accounts(settings, before, after), _plays()
    told: list[IcpDifference] = []
    for icp in sorted({*before, *after}):
        had, has = before.get(icp), after.get(icp)
        if had == has:
            continue
        told.append(
            {
                "icp": icp,
                "version": has.named.version if has else None,
                "before": had.named.version if had else None,
                "difference": text_difference(had.text if had else None, has.text) if has else [],
                "accounts": accounts.get(icp),
                "plays": [
                    {"kind": play.occasion, "segment": play.segment, "text": play.text}
                    for play in plays
                    if play.icp == icp
                ],
            }
        )
    return told


def in_words(told: list[IcpDifference]) -> str:
    """`this changes saas (of 62 accounts 3 enter those to chase, ...)`, for a question."""
    return "this changes " + ", and ".join(f"{one['icp']} ({_words(one['accounts'])})" for one in told)


def _words(diff: IcpDiff | None) -> str:
    if diff is None:
        return "for whom is not known, since no accounts are in Kafka"
    counts = diff["counts"]
    return (
        f"of {count(diff['accounts'], 'account')} {counts['enters']:,} enter those to chase, {counts['leaves']:,}"
        f" leave, {counts['decision']:,} are decided otherwise, {counts['tier']:,} change tier"
    )


async def _accounts(
    settings: Settings, before: dict[str, IcpVersion], after: dict[str, IcpVersion]
) -> dict[str, IcpDiff]:
    loads = accounts_loads(settings)
    placed = await loads.latest() if await loads.partitions() is not None else None
    if placed is None:
        click.echo("warning: no accounts are in Kafka (`signal-engine fit load` puts them there)", err=True)
        return {}
    if placed.load.accounts >= _SAID_FROM:
        click.echo(f"Reading {count(placed.load.accounts, 'account')} back from Kafka ...", err=True)
    return await publication_diff(loads, placed.load, _profiles(before), _profiles(after))


def _profiles(versions: dict[str, IcpVersion]) -> dict[str, Icp]:
    return {icp: icp_file.parse(one.name, one.text.encode())[0] for icp, one in versions.items()}


def _plays() -> tuple[Play, ...]:
    try:
        return served_plays()
    except ConfigurationError as error:  # no reason not to publish
        click.echo(f"warning: {error.lines[0]}", err=True)
        return ()
