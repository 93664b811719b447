"""Records of `outcomes`: what is read, what is refused and why, and that what is written is read back."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from signal_engine.core.actions.action import OUTCOMES as REASONS
from signal_engine.wire.contracts.schemas import outcome_schema
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.outcomes.examples import OUTCOMES
from signal_engine.wire.outcomes.models import OUTCOME_STAGES
from signal_engine.wire.outcomes.record import LARGEST_OUTCOME, AccountOutcome, read_outcome, write_outcome

PLAIN: dict[str, Any] = {"outcome_id": "o-1", "account_id": "acme.com", "stage": "won", "at": "2026-03-05T12:00:00Z"}


def read(**changed: Any) -> AccountOutcome | Refusal:
    return read_outcome(json.dumps({**PLAIN, **changed}).encode())


def test_every_example_is_read_and_has_the_schema() -> None:
    for example in OUTCOMES:
        assert isinstance(read_outcome(json.dumps(example).encode()), AccountOutcome)
        Draft202012Validator(outcome_schema()).validate(example)


def test_a_record_becomes_an_outcome_with_its_account_normalised() -> None:
    told = read(account_id="https://www.Acme.co.uk/x", opened_at="2026-03-01T00:00:00Z", amount_usd=5, new_field=1)
    assert told == AccountOutcome(
        "acme.co.uk",
        "o-1",
        "won",
        parse_instant(PLAIN["at"]),
        opened_at=parse_instant("2026-03-01T00:00:00Z"),
        amount_usd=5,
    )


def test_null_means_left_out() -> None:
    assert read(reason=None, opportunity_id=None) == read()


@pytest.mark.parametrize(
    ("changed", "detail"),
    [
        ({"outcome_id": ""}, "outcome_id must have at least 1 character(s)"),
        ({"outcome_id": 7}, "outcome_id must be text"),
        ({"stage": "closed"}, "stage must be one of"),
        ({"at": "2026-03-05"}, "at is not an RFC 3339 instant"),
        ({"at": 1772712000}, "at must be text"),
        ({"opened_at": "2026-03-06T00:00:00Z"}, "opened_at is after at"),
        ({"meeting_no": 2}, "meeting_no does not belong to won"),
        ({"stage": "meeting", "meeting_no": 0}, "meeting_no must be at least 1"),
        ({"amount_usd": -1}, "amount_usd must be at least 0"),
        ({"amount_usd": "1,000"}, "amount_usd must be a number"),
        ({"reason": "too expensive"}, "reason must be one of"),
        ({"icp": "Mid Market"}, "icp must be the id of an ICP"),
        ({"account_id": "localhost"}, "account_id"),
    ],
)
def test_what_is_wrong_is_said_by_field_and_without_the_value(changed: dict[str, Any], detail: str) -> None:
    told = read(**changed)
    assert isinstance(told, Refusal)
    assert detail in told.detail
    assert "too expensive" not in told.detail


@pytest.mark.parametrize(
    ("value", "reason"),
    [(None, "not_json"), (b"{", "not_json"), (b"[]", "schema"), (b"x" * (LARGEST_OUTCOME + 1), "too_large")],
)
def test_what_is_no_record_is_refused(value: bytes | None, reason: str) -> None:
    told = read_outcome(value)
    assert isinstance(told, Refusal)
    assert told.reason == reason


def test_a_failure_of_ours_refuses_one_outcome_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("signal_engine.wire.outcomes.record._validate", fails)
    told = read()
    assert isinstance(told, Refusal)
    assert told.reason == "bug"


_INSTANT_MS = st.integers(0, 4_000_000_000_000)


@given(
    st.builds(
        AccountOutcome,
        account=st.sampled_from(["acme.com", "acme.co.uk"]),
        outcome_id=st.text("abc#-1", min_size=1, max_size=128),
        stage=st.sampled_from(OUTCOME_STAGES),
        at=_INSTANT_MS.map(lambda ms: ms + 5_000_000_000_000),
        opportunity_id=st.none() | st.text("xyz", min_size=1, max_size=9),
        stage_name=st.none() | st.just("Closed Won"),
        opened_at=st.none() | _INSTANT_MS,
        meeting_no=st.none(),
        amount_usd=st.none() | st.floats(0, 1e9),
        reason=st.none() | st.sampled_from(REASONS),
        icp=st.none() | st.just("midmarket-saas"),
        source=st.none() | st.just("crm"),
    )
)
def test_what_is_written_is_read_back(outcome: AccountOutcome) -> None:
    assert read_outcome(write_outcome(outcome)) == outcome
