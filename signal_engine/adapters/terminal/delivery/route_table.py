"""The way of an alert, for a terminal."""

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal import wording
from signal_engine.adapters.terminal.clean import one_line
from signal_engine.wire.delivery.plan_documents import ASKED_IN_WORDS, RouteTest
from signal_engine.wire.output.alert_words import ALERT_IN_WORDS
from signal_engine.wire.output.words import sentence


def show_route_test(screen: Console, test: RouteTest, file: str) -> None:
    """Whom it is for, the deliveries, the route that takes it, and why every other one does not."""
    what = f"{ALERT_IN_WORDS[test['type']]}, for {test['audience']}, decided {wording.minute(test['at'])} UTC"
    screen.print(Text.assemble((test["account_id"], "bold"), f"  {what}"))
    for line in _whom(test):
        screen.print(Text(f"  {one_line(line)}"))
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("To", "For", "When", "Why then"):
        table.add_column(heading, overflow="fold")
    for one in test["deliveries"]:
        place = Text.assemble((one_line(one["destination"]), "bold"), (f"  {one['kind']}", "dim"))
        table.add_row(place, one_line(one["person"] or "everybody there"), one["local"] or "never", one["in_words"])
    screen.print(table)
    for late in test["unclaimed"]:
        name = one_line(late["name"] or "triage, since neither manager nor backup is reached,")
        screen.print(Text(f"  Unclaimed by {late['local']}: {name} is told."))
    if (drawn := test["assigned"]) is not None:
        where = f"{file}:{drawn['line']}"
        screen.print(Text(f"  The account has no SDR: {one_line(drawn['person'])} gets it ({where})."))
    if test["control_group"] is not None:
        screen.print(Text(f"  It is in the control group of {test['control_group']}."))
    _show_routes(screen, test, file)


def _whom(test: RouteTest) -> list[str]:
    lines = [sentence(turn["in_words"]) for turn in test["turns"]]
    if test["person"] is None:
        return [*lines, "It reaches no person."]
    reason = "" if lines else f": {test['person']} {ASKED_IN_WORDS[test['asked']]}"
    return [*lines, f"It is for {test['person']}{reason}."]


def _show_routes(screen: Console, test: RouteTest, file: str) -> None:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("Route", "Takes", ""):
        table.add_column(heading, overflow="fold")
    rows = {one["number"]: (one["when"], Text(one["why_not"], "dim")) for one in test["passed"]}
    rows[test["route"]["number"]] = (test["route"]["when"], Text("takes it", "bold green"))
    lines = {one["number"]: one["line"] for one in (test["route"], *test["passed"])}
    for number in sorted(rows):
        when, why = rows[number]
        table.add_row(f"{file}:{lines[number]}", one_line(when), why)
    screen.print(table)
