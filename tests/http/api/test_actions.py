"""`/v1/accounts/{account}/actions`: what is asked for is checked, written once, and told."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest

from signal_engine.adapters.http.edge.tokens import new_token
from signal_engine.adapters.kafka.topics.cluster import NoConnection
from signal_engine.core.fit.icp import CHASE
from signal_engine.engine.door.stored_history import StoredHistory
from signal_engine.engine.ports.store import StoreTrouble
from signal_engine.wire.instants import format_instant
from signal_engine.wire.storage.building import Building
from tests.build import DAY
from tests.http.action_topic import MemoryActionTopic
from tests.http.asking import Answer, ask
from tests.http.market import Market

DANA, SAM, KIM = "dana@example.com", "sam@example.com", "kim@example.com"
ICP, OWNER = "midmarket-saas", DANA
TOKENS = {actor: new_token(actor) for actor in (DANA, SAM, KIM)}


@pytest.fixture
def topic(lively: Market) -> Iterator[MemoryActionTopic]:
    """The topic, empty before each test and after it."""
    before, lively.actions = lively.actions, MemoryActionTopic(lambda: lively.now)
    yield lively.actions
    lively.actions = before


@pytest.fixture
async def app(lively: Market, topic: MemoryActionTopic) -> Any:
    store_snapshot = lively.store_snapshot()
    assert await store_snapshot.poll()
    return lively.app(tokens=" ".join(known_as for _, known_as in TOKENS.values()), store_snapshot=store_snapshot)


@pytest.fixture
def account(lively: Market) -> str:
    """One that Dana's ICP chases, and no other ICP admits."""
    fits = lively.inputs.fits.values()
    return next(
        fit.account
        for fit in fits
        if {one.icp: one.decision for one in fit.decisions} == {ICP: CHASE, "enterprise-fintech": "ignore"}
    )


async def act(app: Any, account: str, by: str = SAM, action_id: str | None = "", **body: Any) -> Answer:
    """Posts as a program of `by`; a new action_id unless one is given, none if it is None."""
    headers = {} if action_id is None else {"idempotency_key": action_id or str(uuid4())}
    return await ask(
        app, f"/v1/accounts/{account}/actions", "POST", json.dumps(body).encode(),
        content_type="application/json", authorization=f"Bearer {TOKENS[by][0]}", **headers,
    )  # fmt: skip


async def actions(app: Any, account: str) -> Any:
    told = await ask(app, f"/v1/accounts/{account}/actions", authorization=f"Bearer {TOKENS[SAM][0]}")
    assert told.status == 200
    return told.json


async def test_an_action_is_written_under_the_name_of_the_token_and_told(
    app: Any, lively: Market, topic: MemoryActionTopic, account: str
) -> None:
    action_id = str(uuid4())
    told = await act(app, f"https://www.{account}/x", SAM, action_id, action="claim", reason="Met them.")
    assert told.status == 201, told.body
    assert told.headers["cache-control"] == "private, no-store"
    (taken,) = topic.taken
    assert (taken.action.account, taken.action.by, taken.action.via) == (account, SAM, "api")
    action = told.json["action"]
    assert (told.json["repeated"], told.json["known"]) == (False, True)
    assert action["action_id"] == action_id
    assert action["applied_at"] == format_instant(lively.now)
    assert action["until"] == format_instant(lively.now + 14 * DAY)
    read = await actions(app, account)
    assert read["account_id"] == account
    assert read["actions"] == [action]
    assert [(one["action"], one["by"]) for one in read["in_force"]] == [("claim", SAM)]


async def test_without_the_topic_nobody_is_told_to_send_it_again_to_kafka(lively: Market, account: str) -> None:
    store_snapshot = lively.store_snapshot()
    assert await store_snapshot.poll()
    store_snapshot.takes_actions = False
    app = lively.app(tokens=" ".join(known_as for _, known_as in TOKENS.values()), store_snapshot=store_snapshot)
    told = await act(app, account, SAM, action="claim")
    assert (told.status, told.json["detail"]) == (503, "actions are off: the topic account.actions is missing")


async def test_a_repeated_request_is_the_same_action_and_another_body_is_refused(
    app: Any, topic: MemoryActionTopic, account: str
) -> None:
    action_id = str(uuid4())
    first = await act(app, account, SAM, action_id, action="claim")
    again = await act(app, account, SAM, action_id.upper(), action="claim")
    assert (again.status, again.json) == (200, {**first.json, "repeated": True})
    other = await act(app, account, SAM, action_id, action="claim", reason="another")
    assert other.status == 422
    assert "another action with this id" in other.json["detail"]
    assert len(topic.taken) == 1


async def test_who_may_not_gets_the_owners_name(app: Any, topic: MemoryActionTopic, account: str) -> None:
    told = await act(app, account, SAM, action="kill", reason="Too small.")
    assert told.status == 403
    assert f"Dana Reyes <{OWNER}> owns {ICP}" in told.json["detail"]
    assert not topic.taken
    killed = await act(app, account, OWNER, action="kill", reason="Too small.")
    assert killed.status == 201
    assert killed.json["action"]["authority"]["icp"] == killed.json["action"]["icp"] == ICP


async def test_a_claim_of_somebody_else_is_a_conflict(app: Any, account: str) -> None:
    assert (await act(app, account, SAM, action="claim")).status == 201
    told = await act(app, account, KIM, action="claim")
    assert told.status == 409
    assert SAM in told.json["detail"]
    assert (await act(app, account, KIM, action="claim", take_over=True)).status == 201
    assert [one["by"] for one in (await actions(app, account))["actions"]] == [KIM, SAM]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"action": "claim", "by": KIM}, "by is told by the token"),
        ({"action": "claim", "account_id": "x.com"}, "account_id is in the path"),
        ({"action": "claim", "action_id": "x"}, "Idempotency-Key"),
        ({"action": "claim", "untill": "2027-01-01T00:00:00Z"}, "an unknown field; there are action, "),
        ({}, "action is missing"),
        ({"action": "fire"}, "action must be one of"),
        ({"action": "snooze"}, "until is missing"),
        ({"action": "snooze", "until": "tomorrow"}, "until is not an RFC 3339 instant"),
        ({"action": "snooze", "until": 1_900_000_000}, "until must be text"),
        ({"action": "snooze", "until": "2026-01-01T00:00:00Z"}, "until is in the past"),
        ({"action": "claim", "reason": "x" * 501}, "reason must have at most 500 characters"),
        ({"action": "claim", "take_over": 1}, "take_over must be true or false"),
        ({"action": "disposition"}, "outcome is missing"),
        ({"action": "assign", "assignee": "kim"}, "assignee must be an e-mail address"),
        ({"action": "kill", "icp": "Old One"}, "icp must be the id of an ICP"),
        ({"action": "kill", "icp": "old"}, "icp names no ICP in force"),
    ],
)
async def test_what_is_wrong_is_named(
    app: Any, topic: MemoryActionTopic, account: str, body: dict[str, Any], said: str
) -> None:
    told = await ask(
        app, f"/v1/accounts/{account}/actions", "POST", json.dumps(body).encode(), content_type="application/json",
        authorization=f"Bearer {TOKENS[OWNER][0]}", idempotency_key=str(uuid4()),
    )  # fmt: skip
    assert told.status == 422
    assert said in told.json["detail"]
    assert not topic.taken


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'"claim"', b"\xff", b'{"action": NaN}'])
async def test_a_body_that_is_no_json_object_is_refused(app: Any, account: str, body: bytes) -> None:
    told = await ask(
        app, f"/v1/accounts/{account}/actions", "POST", body, content_type="application/json",
        authorization=f"Bearer {TOKENS[SAM][0]}", idempotency_key=str(uuid4()),
    )  # fmt: skip
    assert told.status == 422


async def test_an_action_has_an_id(app: Any, topic: MemoryActionTopic, account: str) -> None:
    missing = await act(app, account, action_id=None, action="claim")
    assert missing.status == 422
    assert "Idempotency-Key is missing" in missing.json["detail"]
    assert (await act(app, account, action_id="17", action="claim")).status == 422
    assert not topic.taken


async def test_the_dashboard_acts_by_its_own_name(lively: Market, topic: MemoryActionTopic, account: str) -> None:
    store_snapshot = lively.store_snapshot()
    await store_snapshot.poll()
    app = lively.app(actor=SAM, store_snapshot=store_snapshot)
    told = await ask(
        app, f"/v1/accounts/{account}/actions", "POST", b'{"action": "claim"}', content_type="application/json",
        sec_fetch_site="same-origin", idempotency_key=str(uuid4()),
    )  # fmt: skip
    assert told.status == 201
    assert (topic.taken[0].action.via, topic.taken[0].action.by) == ("dashboard", SAM)


async def test_kafka_away_is_told_as_not_confirmed_and_logged(
    app: Any, lively: Market, topic: MemoryActionTopic, account: str
) -> None:
    topic.away = NoConnection("Kafka does not answer: broker-7.internal:9092: connection refused")
    told = await act(app, account, action="claim")
    assert (told.status, told.headers["retry-after"]) == (503, "2")
    assert "the same Idempotency-Key" in told.json["detail"]
    assert "broker-7" not in told.body.decode(), "who acts is not told of servers"
    assert "action_not_confirmed" in lively.event_log.words
    assert (await actions(app, account))["actions"] == [], "what was done before is read from Redis"


async def test_redis_away_is_told_and_nothing_is_written(
    app: Any, lively: Market, topic: MemoryActionTopic, account: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: Any) -> Any:
        raise StoreTrouble("Redis is unreachable")

    monkeypatch.setattr(StoredHistory, "past", away)
    assert (await act(app, account, action="claim")).status == 503
    told = await ask(app, f"/v1/accounts/{account}/actions", authorization=f"Bearer {TOKENS[SAM][0]}")
    assert told.status == 503
    assert "actions_not_read" in lively.event_log.words
    assert not topic.taken


async def test_what_is_no_account_is_not_found(app: Any) -> None:
    assert (await act(app, "localhost", action="claim")).status == 404
    assert (await ask(app, "/v1/accounts/10.0.0.1/actions", authorization=f"Bearer {TOKENS[SAM][0]}")).status == 404


async def test_an_account_of_which_nobody_decided_anything_has_no_actions(app: Any) -> None:
    assert await actions(app, "example.org") == {
        "account_id": "example.org",
        "in_force": [],
        "actions": [],
    }


async def test_requests_for_one_account_at_once_are_decided_one_after_the_other(
    app: Any, topic: MemoryActionTopic, account: str
) -> None:
    claims = await asyncio.gather(*(act(app, account, by, action="claim") for by in (SAM, KIM)))
    assert sorted(told.status for told in claims) == [201, 409]
    action_id = str(uuid4())
    told = await asyncio.gather(
        act(app, account, SAM, action_id, action="do_not_contact"),
        act(app, account, SAM, action_id, action="assign", assignee=KIM),
    )
    assert sorted(one.status for one in told) == [201, 422]
    assert len(topic.taken) == 2


async def test_a_kill_without_the_field_everywhere_is_another_body(
    app: Any, topic: MemoryActionTopic, account: str
) -> None:
    action_id = str(uuid4())
    first = await act(app, account, OWNER, action_id, action="kill", everywhere=True)
    assert (first.status, (await act(app, account, OWNER, action_id, action="kill")).status) == (201, 422)
    again = await act(app, account, OWNER, action_id, action="kill", everywhere=True)
    assert (again.status, again.json["repeated"], len(topic.taken)) == (200, True, 1)


async def test_while_redis_is_filled_again_rights_are_not_known_and_what_was_decided_is(
    app: Any, lively: Market, topic: MemoryActionTopic, account: str
) -> None:
    assert (await act(app, account, action="claim")).status == 201
    served = lively.server.served.pop("")
    building = Building(5, ends={}, needs_fit=True, moved=False, began_at=lively.now)
    assert await lively.generations.begin(None, building)
    try:
        killed = await act(app, account, OWNER, action="kill", everywhere=True)
        assert (killed.status, killed.headers["retry-after"]) == (503, "2")
        assert "which ICPs admit the account is not known" in killed.json["detail"]
        assert (await act(app, account, KIM, action="claim")).status == 409, "the topic is asked"
        barred = await act(app, account, KIM, action="do_not_contact")
        assert (barred.status, barred.json["known"]) == (201, True)
    finally:
        await lively.generations.give_up(building)
        lively.server.served[""] = served
        await lively.generations.drop(building.generation)
