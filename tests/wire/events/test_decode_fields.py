"""The fields of an event: what the contract allows is read, what it does not allow is refused by the schema."""

from typing import Any

import pytest

from signal_engine.core.rules.events import Event
from signal_engine.wire.events.rejections import Refusal
from tests.wire.events.records import event, verdict, without

ACCEPTED = [
    ("kind may be left out on a topic", "intent", without("kind")),
    ("kind may be null", "intent", event(kind=None)),
    ("an optional field may be null", "intent", event(people=None, source=None, confidence=None)),
    ("an integer is a number", "intent", event(score=80)),
    ("0 is within 0..100", "intent", event(score=0)),
    ("100 is within 0..100", "intent", event(score=100.0)),
    ("an integer may be written with a fraction of zero", "intent", event(people=3.0)),
    ("the largest integer of 64 bits", "intent", event(people=2**63 - 1)),
    ("nobody at all", "intent", event(people=0)),
    ("an id of 128 characters, whatever their bytes", "intent", event(event_id="ü" * 128)),
    ("a topic of 200 characters", "intent", event(topic="t" * 200)),
    ("an empty topic", "intent", event(topic="")),
    ("confidence 0", "intent", event(confidence=0)),
    ("received_at means nothing on a topic, readable or not", "intent", event(received_at="nonsense")),
    ("a funding event needs no field of its own", "funding", without("round", "funding")),
    ("any text is a round", "funding", event("funding", round="mezzanine")),
    ("an amount that no 64 bits hold is still a number", "funding", event("funding", amount_usd=10**30)),
    ("an amount in another currency", "funding", event("funding", amount=5e6, currency="EUR")),
    ("a scanner opened it", "engagement", event("engagement", automated=True)),
    ("one who knows us came", "leadership", event("leadership", relationship="past_user")),
    ("nobody invested", "funding", event("funding", investors=[])),
    ("an address in capitals", "funding", event("funding", source_url="HTTPS://EXAMPLE.COM")),
    ("an address with letters outside ASCII", "funding", event("funding", source_url="https://exämple.com/ü?q=1#x")),
    ("a posting_url is any text", "hiring", event("hiring", posting_url="see our site")),
    ("an unknown field", "hiring", event("hiring", colour="red", nested={"deep": [1, None]})),
]


@pytest.mark.parametrize(("kind", "sent"), [row[1:] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED])
def test_what_the_contract_allows_is_an_event(kind: str, sent: dict[str, Any]) -> None:
    assert isinstance(verdict(sent, kind), Event)


REFUSED = [
    ("event_id is required", "intent", without("event_id"), "event_id is missing"),
    ("null is the same as missing", "intent", event(event_id=None), "event_id is missing"),
    ("account_id is required", "intent", without("account_id"), "account_id is missing"),
    ("occurred_at is required", "intent", without("occurred_at"), "occurred_at is missing"),
    ("an id of no characters", "intent", event(event_id=""), "event_id must have at least 1 character(s)"),
    ("an id of 129", "intent", event(event_id="x" * 129), "event_id must have at most 128 characters"),
    ("a number is no id", "intent", event(event_id=17), "event_id must be text"),
    ("a number is no account", "intent", event(account_id=17), "account_id must be text"),
    ("a source of 65", "intent", event(source="x" * 65), "source must have at most 64 characters"),
    ("epoch seconds", "intent", event(occurred_at=1767225600), "occurred_at must be text"),
    ("epoch as text", "intent", event(occurred_at="1767225600"), "occurred_at is not an RFC 3339 instant"),
    ("no zone", "intent", event(occurred_at="2026-03-02T09:30:00"), "occurred_at is not an RFC 3339 instant"),
    ("an unreadable detected_at", "intent", event(detected_at="soon"), "detected_at is not an RFC 3339 instant"),
    (
        "not a web page",
        "intent",
        event(source_url="javascript:alert(1)"),
        "source_url must be an http or https address",
    ),
    (
        "an address without host",
        "intent",
        event(source_url="https:///x"),
        "source_url must be an http or https address",
    ),
    (
        "an address with a blank",
        "intent",
        event(source_url="https://a b"),
        "source_url must be an http or https address",
    ),
    ("confidence in percent", "intent", event(confidence=80), "confidence must be at most 1"),
    ("a number as text", "intent", event(score="80"), "score must be a number"),
    ("a word is no flag", "engagement", event("engagement", automated="yes"), "automated must be true or false"),
    ("a currency by its sign", "funding", event("funding", currency="$"), "currency must have at least 3 character"),
    (
        "nobody we know",
        "leadership",
        event("leadership", relationship="friend"),
        "relationship must be one of 'champion', 'past_user' or 'lost_contact'",
    ),
    ("true is no number", "intent", event(score=True), "score must be a number"),
    ("above 100", "intent", event(score=100.01), "score must be at most 100"),
    ("below 0", "intent", event(score=-1), "score must be at least 0"),
    ("a topic of 201", "intent", event(topic="x" * 201), "topic must have at most 200 characters"),
    ("half a person", "intent", event(people=2.5), "people must be a whole number"),
    ("fewer than nobody", "intent", event(people=-1), "people must be at least 0"),
    ("true is no integer", "intent", event(people=True), "people must be a whole number"),
    ("too many for 64 bits", "intent", event(people=2**63), "people must be at most 9.22337e+18"),
    ("a title of 301", "hiring", event("hiring", title="x" * 301), "title must have at most 300 characters"),
    ("an unknown seniority", "hiring", event("hiring", seniority="boss"), "seniority must be one of 'c_level', 'vp'"),
    (
        "an enumeration in capitals",
        "hiring",
        event("hiring", status="Open"),
        "status must be one of 'open' or 'closed'",
    ),
    ("a negative amount", "funding", event("funding", amount_usd=-1), "amount_usd must be at least 0"),
    ("investors as text", "funding", event("funding", investors="us"), "investors must be a list"),
    ("an investor that is no text", "funding", event("funding", investors=["a", 1]), "investors[1] must be text"),
    ("an unknown activity", "engagement", event("engagement", activity="wave"), "activity must be one of 'page_view'"),
    ("an unknown change", "technographic", event("technographic", change="new"), "change must be one of 'adopted'"),
    ("a role of 101", "leadership", event("leadership", role="x" * 101), "role must have at most 100 characters"),
    ("JSON that is no object", "intent", [event()], "the value is JSON but not an object"),
    ("JSON null", "intent", b"null", "the value is JSON but not an object"),
]


@pytest.mark.parametrize(("kind", "sent", "detail"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_the_contract_does_not_allow_is_refused_by_the_schema(kind: str, sent: Any, detail: str) -> None:
    refused = verdict(sent, kind)
    assert isinstance(refused, Refusal)
    assert refused.reason == "schema"
    assert refused.detail.startswith(detail)
