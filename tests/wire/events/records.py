"""Records of a topic for tests: an event of each kind, changed or with a field less, and its verdict."""

import json
from typing import Any

from signal_engine.core.rules.events import Event
from signal_engine.wire.events.decode import SignalRecord, decode_records
from signal_engine.wire.events.examples import EVENTS
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.instants import parse_instant

NOW = parse_instant("2026-03-03T00:00:00Z")


def encode(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode()


def event(kind: str = "intent", /, **changes: Any) -> dict[str, Any]:
    return {**EVENTS[kind][0], **changes}


def without(field: str, kind: str = "intent") -> dict[str, Any]:
    return {name: value for name, value in event(kind).items() if name != field}


def verdict(value: Any, kind: str = "intent", now: int = NOW) -> Event | Refusal:
    raw = value if isinstance(value, bytes | None) else encode(value)
    [result] = decode_records(kind, [SignalRecord(raw, now)])
    return result
