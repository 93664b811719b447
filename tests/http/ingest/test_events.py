"""`POST /v1/events`: every status, a result for every event, and no answer before Kafka has them."""

import gzip
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from signal_engine.adapters.http.edge.metric_list import METRICS
from signal_engine.adapters.http.edge.rate_limit import RateLimit
from signal_engine.adapters.http.edge.tokens import new_token
from signal_engine.adapters.http.ingest.bodies import MAX_EVENTS
from signal_engine.core.rules.events import Event
from signal_engine.engine.intake.outcomes import EventLine
from signal_engine.engine.intake.requests.admission import MAX_AHEAD_MS, admit
from signal_engine.engine.intake.requests.known_accounts import KnownAccounts
from signal_engine.wire.events.decode import SignalRecord, decode_records
from signal_engine.wire.instants import format_instant
from tests.http.asking import ask
from tests.http.ingest.stand import NOW, Stand, event

LINES = "application/x-ndjson"
ONE_CLOUD, CLOUDS = "application/cloudevents+json", "application/cloudevents-batch+json"


def lines(*events: Any) -> bytes:
    return b"\r\n".join(one if isinstance(one, bytes) else json.dumps(one).encode() for one in events)


def cloud(**attributes: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": "7", "source": "/crm", "type": "com.acme.engagement.v1", "subject": "acme.com",
        "time": format_instant(NOW), "data": {"activity": "demo_request"}, **attributes,
    }  # fmt: skip


TAKEN = [
    (event(), "application/json", 1, "an object"),
    (event(), "application/json; charset=utf-8", 1, "with a charset"),
    ([event(), event(event_id="e-2")], "application/json", 2, "an array"),
    (lines(event(), b"", event(event_id="e-2")), LINES, 2, "lines, one of them blank"),
    (lines(event(), event(event_id="e-2")), "application/jsonl", 2, "under another name"),
    (cloud(), ONE_CLOUD, 1, "a CloudEvent in structured mode"),
    ([cloud(), cloud(id="8")], CLOUDS, 2, "a batch of CloudEvents"),
    (lines(cloud()), LINES, 1, "a CloudEvent on a line"),
]


@pytest.mark.parametrize(("body", "content_type", "count", "why"), TAKEN, ids=[row[-1] for row in TAKEN])
async def test_events_are_taken_in_every_form(body, content_type, count, why):
    stand = Stand()
    answer = await stand.post(body, content_type=content_type)
    assert answer.status == 202, answer.body
    assert (answer.json["accepted"], answer.json["refused"], answer.json["unknown"]) == (count, 0, 0)
    assert [one["status"] for one in answer.json["results"]] == ["accepted"] * count
    assert len(stand.kafka.records) == count
    for record in stand.kafka.records:
        assert (record.topic, record.key, record.partition) == ("signals.engagement", b"acme.com", None)
        (verdict,) = decode_records("engagement", [SignalRecord(record.value, NOW, record.headers)])
        assert isinstance(verdict, Event), "the engine takes what `ingest` lets in"
    ids = [one["event_id"] for one in answer.json["results"]]
    assert ids == [one["event_id"] if "event_id" in one else f"/crm#{one['id']}" for one in stand.kafka.events()]


async def test_a_cloudevent_in_binary_mode_is_its_headers_and_its_data():
    stand = Stand()
    attributes = {"ce_specversion": "1.0", "ce_id": "7", "ce_source": "/m%C3%BCnchen", "ce_subject": "acme.com"}
    more = {"ce_time": format_instant(NOW), "ce_type": "engagement"}
    answer = await stand.post({"activity": "demo_request"}, **attributes, **more)
    assert answer.status == 202, answer.body
    assert answer.json["results"] == [{"event_id": "/münchen#7", "status": "accepted"}]
    assert stand.kafka.events()[0]["source"] == "/münchen"


REFUSED = [
    (event(activity=None), "schema", "activity", "a field is missing"),
    (event(kind=None), "schema", "kind is missing", "no kind"),
    (event(kind="rumour"), "schema", "kind must be one of", "no such kind"),
    (event(account_id="localhost"), "account", "account_id is a single label", "no domain"),
    (event(occurred_at="2026-11-28"), "schema", "occurred_at", "no instant"),
    (event(occurred_at=format_instant(NOW + 4 * 60_000 + 1)), "future", "more than 4 minutes", "too far ahead"),
    (event(event_id=None), "schema", "event_id is missing: give an id, or in natural_key", "no id"),
    (event(event_id=None, natural_key=[]), "schema", "natural_key must be a list", "an empty key"),
    (event(event_id=None, natural_key=[{}]), "schema", "natural_key must be a list", "a key of objects"),
    (event(backfill="yes"), "schema", "backfill must be true or false", "no boolean"),
    (event(more="x" * 65_536), "too_large", "larger than 65536 bytes", "too large"),
    (event(more=json.loads("[" * 40 + "]" * 40)), "schema", "nested more than 32 levels", "too deep"),
    ("an event", "schema", "an event is a JSON object", "no object"),
    (cloud(specversion="0.3"), "schema", "specversion (CloudEvents)", "another version of CloudEvents"),
]


@pytest.mark.parametrize(("wrong", "reason", "detail", "why"), REFUSED, ids=[row[-1] for row in REFUSED])
async def test_an_event_that_is_refused_is_told_with_its_place_and_the_others_are_taken(wrong, reason, detail, why):
    stand = Stand()
    answer = await stand.post([event(event_id="a"), wrong, event(event_id="b")])
    assert answer.status == 207
    first, refused, last = answer.json["results"]
    assert (first, last) == ({"event_id": "a", "status": "accepted"}, {"event_id": "b", "status": "accepted"})
    assert (refused["status"], refused["reason"]) == ("refused", reason)
    assert detail in refused["detail"]
    assert [one["event_id"] for one in stand.kafka.events()] == ["a", "b"]


async def test_a_line_that_is_no_json_is_refused_alone():
    answer = await Stand().post(lines(event(), b'{"kind":', b'{"a": "\xff"}'), content_type=LINES)
    assert answer.status == 207
    assert [one.get("reason") for one in answer.json["results"]] == [None, "not_json", "not_json"]


async def test_four_minutes_ahead_is_near_enough():
    answer = await Stand().post(event(occurred_at=format_instant(NOW + MAX_AHEAD_MS)))
    assert answer.status == 202


UNREADABLE = [
    (b"", "application/json", 400, "has no body", "nothing"),
    (b"  \n", LINES, 400, "has no body", "blanks"),
    (b"[]", "application/json", 400, "has no event", "an empty array"),
    (b'{"kind"', "application/json", 400, "is not valid JSON at character 7", "half an object"),
    (b'{"a": "\xff"}', "application/json", 400, "is not UTF-8: invalid byte at 7", "bad UTF-8"),
    (b"[" * 2_000 + b"]" * 2_000, "application/json", 400, "is not valid JSON", "deeper than anybody nests"),
    (b'{"a": NaN}', "application/json", 400, "is not valid JSON", "no number"),
    (cloud(), CLOUDS, 400, "is a list of CloudEvents", "one as a batch"),
    ([cloud()], ONE_CLOUD, 400, "application/cloudevents-batch+json", "a batch as one"),
    (event(), "", 415, "Content-Type must be one of application/json", "no type"),
    (event(), "text/plain", 415, "Content-Type must be one of", "what any page can send without asking"),
    (event(), "application/x-www-form-urlencoded", 415, "Content-Type must be one of", "a form"),
    (b"{}\n" * (MAX_EVENTS + 1), LINES, 413, "at most 10,000 events", "too many lines"),
    (b"[" + b"1," * MAX_EVENTS + b"1]", "application/json", 413, "at most 10,000 events", "too many"),
    (b"[" + b" " * 1_000_000 + b"]", "application/json", 413, "at most 1,000,000 bytes", "too much"),
]


@pytest.mark.parametrize(("body", "content_type", "status", "said", "why"), UNREADABLE, ids=[r[-1] for r in UNREADABLE])
async def test_a_request_that_cannot_be_read_is_a_problem_and_sends_nothing(body, content_type, status, said, why):
    stand = Stand()
    answer = await stand.post(body, content_type=content_type)
    assert answer.status == status
    assert said in answer.json["detail"]
    assert answer.headers["content-type"] == "application/problem+json"
    assert stand.kafka.records == []


async def test_a_compressed_body_is_turned_down_by_its_header():
    stand = Stand()
    answer = await stand.post(gzip.compress(json.dumps(event()).encode()), content_encoding="gzip")
    assert (answer.status, "without Content-Encoding" in answer.json["detail"]) == (415, True)
    assert (await stand.post(event(), content_encoding="identity")).status == 202


async def test_while_kafka_is_away_nothing_is_taken_and_the_sender_is_told_when_to_come_back():
    stand = Stand()
    stand.kafka.is_up = False
    answer = await stand.post(event())
    assert (answer.status, answer.headers["retry-after"]) == (503, "2")
    assert (await ask(stand.app, "/readyz")).status == 503
    assert (await ask(stand.app, "/livez")).status == 200
    stand.kafka.is_up = True
    assert (await stand.post(event())).status == 202
    assert (await ask(stand.app, "/readyz")).status == 200


async def test_when_kafka_goes_in_the_middle_every_event_has_its_result():
    stand = Stand()
    stand.kafka.lost_from = 1
    answer = await stand.post([event(event_id="a"), event(kind="x"), event(event_id="b"), event(event_id="c")])
    assert (answer.status, answer.headers["retry-after"]) == (503, "2")
    assert [one["status"] for one in answer.json["results"]] == ["accepted", "refused", "unknown", "unknown"]
    assert (answer.json["accepted"], answer.json["refused"], answer.json["unknown"]) == (1, 1, 2)
    assert answer.json["results"][2]["event_id"] == "b", "it is sent again under the same id"


async def test_a_refused_event_alone_does_not_need_kafka():
    stand = Stand()
    stand.kafka.is_up = False
    assert (await stand.post(event(kind="x"))).status == 207


async def test_beyond_the_bytes_that_may_be_in_flight_senders_wait():
    stand = Stand(max_bytes_in_flight=1_000)
    answer = await stand.post([event(more="x" * 2_000)])
    assert (answer.status, answer.headers["retry-after"]) == (429, "1")
    assert (await stand.post(event())).status == 202, "what was turned down is not counted any more"


async def test_too_many_requests_of_one_client_wait():
    stand = Stand(rate=RateLimit(1, lambda: 0.0))
    statuses = [(await stand.post(event())).status for _ in range(4)]
    assert statuses == [202, 202, 429, 429]


async def test_who_sends_needs_a_token_that_may_write():
    token, entry = new_token(writer="crm")
    reading, other = new_token()
    stand = Stand(tokens=f"{entry}, {other}")
    assert (await stand.post(event())).status == 401
    assert (await stand.post(event(), authorization="Bearer wrong")).status == 401
    answer = await stand.post(event(), authorization=f"Bearer {reading}")
    assert (answer.status, answer.json["detail"]) == (
        403, "sending events needs a token with the scope write (write:NAME:SHA256)",
    )  # fmt: skip
    assert stand.kafka.records == []
    assert (await stand.post(event(), authorization=f"Bearer {token}")).status == 202
    for allowed in (token, reading):
        shown = await ask(stand.app, "/metrics", authorization=f"Bearer {allowed}")
        assert 'signal_engine_ingest_events_total{outcome="accepted",sender="crm"} 1.0' in shown.body.decode()
    assert (await ask(stand.app, "/metrics")).status == 401
    assert (await ask(stand.app, "/livez")).status == 200


async def test_the_metrics_are_those_of_the_list_each_with_its_labels():
    stand = Stand()
    await stand.post([event(), event(kind="x")])
    stand.app._metrics.kept["h", "not_json"] += 1
    stand.app._metrics.rejected["h"] += 1
    shown = {
        family.name: (family.type, {label for sample in family.samples for label in sample.labels} - {"le"})
        for family in text_string_to_metric_families((await ask(stand.app, "/metrics")).body.decode())
    }
    ours = [metric for metric in METRICS if metric.name.startswith("signal_engine_ingest_")]
    assert shown == {metric.name: (metric.type, set(metric.labels)) for metric in ours}


async def test_other_methods_hosts_and_paths_are_turned_down():
    stand = Stand()
    assert (await ask(stand.app, "/v1/events")).status == 405
    assert (await ask(stand.app, "/v1/events", "DELETE")).headers["allow"] == "POST, OPTIONS"
    assert (await ask(stand.app, "/metrics", "POST")).status == 405
    assert (await ask(stand.app, "/v1/accounts/a.com/actions", "POST")).status in {404, 405}
    assert (await ask(stand.app, "/v1/nothing")).status == 404
    assert (await stand.post(event(), host="evil.example")).status == 421


async def test_history_goes_with_its_header_and_the_body_as_it_came():
    stand = Stand()
    raw = json.dumps(event(backfill=True, trend=None, unknown=1)).encode()
    assert (await stand.post(raw)).status == 202
    (record,) = stand.kafka.records
    assert (record.value, record.headers) == (raw, (("backfill", b"1"),))


async def test_a_natural_key_makes_the_id_and_the_same_facts_make_the_same():
    stand = Stand()
    same = [["Form", 7, True], ["  form ", 7.0, True]]
    for key in (*same, ["Form", 8, True]):
        answer = await stand.post(event(event_id=None, natural_key=key, source="crm"))
        assert answer.status == 202
    first, again, other = (one["event_id"] for one in stand.kafka.events())
    assert first == again != other
    assert len(first) == 64


@given(
    st.dictionaries(
        st.sampled_from(["kind", "event_id", "account_id", "occurred_at", "activity", "natural_key", "backfill", "x"]),
        st.recursive(
            st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=9)
            | st.sampled_from(["engagement", "acme.com", format_instant(NOW), "pricing_view"]),
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
            max_leaves=6,
        ),
    )
)  # fmt: skip
def test_whatever_is_sent_is_refused_with_a_reason_or_taken_by_the_engine(given_event):
    found = admit(given_event, NOW, KnownAccounts())
    if isinstance(found, EventLine):
        (verdict,) = decode_records(found.kind, [SignalRecord(found.value, NOW)])
        assert isinstance(verdict, Event)
        assert (verdict.account, verdict.event_id) == (found.account, found.event_id)
    else:
        assert found.reason != "bug"
        assert found.detail
