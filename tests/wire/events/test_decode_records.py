"""Records of a topic: what is an event, and what is refused, for which reason, in which words."""

from typing import Any

import pytest

from signal_engine.core.rules.events import Event
from signal_engine.core.rules.kinds import KINDS
from signal_engine.wire.events import decode
from signal_engine.wire.events.decode import SignalRecord, decode_records
from signal_engine.wire.events.rejections import REASONS, Refusal
from signal_engine.wire.instants import parse_instant
from tests.wire.events.records import NOW, encode, event, verdict


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
    assert refused == Refusal("not_json", "the value is not UTF-8: invalid byte at 16")


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
    assert refused == Refusal("kind_mismatch", "kind differs from the topic's kind, intent")


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
    good, bad = SignalRecord(encode(event()), NOW), SignalRecord(b"{", NOW)
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
    good = SignalRecord(encode(event()), NOW)
    before, refused, after = decode_records("intent", [good, SignalRecord(b"cursed", NOW), good])
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
    [read] = decode_records("intent", [SignalRecord(encode(event()), NOW, headers)])
    assert read == verdict(event())._replace(backfill=backfill)  # type: ignore[union-attr]


def test_the_field_backfill_means_nothing_on_a_topic() -> None:
    assert verdict(event(backfill=True)) == verdict(event())
    assert verdict(event(backfill="nonsense")) == verdict(event())
