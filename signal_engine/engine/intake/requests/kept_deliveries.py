"""Deliveries that are authentic and cannot be mapped: kept as they came, until the mapping is mended."""

from collections.abc import Sequence
from typing import Final

from signal_engine.engine.intake.requests.deliveries import Delivery
from signal_engine.engine.ports.producer import ToSend
from signal_engine.wire.instants import format_instant

_HOOK: Final = "ingest.hook"


def kept_delivery(topic: str, hook: str, delivery: Delivery, body: bytes, now: int) -> ToSend:
    """The record that keeps a delivery of `hook` which arrived at `now` (ms)."""
    headers = {
        _HOOK: hook,
        "dlq.reason": delivery.reason,
        "dlq.detail": delivery.detail,
        "dlq.at": format_instant(now),
    }
    return ToSend(topic, None, hook.encode(), body, [(name, value.encode()) for name, value in headers.items()])


def hook_of(headers: Sequence[tuple[str, bytes | None]]) -> str | None:
    """The hook of a record that keeps a delivery; None if it is none."""
    name = dict(headers).get(_HOOK)
    return None if name is None else name.decode("utf-8", "replace")
