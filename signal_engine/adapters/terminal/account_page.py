"""One account on one screen: how hot, made of what, does it fit, and why (not) on a list or in an alert."""

from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal import wording
from signal_engine.wire.alert_words import ALERT_IN_WORDS


def show_account(screen: Console, told: dict[str, Any]) -> None:
    """The explanation of an account for people."""
    screen.print(wording.company(told), Text(f"as of {wording.minute(told['until'])} UTC", "dim"))
    cools = ""
    if told["cools_at"]:
        cools = f", cools {wording.minute(told['cools_at'])} ({wording.in_days(told['cools_at'], told['until'])})"
    since = f" since {wording.minute(told['since'])}" if told["since"] else ""
    screen.print(
        Text.assemble(
            ("Score ", "bold"),
            (f"{told['score']:.2f}", "bold"),
            "  ",
            (told["level"], wording.LEVEL_STYLE[told["level"]]),
            f"{since}{cools}",
        )
    )
    if told["people"]:
        screen.print(f"People seen, newest first: {', '.join(told['people'])}")
    if told["ids_forgotten_early"]:
        screen.print(
            f"{told['ids_forgotten_early']:,} event ids were let go early: repeats of those would count again."
        )
    _show_parts(screen, told)
    _show_fit(screen, told)
    _show_lists(screen, told)
    _show_alerts(screen, told)


def _show_parts(screen: Console, told: dict[str, Any]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Part", no_wrap=True)
    table.add_column("Points", justify="right", no_wrap=True)
    table.add_column("Strongest evidence", ratio=1)
    table.add_column("On its own", justify="right", no_wrap=True)
    table.add_column("When", no_wrap=True)
    for part in told["parts"]:
        name, points = part["part"], part["points"]
        if name == "stack":
            live = len(told["kinds_live"])
            note = f"{live} live kind{'' if live == 1 else 's'}: x {told['multiplier']:g}"
        else:
            note = "a score ends at 100" if name == "ceiling" else ""
        if name == "ceiling" and not points:
            continue
        first, *rest = part["evidence"] or [None]
        table.add_row(name, f"{points:.2f}", Text(first["text"] if first else note), *_worth(first))
        for evidence in rest:
            table.add_row("", "", Text(evidence["text"]), *_worth(evidence))
    table.add_section()
    table.add_row(Text("score", "bold"), Text(f"{told['score']:.2f}", "bold"), "", "", "")
    screen.print(table)


def _worth(evidence: dict[str, Any] | None) -> tuple[str, str]:
    return ("", "") if evidence is None else (f"{evidence['points']:.2f}", wording.day(evidence["occurred_at"]))


def _show_fit(screen: Console, told: dict[str, Any]) -> None:
    screen.print(Text("Fit", "bold"))
    if not told["fit"]:
        screen.print(f"  unknown: {told['why_no_alert_in_words']}")
    for decision in told["fit"]:
        tier = f", tier {decision['tier']}" if decision["tier"] else ""
        fit = "" if decision["fit"] is None else f", fit {decision['fit']:g}"
        mark = " (primary)" if decision["primary"] else ""
        screen.print(f"  {decision['icp']} v{decision['version']}: {decision['decision']}{tier}{fit}{mark}")
        for reason in decision["reasons"]:
            screen.print(Text(f"    - {reason}", "dim"))
    screen.print()


def _show_lists(screen: Console, told: dict[str, Any]) -> None:
    screen.print(Text("Lists", "bold"))
    for place in told["lists"]:
        if place["why_not"] is None:
            screen.print(f"  {place['list']}: rank {place['rank']}")
        else:
            screen.print(f"  {place['list']}: not on it ({place['why_not']}): {place['why_not_in_words']}")
    screen.print()


def _show_alerts(screen: Console, told: dict[str, Any]) -> None:
    screen.print(Text("Alerts", "bold"))
    for alert in told.get("alerts", ()):  # the live view does not hold past ones
        screen.print(f"  {wording.minute(alert['at'])}  {ALERT_IN_WORDS[alert['type']]}: {alert['why_now']}")
    screen.print(f"  none due now ({told['why_no_alert']}): {told['why_no_alert_in_words']}")
