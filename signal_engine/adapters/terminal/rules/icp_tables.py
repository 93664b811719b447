"""Publications of ICPs."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal import wording
from signal_engine.adapters.terminal.clean import one_line
from signal_engine.adapters.terminal.reports.icp_diff import show_diff
from signal_engine.adapters.terminal.rules.differences import show_difference
from signal_engine.wire.output.operations.rules import IcpDifference, IcpPublication, IcpVersions


def show_icp_changes(screen: Console, changes: Sequence[IcpDifference]) -> None:
    """Print what a publication changes: the files, the accounts, and the plays to be looked at."""
    for one in changes:
        if one["difference"]:
            screen.print(Text(f"{one['icp']}  the file", "bold"))
            show_difference(screen, one["difference"])
        if one["accounts"] is not None:
            show_diff(screen, one["accounts"])
        if one["plays"]:
            screen.print(Text(f"Plays for {one['icp']} alone: do they still hold?", "bold"))
        for play in one["plays"]:
            of = ", ".join(said for said in (play["kind"], play["segment"]) if said is not None) or "any reason to call"
            screen.print(Text(f"  {one_line(of)}: {one_line(play['text'])}"))


def show_icps_published(screen: Console, told: IcpPublication, *, dry_run: bool) -> None:
    """Print what was published, or would be."""
    if not told["icps"]:
        screen.print("everything is published already; nothing was written")
        return
    for one in told["icps"]:
        before = "" if one["before"] is None else f" in place of version {one['before']}"
        would = "would be " if dry_run else ""
        if one["version"] is None:
            screen.print(f"{one['icp']} {would}taken out of force")
        else:
            screen.print(f"{one['icp']} version {one['version']} {would}published{before}")
    if told["in_force"] is not None and told["waiting_for"] is None:
        screen.print(f"  in force at {told['in_force']}")


def show_versions(screen: Console, told: IcpVersions) -> None:
    """Print versions, one a line."""
    if not told["versions"]:
        screen.print("No ICP has been published: `fit load --icp` names the files.")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for column in ("ICP", "Version", "", "Owner", "Review by", "Published (UTC)", "By", "Reason"):
        table.add_column(column, overflow="fold")
    for one in told["versions"]:
        back = "" if one["rollback_to"] is None else f"back to version {one['rollback_to']}: "
        table.add_row(
            one["icp"],
            str(one["version"]),
            Text("in force" if one["in_force"] else "", "green"),
            Text(one["owner"]),
            one["review_by"],
            wording.minute(one["at"]),
            Text(one["by"]),
            Text(one_line(back + one["reason"])),
        )
    screen.print(table)
