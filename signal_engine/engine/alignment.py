"""Order in time: which of a partition's topics is read on next, and how far.

Topics are read at their own speeds. So that a backlog is decided about as it would have been when it came, the topic
that is furthest behind is always next, and none is read more than a minute beyond what may still come from another.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Final, NamedTuple

from signal_engine.engine.fetched import FetchedRecord

AHEAD: Final = 60_000
"""ms, by record timestamps, that a topic may be ahead of the slowest unread one."""


_timestamp: Final = attrgetter("timestamp")


class ReadOn(NamedTuple):
    """What is to be read on."""

    topic: str
    until: int | None
    """Records up to this instant (ms), the first one in any case; None: all, as nothing else is unread."""


def furthest_behind(heads: Mapping[str, int], unread: Iterable[int]) -> ReadOn | None:
    """The topic to be read on, and until when; None when none may be, before more of another one is here.

    `heads` holds when the first record of each topic arrived of which some are here (ms), and `unread` up to when each
    topic has been read that may have more records, of which none are here. What is known to be read to its end is in
    neither. There is always one that may be read on when `unread` is empty, whatever the timestamps.
    """
    if not heads:
        return None
    topic = min(heads, key=lambda name: heads[name])
    slowest = min([*unread, *(at for name, at in heads.items() if name != topic)], default=None)
    if slowest is None:
        return ReadOn(topic, None)
    return ReadOn(topic, slowest + AHEAD) if heads[topic] <= slowest + AHEAD else None


def reaches(records: Sequence[FetchedRecord], until: int | None, most: int, at: Callable[[FetchedRecord], int]) -> int:
    """How many of `records` are read until an instant (ms), at most `most`: those before the first beyond it, but one.

    `at` says when a record arrived, which is never after its timestamp; those of producers may be in any order.
    """
    most = min(most, len(records))
    if (
        until is None or max(map(_timestamp, records), default=until) <= until
    ):  # mostly so: a fetch is less than a minute
        return most
    return next((number for number in range(1, most) if at(records[number]) > until), most)
