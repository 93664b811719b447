"""Ranked lists, alerts and refusals as tables that a sales manager reads."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal import wording
from signal_engine.adapters.terminal.clean import one_line
from signal_engine.core.alerting.alerts import AlertType
from signal_engine.wire.output import words
from signal_engine.wire.output.alert_words import ALERT_IN_WORDS

TYPE_STYLE: Final[dict[AlertType, str]] = {
    "hand_raise": "bold magenta",
    "entered_hot": "bold red",
    "trigger": "bold yellow",
    "new_evidence": "red",
    "cooled": "cyan",
    "inbound": "magenta",
}


def show_list(
    screen: Console,
    name: str,
    entries: Sequence[Mapping[str, Any]],
    now: str,
    most: int,
    moved_in: str = "24 h",
    alerted: Collection[str] = (),
) -> None:
    """One ranked list: badge, company, tier and fit, score, why now, who was seen, parts, until when.

    `moved_in` says since when `previous_rank` is; accounts `alerted` have been alerted just now, and it says so.
    """
    what = "all profiles together" if name == "all" else f"profile {name}"
    accounts = words.count(len(entries), "account")
    screen.print(Text.assemble(("In the market now", "bold"), f"  {what}, {accounts}, {wording.minute(now)} UTC"))
    if not entries:
        screen.print(Text("  Nobody who fits is in the market now.", "dim"))
        screen.print()
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column("", no_wrap=True)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column(moved_in, no_wrap=True)
    table.add_column("Company", ratio=3, overflow="fold")
    table.add_column("Tier (fit)", no_wrap=True)
    table.add_column("Score", justify="right", no_wrap=True)
    table.add_column("Why now", ratio=4)
    table.add_column("People seen", ratio=3)
    table.add_column("By signal type", ratio=4)
    table.add_column("Hot until", ratio=2)
    for entry in entries[:most]:
        table.add_row(
            wording.badge(entry),
            str(entry["rank"]),
            wording.moved(entry),
            wording.company(entry),
            Text.assemble(entry["tier"], (f" ({entry['fit']:.0f})", "dim")),
            wording.score(entry),
            _why_now(entry, now, alerted),
            Text(words.who(entry)),
            wording.parts(entry),
            Text(wording.until(entry, now)),
        )
    screen.print(table)
    if len(entries) > most:
        screen.print(Text(f"  {len(entries) - most:,} more", "dim"))
    screen.print()


def _why_now(entry: Mapping[str, Any], now: str, alerted: Collection[str]) -> Text:
    told = wording.why_now(entry, now)
    return told.append("; alerted just now", "green") if entry["account_id"] in alerted else told


def show_order(screen: Console, weights: Mapping[str, float]) -> None:
    """By what the lists are ordered, since it is not by the score alone."""
    screen.print(Text(words.order(weights), "dim"))
    screen.print()


def show_alerts(screen: Console, alerts: Sequence[Mapping[str, Any]], earlier: int) -> None:
    """Alerts as they came, oldest first."""
    screen.print(Text.assemble(("Alerts", "bold"), f"  as they came, times in UTC; {earlier + len(alerts):,} in all"))
    if not alerts:
        screen.print(Text("  None: nobody who fits gave a reason to call.", "dim"))
        screen.print()
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column("When", no_wrap=True)
    table.add_column("Alert", no_wrap=True)
    table.add_column("Company", ratio=3, overflow="fold")
    table.add_column("For", ratio=1)
    table.add_column("Score", justify="right", no_wrap=True)
    table.add_column("Why now", ratio=5)
    table.add_column("By signal type", ratio=4)
    for alert in alerts:
        table.add_row(
            wording.minute(alert["at"]),
            alert_type(alert),
            wording.company(alert),
            Text(wording.for_whom(alert)),
            wording.score(alert),
            wording.alert_reason(alert),
            wording.parts(alert),
        )
    screen.print(table)
    if earlier:
        screen.print(Text(f"  {earlier:,} earlier ones; --json tells all", "dim"))
    screen.print()


def alert_type(alert: Mapping[str, Any]) -> Text:
    """`Hand raise`; of one that was kept but not sent, that it was."""
    kept = f" ({alert['recorded'].replace('_', ' ')}, not sent)" if alert["recorded"] else ""
    return Text(f"{ALERT_IN_WORDS[alert['type']].capitalize()}{kept}", TYPE_STYLE[alert["type"]])


def show_refused(screen: Console, refused: Iterable[Mapping[str, Any]], total: int, most: int = 10) -> None:
    """The first refused lines, each with its place, reason and detail."""
    for number, line in enumerate(refused):
        if number == most:
            screen.print(Text(f"  and {total - most:,} more refused lines; --json tells all", "dim"))
            break
        place = f"{line['file']}:{line['line']}" if "file" in line else f"line {line['line']}"
        screen.print(Text.assemble(("refused ", "red"), f"{place}: {line['reason']}: {one_line(line['detail'])}"))
