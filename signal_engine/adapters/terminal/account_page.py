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
from signal_engine.wire.outcomes.words import opportunity_in_words, outcome_in_words
from signal_engine.wire.output import words
from signal_engine.wire.output.alert_words import ALERT_IN_WORDS, alerted_just_now


def show_account(screen: Console, document: Mapping[str, Any]) -> None:
    """Print the explanation of an account."""
    now = document["until"]
    screen.print(wording.badge(document), wording.company(document), Text(f"as of {wording.minute(now)} UTC", "dim"))
    screen.print(Text.assemble(("Score ", "bold"), (wording.score(document), "bold"), f"  {_level(document)}"))
    if held := words.control_group_in_words(document):
        screen.print(Text(f"In the {held}: others see it on no list, and nobody is told of it.", "bold"))
    if document["pinned_until"]:
        screen.print(Text(_asked(document)))
    if document["why_now"]:
        screen.print(Text("Why now: ", "bold"), wording.why_now(document, now), sep="")
    if document["next_step"]:
        screen.print(Text("Next step: ", "bold"), Text(document["next_step"]), sep="")
    for line in (*_people(document), *relation(document), *_inherited(document)):
        screen.print(Text(line))
    if document["ids_evicted"]:
        evicted = words.count(document["ids_evicted"], "event id")
        screen.print(f"{evicted} evicted early: repeats of those events would count again.")
    _show_parts(screen, document)
    _show_fit(screen, document)
    _show_lists(screen, document)
    _show_alerts(screen, document)
    _show_outcomes(screen, document)


def _asked(document: Mapping[str, Any]) -> str:
    """An unanswered hand raise: until when it pins the account, if the account is on a list at all."""
    asked = f"Asked to be called {wording.ago(document['hand_raised_at'], document['until'])}"
    if not any(place["rank"] for place in document["lists"]):
        return f"{asked}, but is on no list (see below)"
    until = wording.minute(document["pinned_until"])
    return f"{asked}: pinned to the top of its lists until {until} UTC or until somebody answers"


def _level(document: Mapping[str, Any]) -> str:
    """`Hot since 3 Mar 2026 10:00, until 9 Mar 2026 12:00 (in 6 days) without new signals`."""
    level = document["level"].capitalize()
    since = f"{level} since {wording.minute(document['since'])}" if document["since"] else level
    if not document["cools_at"]:
        return since
    until = f"{wording.minute(document['cools_at'])} ({wording.in_days(document['cools_at'], document['until'])})"
    return f"{since}, until {until} without new signals"


def _people(document: Mapping[str, Any]) -> Iterator[str]:
    """Lines on who was seen, under which titles, and who of the buying group is missing."""
    now = document["until"]
    seen = [
        f"{words.persona(one['persona'])} ({one_line(one['called'])}, {wording.ago(one['last_seen_at'], now)})"
        for one in document["people"]
    ]
    if document["parts"]:
        yield words.seen(document)
    if seen:
        yield f"People seen, newest first: {', '.join(seen)}"
    for decision in document["fit"]:
        if decision["primary"] and (group := decision["buying_group"]):
            here, missing = (
                ", ".join(words.persona(one["persona"]) for one in group if one["seen"] is seen)
                for seen in (True, False)
            )
            yield f"Buying group: seen {here or 'nobody'}; missing {missing or 'nobody'}"


def relation(document: Mapping[str, Any]) -> Iterator[str]:
    """Lines on the account's relation to us and on its parent, if known."""
    if document["relation"] != "prospect":
        yield f"Relation: {words.relation(document['relation'])}"
    if document["parent"]:
        relation = words.relation(document["parent_relation"] or "in no accounts file")
        yield f"Parent: {document['parent']} ({relation})"


def _inherited(document: Mapping[str, Any]) -> Iterator[str]:
    """A line on the parent that must not be contacted, if it hides the account."""
    for one in document["actions"]:
        if one["inherited_from"] is not None:
            yield f"Not to be contacted: inherited from {one['inherited_from']}, by {one_line(one['by'])}"


def _show_parts(screen: Console, document: Mapping[str, Any]) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Signal type", no_wrap=True)
    table.add_column("Points", justify="right", no_wrap=True)
    table.add_column("Strongest evidence", ratio=1)
    table.add_column("On its own", justify="right", no_wrap=True)
    table.add_column("When", no_wrap=True)
    for part in document["parts"]:
        if part["points"] or part["evidence"]:
            named = words.signal_type(part["part"]), f"{part['points']:.2f}"
            for row in _rows(part, document):
                table.add_row(*named, *row)
                named = "", ""
    table.add_section()
    table.add_row(Text("score", "bold"), Text(f"{document['score']:.2f}", "bold"), "", "", "")
    screen.print(table)


def _rows(part: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[tuple[Text, str, str]]:
    """The lines that add up to a part."""
    for evidence in part["evidence"]:
        yield (
            Text(one_line(words.with_alias(evidence))),
            f"{evidence['points']:.2f}",
            wording.day(evidence["occurred_at"]),
        )
    if part.get("others"):
        yield Text(words.OTHERS, "dim"), f"{part['others']:.2f}", ""
    if part.get("saturated"):
        yield Text(words.SATURATED, "dim"), f"{part['saturated']:.2f}", ""
    if part["part"] == "stack":
        yield Text(words.stack(document)), "", ""
    elif part["part"] == "ceiling":
        yield Text(words.CEILING), "", ""


def _show_fit(screen: Console, document: Mapping[str, Any]) -> None:
    screen.print(Text("Fit", "bold"))
    if not document["fit"]:
        screen.print("  unknown: not in the accounts file")
    show_decisions(screen, document["fit"], document["until"][:10])
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


def _show_lists(screen: Console, document: Mapping[str, Any]) -> None:
    screen.print(Text("Lists", "bold"))
    for place in document["lists"]:
        if place["why_not"] is None:
            screen.print(f"  {place['list']}: rank {place['rank']}")
        else:
            screen.print(f"  {place['list']}: not on it ({place['why_not']}): {place['why_not_in_words']}")
    screen.print()


def _show_alerts(screen: Console, document: Mapping[str, Any]) -> None:
    """Print past alerts, then whether one is due; after an alert of a minute ago, that one, not why none is due."""
    screen.print(Text("Alerts", "bold"))
    alerts = sorted(document.get("alerts", ()), key=lambda alert: datetime.fromisoformat(alert["at"]))
    for alert in alerts:
        kept = f" (recorded, not sent: {alert['recorded'].replace('_', ' ')})" if alert["recorded"] else ""
        type_ = f"{ALERT_IN_WORDS[alert['type']].capitalize()}{kept}"
        screen.print(Text(f"  {wording.minute(alert['at'])}  {type_}: {one_line(alert['why_now'])}"))
    if just_now := alerted_just_now(alerts, document["until"]):
        screen.print(f"  alerted just now ({ALERT_IN_WORDS[just_now['type']]})")
    else:
        screen.print(f"  none due now ({document['why_no_alert']}): {document['why_no_alert_in_words']}")


def _show_outcomes(screen: Console, document: Mapping[str, Any]) -> None:
    """Print what came of the account, where anything did; a replay does not know."""
    found = document.get("outcomes") or {"opportunities": (), "as_customer": ()}
    if found["opportunities"] or found["as_customer"]:
        screen.print(Text("\nOpportunities", "bold"))
    for opportunity in found["opportunities"]:
        name = f"{one_line(opportunity['opportunity_id'])}: " if opportunity["opportunity_id"] else ""
        screen.print(Text(f"  {name}{one_line(opportunity_in_words(opportunity))}"))
        _show_past(screen, opportunity["outcomes"], "    ")
    _show_past(screen, found["as_customer"], "  ")


def _show_past(screen: Console, outcomes: Iterable[Mapping[str, Any]], indent: str) -> None:
    for one in outcomes:
        screen.print(Text(f"{indent}{wording.minute(one['at'])}  {one_line(outcome_in_words(one))}", "dim"))
