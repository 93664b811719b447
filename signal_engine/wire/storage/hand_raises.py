"""A hand raise as the bytes that a partition keeps for reports, and back."""

import orjson

from signal_engine.core.alerting.hand_raises import HandRaiseSeen
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.wire.storage.documents import reading
from signal_engine.wire.storage.kept_json import kept


def encode(seen: HandRaiseSeen) -> bytes:
    """As JSON."""
    return kept(tuple(seen))


def decode(value: bytes) -> HandRaiseSeen:
    """From JSON. Raises `UnreadableDocument`."""
    with reading("a hand raise"):
        account, at, now, event_id, text, persona, alert, why_not, backfill = orjson.loads(value)
        reason = None if why_not is None else NoAlertReason(why_not)
        return HandRaiseSeen(account, at, now, event_id, text, persona, alert, reason, backfill)
