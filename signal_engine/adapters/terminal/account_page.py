"""One account on one screen: level, score by parts, fit, and why it is or is not listed and alerted."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal import wording
from signal_engine.adapters.terminal.clean import one_line
from signal_engine.wire.output import words
from signal_engine.wire.output.alert_words import ALERT_IN_WORDS, alerted_just_now


def show_account(screen: Console, told: Mapping[str, Any]) -> None:
    """Print the explanation of an account."""
    now = told["until"]
    screen.print(wording.badge(told), wording.company(told), Text(f"as of {wording.minute(now)} UTC", "dim"))
    screen.print(Text.assemble(("Score ", "bold"), (wording.score(told), "bold"), f"  {_level(told)}"))
    if told["pinned_until"]:
        screen.print(Text(_asked(told)))
    if told["why_now"]:
        screen.print(Text("Why now: ", "bold"), wording.why_now(told, now), sep="")
    for line in (*_people(told), *relation(told)):
        screen.print(Text(line))
    if told["ids_evicted"]:
        evicted = words.count(told["ids_evicted"], "event id")
        screen.print(f"{evicted} evicted early: repeats of those events would count again.")
    _show_parts(screen, told)
    _show_fit(screen, told)
    _show_lists(screen, told)
    _show_alerts(screen, told)


def _asked(told: Mapping[str, Any]) -> str:
    """An unanswered hand raise: until when it pins the account, if the account is on a list at all."""
    asked = f"Asked to be called {wording.ago(told['hand_raised_at'], told['until'])}"
    if not any(place["rank"] for place in told["lists"]):
        return f"{asked}, but is on no list (see below)"
    until = wording.minute(told["pinned_until"])
    return f"{asked}: pinned to the top of its lists until {until} UTC or until somebody answers"


def _level(told: Mapping[str, Any]) -> str:
    """`Hot since 3 Mar 2026 10:00, until 9 Mar 2026 12:00 (in 6 days) without new signals`."""
    level = told["level"].capitalize()
    since = f"{level} since {wording.minute(told['since'])}" if told["since"] else level
    if not told["cools_at"]:
        return since
    until = f"{wording.minute(told['cools_at'])} ({wording.in_days(told['cools_at'], told['until'])})"
    return f"{since}, until {until} without new signals"


def _people(told: Mapping[str, Any]) -> Iterator[str]:
    """Lines on who was seen, under which titles, and who of the buying group is missing."""
    now = told["until"]
    seen = [
        f"{words.persona(one['persona'])} ({one_line(one['called'])}, {wording.ago(one['last_seen_at'], now)})"
        for one in told["people"]
    ]
    if told["parts"]:
        yield words.seen(told)
    if seen:
        yield f"People seen, newest first: {', '.join(seen)}"
    for decision in told["fit"]:
        if decision["primary"] and (group := decision["buying_group"]):
            here, missing = (
                ", ".join(words.persona(one["persona"]) for one in group if one["seen"] is seen)
                for seen in (True, False)
            )
            yield f"Buying group: seen {here or 'nobody'}; missing {missing or 'nobody'}"


def relation(told: Mapping[str, Any]) -> Iterator[str]:
    """Lines on the account's relation to us and on its parent, if known."""
    if told["relation"] != "prospect":
        yield f"Relation: {words.relation(told['relation'])}"
    if told["parent"]:
        relation = words.relation(told["parent_relation"] or "in no accounts file")
        yield f"Parent: {told['parent']} ({relation})"


def _show_parts(screen: Console, told: Mapping[str, Any]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Signal type", no_wrap=True)
    table.add_column("Points", justify="right", no_wrap=True)
    table.add_column("Strongest evidence", ratio=1)
    table.add_column("On its own", justify="right", no_wrap=True)
    table.add_column("When", no_wrap=True)
    for part in told["parts"]:
        if part["points"] or part["evidence"]:
            named = words.signal_type(part["part"]), f"{part['points']:.2f}"
            for row in _rows(part, told):
                table.add_row(*named, *row)
                named = "", ""
    table.add_section()
    table.add_row(Text("score", "bold"), Text(f"{told['score']:.2f}", "bold"), "", "", "")
    screen.print(table)


def _rows(part: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[tuple[Text, str, str]]:
    """The lines that add up to a part."""
    for evidence in part["evidence"]:
        yield Text(one_line(evidence["text"])), f"{evidence['points']:.2f}", wording.day(evidence["occurred_at"])
    if part.get("others"):
        yield Text(words.OTHERS, "dim"), f"{part['others']:.2f}", ""
    if part.get("saturated"):
        yield Text(words.SATURATED, "dim"), f"{part['saturated']:.2f}", ""
    if part["part"] == "stack":
        yield Text(words.stack(told)), "", ""
    elif part["part"] == "ceiling":
        yield Text(words.CEILING), "", ""


def _show_fit(screen: Console, told: Mapping[str, Any]) -> None:
    screen.print(Text("Fit", "bold"))
    if not told["fit"]:
        screen.print("  unknown: not in the accounts file")
    show_decisions(screen, told["fit"], told["until"][:10])
    screen.print()


def show_decisions(screen: Console, decisions: Iterable[Mapping[str, Any]], day: str) -> None:
    """Print each ICP's decision, reasons and owner, and whether its review date has passed on `day` (YYYY-MM-DD)."""
    for decision in decisions:
        tier = f", tier {decision['tier']}" if decision["tier"] else ""
        fit = "" if decision["fit"] is None else f", fit {decision['fit']:g}"
        mark = " (primary)" if decision["primary"] else ""
        screen.print(f"  {decision['icp']} v{decision['version']}: {decision['decision']}{tier}{fit}{mark}")
        for reason in decision["reasons"]:
            screen.print(Text(f"    - {one_line(reason)}", "dim"))
        review = f"review by {decision['review_by']}"
        passed = (", which has passed", "yellow") if decision["review_by"] < day else ""
        screen.print(Text.assemble((f"    decided by {one_line(decision['icp_owner'])}, {review}", "dim"), passed))


def _show_lists(screen: Console, told: Mapping[str, Any]) -> None:
    screen.print(Text("Lists", "bold"))
    for place in told["lists"]:
        if place["why_not"] is None:
            screen.print(f"  {place['list']}: rank {place['rank']}")
        else:
            screen.print(f"  {place['list']}: not on it ({place['why_not']}): {place['why_not_in_words']}")
    screen.print()


def _show_alerts(screen: Console, told: Mapping[str, Any]) -> None:
    """Print past alerts, then whether one is due; after an alert of a minute ago, that one, not why none is due."""
    screen.print(Text("Alerts", "bold"))
    alerts = sorted(told.get("alerts", ()), key=lambda alert: datetime.fromisoformat(alert["at"]))
    for alert in alerts:
        kept = f" (recorded, not sent: {alert['recorded'].replace('_', ' ')})" if alert["recorded"] else ""
        type_ = f"{ALERT_IN_WORDS[alert['type']].capitalize()}{kept}"
        screen.print(Text(f"  {wording.minute(alert['at'])}  {type_}: {one_line(alert['why_now'])}"))
    if just_now := alerted_just_now(alerts, told["until"]):
        screen.print(f"  alerted just now ({ALERT_IN_WORDS[just_now['type']]})")
    else:
        screen.print(f"  none due now ({told['why_no_alert']}): {told['why_no_alert_in_words']}")
