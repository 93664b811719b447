"""What a message says: why now first, parts that add up, who and who is missing, what to do."""

import json
import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.alerting.alerts import ALERT_TYPES
from signal_engine.core.alerting.plays import Play
from signal_engine.wire.delivery.alert_reading import UnreadableAlert, read_alert
from signal_engine.wire.messages.content import Message, MessageContext, message
from signal_engine.wire.output.crm_link import crm_link
from signal_engine.wire.output.models import Alert
from tests.wire.delivery.alerts import an_alert, evidence

BERLIN = ZoneInfo("Europe/Berlin")
PLAYS = (
    Play("Call back.", occasion="hand_raise"),
    Play("Name the role.", occasion="hiring"),
    Play("Ask one question."),
)
CONTEXT = MessageContext(BERLIN, "Ann Roe", PLAYS, ("it", "finance"), ("country is one of Germany", "+25 runs a CRM"))


def alert_of(**changed: Any) -> Alert:
    read = read_alert(json.dumps(an_alert(**changed)).encode())
    assert not isinstance(read, UnreadableAlert), read
    return read


def told(context: MessageContext = CONTEXT, **changed: Any) -> dict[str, str]:
    made = message(alert_of(**changed), context)
    return {fact.label: fact.text for fact in (*made.facts, *made.reasons)}


def test_a_whole_message() -> None:
    made = message(
        alert_of(), CONTEXT._replace(public_url="https://s.example.com/", crm=crm_link("https://c/{crm_id}"))
    )
    assert made.headline == "Hot: Acme (acme.com, tier A)"
    assert [(fact.label, fact.text) for fact in made.facts] == [
        ("Why now", "Hiring: VP Sales (sales) (Mon 30 Nov)"),
        ("Tipped by", "Researching CRM (intent 82) (Mon 30 Nov)"),
        ("Score", "72 of 100 = hiring 30 + intent 25 + stack 17"),
    ]
    assert [(line.text, line.beside) for line in made.evidence] == [
        ("Hiring: VP Sales (sales)", "hiring 30, Mon 30 Nov"),
        ("Researching CRM (intent 82)", "intent 20, Mon 30 Nov"),
        ("Researching data quality (intent 64)", "intent 9, Mon 30 Nov"),
    ]
    assert [(fact.label, fact.text) for fact in made.reasons] == [
        ("Who", "one person only: IT (CRM administrator); seen too little to count: finance (CFO)"),
        ("Missing", "finance"),
        ("Fit", "85 of 100 by midmarket-saas, version 3: +25 runs a CRM"),
        ("Level", "hot since Mon 30 Nov 11:00 CET, until Sat 12 Dec without new signals"),
        ("For", "Ann Roe"),
        ("Next step", "Name the role."),
    ]
    assert [(link.label, link.url) for link in made.links] == [
        ("Open account", "https://s.example.com/accounts/acme.com"),
        ("Open in CRM", "https://c/ACC-1"),
    ]


@pytest.mark.parametrize(
    ("changed", "label"),
    [
        ({"type": "hand_raise", "badge": "inbound", "pinned": True}, "Inbound"),
        ({"type": "inbound", "badge": "warm", "audience": "triage"}, "Inbound"),
        ({"type": "trigger", "badge": "cold", "level": "cold"}, "Trigger"),
        ({"type": "trigger"}, "Hot"),
        ({"type": "cooled", "badge": "warm"}, "Went quiet"),
        ({"type": "new_evidence"}, "Hot"),
    ],
)
def test_the_label_says_what_it_is(changed: dict[str, Any], label: str) -> None:
    assert message(alert_of(**changed), CONTEXT).label == label


def test_the_next_step_is_that_of_the_reason_to_call() -> None:
    assert told(pinned=True)["Next step"] == "Call back."
    assert told(type="hand_raise")["Next step"] == "Call back."
    assert told(why_now="Somebody was active")["Next step"] == "Ask one question."
    assert "Next step" not in told(type="cooled")
    assert "Next step" not in told(type="inbound", audience="triage")
    assert "Next step" not in told(CONTEXT._replace(plays=()))
    by_segment = (Play("Write.", icp="midmarket-saas", segment=" mid-market ", occasion="hiring"),)
    assert told(CONTEXT._replace(plays=by_segment))["Next step"] == "Write."
    assert "Next step" not in told(CONTEXT._replace(plays=by_segment), icp="other")


def test_who_is_behind_it() -> None:
    assert told(personas_live=["it", "finance"])["Who"] == "IT (CRM administrator), finance (CFO)"
    assert told(people=[], personas_live=[])["Who"] == "Nobody has engaged."
    engaged = [
        {"part": "engagement", "points": 72.5, "evidence": [evidence("Someone viewed a page", 72.5, "engagement")]}
    ]
    assert told(people=[], personas_live=[], parts=engaged)["Who"] == "Anonymous visitors only."
    alone = [{"persona": "CFO", "called": "cfo", "last_seen_at": "2026-11-20T10:00:00Z"}]
    assert told(people=alone, personas_live=["CFO"])["Who"] == "one person only: CFO"


def test_for_whom_it_is() -> None:
    assert told(claimed_by="ann@example.com")["For"] == "Ann Roe (claimed)"
    nobody = CONTEXT._replace(person=None)
    assert told(nobody)["For"] == "Ann Roe"
    assert told(nobody, audience="owner")["For"] == "Bo Lind"
    assert told(nobody, sdr=None)["For"] == "sdr"
    assert told(nobody, claimed_by="bo@example.com")["For"] == "bo@example.com"
    assert told(audience="triage", type="inbound")["For"] == "triage"


def test_one_for_triage_says_why_no_rep_may_have_it() -> None:
    unknown = told(
        type="inbound", audience="triage", triage_reason="not_in_accounts", fit=None, icp=None, icp_version=None
    )
    assert unknown["Fit"] == "It is not in the accounts file, so its fit is unknown."
    watched = told(type="inbound", audience="triage", triage_reason="deprioritized")
    assert watched["Fit"].startswith("It fits, but its tier is not chased. 85 of 100 by midmarket-saas")


def test_what_is_not_known_is_left_out() -> None:
    bare = told(
        MessageContext(BERLIN),
        tipped_by=None,
        since=None,
        cools_at=None,
        fit=None,
        why_now="",
        why_now_at=None,
        tier=None,
    )
    assert set(bare) == {"Score", "Who", "For"}
    assert told(cools_at=None)["Level"] == "hot since Mon 30 Nov 11:00 CET"
    assert message(alert_of(name=None, tier=None), CONTEXT).headline == "Hot: acme.com (no tier)"


def test_an_account_that_went_quiet_gives_no_reason_to_call() -> None:
    made = message(alert_of(type="cooled"), CONTEXT)
    assert made.evidence == ()
    assert {fact.label for fact in made.reasons}.isdisjoint({"Missing", "Next step"})


def test_only_web_addresses_become_links() -> None:
    def url(source_url: str) -> str | None:
        parts = [{"part": "intent", "points": 9.0, "evidence": [evidence("x", 9.0, source_url=source_url)]}]
        (line,) = message(alert_of(parts=parts), CONTEXT).evidence
        return line.url

    assert url("https://acme.com/jobs/1") == "https://acme.com/jobs/1"
    for wrong in ("javascript:alert(1)", "https://a b", "https://a\nb", "data:text/html,x"):
        assert url(wrong) is None


@given(st.lists(st.integers(1, 3_000), min_size=1, max_size=6), st.sampled_from(ALERT_TYPES))
def test_the_parts_add_up_to_the_score_that_is_shown(hundredths: list[int], type_: str) -> None:
    kinds = ("intent", "hiring", "funding", "engagement", "technographic", "leadership")
    parts = [
        {"part": kind, "points": points / 100, "evidence": []} for kind, points in zip(kinds, hundredths, strict=False)
    ]
    total = sum(hundredths) / 100
    if total > 100:
        parts.append({"part": "ceiling", "points": round(100 - total, 2), "evidence": []})
    shown = told(parts=parts, score=min(100.0, total), type=type_)["Score"]
    score, _, sum_ = shown.partition(" of 100 = ")
    if not sum_:
        assert int(shown.split()[0]) == 0
        return
    numbers = [int(number) for number in re.findall(r"(?<= )[0-9]+(?= |$)", sum_)]
    signs = [1, *(1 if sign == "+" else -1 for sign in re.findall(r" ([+-]) ", sum_))]
    assert sum(sign * number for sign, number in zip(signs, numbers, strict=True)) == int(score)


def every_text(made: Message) -> list[str]:
    facts = [text for fact in (*made.facts, *made.reasons) for text in fact]
    return [made.label, made.account, made.beside, *facts, *(part for line in made.evidence for part in line[:2])]
