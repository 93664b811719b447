"""`signal-engine icp publish`, `rollback` and `retire`: which ICPs are in force for everybody."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from signal_engine.adapters.terminal.rules.icp_tables import show_icp_changes, show_icps_published
from signal_engine.adapters.terminal.screen import Warnings, print_json, stderr, stdout
from signal_engine.engine.rules.log import RulesLog
from signal_engine.engine.rules.progress import icps_moved
from signal_engine.engine.rules.publishing import Plan, WantedIcp, publish_icps, retire_icp
from signal_engine.engine.rules.rolling_back import earlier_icp
from signal_engine.entrypoints.commands.icp.differences import differences, in_words
from signal_engine.entrypoints.commands.publishing.asking import PublishOptions, confirm, publishing
from signal_engine.entrypoints.commands.publishing.writing import NOTHING_WRITTEN, fail_unless_in_force, write
from signal_engine.entrypoints.wiring.connections import clock, run_live
from signal_engine.entrypoints.wiring.inputs import read_icps
from signal_engine.entrypoints.wiring.options import READABLE, failing_clearly
from signal_engine.entrypoints.wiring.reviews import warn_of_reviews
from signal_engine.entrypoints.wiring.rules.published import published_scoring, rules_topic
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.config import icp_file
from signal_engine.wire.output.operations.rules import IcpPublication
from signal_engine.wire.rules.record import IcpName, IcpVersion, hash_of

_quiet = click.option("--quiet", is_flag=True, help="Record the alerts it raises without sending them.")
_MakePlan = Callable[[RulesLog], Plan]


@click.command()
@click.argument("files", type=READABLE, nargs=-1, required=True, metavar="FILE...")
@_quiet
@publishing
def publish(files: tuple[str, ...], quiet: bool, **options: Any) -> None:  # noqa: FBT001 (click passes it by name)
    """Put ICP files into force.

    ICPs that no FILE names stay as they are. Only the owner of an ICP publishes it, and its version must be above the
    one in force. At most three are active. The command shows what changes, also of the loaded accounts, and asks. The
    workers decide the accounts again, and the lists switch when all partitions have.
    """
    asked = PublishOptions(**options)
    with failing_clearly():
        settings = read_settings()
    signed = asked.signed()

    def plan(log: RulesLog) -> Plan:
        warnings = Warnings()
        icps = read_icps(files, published_scoring(settings, log), warnings)
        warnings.close()
        warn_of_reviews(icps, clock())
        wanted = []
        for path, icp in zip(files, icps, strict=True):
            text = Path(path).read_text("utf-8")
            named = IcpName(icp.icp, icp.version, hash_of(text))
            wanted.append(WantedIcp(IcpVersion(named, Path(path).name, text, signed), icp.owner_email))
        return publish_icps(wanted, signed, quiet=quiet)

    _done(run_live(_publish(settings, plan, asked)), asked)


@click.command()
@click.argument("icp")
@click.option("--to", type=click.IntRange(1), metavar="VERSION", help="Which version.  [default: the one before]")
@_quiet
@publishing
def rollback(icp: str, to: int | None, quiet: bool, **options: Any) -> None:  # noqa: FBT001 (as above)
    """Publish an earlier version of ICP again, as a new version."""
    asked = PublishOptions(**options)
    with failing_clearly():
        settings = read_settings()
    signed = asked.signed()

    def plan(log: RulesLog) -> Plan:
        version = earlier_icp(log, icp, to, signed)
        profile, _ = icp_file.parse(version.name, version.text.encode(), published_scoring(settings, log).policy)
        return publish_icps([WantedIcp(version, profile.owner_email)], signed, quiet=quiet)

    _done(run_live(_publish(settings, plan, asked)), asked)


@click.command()
@click.argument("icp")
@_quiet
@publishing
def retire(icp: str, quiet: bool, **options: Any) -> None:  # noqa: FBT001 (as above)
    """Take ICP out of force.

    Its list ends, and no account is chased because of it any more.
    """
    asked = PublishOptions(**options)
    with failing_clearly():
        settings = read_settings()
    signed = asked.signed()
    _done(run_live(_publish(settings, lambda _: retire_icp(icp, signed, quiet=quiet), asked)), asked)


async def _publish(settings: Settings, make: _MakePlan, asked: PublishOptions) -> IcpPublication:
    log = RulesLog.of(await rules_topic(settings).read())
    plan = make(log)
    told = await differences(settings, log, plan)
    if not asked.as_json:
        show_icp_changes(stdout(), told)
    if told and not asked.dry_run and not asked.yes:
        if asked.as_json and sys.stdin.isatty():
            show_icp_changes(stderr(), told)
        confirm(in_words(told), "Publish it?")
    outcome = NOTHING_WRITTEN if asked.dry_run else await write(settings, plan, icps_moved, asked)
    return {**outcome, "icps": told}


def _done(told: IcpPublication, asked: PublishOptions) -> None:
    if asked.as_json:
        print_json(told)
    else:
        show_icps_published(stdout(), told, dry_run=asked.dry_run)
    fail_unless_in_force(told)
