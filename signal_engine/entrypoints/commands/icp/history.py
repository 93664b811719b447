"""`signal-engine icp list` and `history`: which ICPs are published, by whom and why."""

import click

from signal_engine.adapters.terminal.rules.icp_tables import show_versions
from signal_engine.adapters.terminal.screen import print_json, stdout
from signal_engine.engine.rules.log import Logged, RulesLog
from signal_engine.entrypoints.wiring.connections import clock, run_live
from signal_engine.entrypoints.wiring.options import failing_clearly
from signal_engine.entrypoints.wiring.reviews import warn_of_reviews
from signal_engine.entrypoints.wiring.rules.published import rules_topic
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.config import icp_file
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.operations.rules import IcpVersions, PublishedIcp
from signal_engine.wire.rules.record import IcpVersion

_as_json = click.option("--json", "as_json", is_flag=True, help="Print the versions as one JSON document.")


@click.command("list")
@_as_json
def list_icps(as_json: bool) -> None:  # noqa: FBT001 (click passes it by name)
    """Show the published ICPs that are not retired."""
    log = _read()
    versions = list(log.icps_in_force().values())
    with failing_clearly():
        warn_of_reviews((icp_file.parse(one.rule.name, one.rule.text.encode())[0] for one in versions), clock())
    _show(log, versions, as_json=as_json)


@click.command()
@click.argument("icp", required=False)
@_as_json
def history(icp: str | None, as_json: bool) -> None:  # noqa: FBT001 (click passes it by name)
    """Show every published version of ICP, or of all, newest first."""
    log = _read()
    versions = sorted(log.icps.values(), key=lambda one: one.offset, reverse=True)
    _show(log, [one for one in versions if icp in {None, one.rule.named.icp}], as_json=as_json)


def _read() -> RulesLog:
    with failing_clearly():
        settings = read_settings()
    return run_live(_log(settings))


async def _log(settings: Settings) -> RulesLog:
    return RulesLog.of(await rules_topic(settings).read())


def _show(log: RulesLog, versions: list[Logged[IcpVersion]], *, as_json: bool) -> None:
    in_force = log.icps_in_force().values()
    with failing_clearly():
        told: IcpVersions = {
            "versions": [_version(one, in_force=one in in_force) for one in versions],
            "unreadable": [*(one.words for one in log.unreadable), *log.missing()],
        }
        if as_json:
            print_json(told)
        else:
            show_versions(stdout(), told)
    for problem in told["unreadable"]:
        click.echo(f"warning: {problem}", err=True)


def _version(one: Logged[IcpVersion], *, in_force: bool) -> PublishedIcp:
    rule = one.rule
    profile, _ = icp_file.parse(rule.name, rule.text.encode())
    return {
        "icp": rule.named.icp,
        "version": rule.named.version,
        "in_force": in_force,
        "owner": profile.owner_email,
        "review_by": profile.review_by,
        "annual_review_by": profile.annual_review_by,
        "at": format_instant(one.timestamp),
        "by": rule.signed.by,
        "reason": rule.signed.reason,
        "rollback_to": rule.rollback_to,
    }
