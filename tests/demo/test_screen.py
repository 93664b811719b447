"""The living screen, on terminals of any size."""

import io
from typing import Any

import pytest
from rich.console import Console

from signal_engine.adapters.terminal.demo_screen import DemoScreen, EngineAtPoll, Loud, alert_line

AT = "2026-03-10T12:00:00Z"
COUNTS = {"received": 3_150, "applied": 2_309, "duplicate": 11, "ignored": 810, "expired": 6, "rejected": 14}


def entry(rank: int, before: int | None = None) -> dict[str, Any]:
    evidence = [{"text": f"Reason {rank}", "points": 20.0, "occurred_at": AT}]
    people = [{"persona": "finance", "called": "CFO", "last_seen_at": AT}]
    return {
        "rank": rank, "previous_rank": before, "account_id": f"company-{rank}.com", "name": f"Company {rank}",
        "badge": "inbound" if rank == 1 else "hot", "tier": "A", "fit": 90, "score": 90.4 - rank, "level": "hot",
        "owner": "AE West", "sdr": "SDR West", "cools_at": None, "why_now": f"Reason {rank}",
        "why_now_at": "2026-03-09T11:00:00Z", "people": people, "personas_live": ["finance"],
        "parts": [{"part": "engagement", "points": 60.0, "evidence": evidence}],
    }  # fmt: skip


def alert(number: int) -> dict[str, Any]:
    return {
        **entry(number), "at": AT, "type": "hand_raise", "why_now": f"Somebody asked for demo {number}",
        "audience": "sdr", "tipped_by": None, "triage_reason": None, "recorded": None,
    }  # fmt: skip


def drawn(width: int, height: int, **changed: Any) -> list[str]:
    seen = EngineAtPoll(
        at=AT,
        entries=[entry(rank, rank + 1) for rank in range(1, 26)],
        alerts=[alert(number) for number in range(1, 13)],
        loud=Loud("loud.com", "Loud", 131.4, louder=True, reasons=("employee_count is 120",)),
        counts=COUNTS,
        pace="A day passes every second.",
        addresses={"SIGNAL_ENGINE_REDIS_URL": "redis://127.0.0.1:1/0", "SIGNAL_ENGINE_KAFKA_BOOTSTRAP_SERVERS": "k"},
    )._replace(**changed)
    console = Console(file=io.StringIO(), width=width, height=height, force_terminal=True, color_system=None)
    console.print(DemoScreen(seen))
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


@pytest.mark.parametrize(("width", "height"), [(80, 24), (80, 30), (100, 30), (140, 40), (200, 60)])
def test_it_is_never_higher_or_wider_than_the_terminal(width: int, height: int) -> None:
    lines = drawn(width, height)
    assert len(lines) <= height
    assert max(map(len, lines)) <= width


def test_it_says_who_why_and_how_the_ranks_moved() -> None:
    text = "\n".join(drawn(140, 40))
    for result in (
        "In the market now  25 accounts, 12:00:00 UTC", "\N{UPWARDS ARROW}1", "Company 10", "Reason 1  1 day ago",
        "Inbound    1", "Hot        2", "one person only: finance", "SDR West",
        "Alerts  newest first; 12 so far", "Hand raise", "Somebody asked for demo 12",
        "Scores higher than every listed account, but does not fit", "score 131  does not fit: employee_count is 120",
        "3,150 events received = 2,309 applied + 11 duplicate + 810 ignored + 6 expired + 14 rejected",
        "SIGNAL_ENGINE_REDIS_URL=redis://127.0.0.1:1/0",
    ):  # fmt: skip
        assert result in text
    assert "Company 11 " not in text.split("Alerts")[0]


def test_it_does_not_say_louder_when_it_is_not() -> None:
    loud = Loud("loud.com", None, 31.0, louder=False, reasons=("already a customer",))
    text = "\n".join(drawn(100, 30, loud=loud))
    assert "Louder" not in text
    assert "Highest score among accounts that do not fit" in text


def test_scores_are_whole_numbers() -> None:
    text = "\n".join(drawn(140, 40))
    assert "   89   " in text
    assert "89.4" not in text


def test_an_alert_is_one_line_that_says_for_whom_and_what_tipped_it() -> None:
    tipped = {**alert(3), "type": "new_evidence", "tipped_by": {"text": "Hiring: VP Sales"}}
    assert alert_line(tipped) == (
        "12:00:00  new evidence: Company 3  company-3.com, for SDR West, score 87: Somebody asked for demo 3"
        "  1 day ago; tipped by: Hiring: VP Sales"
    )
    stranger = {**alert(4), "type": "inbound", "audience": "triage", "triage_reason": "not_in_accounts", "name": None}
    assert ", for triage: not in accounts, " in alert_line(stranger)


def test_before_anything_happened_it_says_so() -> None:
    text = "\n".join(drawn(80, 24, entries=[], alerts=[], loud=None))
    assert "No account that fits is in-market yet." in text
    assert "None yet: no account that fits has given a reason to call." in text


def test_what_another_terminal_needs_is_said_in_whole() -> None:
    assert any("`signal-engine top` in another terminal needs" in line for line in drawn(100, 30))
