"""Turns what happened into the event that reports it: id, source, confidence, and how late it arrives."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from random import Random
from typing import Final

from signal_engine.core.rules.instants import DAY, HOUR, MINUTE, SECOND
from signal_engine.core.rules.kinds import ENGAGEMENT, FUNDING, HIRING, INTENT, LEADERSHIP, TECHNOGRAPHIC
from signal_engine.simulation.happening import Happening
from signal_engine.simulation.words import SOURCES

LATENESS_MS: Final = 150 * DAY
"""The maximum delay of an event in ms: that of old lists which are uploaded (`dirt.long_gone`)."""

_LATE: Final = {
    INTENT: (0.3, 12 * HOUR, 2 * DAY),
    HIRING: (0.5, 4 * HOUR, 3 * DAY),
    FUNDING: (0.5, 2 * HOUR, 2 * DAY),
    ENGAGEMENT: (0.02, MINUTE, 6 * HOUR),
    TECHNOGRAPHIC: (0.7, DAY, 6 * DAY),
    LEADERSHIP: (0.7, DAY, 8 * DAY),
}
"""Kind -> the share that arrives late, and the minimum and maximum delay (ms)."""

_SURE: Final = {HIRING: 0.75, TECHNOGRAPHIC: 0.6, INTENT: 0.7}
"""Kind -> the minimum confidence of providers that guess; the others are certain."""


def emit(rng: Random, seed: int, happening: Happening) -> Iterator[dict[str, object]]:
    """The event of one happening."""
    kind = happening.kind
    event: dict[str, object] = {
        "kind": kind,
        "account_id": _spelling(rng, happening),
        "account_name": happening.company.name,
        "occurred_at": rfc3339(happening.at),
        "source": SOURCES[kind],
        **happening.fields,
    }
    if kind in _SURE and rng.random() < 0.6:
        event["confidence"] = round(rng.uniform(_SURE[kind], 1.0), 2)
    share, least, most = _LATE[kind]
    if rng.random() < share:
        event["received_at"] = rfc3339(happening.at + rng.randint(least, most))
    yield {"event_id": f"{kind}-{fingerprint(seed, event)}", **event}


def _spelling(rng: Random, happening: Happening) -> str:
    """Job crawlers name a company by the URL of the page that they read."""
    account = happening.company.account
    return f"https://www.{account}/careers" if happening.kind == HIRING and rng.random() < 0.3 else account


def fingerprint(seed: int, event: Mapping[str, object]) -> str:
    """16 hex digits of the content, so that a later window of the same market never reuses an id for a new event."""
    content = json.dumps([seed, event], sort_keys=True).encode()
    return hashlib.blake2b(content, digest_size=8).hexdigest()


def arrival(event: Mapping[str, object]) -> int:
    """When an event of this generator arrives: `received_at`, else `occurred_at`, in ms since 1970."""
    return milliseconds(datetime.fromisoformat(str(event.get("received_at", event["occurred_at"]))))


def rfc3339(instant: int) -> str:
    """RFC 3339 in whole seconds, UTC."""
    return datetime.fromtimestamp(instant // SECOND, UTC).isoformat().replace("+00:00", "Z")


def milliseconds(instant: datetime) -> int:
    """ms since 1970 of an instant with a zone."""
    return round(instant.timestamp() * SECOND)
