"""Rows and totals of the ledger as documents: what `deliveries` prints, and what the API answers."""

import re
from collections.abc import Iterable
from typing import Final

from signal_engine.core.delivery.ledger import DeliveryRow
from signal_engine.engine.notify.asked import FoundRow, LedgerTotals
from signal_engine.engine.notify.overview import LedgerOverview
from signal_engine.engine.ports.delivery.ledger import DestinationNotes, LastNotes
from signal_engine.wire.delivery.unreached_words import unreached_stats
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.operations.deliveries import (
    DeliveryDocument,
    DeliveryOverview,
    DestinationStats,
    LastByType,
    LedgerDocument,
    StatsDocument,
)

_ADDRESS: Final = re.compile(r"[^\s@<>,;:\"'()]+@[^\s@<>,;:\"'()]+")


def list_document(found: Iterable[FoundRow]) -> LedgerDocument:
    """Deliveries in the order in which they were `found`."""
    return {"deliveries": [_delivery(one.row, one.tells_of) for one in found]}


def stats_document(totals: LedgerTotals) -> StatsDocument:
    """A row per destination, by name."""
    names = {name for name, _, _ in totals.counts} | totals.disabled.keys()
    unreached = sorted(totals.unreached.items(), key=lambda one: (-one[1].alerts, one[0]))
    return {
        "destinations": [_stats(name, totals) for name in sorted(names)],
        "unreached": [unreached_stats(why, many.alerts, many.accounts) for why, many in unreached],
    }


def deliveries_document(
    found: LedgerOverview,
    destination: str | None,
    status: str | None,
    most: int,
    now: int,
    *,
    administers: bool,
) -> DeliveryOverview:
    """The overview, with up to `most` deliveries of one destination and state, where these are given.

    Only who `administers` sees deliveries of accounts that are held back.
    """
    return {
        "at": format_instant(now),
        "began": found.began,
        **stats_document(found.totals),
        "withheld": [
            {"destination": one.destination, "status": one.status, "why": _without_addresses(one.why), "many": many}
            for one, many in sorted(found.withheld.items())
        ],
        "deliveries": [
            _delivery(row, found.told.get(row.delivery_id, 0))
            for row in found.latest(destination, status, most, administers=administers)
        ],
    }


def _without_addresses(said: str) -> str:
    """What a receiver said, which may repeat to whom the message was."""
    return _ADDRESS.sub("(an address)", said)


def _delivery(row: DeliveryRow, tells_of: int) -> DeliveryDocument:
    return {
        "delivery_id": row.delivery_id,
        "alert_id": row.alert_id,
        "account_id": row.account,
        "type": row.type,
        "destination": row.destination,
        "person": row.person,
        "status": row.status,
        "timing": row.timing,
        "alert_at": format_instant(row.alert_at),
        "changed_at": format_instant(row.changed_at),
        "due": _instant(row.due),
        "attempts": row.attempts,
        "said": None if row.said is None else _without_addresses(row.said),
        "receiver_id": row.receiver_id,
        "maybe_twice": row.maybe_twice,
        "into": row.into,
        "tells_of": tells_of,
        "late": row.late or None,
    }


def _stats(name: str, totals: LedgerTotals) -> DestinationStats:
    by_status: dict[str, int] = {}
    by_type: dict[str, dict[str, int]] = {}
    for (destination, type_, status), many in sorted(totals.counts.items()):
        if destination == name:
            by_status[status] = by_status.get(status, 0) + many
            by_type.setdefault(type_, {})[status] = many
    note, disabled = totals.notes.get(name, DestinationNotes()), totals.disabled.get(name)
    return {
        "destination": name,
        "by_status": dict(sorted(by_status.items())),
        "by_type": by_type,
        "maybe_twice": totals.maybe_twice.get(name, 0),
        **_last(note.last),
        "last_by_type": {alert_type: _last(last) for alert_type, last in sorted(note.by_type.items())},
        "disabled": None if disabled is None else _without_addresses(disabled.said),
    }


def _last(notes: LastNotes) -> LastByType:
    return {
        "last_success_at": _instant(notes.last_success_at),
        "last_error_at": _instant(notes.last_error_at),
        "last_error": None if notes.last_error is None else _without_addresses(notes.last_error),
    }


def _instant(at: int | None) -> str | None:
    return None if at is None else format_instant(at)
