"""The input of a replay: blocks of events in the order of (now, event_id)."""

from typing import NamedTuple

from signal_engine.core.rules.events import Event


class Arrival(NamedTuple):
    """An event and the instant of its arrival. Sorts by (now, event_id), then by file and line."""

    now: int
    """ms."""
    event_id: str
    file: int
    line: int
    event: Event


class Block(NamedTuple):
    """Ordered events, and an instant up to which the input is known to go on."""

    arrivals: list[Arrival]
    """Sorted; none is earlier than the previous block."""
    horizon: int
    """ms. An event at or after this instant will follow, or is the last of this block."""
