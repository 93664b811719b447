"""Records of `account.actions`: what is read, what is refused and why, and that what is written is read back."""

import json
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from signal_engine.core.actions.action import (
    ACTIONS,
    ASSIGN,
    CLAIM,
    DISPOSITION,
    KEEPING,
    KILL,
    MUTE,
    OUTCOMES,
    RESTORE,
    SNOOZE,
    AccountAction,
    Authority,
)
from signal_engine.core.rules.instants import MINUTE
from signal_engine.wire.actions import record
from signal_engine.wire.actions.examples import ACTIONS as EXAMPLES
from signal_engine.wire.actions.record import LARGEST_ACTION, read_action, read_line, write_action
from signal_engine.wire.contracts.schemas import action_schema
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.instants import parse_instant

NOW = parse_instant("2026-03-05T12:00:00Z")
PLAIN: dict[str, Any] = {
    "action_id": "6f1c2d34-90ab-4cde-8f01-23456789abcd",
    "account_id": "acme.com",
    "action": "release",
    "at": "2026-03-05T12:00:00Z",
    "by": "dana@example.com",
    "via": "cli",
}
T = "2026-03-20T00:00:00Z"


def read(**changed: Any) -> AccountAction | Refusal:
    return read_action(json.dumps({**PLAIN, **changed}).encode(), NOW)


def test_every_example_is_read_and_has_the_schema() -> None:
    for example in EXAMPLES:
        assert isinstance(read_action(json.dumps(example).encode(), NOW), AccountAction)
        Draft202012Validator(action_schema()).validate(example)


def test_a_record_becomes_an_action_with_its_account_normalised() -> None:
    told = read(
        action="kill",
        account_id="https://www.Acme.co.uk/careers",
        action_id=PLAIN["action_id"].upper(),
        icp="midmarket-saas",
        reason="builds its own",
        review_at=T,
        request="0123456789abcdef",
        authority={"icp": "midmarket-saas", "version": 3, "owner": "dana@example.com"},
        until=None,
        team="ignored",
    )
    assert told == AccountAction(
        account="acme.co.uk",
        action_id=PLAIN["action_id"],
        action=KILL,
        at=NOW,
        by="dana@example.com",
        via="cli",
        authority=Authority("midmarket-saas", 3, "dana@example.com"),
        reason="builds its own",
        icp="midmarket-saas",
        review_at=parse_instant(T),
        request="0123456789abcdef",
    )


@pytest.mark.parametrize(
    ("changed", "detail"),
    [
        ({"action_id": "42"}, "action_id must be a UUID"),
        ({"action": "murder"}, "action must be one of"),
        ({"at": 1_700_000_000}, "at must be text"),
        ({"at": "yesterday"}, "at is not an RFC 3339 instant"),
        ({"by": "Dana"}, "by must be an e-mail address"),
        ({"by": None}, "by is missing"),
        ({"via": "fax"}, "via must be one of"),
        ({"reason": ""}, "reason must have at least 1 character(s)"),
        ({"reason": "x" * 501}, "reason must have at most 500 characters"),
        ({"action": "kill", "icp": "Mid Market"}, "icp must be the id of an ICP"),
        ({"request": "whatever"}, "request must"),
        ({"action": "snooze"}, "until is missing (required for snooze)"),
        ({"action": "claim"}, "until is missing (required for claim)"),
        ({"action": "mute"}, "until is missing (required for mute)"),
        ({"action": "assign"}, "assignee is missing (required for assign)"),
        ({"action": "disposition"}, "outcome is missing (required for disposition)"),
        ({"action": "disposition", "outcome": "no_budget"}, "until is missing (required for the outcome no_budget)"),
        ({"action": "disposition", "outcome": "liked_us", "until": T}, "outcome must be one of"),
        ({"action": "claim", "until": "2026-03-20"}, "until is not an RFC 3339 instant"),
        ({"action": "claim", "until": T, "take_over": "yes"}, "take_over must be"),
        ({"action": "claim", "until": T, "take_over": 1}, "take_over must be"),
        ({"action": "kill", "until": T}, "until does not belong to kill"),
        ({"action": "do_not_contact", "icp": "midmarket"}, "icp does not belong to do_not_contact"),
        ({"outcome": "contacted"}, "outcome does not belong to release"),
        ({"assignee": "sam@example.com"}, "assignee does not belong to release"),
        ({"take_over": True}, "take_over does not belong to release"),
        ({"review_at": T}, "review_at does not belong to release"),
        ({"authority": {"icp": "a", "version": "3", "owner": "d@example.com"}}, "authority.version must be a whole"),
        ({"authority": {"icp": "a", "version": 3, "owner": "d"}}, "authority.owner must be an e-mail address"),
        ({"authority": {"icp": "a", "version": 3, "owner": None}}, "authority.owner is missing"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_breaks_the_schema_is_refused_with_the_field_and_never_its_value(
    changed: dict[str, Any], detail: str
) -> None:
    refused = read(**changed)
    assert isinstance(refused, Refusal)
    assert refused.reason == "schema"
    assert detail in refused.detail
    assert "Dana" not in refused.detail
    assert "liked_us" not in refused.detail


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "not_json"),
        (b"{", "not_json"),
        (b"[]", "schema"),
        (json.dumps({**PLAIN, "account_id": "10.0.0.1"}).encode(), "account"),
        (json.dumps({**PLAIN, "account_id": ""}).encode(), "account"),
        (json.dumps({**PLAIN, "more": "x" * LARGEST_ACTION}).encode(), "too_large"),
    ],
    ids=["no value", "cut short", "no object", "an address", "no account", "large"],
)
def test_what_is_no_action_of_an_account_is_refused(value: bytes | None, reason: str) -> None:
    refused = read_action(value, NOW)
    assert isinstance(refused, Refusal)
    assert refused.reason == reason


def test_an_action_five_minutes_ahead_of_its_record_is_taken_and_one_further_ahead_refused() -> None:
    value = json.dumps(PLAIN).encode()
    assert isinstance(read_action(value, NOW - 5 * MINUTE), AccountAction)
    refused = read_action(value, NOW - 5 * MINUTE - 1)
    assert isinstance(refused, Refusal)
    assert refused.reason == "future"
    assert isinstance(read_action(value, None), AccountAction)


def test_a_failure_of_ours_refuses_the_record_and_names_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: str) -> None:
        raise RuntimeError("acme.com")

    monkeypatch.setattr(record, "normalise", fails)
    refused = read()
    assert isinstance(refused, Refusal)
    assert refused.reason == "bug"
    assert "acme" not in refused.detail


@pytest.mark.parametrize(
    ("changed", "now", "reason"),
    [
        ({}, PLAIN["at"], None),
        ({"received_at": T}, T, None),
        # as at a topic: the person's clock may be five minutes ahead of the record's
        ({"received_at": "2026-03-05T11:54:59Z"}, "2026-03-05T11:54:59Z", "future"),
        ({"received_at": "soon"}, None, "schema"),
        ({"at": "soon"}, None, "schema"),
        ({"by": "Dana"}, PLAIN["at"], "schema"),
    ],
)
def test_a_line_is_taken_when_it_was_received_or_else_when_the_person_acted(
    changed: dict[str, Any], now: str | None, reason: str | None
) -> None:
    line = read_line(json.dumps({**PLAIN, **changed}).encode())
    assert line.now == (None if now is None else parse_instant(now))
    assert (line.verdict.reason if isinstance(line.verdict, Refusal) else None) == reason


@pytest.mark.parametrize(("value", "reason"), [(b"oops", "not_json"), (b"{" + b" " * LARGEST_ACTION, "too_large")])
def test_a_line_that_is_no_object_has_no_instant(value: bytes, reason: str) -> None:
    line = read_line(value)
    assert isinstance(line.verdict, Refusal)
    assert (line.now, line.verdict.reason) == (None, reason)


INSTANTS = st.integers(NOW, NOW + 10**10)


@st.composite
def actions(draw: st.DrawFn) -> AccountAction:
    action = draw(st.sampled_from(ACTIONS))
    outcome = draw(st.sampled_from(OUTCOMES)) if action == DISPOSITION else None
    lasts = action in {SNOOZE, CLAIM, MUTE} or (outcome is not None and outcome not in KEEPING)
    return AccountAction(
        account="acme.com",
        action_id=str(UUID(int=draw(st.integers(0, 2**128 - 1)))),
        action=action,
        at=NOW,
        by="dana@example.com",
        via=draw(st.sampled_from(["cli", "api", "dashboard", "slack", "mail"])),
        authority=draw(st.none() | st.just(Authority("a-1", 2, "sam@example.com"))),
        reason=draw(st.none() | st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=500)),
        until=draw(INSTANTS) if lasts else None,
        icp=draw(st.none() | st.just("midmarket-saas")) if action in {KILL, RESTORE} else None,
        outcome=outcome,
        assignee="sam@example.com" if action == ASSIGN else None,
        take_over=action == CLAIM and draw(st.booleans()),
        review_at=draw(st.none() | INSTANTS) if action == KILL else None,
        request=draw(st.none() | st.just("0123456789abcdef")),
    )


@given(actions())
def test_what_is_written_is_read_back_as_the_same_and_has_the_schema(action: AccountAction) -> None:
    value = write_action(action)
    assert len(value) <= LARGEST_ACTION
    assert read_action(value, NOW) == action
    Draft202012Validator(action_schema()).validate(json.loads(value))
