"""Deliveries as a page shows them: destinations with what goes wrong there, what was withheld, the latest ones."""

import shlex
from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode

from signal_engine.adapters.http.dashboard.alerts import TYPES
from signal_engine.adapters.http.dashboard.words import when
from signal_engine.core.score.wording import one_line
from signal_engine.wire.output.operations.deliveries import (
    DeliveryDocument,
    DeliveryOverview,
    DestinationStats,
    LastByType,
)
from signal_engine.wire.output.words import count

_BAD: Final = frozenset({"failed", "given_up", "uncertain", "overdue"})
"""States of which somebody should know."""
_WAITS: Final = frozenset({"pending", "for_digest", "waiting"})


def deliveries_page(document: DeliveryOverview, to: str | None, status: str | None, now: int) -> dict[str, Any]:
    """The values of the page; `to` and `status` are what it was asked for, `now` is in ms since 1970."""
    return {
        "began": document["began"],
        "destinations": [_destination(one, now) for one in document["destinations"]],
        "types": [row for one in document["destinations"] for row in _types(one, now)],
        "unreached": [
            {
                "many": f"{count(one['alerts'], 'alert')} of {count(one['accounts'], 'account')}",
                "why": one_line(one["in_words"]),
                "mended_by": one_line(one["mended_by"]),
            }
            for one in document["unreached"]
        ],
        "withheld": [
            {
                "destination": one_line(one["destination"]),
                "state": _in_words(one["status"]),
                "why": one_line(one["why"]),
                "many": f"{one['many']:,}",
            }
            for one in document["withheld"]
        ],
        "deliveries": [_delivery(one, now) for one in document["deliveries"]],
        "asked": " ".join([*([_in_words(status)] if status else []), *([f"to {one_line(to)}"] if to else [])]),
    }


def _in_words(status: str) -> str:
    """`given up`."""
    return status.replace("_", " ")


def _destination(one: DestinationStats, now: int) -> dict[str, Any]:
    name = one["destination"]
    return {
        "name": one_line(name),
        "counts": [
            {**_count(status, many), "path": f"/deliveries?{urlencode({'to': name, 'status': status})}#latest"}
            for status, many in one["by_status"].items()
        ],
        "maybe_twice": one["maybe_twice"],
        **_last(one, now),
        "disabled": None if one["disabled"] is None else one_line(one["disabled"]),
        "enable": f"signal-engine deliveries retry --to {shlex.quote(one_line(name))}",
    }


def _types(one: DestinationStats, now: int) -> Iterator[dict[str, Any]]:
    """A row per type of alert that went to a destination."""
    for alert_type, by_status in one["by_type"].items():
        last = one["last_by_type"].get(alert_type)
        yield {
            "name": one_line(one["destination"]),
            "type": TYPES.get(alert_type, one_line(alert_type)),
            "counts": [_count(status, many) for status, many in by_status.items()],
            **({"success": None, "error": None, "said": ""} if last is None else _last(last, now)),
        }


def _count(status: str, many: int) -> dict[str, Any]:
    return {"many": f"{many:,}", "state": _in_words(status), "bad": status in _BAD}


def _last(one: LastByType | DestinationStats, now: int) -> dict[str, Any]:
    return {
        "success": when(one["last_success_at"], now),
        "error": when(one["last_error_at"], now),
        "said": one_line(one["last_error"] or ""),
    }


def _delivery(one: DeliveryDocument, now: int) -> dict[str, Any]:
    return {
        "id": one["delivery_id"],
        "account": one["account_id"],
        "type": TYPES[one["type"]] + (", late" if one["timing"] == "late" else ""),
        "to": one_line(one["destination"]),
        "person": one_line(one["person"] or ""),
        "state": _in_words(one["status"]),
        "bad": one["status"] in _BAD,
        "changed": when(one["changed_at"], now),
        "due": when(one["due"], now) if one["status"] in _WAITS else None,
        "said": one_line(one["said"] or ""),
        "into": one["into"],
        "tells_of": one["tells_of"],
    }
