"""Records of a topic: what is an event, and what is refused, for which reason, in which words."""

import json
from typing import Any

import pytest

from signal_engine.core.rules.events import Event
from signal_engine.core.rules.kinds import KINDS
from signal_engine.wire.events import decode
from signal_engine.wire.events.decode import Record, decode_records
from signal_engine.wire.events.examples import EVENTS
from signal_engine.wire.events.rejections import REASONS, Refusal
from signal_engine.wire.instants import parse_instant

NOW = parse_instant("2026-03-03T00:00:00Z")


def encode(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def event(kind: str = "intent", /, **changes: Any) -> dict[str, Any]:
    return {**EVENTS[kind][0], **changes}


def without(field: str, kind: str = "intent") -> dict[str, Any]:
    return {name: value for name, value in event(kind).items() if name != field}


def verdict(value: Any, kind: str = "intent", now: int = NOW) -> Event | Refusal:
    raw = value if isinstance(value, bytes | None) else encode(value)
    [result] = decode_records(kind, [Record(raw, now)])
    return result


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_of_each_kind_is_read(kind: str) -> None:
    sent = event(kind)
    read = verdict(sent, kind)
    assert isinstance(read, Event)
    assert read.account == "acme.co.uk"
    assert read.kind == kind
    assert read.event_id == sent["event_id"]
    assert read.occurred_at == parse_instant(sent["occurred_at"])
    assert read.confidence == sent.get("confidence", 1.0)
    assert read.fields == {name: value for name, value in sent.items() if name != "kind"}


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


NOT_JSON = [
    ("no value", None),
    ("nothing", b""),
    ("words", b"hello"),
    ("NaN", b'{"score": NaN}'),
    ("infinity", b'{"score": Infinity}'),
    ("a number beyond all floats", b'{"score": 1e400}'),
    ("a lone surrogate", b'{"topic": "\\ud800"}'),
    ("bytes that are no UTF-8", b'{"topic": "\xff"}'),
    ("something after the object", encode(event()) + b"x"),
    ("two objects", encode(event()) * 2),
    ("single quotes", b"{'event_id': '1'}"),
    ("nested beyond reason", b"[" * 5_000 + b"]" * 5_000),
    ("a byte order mark", b"\xef\xbb\xbf" + encode(event())),
]


def test_bytes_of_another_encoding_are_told_with_their_place() -> None:
    refused = verdict('{"topic": "Geschäft"}'.encode("latin-1"))
    assert refused == Refusal("not_json", "the value is not UTF-8: byte 16 belongs to no character")


@pytest.mark.parametrize("value", [row[1] for row in NOT_JSON], ids=[row[0] for row in NOT_JSON])
def test_what_is_not_json_says_so(value: bytes | None) -> None:
    refused = verdict(value)
    assert isinstance(refused, Refusal)
    assert refused.reason == "not_json"


def test_of_equal_keys_the_last_wins() -> None:
    raw = encode(event()).replace(b'"score":82', b'"score":1,"score":2')
    read = verdict(raw)
    assert isinstance(read, Event)
    assert read.fields["score"] == 2


def test_unknown_and_null_fields_and_those_about_the_envelope_are_not_kept() -> None:
    read = verdict(event(colour="red", trend=None, received_at="2026-03-02T10:00:00Z"))
    assert isinstance(read, Event)
    assert not {"colour", "trend", "received_at", "kind"} & read.fields.keys()


@pytest.mark.parametrize("kind", ["hiring", "intents", "Intent", "", 7, ["intent"]])
def test_another_kind_than_the_topics_is_a_mismatch_even_when_the_fields_are_wrong_too(kind: Any) -> None:
    refused = verdict(event(kind=kind, score="high"))
    assert refused == Refusal("kind_mismatch", "kind is not that of the topic, intent")


@pytest.mark.parametrize("account", ["127.0.0.1", "localhost", "co.uk", "github.com", ""])
def test_an_account_that_is_no_company_is_refused_as_such(account: str) -> None:
    refused = verdict(event(account_id=account))
    assert isinstance(refused, Refusal)
    assert refused.reason == "account"
    assert refused.detail.startswith("account_id is ")
    assert not account or account not in refused.detail


def test_five_minutes_ahead_of_the_record_is_still_now_and_a_millisecond_more_is_the_future() -> None:
    occurred = parse_instant(event()["occurred_at"])
    assert isinstance(verdict(event(), now=occurred - 300_000), Event)
    assert verdict(event(), now=occurred - 300_001).reason == "future"  # type: ignore[union-attr]


def test_64_kib_are_read_and_a_byte_more_is_too_large() -> None:
    small = encode(event(trend=""))
    padded = encode(event(trend="x" * (64 * 1024 - len(small))))
    assert len(padded) == 64 * 1024
    assert isinstance(verdict(padded), Event)
    assert verdict(padded + b" ").reason == "too_large"  # type: ignore[union-attr]


ORDER = [
    ("size before JSON", b"x" * 70_000, "too_large"),
    ("kind before fields", {"kind": "hiring"}, "kind_mismatch"),
    ("fields before account", event(account_id="localhost", score="80"), "schema"),
    ("instants before account", event(account_id="localhost", occurred_at="?"), "schema"),
    ("account before future", event(account_id="localhost", occurred_at="2030-01-01T00:00:00Z"), "account"),
]


@pytest.mark.parametrize(("value", "reason"), [row[1:] for row in ORDER], ids=[row[0] for row in ORDER])
def test_the_first_check_that_fails_gives_the_reason(value: Any, reason: str) -> None:
    refused = verdict(value)
    assert isinstance(refused, Refusal)
    assert refused.reason == reason


def test_several_faults_are_named_up_to_three() -> None:
    refused = verdict(event(score="80", people="x", event_id="", trend=5, source=1))
    assert isinstance(refused, Refusal)
    assert refused.detail.count(";") == 3
    assert refused.detail.endswith("and 2 more")


def test_a_detail_never_quotes_a_value() -> None:
    secret = "dana-reyes-7731"
    for field in ("event_id", "source", "score", "people", "trend", "occurred_at", "source_url", "kind", "account_id"):
        for value in (secret, [secret], {secret: secret}, secret * 70, f"{secret}@acme.co.uk"):
            result = verdict(event(**{field: value}))
            assert isinstance(result, Event) or secret not in result.detail


def test_one_verdict_per_record_in_the_same_order() -> None:
    good, bad = Record(encode(event()), NOW), Record(b"{", NOW)
    verdicts = decode_records("intent", [good, bad, bad, good, bad])
    assert [isinstance(result, Event) for result in verdicts] == [True, False, False, True, False]
    assert decode_records("intent", []) == []


def test_a_failure_of_ours_is_a_verdict_on_its_record_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail_once(value: bytes | None) -> dict[str, Any] | Refusal:
        if value == b"cursed":
            raise ZeroDivisionError("a secret of the event")
        return read(value)

    read = decode.json_object
    monkeypatch.setattr(decode, "json_object", fail_once)
    good = Record(encode(event()), NOW)
    before, refused, after = decode_records("intent", [good, Record(b"cursed", NOW), good])
    assert isinstance(before, Event)
    assert isinstance(after, Event)
    assert isinstance(refused, Refusal)
    assert refused.reason == "bug"
    assert refused.detail.startswith("ZeroDivisionError in fail_once")
    assert "secret" not in refused.detail


def test_the_reasons_are_a_closed_list() -> None:
    assert set(REASONS) == {"not_json", "schema", "kind_mismatch", "account", "future", "too_large", "bug"}


def test_another_kind_than_the_six_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        decode_records("weather", [])


@pytest.mark.parametrize(
    ("headers", "backfill"),
    [
        ([], False),
        ([("other", b"1")], False),
        ([("backfill", b"")], True),
        ([("backfill", None)], True),
        ([("x", None), ("backfill", b"false")], True),
    ],
)
def test_a_record_with_the_header_backfill_is_history_being_loaded(headers: Any, backfill: bool) -> None:
    [read] = decode_records("intent", [Record(encode(event()), NOW, headers)])
    assert read == verdict(event())._replace(backfill=backfill)  # type: ignore[union-attr]


def test_the_field_backfill_means_nothing_on_a_topic() -> None:
    assert verdict(event(backfill=True)) == verdict(event())
    assert verdict(event(backfill="nonsense")) == verdict(event())
