"""An event, as the wire hands it to the core: validated, its account named by registrable domain."""

from collections.abc import Mapping
from typing import Any, NamedTuple


class Event(NamedTuple):
    """One thing that happened at one company. A tuple, because millions are made a minute."""

    account: str
    """Registrable domain, lower case, IDNA A-labels: `acme.co.uk`."""
    kind: str
    """One of `kinds.KINDS`."""
    event_id: str
    """The producer's id, 1..128 characters; the same id for the same account is the same event."""
    occurred_at: int
    """When it happened, in ms since 1970-01-01T00:00Z."""
    confidence: float
    """0..1; 1 when the event has none."""
    fields: Mapping[str, Any]
    """The validated fields of the kind and the common ones; unknown fields are not in it."""
    backfill: bool = False
    """History being loaded: its alerts are decided and recorded, not sent."""
    alias: str | None = None
    """The domain that it named, if that is an alias of `account`."""
