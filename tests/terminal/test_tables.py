"""What people read in a terminal: lists, alerts, one account, the market at the end."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from rich.console import Console

from signal_engine.adapters.terminal import wording
from signal_engine.adapters.terminal.account_page import show_account
from signal_engine.adapters.terminal.market_summary import show_distribution
from signal_engine.adapters.terminal.tables import TYPE_STYLE, alert_type, show_alerts, show_list, show_order
from signal_engine.core.alerting.alerts import ALERT_TYPES

NOW = "2026-03-10T12:00:00Z"
DEMO = "2026-03-10T11:55:00Z"


def part(name: str, points: float, *texts: str, **more: float) -> dict[str, Any]:
    evidence = [{"text": text, "points": 6.0, "occurred_at": "2026-03-01T00:00:00Z"} for text in texts]
    return {"part": name, "points": points, "evidence": evidence, **more}


def person(persona: str, called: str = "CFO") -> dict[str, Any]:
    return {"persona": persona, "called": called, "last_seen_at": "2026-03-08T12:00:00Z"}


def entry(**changed: Any) -> dict[str, Any]:
    return {
        "rank": 1, "previous_rank": None, "account_id": "acme.com", "name": "Acme", "badge": "hot", "tier": "A",
        "fit": 90.0, "score": 47.5, "level": "hot", "owner": "AE West", "sdr": "SDR West",
        "cools_at": "2026-03-11T13:00:00Z", "why_now": "CFO asked for a demo", "why_now_at": DEMO,
        "people": [person("finance"), person("it", "CIO")], "personas_live": ["finance", "it"],
        "parts": [part("engagement", 30.4), part("technographic", 12.4), part("stack", 4.7), part("ceiling", 0.0)],
        **changed,
    }  # fmt: skip


def alert(**changed: Any) -> dict[str, Any]:
    return {
        **entry(), "at": NOW, "type": "entered_hot", "audience": "sdr", "tipped_by": None, "triage_reason": None,
        "recorded": None, **changed,
    }  # fmt: skip


def printed(show: Callable[[Console], None], width: int = 200) -> str:
    console = Console(file=io.StringIO(), width=width, color_system=None)
    show(console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def row(text: str, name: str) -> str:
    return next(line for line in text.splitlines() if name in line)


def test_a_list_shows_the_badge_first_then_who_and_why_with_its_own_time():
    listed = [entry(), entry(rank=2, account_id="b.com", name="B", badge="inbound", personas_live=["finance"])]
    text = printed(lambda screen: show_list(screen, "all", listed, NOW, 20))
    assert "all profiles, 2 accounts" in text
    for heading in ("Why now", "People seen", "By signal type", "Level ends"):
        assert heading in text
    first = row(text, "Acme").split()
    assert first[:4] == ["Hot", "1", "new", "Acme"]
    for result in ("A (90)", "CFO asked for a demo  just now", "finance, IT", "11 Mar 2026, in 1 day"):
        assert result in row(text, "Acme"), result
    assert "one person only: finance" in row(text, "B  b.com")
    assert row(text, "B  b.com").startswith(" Inbound")


def test_whoever_was_alerted_just_now_is_said_to_have_been():
    text = printed(lambda screen: show_list(screen, "all", [entry()], NOW, 20, alerted={"acme.com"}))
    assert "alerted just now" in text
    assert "alerted just now" not in printed(lambda screen: show_list(screen, "all", [entry()], NOW, 20))


def test_the_order_is_explained_in_one_sentence():
    text = " ".join(printed(lambda screen: show_order(screen, {"A": 1.0, "B": 0.85})).split())
    assert text.startswith("Ordered by more than the score: first accounts that asked to be called")
    assert text.endswith("times the weight of the fit tier (A 1, B 0.85).")
    assert text.count(".") == 2, "one sentence, and one decimal point"


@pytest.mark.parametrize(
    ("points", "score", "shown"),
    [
        ([30.4, 12.3, 4.8, 0.0], 47.5, "engagement 31 + technology 12 + stack 5"),
        ([0.4, 0.4, 0.2, 0.0], 1.0, "engagement 1"),
        ([60.0, 50.0, 20.0, -30.0], 100.0, "engagement 60 + technology 50 + stack 20 - ceiling 30"),
        ([10.0, 0.0, 0.0, 0.0], 10.0, "engagement 10"),
    ],
)
def test_whole_parts_add_up_to_the_whole_score(points, score, shown):
    names = ("engagement", "technographic", "stack", "ceiling")
    result = entry(score=score, parts=[part(name, one) for name, one in zip(names, points, strict=True)])
    assert wording.parts(result).plain == shown
    figures = shown.replace("- ceiling ", "+ ceiling -").replace("+", " ").split()
    assert sum(int(one) for one in figures if one.lstrip("-").isdigit()) == int(wording.score(result))


@pytest.mark.parametrize(
    ("then", "result"),
    [
        (None, ""),
        ("2026-03-10T11:51:00Z", "just now"),
        ("2026-03-10T11:49:00Z", "11 minutes ago"),
        ("2026-03-10T09:00:00Z", "3 hours ago"),
        ("2026-03-09T12:00:00Z", "1 day ago"),
        ("2026-03-01T12:00:00Z", "9 days ago"),
    ],
)
def test_how_long_ago(then, result):
    assert wording.ago(then, NOW) == result


def test_the_end_of_a_level_names_the_level():
    assert wording.until(entry(), NOW) == "hot until 11 Mar 2026, in 1 day"
    assert wording.until(entry(level="warm"), NOW) == "warm until 11 Mar 2026, in 1 day"
    assert wording.until(entry(level="cold", cools_at=None), NOW) == ""


def test_alerts_say_for_whom_why_what_tipped_them_and_what_was_not_sent():
    quiet = "Engagement and the buying group have faded; the last signal came 3 days ago"
    alerts = [
        alert(tipped_by={"text": "Hiring: VP Sales"}),
        alert(name="Ours", audience="owner", type="hand_raise"),
        alert(name="Stranger", audience="triage", triage_reason="not_in_accounts", type="inbound"),
        alert(name="Gone", type="cooled", why_now=quiet, why_now_at=None),
        alert(name="Past", type="trigger", recorded="backfill", sdr=None),
    ]
    text = printed(lambda screen: show_alerts(screen, alerts, 3), 260)
    assert "CFO asked for a demo  just now; tipped by: Hiring: VP Sales" in row(text, "Acme")
    assert "SDR West" in row(text, "Acme")
    assert "AE West" in row(text, "Ours")
    assert "triage: not in accounts" in " ".join(text.split())
    assert "Went quiet" in row(text, "Gone")
    assert quiet in " ".join(text.split())
    assert "Trigger (backfill, not sent)" in row(text, "Past")
    assert "AE West" in row(text, "Past"), "the owner calls where nobody else is named"
    assert "8 in total" in text


def test_every_type_of_alert_is_said_and_coloured():
    assert {alert_type(alert(type=type_)).plain.lower() for type_ in TYPE_STYLE} == {
        "entered hot", "hand raise", "trigger", "new evidence", "went quiet", "inbound",
    }  # fmt: skip
    assert set(TYPE_STYLE) == set(ALERT_TYPES)


NOT_FIT = {"list": "all", "rank": None, "why_not": "not_fit", "why_not_in_words": "it does not fit"}


def explained(**changed: Any) -> dict[str, Any]:
    group = [{"persona": "finance", "seen": True}, {"persona": "legal", "seen": False}]
    fit = {"icp": "mid", "version": 1, "decision": "chase", "tier": "A", "fit": 90.0, "primary": True, "reasons": ["r"],
           "icp_owner": "Dana Reyes", "review_by": "2026-03-09", "buying_group": group}  # fmt: skip
    return {
        **entry(), "until": NOW, "since": "2026-03-02T10:00:00Z", "pinned_until": None, "hand_raised_at": None,
        "ids_evicted": 0, "actions": [], "kinds_live": ["engagement", "buying_group"], "multiplier": 1.15, "fit": [fit],
        "relation": "prospect", "parent": None, "parent_relation": None, "next_step": None,
        "lists": [{"list": "all", "rank": 1, "why_not": None, "why_not_in_words": None}],
        "why_no_alert": "already_alerted", "why_no_alert_in_words": "this hot episode has been alerted", "alerts": [],
        "parts": [part("engagement", 20.0, "CFO asked for a demo", others=17.0, saturated=-3.0), part("stack", 27.5)],
        **changed,
    }  # fmt: skip


def page(**changed: Any) -> str:
    return printed(lambda screen: show_account(screen, explained(**changed)), 160)


def test_the_page_of_an_account_says_how_hot_until_when_who_was_seen_and_who_is_missing():
    text = page()
    assert text.startswith("Hot Acme  acme.com as of 10 Mar 2026 12:00 UTC\nScore 48  Hot since 2 Mar 2026 10:00, ")
    for result in (
        "until 11 Mar 2026 13:00 (in 1 day) without new signals",
        "Why now: CFO asked for a demo  just now",
        "People seen, newest first: finance (CFO, 2 days ago), IT (CIO, 2 days ago)",
        "Buying group: seen finance; missing legal",
        "Signal type",
        "2 signal types are live (engagement, buying group), so their sum is multiplied by 1.15",
        "mid v1: chase, tier A, fit 90 (primary)",
        "decided by Dana Reyes, review by 2026-03-09, which has passed",
        "none due now (already_alerted): this hot episode has been alerted",
    ):
        assert result in text, result


def test_the_rows_of_a_part_add_up_to_it():
    """20 = 6 for the signal shown, 17 for all others, 3 taken away."""
    text = page()
    assert row(text, "all other signals").split()[-1] == "17.00"
    assert row(text, "more of the same").split()[-1] == "-3.00"


@pytest.mark.parametrize(
    ("changed", "result"),
    [
        ({"personas_live": ["finance"]}, "\nOne person only: finance.\n"),
        ({"next_step": "Call the CFO."}, "\nNext step: Call the CFO.\n"),
        (
            {"people": [], "personas_live": [], "parts": [part("intent", 20.0)]},
            "\nNobody has engaged.\n",
        ),
        ({"relation": "open_opportunity"}, "Relation: open opportunity"),
        ({"parent": "big.com", "parent_relation": "do_not_contact"}, "Parent: big.com (do not contact)"),
        ({"parent": "big.com"}, "Parent: big.com (in no accounts file)"),
        ({"ids_evicted": 1}, "1 event id evicted early"),
        (
            {"actions": [{"inherited_from": "group.com", "by": "pat@example.com"}]},
            "Not to be contacted: inherited from group.com, by pat@example.com",
        ),
        ({"fit": []}, "unknown: not in the accounts file"),
        (
            {"badge": "inbound", "pinned_until": "2026-03-24T11:55:00Z", "hand_raised_at": DEMO},
            "Asked to be called just now: pinned to the top of its lists until 24 Mar 2026 11:55 UTC or until somebody",
        ),
        (
            {"badge": "inbound", "pinned_until": "2026-03-24T11:55:00Z", "hand_raised_at": DEMO, "lists": [NOT_FIT]},
            "Asked to be called just now, but is on no list (see below)",
        ),
    ],
)
def test_the_page_says_what_is_particular(changed, result):
    assert result in page(**changed)


def test_just_after_an_alert_the_page_says_so_and_not_why_none_is_due():
    past = {"at": DEMO, "type": "hand_raise", "why_now": "CFO asked for a demo", "recorded": None}
    older = {**past, "at": "2026-03-08T11:55:00.500Z", "type": "cooled", "why_now": "Intent has faded"}
    text = page(alerts=[past, older])
    assert "alerted just now (hand raise)" in text
    assert "none due now" not in text
    assert text.index("Went quiet: Intent has faded") < text.index("Hand raise: CFO"), "oldest first, as they came"
    assert "none due now" in page(alerts=[older])


def market(**changed: Any) -> dict[str, Any]:
    return {
        "accounts": 1_200, "fit": 400, "with_signals": 90, "warm": 5, "hot": 0, "days": 1.2,
        "hot_a_week": [{"enter": 30.0, "exit": 24.0, "rises": 9, "a_week": 12.4},
                       {"enter": 40.0, "exit": 32.0, "rises": 1, "a_week": 0.04},
                       {"enter": 50.0, "exit": 40.0, "rises": 0, "a_week": 0.0}],
        "highest": [{"account_id": "acme.com", "name": "Acme", "score": 39.6},
                    {"account_id": "b.com", "name": None, "score": 12.2}],
        "off_list": [{"kind": "technographic", "events": 1, "off_list": 1, "share": 1.0}],
        "personas": {"named": 5, "other": 2, "unknown": 1},
        "hidden_by": [{"reason": "below_threshold", "detail": "no score reached the hot threshold"}], **changed,
    }  # fmt: skip


def test_the_market_at_the_end():
    text = printed(lambda screen: show_distribution(screen, market()))
    for result in (
        "The market  1 day",
        "1,200 accounts: 400 fit and may be called; of these 90 had signals, 0 were hot at some time, another 5 warm",
        "accounts that would become hot per week, by threshold: 12 at 30, < 0.1 at 40, 0 at 50",
        "highest scores: Acme 40, b.com 12",
        "not on your `sells` lists, so background: 100% of 1 technology event",
        "people behind 8 engagement signals: 5 matched a persona, 2 had a title that matches none, 1 had no title",
        "No account became hot:\n    - no score reached the hot threshold",
    ):
        assert result in text, result


def test_what_is_not_there_is_not_spoken_of():
    quiet = market(hidden_by=[], off_list=[], highest=[], personas={"named": 9, "other": 0, "unknown": 0}, days=0.3)
    text = printed(lambda screen: show_distribution(screen, quiet))
    for silent in ("No account became hot", "background", "highest scores", "persona"):
        assert silent not in text
    assert "The market  less than a day" in text
