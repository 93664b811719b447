"""The six kinds of signal, and which fields of an event a scoring file may speak of.

The core never validates events (the wire does, once, at the edge), but a scoring file that names a field
no event can have would silently never match, so the names are known here.
"""

from collections.abc import Iterable
from typing import Final, Literal, get_args

Kind = Literal["intent", "hiring", "funding", "engagement", "technographic", "leadership"]
INTENT: Final = "intent"
HIRING: Final = "hiring"
FUNDING: Final = "funding"
ENGAGEMENT: Final = "engagement"
TECHNOGRAPHIC: Final = "technographic"
LEADERSHIP: Final = "leadership"

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
"""In the order in which parts of a score are listed. What is stored goes by `STORED_NUMBER`, never by this order."""

STORED_NUMBER: Final[dict[str, int]] = {
    INTENT: 0,
    HIRING: 1,
    FUNDING: 2,
    ENGAGEMENT: 3,
    TECHNOGRAPHIC: 4,
    LEADERSHIP: 5,
}
"""Kind -> the number by which stored states know it. A number that was given once is never given again."""

STORED_BITS: Final = 3
"""Bits of a stored number: remembered ids pack it beside an instant."""

KIND_OF_NUMBER: Final[dict[int, str]] = {number: kind for kind, number in STORED_NUMBER.items()}

BUYING_GROUP: Final = "buying_group"
"""Several people of one account, deep in it: counts as live like a kind of its own."""

LIVE_STORED_NUMBER: Final[dict[str, int]] = {**STORED_NUMBER, BUYING_GROUP: 15}
"""Whatever can be live -> the bit by which stored sets of it know it."""


def in_order(live: Iterable[str]) -> list[str]:
    """What is live, in the order in which parts are listed, the buying group last."""
    those = frozenset(live)
    return [one for one in (*KINDS, BUYING_GROUP) if one in those]


COMMON_FIELDS: Final = frozenset(
    {
        "event_id",
        "account_id",
        "account_name",
        "occurred_at",
        "detected_at",
        "source",
        "source_url",
        "confidence",
    }
)

OWN_FIELDS: Final[dict[str, frozenset[str]]] = {
    INTENT: frozenset({"topic", "score", "people", "trend"}),
    HIRING: frozenset({"title", "department", "seniority", "location", "posting_url", "status"}),
    FUNDING: frozenset({"round", "amount_usd", "amount", "currency", "investors"}),
    ENGAGEMENT: frozenset({"activity", "person_id", "persona", "page", "dwell_seconds", "automated"}),
    TECHNOGRAPHIC: frozenset({"technology", "change", "replaces"}),
    LEADERSHIP: frozenset({"role", "change", "level", "person_id", "relationship"}),
}

LIST_FIELDS: Final = frozenset({"investors"})
"""Fields that hold several values; they cannot be a facet."""
