"""Ranked lists, alerts and rejected lines as tables for sales managers."""

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
    max_rows: int,
    moved_in: str = "24 h",
    alerted: Collection[str] = (),
) -> None:
    """Print one ranked list: badge, company, tier and fit, score, why now, people seen, parts, end of the level.

    `moved_in` heads the column of rank changes since `previous_rank`; `alerted` are the accounts alerted just now.
    """
    what = "all profiles" if name == "all" else f"profile {name}"
    accounts = words.count(len(entries), "account")
    screen.print(Text.assemble(("In the market now", "bold"), f"  {what}, {accounts}, {wording.minute(now)} UTC"))
    if not entries:
        screen.print(Text("  No account that fits is in-market now.", "dim"))
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
    table.add_column("Level ends", ratio=2)
    for entry in entries[:max_rows]:
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
    if len(entries) > max_rows:
        screen.print(Text(f"  {len(entries) - max_rows:,} more", "dim"))
    screen.print()


def _why_now(entry: Mapping[str, Any], now: str, alerted: Collection[str]) -> Text:
    reason = wording.why_now(entry, now)
    return reason.append("; alerted just now", "green") if entry["account_id"] in alerted else reason


def show_order(screen: Console, weights: Mapping[str, float]) -> None:
    """Print how lists are ordered, since it is not by score alone."""
    screen.print(Text(words.order(weights), "dim"))
    screen.print()


def show_alerts(screen: Console, alerts: Sequence[Mapping[str, Any]], earlier: int) -> None:
    """Print alerts in order of arrival, oldest first."""
    screen.print(Text.assemble(("Alerts", "bold"), f"  oldest first, times in UTC; {earlier + len(alerts):,} in total"))
    if not alerts:
        screen.print(Text("  None: no account that fits gave a reason to call.", "dim"))
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
        screen.print(Text(f"  {earlier:,} earlier; --json shows all", "dim"))
    screen.print()


def alert_type(alert: Mapping[str, Any]) -> Text:
    """`Hand raise`; with the reason if the alert was recorded but not sent."""
    kept = f" ({alert['recorded'].replace('_', ' ')}, not sent)" if alert["recorded"] else ""
    return Text(f"{ALERT_IN_WORDS[alert['type']].capitalize()}{kept}", TYPE_STYLE[alert["type"]])


def show_refused(
    screen: Console, refused: Iterable[Mapping[str, Any]], total: int, max_rows: int = 10, *, in_json: bool = True
) -> None:
    """Print the first rejected lines, each with place, reason and detail; `in_json`: the JSON document has all."""
    for number, line in enumerate(refused):
        if number == max_rows:
            rest = "; --json shows all" if in_json else ""
            screen.print(Text(f"  and {total - max_rows:,} more rejected lines{rest}", "dim"))
            break
        place = f"{line['file']}:{line['line']}" if "file" in line else f"line {line['line']}"
        screen.print(Text.assemble(("rejected ", "red"), f"{place}: {line['reason']}: {one_line(line['detail'])}"))
