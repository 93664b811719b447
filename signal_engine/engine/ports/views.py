"""The closed list of views: data written with a transaction for people and for the next owner of a partition.

Only this module creates names; `ViewName` keeps other text out of transactions and stores. Names are stored: a value
under a changed name would not be found any more.
"""

from typing import Final, NewType

ViewName = NewType("ViewName", str)

READ_UNTIL: Final = ViewName("read_until")
"""Of a partition: the instant (ms, decimal digits) up to which all its topics are read and all its timers processed."""

ACTIVITY: Final = ViewName("activity")
"""Of a partition: what came in (`wire.storage.activity`), without titles."""

LIST_NAMES: Final = ViewName("lists")
"""Of the publisher: the names of the lists that are published (JSON)."""
MAX_SNAPSHOTS: Final = 100
"""How many snapshots of ranks are kept."""
SNAPSHOT_INSTANTS: Final = ViewName("ranks_at")
"""Of the publisher: the instants of which there are snapshots of ranks (`wire.storage.rank_snapshots`)."""
MIDNIGHT_RANKS: Final = ViewName("ranks")
"""Of the publisher: the ranks at the last 00:00 UTC, as they were written when no others were kept."""


def last_event(topic: str) -> ViewName:
    """Of a partition: when (ms, decimal digits) the last record of `topic` arrived."""
    return ViewName(f"last:{topic}")


def paused(topic: str) -> ViewName:
    """Of a partition: why `topic` is paused (`dead_letters.paused_topics.Paused`); absent if it is not."""
    return ViewName(f"paused:{topic}")


def titles(number: int) -> ViewName:
    """Of a partition: one of the views of titles without a persona (`wire.storage.activity`)."""
    return ViewName(f"titles:{number}")


def rank_snapshot(place: int) -> ViewName:
    """Of the publisher: a snapshot of ranks, at one of `MAX_SNAPSHOTS` places, where later ones follow it."""
    return ViewName(f"ranks:{place}")


def published_list(name: str) -> ViewName:
    """Of the publisher: list `name` as last published."""
    return ViewName(f"list:{name}")
