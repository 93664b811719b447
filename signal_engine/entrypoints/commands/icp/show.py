"""`signal-engine icp show`: an ICP on one page, so that anybody can say yes or no to an account."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, NamedTuple

import click

from signal_engine.adapters.files.written_whole import written_whole
from signal_engine.adapters.terminal.reports.icp_summary import show_summary
from signal_engine.adapters.terminal.screen import print_json, stderr, stdout
from signal_engine.core.fit.icp import Icp
from signal_engine.core.rules.instants import SECOND
from signal_engine.engine.reports.icp_summary import icp_summary
from signal_engine.engine.rules.log import Logged, RulesLog
from signal_engine.entrypoints.wiring.connections import clock, run_live
from signal_engine.entrypoints.wiring.inputs import read_icps, read_scoring
from signal_engine.entrypoints.wiring.options import (
    DEFAULT_SCORING,
    READABLE,
    failing_clearly,
    refuse,
    refuse_output,
)
from signal_engine.entrypoints.wiring.rules.published import published_scoring, rules_topic
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.config import icp_file
from signal_engine.wire.config.scoring_file import ScoringFile
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.reports.icp_summary.documents import IcpSummary, PublishedAs
from signal_engine.wire.rules.record import IcpVersion

_ID: Final = re.compile(r"[a-z0-9-]+")


class _Shown(NamedTuple):
    """An ICP, the scoring file it is shown with, and how it was published."""

    profile: Icp
    scoring: ScoringFile
    published: PublishedAs | None


@click.command()
@click.argument("icp", metavar="ICP")
@click.option("--version", type=click.IntRange(1), help="Which published version.  [default: the one in force]")
@click.option(
    "--scoring",
    type=READABLE,
    help=f"The scoring file.  [default: the published one; with a file {DEFAULT_SCORING}]",
)
@click.option("--json", "as_json", is_flag=True, help="Print the page as one JSON document.")
@click.option("--page", type=click.Path(dir_okay=False), help="Also write it as a page to print; it works offline.")
@click.option("--yes", is_flag=True, help="Replace the page if it exists.")
def show(icp: str, version: int | None, scoring: str | None, as_json: bool, page: str | None, yes: bool) -> None:  # noqa: FBT001 (click passes it by name)
    """Show an ICP on one page.

    What makes an account a yes, what makes it a no, when to call, and who decides. ICP is the id of a published ICP, or
    an ICP file (with a dot or a slash in its name).
    """
    with failing_clearly():
        is_file = _ID.fullmatch(icp) is None
        if page is not None:
            refuse_output(page, (icp if is_file else None, scoring), "--page", overwrite=yes)
        shown = _of_file(icp, version, scoring) if is_file else _published(icp, version, scoring)
        today = datetime.fromtimestamp(clock() / SECOND, UTC).date()
        _show(icp_summary(shown.profile, shown.scoring, today, shown.published), page, as_json=as_json)


def _of_file(path: str, version: int | None, scoring: str | None) -> _Shown:
    if version is not None:
        refuse(("--version: goes with the id of a published ICP, not with a file",))
    if not Path(path).is_file():
        refuse((f"{path}: is no file, and ids of ICPs have only a-z, 0-9 and -",))
    rules = read_scoring(scoring or DEFAULT_SCORING)
    (profile,) = read_icps([path], rules)
    return _Shown(profile, rules, None)


def _published(icp: str, version: int | None, scoring: str | None) -> _Shown:
    settings = read_settings()
    log = run_live(_read(settings))
    one = _version(log, icp, version)
    profile, _ = icp_file.parse(one.rule.name, one.rule.text.encode())
    return _Shown(
        profile,
        published_scoring(settings, log) if scoring is None else read_scoring(scoring),
        {
            "at": format_instant(one.timestamp),
            "by": one.rule.signed.by,
            "reason": one.rule.signed.reason,
            "in_force": one == log.icps_in_force().get(icp),
            "rollback_to": one.rule.rollback_to,
        },
    )


async def _read(settings: Settings) -> RulesLog:
    return RulesLog.of(await rules_topic(settings).read())


def _version(log: RulesLog, icp: str, version: int | None) -> Logged[IcpVersion]:
    """The version of a published ICP, by default the one in force; exits with 2 where there is none."""
    versions = log.versions(icp)
    if not versions:
        there = ", ".join(sorted({name.icp for name in log.icps})) or "none"
        refuse((f"ICP {icp} was never published; published: {there}. A file is named with its ending",))
    if version is None:
        in_force = log.icps_in_force().get(icp)
        if in_force is not None:
            return in_force
        known = ", ".join(str(one.rule.named.version) for one in versions)
        refuse((f"ICP {icp} is not in force; --version shows one of its versions: {known}",))
    found = [one for one in versions if one.rule.named.version == version]
    if not found:
        known = ", ".join(str(one.rule.named.version) for one in versions)
        refuse((f"ICP {icp} has no version {version}; published: {known}",))
    return max(found, key=lambda one: one.offset)


def _show(summary: IcpSummary, page: str | None, *, as_json: bool) -> None:
    if page is not None:
        from signal_engine.adapters.pages.icp_summary import summary_page  # noqa: PLC0415 (jinja2 is slow to import)

        with written_whole(Path(page)) as file:
            file.write(summary_page(summary).encode())
    if as_json:
        print_json(summary)
        return
    if summary["review_passed"] is not None:
        click.echo(f"warning: {summary['review_passed']}", err=True)
    show_summary(stdout(), summary)
    if page is not None:
        stderr().print(f"The page is in {page}.")
