"""Deliveries in a terminal: a table that is folded, and beyond 500 rows a line each, with the same texts."""

import re
from io import StringIO

import pytest
from rich.console import Console

from signal_engine.adapters.terminal.delivery.ledger_tables import show_deliveries, show_stats
from signal_engine.core.delivery.answering import ActionsSeen
from signal_engine.core.delivery.ledger import grouped, rows_of
from signal_engine.core.delivery.plan import plan
from signal_engine.engine.notify.asked import FoundRow, LedgerTotals, UnreachedAlerts
from signal_engine.engine.notify.documents import list_document, stats_document
from signal_engine.engine.ports.delivery.ledger import DestinationNotes, LastNotes
from tests.core.delivery.scene import ALERT, routing, to

_ROUTES = routing(to("direct"))
NOW = 1_800_000_000_000
(ROW,) = rows_of(ALERT, plan(ALERT, _ROUTES, ActionsSeen(), NOW), NOW, NOW)


def printed(many: int) -> list[str]:
    told = grouped(ROW, "the-summary", "one message counts them", NOW)
    found = [FoundRow(0, told._replace(account=f"a{number}\x1b[31m.com")) for number in range(many - 1)]
    screen = Console(file=StringIO(), width=400)
    show_deliveries(screen, list_document([FoundRow(0, ROW._replace(person="日本"), tells_of=1_234), *found]))
    assert isinstance(screen.file, StringIO)
    return [line.rstrip() for line in screen.file.getvalue().splitlines() if line.strip(" ─╶╴╌")]


@pytest.mark.parametrize("many", [500, 501])
def test_every_delivery_is_a_line_with_what_it_tells_of_and_what_tells_of_it(many: int) -> None:
    heading, first, second, *rest = printed(many)
    assert heading.split()[:3] == ["Changed", "(UTC)", "Account"]
    assert "tells of 1,234 more" in first
    assert "one message counts them; in the-summary" in second
    assert len(rest) == many - 2
    assert "\x1b" not in "".join((first, second, *rest))
    ids = {line.rpartition(" ")[0].rstrip() and line.rpartition(" ")[2] for line in (first, second, *rest)}
    assert ids == {ROW.delivery_id}
    assert heading.index("State") == second.index("grouped") == first.index("pending") + 2, "two cells a sign"


def test_figures_say_how_many_reached_nobody_and_what_mends_it() -> None:
    counts = {(ROW.destination, ROW.type, ROW.status): 1}
    unreached = {"unassigned": UnreachedAlerts(1_200, 1), "of a newer one": UnreachedAlerts(1, 1)}
    found = LedgerTotals(counts, {}, {}, {}, unreached)
    screen = Console(file=StringIO(), width=400)
    show_stats(screen, stats_document(found))
    assert isinstance(screen.file, StringIO)
    first, second = screen.file.getvalue().splitlines()[-2:]
    assert first.startswith("1,200 alerts of 1 account of the last 30 days went to triage: the account has neither SDR")
    assert "`signal-engine routes assign ACCOUNTS --by EMAIL`" in first
    assert "1 alert of 1 account of the last 30 days went to triage: of a newer one." in second


def test_figures_are_shown_by_type_of_alert_below_each_destination() -> None:
    counts = {
        ("direct", "trigger", "sent"): 1_200,
        ("direct", "trigger", "failed"): 1,
        ("direct", "cooled", "given_up"): 2,
    }
    late, early = LastNotes(NOW, None, None), LastNotes(None, NOW, "no such channel")
    notes = {"direct": DestinationNotes(late.later(early), {"trigger": late, "cooled": early})}
    screen = Console(file=StringIO(), width=400)
    show_stats(screen, stats_document(LedgerTotals(counts, {}, notes, {}, {})))
    assert isinstance(screen.file, StringIO)
    printed_rows = [re.sub(r" {2,}", " | ", line.strip()) for line in screen.file.getvalue().splitlines()]
    assert [row for row in printed_rows if row][-3:] == [
        "direct | 1 failed, 2 given up, 1,200 sent | 0 | 15 Jan 2027 08:00 | 15 Jan 2027 08:00 no such channel",
        "cooled | 2 given up | never | 15 Jan 2027 08:00 no such channel",
        "trigger | 1 failed, 1,200 sent | 15 Jan 2027 08:00 | never",
    ]
