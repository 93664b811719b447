"""Lists as the JSON that leaves the engine (contract.md, section 2), and when one is published again."""

from collections.abc import Sequence
from typing import Annotated, Any, Final

import orjson
from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.models import Entry, Instant, Part, PriorityList
from signal_engine.wire.output.rounding import rounded

_MAX_LIST_BYTES: Final = 900_000
"""Bytes of a list record."""
STALE_AFTER_MS: Final = 60_000
"""ms that the topics may be behind before a list says so."""
_MOVED_POINTS: Final = 0.1
"""Points by which a printed score must have moved to be published again before its time."""

_DECAYING: Final = {"score", "priority", "parts", "cools_at", "previous_rank"}
"""Fields that move by themselves, or with the rest."""


class FocusDocument(TypedDict):
    """What one person works on this week, out of a list."""

    version: Annotated[int, Field(ge=0, description="Of the list.")]
    generated_at: Instant | None
    person: Annotated[str, Field(description="As the routes file names them.")]
    capacity: Annotated[int | None, Field(description="Accounts a week; null: not known, so there is no line.")]
    claims: Annotated[int, Field(description="Accounts of the list that the person has claimed.")]
    above: Annotated[
        list[str],
        Field(description="Accounts: pinned, claimed, and the first others until the capacity is used up."),
    ]
    below: Annotated[list[str], Field(description="The person's other accounts, in the order of the list.")]
    list: str


def priority_list(
    name: str, version: int, at: int, complete_until: int, config_version: str, entries: Sequence[Entry]
) -> PriorityList:
    """A whole list as of `at` (ms)."""
    return {
        "list": name,
        "version": version,
        "generated_at": format_instant(at),
        "complete_until": format_instant(complete_until),
        "stale": at - complete_until > STALE_AFTER_MS,
        "config_version": config_version,
        "entries": list(entries),
    }


def encode(listed: PriorityList, largest: int = _MAX_LIST_BYTES) -> bytes:
    """The record of a list. What would be too large loses evidence from the lowest rank up, and says so.

    Where that is not enough the lowest ranks are left out: a record that no broker takes would hold up all that follow.
    `priority.accounts` has them.
    """
    record = orjson.dumps(listed)
    if len(record) <= largest:
        return record
    entries = [*listed["entries"]]
    truncated: PriorityList = {**listed, "truncated": True, "entries": entries}
    excess = len(orjson.dumps(truncated)) - largest
    for rank in range(len(entries) - 1, -1, -1):
        if excess <= 0:
            break
        bare = _without_evidence(entries[rank])
        excess -= len(orjson.dumps(entries[rank])) - len(orjson.dumps(bare))
        entries[rank] = bare
    while entries and excess > 0:
        excess -= len(orjson.dumps(entries.pop())) + 1
    return orjson.dumps(truncated)


def differs(before: Entry | None, after: Entry) -> bool:
    """Whether an entry is to be published again: anything but its decaying numbers changed, or its score moved."""
    if (
        before is None or rounded(abs(before["score"] - after["score"])) >= _MOVED_POINTS
    ):  # 90.0 - 89.9 is less than 0.1
        return True
    return _standing_still(before) != _standing_still(after)


def _standing_still(entry: Entry) -> dict[str, Any]:
    """What changes only when something happens: all but numbers that decay, and which evidence there is."""
    evidence = [[shown["event_id"] for shown in part["evidence"]] for part in entry["parts"]]
    return {**{field: value for field, value in entry.items() if field not in _DECAYING}, "evidence": evidence}


def _without_evidence(entry: Entry) -> Entry:
    return {**entry, "parts": [_bare(part) for part in entry["parts"]]}


def _bare(part: Part) -> Part:
    """A part whose evidence is counted with the others, so that it still adds up."""
    if "others" not in part:
        return part
    hidden = sum(shown["points"] for shown in part["evidence"])
    return {**part, "evidence": [], "others": rounded(part["others"] + hidden)}
