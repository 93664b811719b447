"""The fields of an alert that events, accounts files and people fill."""

import json
from collections.abc import Callable
from typing import Any

from signal_engine.wire.delivery.alert_reading import UnreadableAlert, read_alert
from signal_engine.wire.output.models import Alert
from tests.wire.delivery.alerts import an_alert, evidence

SEEN = "2026-11-30T09:00:00Z"


def _with(field: str) -> Callable[[str], dict[str, Any]]:
    return lambda text: an_alert(**{field: text})


FIELDS: dict[str, Callable[[str], dict[str, Any]]] = {
    **{field: _with(field) for field in ("name", "why_now", "tier", "owner", "sdr", "segment", "crm_id", "claimed_by")},
    "tipped_by": lambda text: an_alert(tipped_by={"event_id": "e", "text": text, "occurred_at": SEEN}),
    "persona": lambda text: an_alert(
        people=[{"persona": text, "called": "CFO", "last_seen_at": SEEN}], personas_live=[text]
    ),
    "called": lambda text: an_alert(
        people=[{"persona": "finance", "called": text, "last_seen_at": SEEN}], personas_live=["finance"]
    ),
    "evidence": lambda text: an_alert(parts=[{"part": "intent", "points": 30.0, "evidence": [evidence(text, 30.0)]}]),
    "source_url": lambda text: an_alert(
        parts=[{"part": "intent", "points": 30.0, "evidence": [evidence("x", 30.0, source_url=text)]}]
    ),
}
"""Name -> an alert as the topic has it, with a text in this field."""


def alert_with(field: str, text: str) -> Alert | None:
    """None: an alert with such a text is refused when it is read, and goes nowhere."""
    read = read_alert(json.dumps(FIELDS[field](text)).encode())
    return None if isinstance(read, UnreadableAlert) else read
