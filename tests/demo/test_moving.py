"""Events moved in time."""

import json
from typing import Any

import pytest

from signal_engine.core.rules.instants import DAY
from signal_engine.entrypoints.demo.moving import moved
from signal_engine.wire.events.one_event import MAX_VALUE_BYTES


def after(event: Any, by: int = DAY) -> Any:
    return json.loads(moved(json.dumps(event).encode(), by))


def test_all_times_of_an_event_move_together_and_nothing_else_does() -> None:
    event = {
        "event_id": "x", "occurred_at": "2026-01-01T00:00:00Z", "received_at": "2026-01-02T00:00:00.5Z",
        "detected_at": "2026-01-01T12:00:00+02:00", "title": "2026-01-01T00:00:00Z", "score": 71,
    }  # fmt: skip
    assert after(event) == event | {
        "occurred_at": "2026-01-02T00:00:00Z", "received_at": "2026-01-03T00:00:00.500Z",
        "detected_at": "2026-01-02T10:00:00Z",
    }  # fmt: skip


def test_the_times_of_a_cloud_event_move_in_its_envelope_and_in_its_data() -> None:
    event = {"specversion": "1.0", "time": "2026-01-01T00:00:00Z", "data": {"detected_at": "2026-01-01T00:00:00Z"}}
    assert after(event) == {
        "specversion": "1.0", "time": "2026-01-02T00:00:00Z", "data": {"detected_at": "2026-01-02T00:00:00Z"},
    }  # fmt: skip
    assert after({"time": "2026-01-01T00:00:00Z"}) == {"time": "2026-01-01T00:00:00Z"}


@pytest.mark.parametrize("time", [1767225600, None, "2026-01-01", "soon", "9999-12-31T23:59:59Z", ["2026"]])
def test_what_is_no_time_or_would_be_none_stays(time: Any) -> None:
    assert after({"occurred_at": time}) == {"occurred_at": time}


@pytest.mark.parametrize("value", [b"", b"{", b"[1]", b"\xff", b'{"score": NaN}', b" " * MAX_VALUE_BYTES + b"{}"])
def test_what_is_no_event_stays_byte_for_byte(value: bytes) -> None:
    assert moved(value, DAY) == value
