"""Two accounts side by side, part by part."""

from collections.abc import Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal import wording
from signal_engine.wire.output import words
from signal_engine.wire.output.reports.what_if_documents import Comparison


def show_comparison(screen: Console, comparison: Comparison) -> None:
    """The parts of both scores with their differences, then what else tells the accounts apart."""
    accounts = comparison["accounts"]
    screen.print(Text(f"as of {wording.minute(comparison['until'])} UTC", "dim"))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for account in accounts:
        table.add_column(account["account_id"], justify="right", overflow="fold")
    table.add_column("Difference", justify="right", no_wrap=True)
    for part in comparison["parts"]:
        points = (f"{one:.2f}" for one in part["points"])
        table.add_row(words.signal_type(part["part"]), *points, f"{part['difference']:+.2f}")
    table.add_section()
    table.add_row(
        "score", *(f"{score:.2f}" for score in comparison["scores"]), f"{comparison['difference']:+.2f}", style="bold"
    )
    table.add_section()
    table.add_row("level", *(account["level"] for account in accounts), "")
    table.add_row("fit", *(_fit(account) for account in accounts), "")
    table.add_row("rank on all", *(_rank(account) for account in accounts), "")
    table.add_row("why now", *(wording.why_now(account, comparison["until"]) for account in accounts), "")
    screen.print(table)


def _fit(account: Mapping[str, Any]) -> str:
    primary = next((one for one in account["fit"] if one["primary"]), None)
    return "in no accounts file" if primary is None else f"{primary['decision']} {primary['tier'] or ''}".strip()


def _rank(account: Mapping[str, Any]) -> str:
    place = next(one for one in account["lists"] if one["list"] == "all")
    return str(place["rank"]) if place["why_not"] is None else f"not on it: {place['why_not']}"
