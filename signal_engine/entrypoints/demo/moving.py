"""Shift all times of an event, or let it arrive now."""

from typing import Any, Final

import orjson

from signal_engine.wire.events.one_event import MAX_VALUE_BYTES
from signal_engine.wire.instants import format_instant, parse_instant

_TIMES: Final = ("occurred_at", "received_at", "detected_at")


def moved(value: bytes, by: int) -> bytes:
    """The event with all its times `by` ms later. Anything unreadable stays unchanged, to be rejected later."""
    if len(value) > MAX_VALUE_BYTES:
        return value
    try:
        event = orjson.loads(value)
    except orjson.JSONDecodeError:
        return value
    if not isinstance(event, dict):
        return value
    if "specversion" in event:
        _move(event, "time", by)
        if isinstance(event.get("data"), dict):
            _move_all(event["data"], by)
    _move_all(event, by)
    return orjson.dumps(event)


def _move_all(event: dict[str, Any], by: int) -> None:
    for field in _TIMES:
        _move(event, field, by)


def _move(event: dict[str, Any], field: str, by: int) -> None:
    text = event.get(field)
    if not isinstance(text, str):
        return
    try:
        event[field] = format_instant(parse_instant(text) + by)
    except ValueError:  # not an instant, or out of range after the shift
        return
