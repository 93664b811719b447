"""Tables of dead letters: they fit, places can be copied, and no letter speaks to the terminal."""

import io
from typing import Any

import pytest
from rich.console import Console

from signal_engine.adapters.terminal.dead_letter_tables import show_dead_letter, show_dead_letters, show_replay, visible


def screen(width: int) -> tuple[Console, io.StringIO]:
    out = io.StringIO()
    return Console(file=out, width=width, markup=False, highlight=False, emoji=False), out


def letter(place: str, detail: str = "score must be a number", **more: Any) -> dict[str, Any]:
    head = {"reason": "schema", "at": "2026-03-05T14:05:00Z", "truncated": "", "replayed": False, "size": 3}
    return {"place": place, "detail": detail, **head, "dead_letter": {"partition": 1, "offset": 2}, **more}


PLACES = ("signals.technographic/11/1234567", "a" * 120 + ".signals.intent/3/17")


@pytest.mark.parametrize("width", [80, 100, 120])
@pytest.mark.parametrize("place", PLACES)
def test_tables_fit_and_hold_the_whole_place(width: int, place: str) -> None:
    letters = [letter(place, "activity must be one of 'page_view', 'pricing_view'" * 9, truncated="value")]
    counts = {"total": 41, "by_reason": {"schema": 41}, "by_topic": {"signals.technographic": 41}}
    console, out = screen(width)
    show_dead_letters(
        console, {"letters": letters, "counts": counts, "paused": [], "unreadable": [], "asked_for": False}
    )
    result = [{"place": place, "reason": "schema", "outcome": "refused_again", "why": "schema: " + "x " * 200}]
    show_replay(console, {"letters": result, "counts": {"refused_again": 1}, "sent": 0, "dry_run": True})
    lines = out.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    assert place in out.getvalue() or len(place) > 45
    assert "40 older;" in out.getvalue()


@pytest.mark.parametrize("bad", ["\x1b[2J", "\u202eabc", "a\u200bb", "\x07", "[bold]"])
def test_what_a_terminal_would_obey_is_escaped_and_markup_is_text(bad: str) -> None:
    console, out = screen(100)
    whole = letter("signals.intent/1/2", bad, key={"text": bad}, headers=[[bad, {"text": bad}]], value={"text": bad})
    show_dead_letter(console, whole)
    show_dead_letters(console, {"letters": [whole], "counts": {"total": 1, "by_reason": {bad: 1}, "by_topic": {bad: 1}},
                           "paused": [], "unreadable": [], "asked_for": False})  # fmt: skip
    assert all(char.isprintable() or char == "\n" for char in out.getvalue())
    assert ("[bold]" in out.getvalue()) == (bad == "[bold]")


def test_text_for_people_stays_as_it_is() -> None:
    assert visible("Zoë\n\t日本 😀") == "Zoë\n\t日本 😀"
    assert visible("a\x00\u202e\r") == "a\\x00\\u202e\\r"


def test_nothing_at_all_is_said_in_words() -> None:
    for asked_for, words in ((False, "No rejected events."), (True, "No matching rejected events.")):
        console, out = screen(80)
        empty = {"total": 0, "by_reason": {}, "by_topic": {}}
        show_dead_letters(
            console, {"letters": [], "counts": empty, "paused": [], "unreadable": [], "asked_for": asked_for}
        )
        assert out.getvalue() == f"{words}\n"
