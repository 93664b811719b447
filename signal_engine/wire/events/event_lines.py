"""An accepted record of a signal topic as a line of an event file."""

import orjson

from signal_engine.core.rules.events import Event
from signal_engine.wire.instants import format_instant


def event_line(event: Event, received_at: int) -> bytes:
    """The line that `decode_lines` reads back as the same event, arrived at `received_at` (ms)."""
    return orjson.dumps(
        {
            **event.fields,
            "kind": event.kind,
            "event_id": event.event_id,
            "account_id": event.account,
            "occurred_at": format_instant(event.occurred_at),
            "received_at": format_instant(received_at),
            "confidence": event.confidence,
            "backfill": event.backfill,
        }
    )
