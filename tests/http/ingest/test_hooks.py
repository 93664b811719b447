"""`POST /v1/hooks/NAME`: signature first, on the body as it came; what cannot be mapped is kept, never lost."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.adapters.http.edge.tokens import new_token
from signal_engine.adapters.http.ingest.hooks import MAX_KEPT_PER_SECOND
from signal_engine.core.rules.events import Event
from signal_engine.engine.intake.requests.deliveries import DeliveryMapper
from signal_engine.engine.intake.requests.known_accounts import KnownAccounts
from signal_engine.wire.events.decode import SignalRecord, decode_records
from signal_engine.wire.instants import format_instant
from signal_engine.wire.intake.mapping_file import parse
from tests.http.asking import Answer, ask
from tests.http.ingest.stand import NOW, Stand, hooks_in

HOOKS = """
hooks:
  visits:
    mapping: visits.yaml
    timezone: Europe/Berlin
    signature: {scheme: hmac-sha256, header: X-Sig, prefix: "sha256=", secret_file: FOLDER/secret}
  segment:
    mapping: segment-rudderstack
    signature: {scheme: segment, secret_file: FOLDER/secret}
"""
VISITS = """
mapping: visits
reads: json
each: visits
produces: engagement
account: company
event_id: [page, at]
occurred_at: at
fields: {page: page}
constants: {activity: page_view, source: visits}
when: {bot: {eq: false}}
"""
MAPPER = DeliveryMapper(parse("visits.yaml", VISITS.encode()), "Europe/Berlin", None)
SECRET = "s3cret"


@pytest.fixture
def stand(tmp_path) -> Stand:
    return Stand(hooks_in(tmp_path, HOOKS, secret=f"{SECRET}\n", visits_yaml=VISITS))


def visit(**fields: Any) -> dict[str, Any]:
    return {"company": "www.acme.com", "page": "/pricing", "at": "2026-11-28T12:30:00", "bot": False, **fields}


async def deliver(stand: Stand, body: Any, name: str = "visits", signature: str | None = None) -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    made = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    return await stand.post(raw, f"/v1/hooks/{name}", x_sig=f"sha256={made}" if signature is None else signature)


async def test_a_delivery_goes_through_its_mapping(stand):
    answer = await deliver(stand, {"visits": [visit(), visit(page="/", bot=True), visit(page="/plans")]})
    assert (answer.status, answer.json) == (202, {"accepted": 2, "passed_over": 1, "kept": 0})
    assert [one["page"] for one in stand.kafka.events()] == ["/pricing", "/plans"]
    assert stand.kafka.events()[0]["occurred_at"] == "2026-11-28T11:30:00Z", "the zone is the hook's"
    assert {one.key for one in stand.kafka.records} == {b"acme.com"}


async def test_a_delivery_that_comes_twice_gives_the_same_events(stand):
    for _ in range(2):
        assert (await deliver(stand, {"visits": [visit()]})).status == 202
    first, second = stand.kafka.events()
    assert first == second


async def test_a_signature_that_does_not_hold_is_401_and_nothing_is_kept(stand):
    for signature in ("", "sha256=", "sha256=00", "x"):
        answer = await deliver(stand, {"visits": [visit()]}, signature=signature)
        assert (answer.status, answer.json["detail"]) == (401, "the signature is not valid")
    assert (await deliver(stand, b"no json", signature="")).status == 401, "nothing is parsed before"
    assert stand.kafka.records == []
    shown = (await ask(stand.app, "/metrics")).body.decode()
    assert 'signal_engine_ingest_refused_deliveries_total{hook="visits"} 5.0' in shown


async def test_the_log_says_why_signatures_do_not_hold_once_a_minute_and_hook(stand):
    for seconds, signature in ((0, ""), (30, "x"), (60, "x"), (120, "sha256=00")):
        stand.now = NOW + seconds * 1_000
        assert (await deliver(stand, {}, signature=signature)).status == 401
    assert set(stand.said.words) == {"hook_signature_refused"}
    assert [(facts["hook"], facts["deliveries"], facts["why"]) for _, _, facts in stand.said.lines] == [
        ("visits", 1, "the header x-sig is missing"),
        ("visits", 3, "the header x-sig does not begin with the prefix of the hooks file"),
        ("visits", 4, "what x-sig holds does not come from this hook's secret and what was received"),
    ]


async def test_the_log_says_that_a_delivery_is_too_old(tmp_path):
    dated = HOOKS.replace('prefix: "sha256="', "timestamp_header: X-At")
    stand = Stand(hooks_in(tmp_path, dated, secret=SECRET, visits_yaml=VISITS))
    for at in ("", str(NOW // 1_000 - 301)):
        stand.now += 60_000
        assert (await stand.post(b"{}", "/v1/hooks/visits", x_sig="00", x_at=at)).status == 401
    assert [facts["why"] for _, _, facts in stand.said.lines] == [
        "the header x-at is missing",
        "the instant in x-at is not within 300 seconds of this machine's clock",
    ]


KEPT = [
    (b"{", "not_json", "the body is not valid JSON at character 1", 0, 1, "half an object"),
    (b"\xff", "not_json", "the body is not valid JSON", 0, 1, "bad UTF-8"),
    ({"visits": [visit(), visit(company="localhost")]}, "unmappable", "'company' is a single label", 1, 1, "a row"),
    ({"visits": [visit(at="soon")]}, "unmappable", "'at' is no date that can be read", 0, 1, "a date"),
    ({"visits": [7, visit(), [8]]}, "unmappable", "2 rows: a row is no JSON object", 1, 2, "rows that are none"),
    ({"visits": [visit(at="2026-11-28T12:05:00Z")]}, "unmappable", "ahead of the event's arrival", 0, 1, "the future"),
    ({"visits": [visit(company="gmail.com")]}, "unmappable", "mail provider", 0, 1, "a mail provider"),
    (json.loads("[" * 40 + "]" * 40), "unmappable", "nested more than 32 levels", 0, 1, "too deep"),
]


@pytest.mark.parametrize(("body", "reason", "detail", "accepted", "kept", "why"), KEPT, ids=[r[-1] for r in KEPT])
async def test_what_is_authentic_and_cannot_be_mapped_is_kept_as_it_came_with_the_reason(
    stand, body, reason, detail, accepted, kept, why
):
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = await deliver(stand, raw)
    assert answer.status == 202, "the sender cannot mend it"
    assert (answer.json["accepted"], answer.json["kept"]) == (accepted, kept)
    (record,) = stand.kafka.kept()
    headers = {name: value.decode() for name, value in record.headers}
    assert (record.value, record.key) == (raw, b"visits")
    assert (headers["ingest.hook"], headers["dlq.reason"], headers["dlq.at"]) == ("visits", reason, format_instant(NOW))
    assert detail in headers["dlq.detail"]
    assert "soon" not in headers["dlq.detail"], "values are not repeated"
    assert len(stand.kafka.events()) == accepted


async def test_a_hook_whose_deliveries_cannot_be_mapped_is_slowed_down_and_none_is_lost(stand):
    answers = [await deliver(stand, b"{") for _ in range(round(2 * MAX_KEPT_PER_SECOND) + 3)]
    assert [one.status for one in answers[-3:]] == [429] * 3
    assert answers[-1].headers["retry-after"] == "1"
    assert len(stand.kafka.kept()) == sum(one.status == 202 for one in answers)
    assert (await deliver(stand, {"visits": [visit()]})).status == 202, "what can be mapped is taken"
    stand.now += 1_000
    assert (await deliver(stand, b"{")).status == 202


async def test_while_kafka_is_away_the_sender_is_told_to_come_back(stand):
    stand.kafka.is_up = False
    assert (await deliver(stand, {"visits": [visit()]})).status == 503
    assert (await deliver(stand, b"{")).status == 503
    stand.kafka.is_up, stand.kafka.lost_from = True, 1
    answer = await deliver(stand, {"visits": [visit(), visit(page="/")]})
    assert (answer.status, answer.headers["retry-after"]) == (503, "2")
    stand.kafka.lost_from = None
    assert (await deliver(stand, {"visits": [7]})).status == 202


async def test_a_delivery_of_which_no_row_is_meant_needs_no_kafka(stand):
    stand.kafka.is_up = False
    answer = await deliver(stand, {"visits": [visit(bot=True)]})
    assert (answer.status, answer.json["passed_over"]) == (202, 1)


async def test_a_hook_needs_no_token_and_a_token_is_no_signature(tmp_path):
    token, entry = new_token(writer="crm")
    stand = Stand(hooks_in(tmp_path, HOOKS, secret=SECRET, visits_yaml=VISITS), tokens=entry)
    assert (await deliver(stand, {"visits": [visit()]})).status == 202
    answer = await stand.post({"visits": []}, "/v1/hooks/visits", authorization=f"Bearer {token}")
    assert answer.status == 401


@pytest.mark.parametrize(("target", "method", "status"), [
    ("/v1/hooks/nobody", "POST", 404), ("/v1/hooks/", "POST", 404), ("/v1/hooks/visits/x", "POST", 404),
    ("/v1/hooks/visits", "GET", 405), ("/v1/hooks/visits", "PUT", 405),
])  # fmt: skip
async def test_hooks_that_there_are_not(stand, target, method, status):
    assert (await ask(stand.app, target, method)).status == status


async def test_a_delivery_that_is_too_large_is_413(stand):
    assert (await deliver(stand, b"[" + b" " * 1_000_000 + b"]")).status == 413
    assert stand.kafka.records == []


ROW = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9)
    | st.sampled_from(["acme.com", "2026-11-28T11:00:00Z", "12/11/2026", False]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["company", "page", "at", "bot", "x"]), inner, max_size=5),
    max_leaves=12,
)  # fmt: skip


@pytest.mark.parametrize(
    ("at", "detail"),
    [
        ("2026-11-28T12:30:00", "column 'at' names no time zone"),
        ("12/11/2026 12:30", "column 'at' can be read in two ways, and no value settles it"),
    ],
)
def test_why_a_column_cannot_be_read_is_told_as_a_sentence_without_a_value(at, detail):
    found = DeliveryMapper(parse("visits.yaml", VISITS.encode()), None, None).map(
        json.dumps({"visits": [visit(at=at)]}).encode(), NOW, KnownAccounts()
    )
    assert (found.refused, found.detail) == (1, detail)


@given(st.binary(max_size=60) | st.builds(lambda rows: json.dumps({"visits": rows}).encode(), ROW))
def test_whatever_a_webhook_brings_every_row_is_an_event_or_passed_over_or_refused(body):
    found = MAPPER.map(body, NOW, KnownAccounts())
    assert bool(found.refused) == bool(found.reason) == bool(found.detail)
    try:
        rows = json.loads(body)["visits"]
    except (ValueError, TypeError, KeyError, IndexError):
        return
    count = len(rows) if isinstance(rows, list) else 1
    assert len(found.events) + found.passed_over + found.refused == count or (found.refused == 1 and not found.events)
    for event in found.events:
        (verdict,) = decode_records(event.kind, [SignalRecord(event.value, NOW)])
        assert isinstance(verdict, Event), "the engine takes what is let through"


async def test_a_preset_takes_the_webhooks_of_segment(stand):
    call = {
        "type": "track", "event": "Demo Requested", "messageId": "m-1", "timestamp": "2026-11-28T11:59:00.123Z",
        "userId": "u", "context": {"traits": {"email": "jane@acme.com"}},
    }  # fmt: skip
    raw = json.dumps(call).encode()
    answer = await stand.post(
        raw, "/v1/hooks/segment", x_signature=hmac.new(SECRET.encode(), raw, hashlib.sha1).hexdigest()
    )
    assert answer.json == {"accepted": 1, "passed_over": 0, "kept": 0}
    (taken,) = stand.kafka.events()
    assert (taken["account_id"], taken["activity"], taken["event_id"]) == ("acme.com", "demo_request", "m-1")


async def test_standard_webhooks_end_to_end(tmp_path):
    key = base64.b64encode(b"k" * 24).decode()
    text = HOOKS.replace(
        'scheme: hmac-sha256, header: X-Sig, prefix: "sha256=", secret_file: FOLDER/secret',
        "scheme: standard-webhooks, secret_file: FOLDER/standard",
    )
    stand = Stand(hooks_in(tmp_path, text, secret=SECRET, standard=f"whsec_{key}", visits_yaml=VISITS))
    raw = json.dumps({"visits": [visit()]}).encode()
    signed = f"msg_1.{NOW // 1_000}.".encode() + raw
    signature = base64.b64encode(hmac.new(b"k" * 24, signed, hashlib.sha256).digest()).decode()
    headers = {"webhook_id": "msg_1", "webhook_timestamp": str(NOW // 1_000), "webhook_signature": f"v1,{signature}"}
    assert (await stand.post(raw, "/v1/hooks/visits", **headers)).status == 202
    stand.now += 301_000
    assert (await stand.post(raw, "/v1/hooks/visits", **headers)).status == 401
