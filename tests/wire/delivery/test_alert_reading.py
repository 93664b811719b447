"""Alerts as bytes: read whole, or refused with the field that is wrong; never with a value."""

import json
from typing import Any

import pytest

from signal_engine.wire.delivery.alert_reading import LARGEST_ALERT, UnreadableAlert, read_alert, routed
from tests.wire.delivery.alerts import an_alert


def problems(alert: Any) -> tuple[str, ...]:
    read = read_alert(alert if isinstance(alert, bytes) else json.dumps(alert).encode())
    assert isinstance(read, UnreadableAlert)
    return read.problems


def test_an_alert_is_read_and_fields_of_newer_versions_are_passed_over() -> None:
    alert = an_alert()
    read = read_alert(json.dumps({**alert, "of_a_newer_version": 1}).encode())
    assert not isinstance(read, UnreadableAlert)
    assert {name: read[name] for name in alert} == alert  # type: ignore[literal-required]
    way = routed(read)
    assert (way.alert_id, way.account, way.type, way.sdr) == (alert["alert_id"], "acme.com", "entered_hot", "Ann Roe")


def test_one_for_triage_is_read_with_its_reason() -> None:
    read = read_alert(json.dumps(an_alert(type="inbound", audience="triage", triage_reason="not_fit")).encode())
    assert not isinstance(read, UnreadableAlert)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"score": "secret"}, "score: must be a valid number"),
        ({"type": "secret"}, "type: must be 'hand_raise', "),
        ({"at": "secret"}, "at: is not an RFC 3339 instant"),
        ({"people": [{"persona": "it", "called": "CIO", "last_seen_at": "secret"}]}, "people.0.last_seen_at: is not"),
        ({"tipped_by": {"event_id": "e", "text": "t", "occurred_at": "secret"}}, "tipped_by.occurred_at: is not"),
        ({"account_id": "acme.com\r\nBcc: secret@b.com"}, "account_id: is no domain as the engine writes it"),
        ({"since": "0001-01-01T00:00:00Z"}, "since: lies before 1970 or after 8999"),
        ({"at": "9000-01-01T00:00:00Z"}, "at: lies before 1970 or after 8999"),
        ({"parts": [{"part": "intent", "points": 1.0}]}, "parts.0.evidence: is required"),
    ],
)
def test_what_is_wrong_is_said_by_field_and_never_quoted(changed: dict[str, Any], said: str) -> None:
    told = problems(an_alert(**changed))
    assert told[0].startswith(said), told
    assert "secret" not in " ".join(told)


def test_a_field_that_is_missing_is_named() -> None:
    alert = an_alert()
    del alert["why_now"]
    assert problems(alert) == ("why_now: is required",)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (b"{", "is not one JSON document"),
        (b"", "is not one JSON document"),
        (b"[]", "must be a mapping"),
        (b"{} {}", "is not one JSON document"),
        (b" " * (LARGEST_ALERT + 1), "has more than"),
    ],
)
def test_what_is_no_alert_at_all_is_refused(value: bytes, said: str) -> None:
    assert problems(value)[0].startswith(said), problems(value)
