"""A change of a list as the body of a Standard Webhook: nested for programs, and flat for tools that need it."""

from typing import Any, Final
from uuid import UUID, uuid5

from signal_engine.core.sync.changes import PlaceChange
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.models import Entry

_CHANGES: Final = UUID("6a1f0a52-7b0e-5f5c-9d6e-2f1f3f0f5d11")
_OF_AN_ENTRY: Final = (
    "name", "badge", "score", "level", "why_now", "tier", "icp", "icp_version", "owner", "sdr", "claimed_by",
    "relation", "segment", "crm_id", "cools_at", "last_signal_at",
)  # fmt: skip
"""Fields of an entry that leave: what is not named here does not."""


def change_id(sink: str, of: str, change: PlaceChange, told: int) -> str:
    """The same for the same change: told again after a crash, it has the same id.

    `told` counts what the account was told before, so that leaving twice is two changes.
    """
    return str(
        uuid5(_CHANGES, f"{sink}|{of}|{change.account}|{change.change}|{change.rank}|{change.previous_rank}|{told}")
    )


def change_body(of: str, change: PlaceChange, entry: Entry | None, now: int) -> dict[str, Any]:
    """The body, at `now` (ms). Without an entry the account stands on no list any more, or in a selection."""
    fields: dict[str, Any] = {} if entry is None else dict(entry)
    told = {name: fields.get(name) for name in _OF_AN_ENTRY}
    data = {
        "list": of,
        "account_id": change.account,
        "rank": change.rank,
        "previous_rank": change.previous_rank,
        **told,
    }
    return {
        "type": f"list.{change.change}",
        "timestamp": format_instant(now),
        "data": data,
        "change": change.change,
        **data,
    }
