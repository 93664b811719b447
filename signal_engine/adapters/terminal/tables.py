"""Ranked lists, alerts and refusals as tables that a sales manager reads."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal import wording
from signal_engine.core.alerts import AlertType
from signal_engine.wire.alert_words import ALERT_IN_WORDS

TYPE_STYLE: Final[dict[AlertType, str]] = {
    "entered_hot": "bold red",
    "hand_raise": "bold magenta",
    "new_evidence": "red",
    "cooled": "cyan",
}


def show_list(
    screen: Console, name: str, entries: Sequence[Mapping[str, Any]], now: str, most: int, moved_in: str = "24 h"
) -> None:
    """One ranked list: rank, company, tier and fit, why now, score with its parts, when it cools.

    `moved_in` says since when `previous_rank` is.
    """
    what = "all profiles together" if name == "all" else f"profile {name}"
    accounts = f"{len(entries)} account{'' if len(entries) == 1 else 's'}"
    screen.print(Text.assemble(("In the market now", "bold"), f"  {what}, {accounts}, {wording.minute(now)} UTC"))
    if not entries:
        screen.print(Text("  Nobody who fits is in the market now.", "dim"))
        screen.print()
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column(moved_in, no_wrap=True)
    table.add_column("Company", ratio=3, overflow="fold")
    table.add_column("Tier (fit)", no_wrap=True)
    table.add_column("Score", justify="right", no_wrap=True)
    table.add_column("Level", no_wrap=True)
    table.add_column("Why now", ratio=4)
    table.add_column("The score in parts", ratio=4)
    table.add_column("Cools", ratio=2)
    for entry in map(dict, entries[:most]):
        table.add_row(
            str(entry["rank"]),
            wording.moved(entry),
            wording.company(entry),
            Text.assemble(entry["tier"], (f" ({entry['fit']:g})", "dim")),
            f"{entry['score']:.1f}",
            Text(entry["level"], wording.LEVEL_STYLE[entry["level"]]),
            Text(wording.why_now(entry)),
            wording.parts(entry),
            Text(f"{wording.day(entry['cools_at'])} {wording.in_days(entry['cools_at'], now)}".strip() or "is cold"),
        )
    screen.print(table)
    if len(entries) > most:
        screen.print(Text(f"  {len(entries) - most} more", "dim"))
    screen.print()


def show_order(screen: Console, weights: Mapping[str, float]) -> None:
    """By what the lists are ordered."""
    shown = ", ".join(f"{tier} {weight:g}" for tier, weight in weights.items())
    said = f"Lists are ordered by score (before its ceiling) times the weight of the fit tier: {shown}."
    screen.print(Text(said, "dim"))
    screen.print()


def show_alerts(screen: Console, alerts: Sequence[Mapping[str, Any]], earlier: int) -> None:
    """Alerts as they came, oldest first."""
    screen.print(Text.assemble(("Alerts", "bold"), f"  as they came, times in UTC; {earlier + len(alerts)} in all"))
    if not alerts:
        screen.print(Text("  None: nobody who fits became hot or raised a hand.", "dim"))
        screen.print()
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column("When", no_wrap=True)
    table.add_column("Alert", no_wrap=True)
    table.add_column("Company", ratio=3, overflow="fold")
    table.add_column("For", ratio=1)
    table.add_column("Score", justify="right", no_wrap=True)
    table.add_column("Why now", ratio=4)
    table.add_column("The score in parts", ratio=4)
    for alert in map(dict, alerts):
        table.add_row(
            wording.minute(alert["at"]),
            Text(ALERT_IN_WORDS[alert["type"]], TYPE_STYLE[alert["type"]]),
            wording.company(alert),
            Text(alert["owner"] or ""),
            f"{alert['score']:.1f}",
            Text(wording.why_now(alert)),
            wording.parts(alert),
        )
    screen.print(table)
    if earlier:
        screen.print(Text(f"  {earlier} earlier ones; --json tells all", "dim"))
    screen.print()


def show_refused(screen: Console, refused: Iterable[Mapping[str, Any]], total: int, most: int = 10) -> None:
    """The first refused lines, each with its place, reason and detail."""
    for number, line in enumerate(refused):
        if number == most:
            screen.print(Text(f"  and {total - most:,} more refused lines; --json tells all", "dim"))
            break
        place = f"{line['file']}:{line['line']}" if "file" in line else f"line {line['line']}"
        screen.print(Text.assemble(("refused ", "red"), f"{place}: {line['reason']}: {line['detail']}"))
