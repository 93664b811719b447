"""Publications of the scoring file."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal import wording
from signal_engine.adapters.terminal.clean import one_line
from signal_engine.adapters.terminal.rules.differences import show_difference
from signal_engine.wire.output.operations.rules import ScoringHistory, ScoringPublication


def show_publication(screen: Console, told: ScoringPublication, *, dry_run: bool) -> None:
    """Print what was published, or would be."""
    before = f" in place of {told['before']}" if told["before"] else ""
    show_difference(screen, told["difference"])
    if told["config_version"] == told["before"]:
        screen.print(f"{told['config_version']} is published already; nothing was written")
        return
    verb = "would be published" if dry_run else "published"
    screen.print(f"{told['config_version']} {verb}{before}")
    if told["rebuild"]:
        screen.print("  it takes a rebuild: all topics are read again; `signal-engine rebuild` follows it")
    if told["in_force"] is not None and told["waiting_for"] is None:
        screen.print(f"  in force at {told['in_force']}")


def show_history(screen: Console, told: ScoringHistory) -> None:
    """Print the versions, newest first."""
    if not told["versions"]:
        screen.print("No scoring file has been published: each worker goes by its own.")
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for column in ("Version", "", "Published (UTC)", "By", "Reason"):
        table.add_column(column, overflow="fold")
    for one in told["versions"]:
        back = "" if one["rollback_to"] is None else f"back to {one['rollback_to']}: "
        table.add_row(
            one["config_version"],
            Text("in force" if one["in_force"] else "", "green"),
            wording.minute(one["at"]),
            Text(one["by"]),
            Text(one_line(back + one["reason"])),
        )
    screen.print(table)
