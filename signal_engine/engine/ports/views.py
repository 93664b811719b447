"""The closed list of views: what is written with a transaction for people, and for the next owner of a partition.

A name is made here and nowhere else; `ViewName` keeps any other text out of transactions and stores. Names are stored:
a name that changes is a value that nobody finds any more.
"""

from typing import Final, NewType

ViewName = NewType("ViewName", str)

READ_UNTIL: Final = ViewName("read_until")
"""Of a partition: up to when (ms, decimal digits) every topic of it has been read and every timer decided."""

LIST_NAMES: Final = ViewName("lists")
"""Of the publisher: the names of the lists that are published (JSON)."""
MIDNIGHT_RANKS: Final = ViewName("ranks")
"""Of the publisher: the ranks at the last 00:00 UTC (JSON)."""


def last_event(topic: str) -> ViewName:
    """Of a partition: when (ms, decimal digits) the last record of `topic` arrived."""
    return ViewName(f"last:{topic}")


def paused(topic: str) -> ViewName:
    """Of a partition: why `topic` is read no further (`dead_letters.paused_topics.Paused`); absent while it is read."""
    return ViewName(f"paused:{topic}")


def published_list(name: str) -> ViewName:
    """Of the publisher: list `name` as it was published last."""
    return ViewName(f"list:{name}")
