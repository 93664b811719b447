"""Text from events and files as a terminal shows it: never obeyed, never reordered, never a line of its own."""

import io
import unicodedata
from collections.abc import Callable
from typing import Any

import pytest
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal import account_page, dead_letter_tables, demo_screen, fit_tables, screen, tables
from signal_engine.adapters.terminal.clean import clean
from signal_engine.engine.read_model.account_view import AccountView
from tests.http.market import Market

HOSTILE = "\x1b]0;taken\x07\x9b31m\x1b[2J\u202egnp.\u2066\u200b\u2028\r\nerror: FORGED\x7f"
"""A title, colours, a cleared screen, reversed text, zero widths, line ends of three kinds."""
WORDS = {
    "level", "previous_level", "type", "decision", "part", "kind", "change", "list", "tier", "why_not", "why_no_alert",
    "reason", "outcome", "badge", "relation", "word", "audience", "account_id", "icp", "persona", "parent", "recorded",
    "parent_relation", "kinds_live", "personas_live", "raised_by", "triage_reason",
}  # fmt: skip
"""Fields that hold one of our own words, or a name whose letters were checked."""


def infected(result: Any, field: str = "") -> Any:
    """The same with `HOSTILE` behind every text that comes from outside."""
    if isinstance(result, dict):
        return {name: infected(value, name) for name, value in result.items()}
    if isinstance(result, list | tuple):
        return [infected(one, field) for one in result]
    if isinstance(result, str) and field not in WORDS and not _is_instant(result) and not field.endswith("_in_words"):
        return result + HOSTILE
    return result


def _is_instant(text: str) -> bool:
    return text[:2] == "20" and text[4:5] == "-"


def shown(show: Callable[[Any], object], monkeypatch: pytest.MonkeyPatch) -> str:
    """What is written to stdout, so wide that nothing is broken into lines."""
    out = io.StringIO()
    monkeypatch.setattr(screen, "_FILE_WIDTH_COLUMNS", 4_000)
    monkeypatch.setattr("sys.stdout", out)
    show(screen.stdout())
    return out.getvalue()


def unseen(text: str) -> set[str]:
    return {hex(ord(char)) for char in text if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"}} - {"0xa"}


@pytest.mark.parametrize(
    "wrapped",
    [str, Text, Panel, lambda text: Text.assemble(("a ", "bold"), (text, "red"))],
    ids=["plain", "text", "panel", "assembled"],
)
def test_whatever_is_printed_holds_nothing_that_a_terminal_obeys(
    wrapped: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def show(console: Any) -> None:
        table = Table()
        table.add_column("Company")
        table.add_row(wrapped(HOSTILE))
        console.print(wrapped(f"Müller & Söhne 株式会社{HOSTILE}"), table, wrapped("a\tb\u00a0c"))

    result = shown(show, monkeypatch)
    assert unseen(result) == set()
    assert "Müller & Söhne 株式会社" in result


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("Müller\u00a0& Söhne\n\tGmbH", "Müller\u00a0& Söhne\n\tGmbH"),
        ("\x1b[31mred\x1b[0m", "[31mred[0m"),
        ("\u202eevil\u202c \u2066x\u2069", "evil x"),
        ("\x80\x9b31m", "31m"),
        ("\ud800", ""),
    ],
)
def test_what_is_left_out_of_a_text(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


async def test_every_table_of_the_market_shows_names_and_roles_in_lines_of_ours(
    lively: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    store_snapshot = lively.store_snapshot()
    await store_snapshot.poll()
    view: AccountView = store_snapshot.view
    result = await view.explain("clearhythe.com", lively.now)
    assert result is not None
    entries = store_snapshot.lists["all"].entries
    alerts = await view.feed(store_snapshot.partitions, 0, 5)
    decision = {**result, "known": True, "fit_version": 1, "hidden": None}
    change = {"account_id": "a.com", "change": "enters", "before": None, "after": result["fit"][0], "why": "+ it fits"}
    plan = {
        "loaded": True, "fit_version": 1, "accounts": 1, "rows_changed": 1, "alerts": {}, "taken_over": None,
        "lists": {}, "changes": [change],
        "aliases": {"aliases": 0, "added": 0, "removed": 0, "waiting_signals": 0, "since": None},
    }  # fmt: skip
    dead_letter = {
        "at": entries[0]["since"], "place": "signals.intent/1/2", "reason": "schema", "detail": "topic: is required",
        "replayed": False, "truncated": None,
    }  # fmt: skip
    dead_letters = {
        "letters": [dead_letter], "paused": [], "unreadable": [], "asked_for": False,
        "counts": {"total": 1, "by_reason": {"schema": 1}, "by_topic": {"signals.intent": 1}},
    }  # fmt: skip
    loud = demo_screen.Loud("loud.com", "Loud" + HOSTILE, 99.0, louder=True, reasons=("no" + HOSTILE,))
    counts = {"received": 1, "applied": 1}
    seen = demo_screen.EngineAtPoll(entries[0]["since"], infected(entries), infected(alerts), loud, counts, "", {}, "")
    for show in (
        lambda console: account_page.show_account(console, infected({**result, "alerts": alerts})),
        lambda console: tables.show_list(console, "all", infected(entries), entries[0]["since"], 20),
        lambda console: tables.show_alerts(console, infected(alerts), 0),
        lambda console: tables.show_refused(console, [infected({"line": 3, **dead_letter})], 1),
        lambda console: fit_tables.show_decision(console, infected(decision), "2026-03-10"),
        lambda console: fit_tables.show_plan(console, infected(plan)),
        lambda console: dead_letter_tables.show_dead_letters(console, infected(dead_letters)),
        lambda console: console.print(demo_screen.DemoScreen(seen)),
    ):
        text = shown(show, monkeypatch)
        assert unseen(text) == set()
        assert "taken" in text, "it is shown"
        forged = [line.strip() for line in text.splitlines() if line.strip().startswith("error: FORGED")]
        assert forged == []


def test_a_message_about_a_file_is_cleaned(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    said = screen.Warnings()
    said(f"accounts.csv:3: owner: {HOSTILE}")
    assert unseen(capsys.readouterr().err) == set()
