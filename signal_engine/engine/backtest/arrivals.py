"""Events as a replay takes them: in blocks, in the order of (now, event_id)."""

from typing import NamedTuple

from signal_engine.core.rules.events import Event


class Arrival(NamedTuple):
    """One event and when it arrived. Sorts by (now, event_id), then by its place."""

    now: int
    """ms."""
    event_id: str
    file: int
    line: int
    event: Event


class Block(NamedTuple):
    """Events in order, with how far their input is known to reach."""

    arrivals: list[Arrival]
    """Sorted; not before those of the previous block."""
    horizon: int
    """ms. An event at this instant or later is known to come, or is the last of this block."""
