"""CloudEvents 1.0, in binary and in structured mode, on topics and in files."""

import json
from base64 import b64encode
from typing import Any

import pytest

from signal_engine.core.rules.events import Event
from signal_engine.core.rules.kinds import KINDS
from signal_engine.wire.events.decode import SignalRecord, decode_lines, decode_records
from signal_engine.wire.events.examples import EVENTS, binary_cloudevent, structured_cloudevent
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.instants import parse_instant

NOW = parse_instant("2026-03-03T00:00:00Z")
LATER = "2026-03-02T12:00:00Z"
INTENT = EVENTS["intent"][0]
DATA = structured_cloudevent(INTENT)["data"]


def envelope(**changes: Any) -> dict[str, Any]:
    return {**structured_cloudevent(INTENT), **changes}


def structured(value: Any, kind: str = "intent") -> Event | Refusal:
    [verdict] = decode_records(kind, [SignalRecord(json.dumps(value).encode(), NOW)])
    return verdict


def binary(changes: dict[str, bytes | None], data: Any = DATA, kind: str = "intent") -> Event | Refusal:
    headers: dict[str, bytes | None] = {
        name: text.encode() for name, text in binary_cloudevent(INTENT)["headers"].items()
    }
    [verdict] = decode_records(
        kind, [SignalRecord(json.dumps(data).encode(), NOW, list({**headers, **changes}.items()))]
    )
    return verdict


def from_line(value: Any) -> tuple[int | None, Event | Refusal]:
    [line] = decode_lines([json.dumps(value).encode()])
    return line


@pytest.mark.parametrize("kind", KINDS)
def test_every_way_to_send_an_event_says_the_same(kind: str) -> None:
    sent = EVENTS[kind][0]
    plain = structured({**sent, "event_id": f"{sent['source']}#{sent['event_id']}"}, kind)
    message = binary_cloudevent(sent)
    headers = [(name, text.encode()) for name, text in message["headers"].items()]
    [in_binary] = decode_records(kind, [SignalRecord(json.dumps(message["value"]).encode(), NOW, headers)])
    assert isinstance(plain, Event)
    assert structured(structured_cloudevent(sent), kind) == plain
    assert in_binary == plain
    assert from_line(structured_cloudevent(sent)) == (plain.occurred_at, plain)


def test_an_id_is_unique_within_its_source_only() -> None:
    ours, theirs = structured(envelope(source="ours")), structured(envelope(source="theirs"))
    assert isinstance(ours, Event)
    assert isinstance(theirs, Event)
    assert (ours.event_id, theirs.event_id) == (f"ours#{INTENT['event_id']}", f"theirs#{INTENT['event_id']}")


@pytest.mark.parametrize("source", ["https://provider.example/" + "path/" * 60, "s" * 65, "s"])
def test_source_and_id_may_have_any_length(source: str) -> None:
    ids = [structured(envelope(source=source, id="x" * length + end)) for length in (0, 128, 900) for end in "ab"]
    assert all(isinstance(read, Event) for read in ids)
    assert len({read.event_id for read in ids}) == len(ids)  # type: ignore[union-attr]
    assert all(len(read.event_id) <= 128 for read in ids)  # type: ignore[union-attr]
    assert {read.fields["source"] for read in ids} == {source[:64]}  # type: ignore[union-attr]
    assert binary({"ce_source": source.encode(), "ce_id": b"x" * 128 + b"a"}) == ids[2]
    assert from_line(envelope(source=source, id="x" * 128 + "a"))[1] == ids[2]


def test_an_id_stays_as_it_is_up_to_128() -> None:
    assert structured(envelope(source="s", id="x" * 126)).event_id == "s#" + "x" * 126  # type: ignore[union-attr]
    assert structured(envelope(source="s", id="x" * 127)).event_id.startswith("sha256:")  # type: ignore[union-attr]


ACCEPTED = [
    (
        "attributes win over the same field in the data",
        envelope(data={**DATA, "account_id": "other.com", "occurred_at": LATER, "source": "x", "event_id": "x"}),
        {},
    ),
    (
        "where subject and time are missing the data's own fields count",
        {
            **envelope(data={**DATA, "account_id": "acme.co.uk", "occurred_at": INTENT["occurred_at"]}, subject=None),
            "time": None,
        },
        {},
    ),
    ("data in base64", envelope(data=None, data_base64=b64encode(json.dumps(DATA).encode()).decode()), {}),
    ("no media type is JSON", envelope(datacontenttype=None), {}),
    ("a media type with parameters", envelope(datacontenttype="Application/JSON; charset=utf-8"), {}),
    ("a media type that is JSON underneath", envelope(datacontenttype="application/vnd.acme.signal+json"), {}),
    ("unknown attributes and fields", envelope(traceparent="00-1", data={**DATA, "colour": "red"}), {}),
    ("null fields in the data", envelope(data={**DATA, "trend": None}), {"trend": None}),
    ("the type is the producer's own word on a topic", envelope(type="com.acme.hiring"), {}),
    ("the kind of the data", envelope(data={**DATA, "kind": "intent"}), {}),
]


@pytest.mark.parametrize(("value", "changes"), [row[1:] for row in ACCEPTED], ids=[row[0] for row in ACCEPTED])
def test_envelopes_in_order_are_unwrapped(value: dict[str, Any], changes: dict[str, Any]) -> None:
    read, usual = structured(value), structured(envelope())
    assert isinstance(read, Event)
    assert isinstance(usual, Event)
    fields = {name: value for name, value in {**usual.fields, **changes}.items() if value is not None}
    assert read == usual._replace(fields=fields)


REFUSED = [
    ("another version", envelope(specversion="0.3"), "schema", "specversion"),
    ("a version that is no text", envelope(specversion=1.0), "schema", "specversion"),
    ("no id", envelope(id=None), "schema", "id "),
    ("an empty id", envelope(id=""), "schema", "id "),
    ("an id that is no text", envelope(id=7), "schema", "id "),
    ("no source", envelope(source=None), "schema", "source "),
    ("XML", envelope(datacontenttype="application/xml"), "schema", "datacontenttype"),
    ("a media type that is no text", envelope(datacontenttype=7), "schema", "datacontenttype"),
    ("data that is no object", envelope(data="{}"), "schema", "data "),
    ("data twice", envelope(data_base64="e30="), "schema", "data and data_base64"),
    ("not base64", envelope(data=None, data_base64="%%"), "schema", "data_base64"),
    ("base64 that is no text", envelope(data=None, data_base64=7), "schema", "data_base64"),
    ("base64 of no JSON", envelope(data=None, data_base64=b64encode(b"x").decode()), "schema", "data_base64"),
    ("no data", envelope(data=None), "schema", "topic is missing"),
    ("a subject that is no text", envelope(subject=7), "schema", "account_id must be text"),
    ("no subject anywhere", envelope(subject=None), "schema", "account_id is missing"),
    ("a time that is no instant", envelope(time="today"), "schema", "occurred_at is not"),
    ("a subject that is no company", envelope(subject="localhost"), "account", "account_id is a single label"),
    ("a time ahead", envelope(time="2026-03-03T00:06:00Z"), "future", "occurred_at"),
    ("another kind in the data", envelope(data={**DATA, "kind": "hiring"}), "kind_mismatch", "kind"),
    ("another kind in the extension", envelope(kind="hiring"), "kind_mismatch", "kind"),
]


@pytest.mark.parametrize(("value", "reason", "detail"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_envelopes_out_of_order_are_refused(value: dict[str, Any], reason: str, detail: str) -> None:
    refused = structured(value)
    assert isinstance(refused, Refusal)
    assert refused.reason == reason
    assert refused.detail.startswith(detail)


BINARY_REFUSED = [
    ("no version", {"ce_specversion": None}, "specversion"),
    ("no id", {"ce_id": None}, "id "),
    ("an empty source", {"ce_source": b""}, "source "),
    ("Avro", {"content-type": b"application/avro"}, "datacontenttype"),
    ("time that is no instant", {"ce_time": b"\xff"}, "occurred_at is not"),
]


@pytest.mark.parametrize(
    ("changes", "detail"), [row[1:] for row in BINARY_REFUSED], ids=[row[0] for row in BINARY_REFUSED]
)
def test_headers_out_of_order_are_refused(changes: dict[str, bytes | None], detail: str) -> None:
    refused = binary(changes)
    assert isinstance(refused, Refusal)
    assert refused.reason == "schema"
    assert refused.detail.startswith(detail)


def test_headers_win_over_the_data_and_give_way_where_they_are_missing() -> None:
    data = {**DATA, "account_id": "other.com"}
    read = binary({}, data)
    assert isinstance(read, Event)
    assert read.account == "acme.co.uk"
    read = binary({"ce_subject": None, "content-type": None}, data)
    assert isinstance(read, Event)
    assert read.account == "other.com"


def test_the_media_type_can_say_that_the_value_is_the_whole_event() -> None:
    read = binary({"content-type": b"application/cloudevents+json; charset=utf-8", "ce_id": b"other"}, envelope())
    assert isinstance(read, Event)
    assert read.event_id.endswith(INTENT["event_id"])


def test_other_headers_do_not_make_a_cloudevent() -> None:
    headers = [("backfill", b""), ("content-type", b"application/octet-stream"), ("traceparent", None)]
    [read] = decode_records("intent", [SignalRecord(json.dumps(INTENT).encode(), NOW, headers)])
    assert isinstance(read, Event)
    assert read.event_id == INTENT["event_id"]


KIND_IN_A_FILE = [
    (
        "of the data, before everything",
        {"data": {**DATA, "kind": "intent"}, "kind": "funding", "type": "x.hiring"},
        True,
    ),
    ("of the extension, before the type", {"kind": "intent", "type": "x.hiring"}, True),
    ("of the type's last part", {"type": "com.acme.signals.intent"}, True),
    ("of a type of one part", {"type": "intent"}, True),
    ("a type that names no kind", {"type": "com.acme.intent.received"}, False),
    ("no type", {"type": None}, False),
]


@pytest.mark.parametrize(
    ("changes", "known"), [row[1:] for row in KIND_IN_A_FILE], ids=[row[0] for row in KIND_IN_A_FILE]
)
def test_in_a_file_the_kind_is_found(changes: dict[str, Any], known: bool) -> None:
    _, verdict = from_line(envelope(**changes))
    if known:
        assert isinstance(verdict, Event)
        assert verdict.kind == "intent"
    else:
        assert verdict == Refusal("schema", "kind is missing")


NOW_OF_A_LINE = [
    ("received_at of the data", {"data": {**DATA, "received_at": LATER}}, LATER),
    ("the extension receivedat", {"receivedat": LATER}, LATER),
    ("the data before the extension", {"data": {**DATA, "received_at": LATER}, "receivedat": "?"}, LATER),
    ("else the time", {}, INTENT["occurred_at"]),
    ("the time of an envelope that is refused", {"id": None}, INTENT["occurred_at"]),
    ("the arrival of an envelope that is refused", {"specversion": "2", "receivedat": LATER}, LATER),
    ("the time of one that is too large", {"data": {"topic": "x" * 70_000}}, INTENT["occurred_at"]),
]


@pytest.mark.parametrize(("changes", "now"), [row[1:] for row in NOW_OF_A_LINE], ids=[row[0] for row in NOW_OF_A_LINE])
def test_in_a_file_the_instant_of_decision_is_found(changes: dict[str, Any], now: str) -> None:
    assert from_line(envelope(**changes))[0] == parse_instant(now)


def test_history_being_loaded_is_said_by_an_extension_in_files_and_by_the_header_on_topics() -> None:
    assert from_line(envelope(backfill=True))[1].backfill is True  # type: ignore[union-attr]
    assert binary({"backfill": b"1"}).backfill is True  # type: ignore[union-attr]
    assert binary({"ce_backfill": b"true"}).backfill is False  # type: ignore[union-attr]


@pytest.mark.parametrize("kind", ["com.acme.intent", "intent", "com/acme/intent"])
@pytest.mark.parametrize("version", ["", ".v1", ".v2.1", ".2", ".v1.0.3", "/v1", "-v1", "_v2", ".V3"])
def test_in_files_the_last_part_of_the_type_is_the_kind_a_version_apart(kind: str, version: str) -> None:
    assert from_line(envelope(type=kind + version, kind=None))[1].kind == "intent"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "name", ["com.acme.intents", "com.acme.intent.received", "v1", "com.acme.intentv1", "", None, 7]
)
def test_another_type_names_no_kind(name: Any) -> None:
    assert from_line(envelope(type=name, kind=None))[1] == Refusal("schema", "kind is missing")
