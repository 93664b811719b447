"""One change of a row as the arguments of the script that makes it."""

import orjson

from signal_engine.adapters.redis.connecting.channel import Argument
from signal_engine.core.delivery.ledger import DeliveryRow
from signal_engine.engine.ports.delivery.ledger import count_fields, note_of
from signal_engine.wire.storage import deliveries


def arguments_of(before: DeliveryRow | None, after: DeliveryRow, alert: bytes, place: int) -> list[Argument]:
    """See the script DELIVERIES; `place` is the number of the destination, from 1."""
    down, up = count_fields(before, after)
    note = note_of(before, after)
    due = "" if after.due is None else after.due
    kept = after.status == "for_digest"
    return [
        after.delivery_id,
        "" if before is None else before.revision,
        deliveries.encode(after),
        place,
        "" if kept else due,
        due if kept else "",
        "" if after.look_at is None else after.look_at,
        after.changed_at if after.is_finished else "",
        alert,
        "" if down is None else orjson.dumps(down),
        "" if up is None else orjson.dumps(up),
        "" if note is None else orjson.dumps([note.kind, after.destination, after.type]),
        "" if note is None else orjson.dumps([note.at, note.said]),
    ]
