"""How many events of an import have the id of another: each counts once."""

from array import array
from typing import Final

from signal_engine.engine.intake.outcomes import EventLine

_PASS_EVENTS: Final = 250_000
"""Events that are compared in one pass, so that memory stays at 8 bytes per event and one such pass."""


class Repeats:
    """Remembers a hash of 64 bits of every event's account, kind and id: two that differ agree once in 10^19 pairs."""

    def __init__(self, pass_events: int = _PASS_EVENTS) -> None:
        self._hashes: array[int] = array("q")
        self._pass_events = pass_events

    def add(self, event: EventLine) -> None:
        """Takes note of one."""
        self._hashes.append(hash(event[:3]))

    def __len__(self) -> int:
        return len(self._hashes)

    def back_to(self, length: int) -> None:
        """Forgets those that came after the first `length`."""
        del self._hashes[length:]

    def count(self) -> int:
        """Events that another has been before."""
        passes = len(self._hashes) // self._pass_events + 1
        return sum(self._in_pass(number, passes) for number in range(passes))

    def _in_pass(self, number: int, passes: int) -> int:
        mine = [one for one in self._hashes if one % passes == number]
        return len(mine) - len(set(mine))
