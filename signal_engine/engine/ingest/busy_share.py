"""How long small pieces of work are gathered, so that their fixed costs do not fill a core.

Each answer of a broker and each transaction has a cost of its own. While those leave most of a core idle, whatever is
there is worked off at once. What they take beyond `share` of the time is owed: by waiting that long, and no longer than
`most_s`, more comes to the next piece.
"""

from collections.abc import Callable
from typing import Final

_LEAST_S: Final = 0.001
"""Seconds. Shorter waits are not worth their timer."""


class BusyShare:
    """Of one kind of pieces. For one thread."""

    def __init__(self, share: float, most_s: float, cpu: Callable[[], float]) -> None:
        """`share` of the time, 0..1; `cpu` is the seconds of CPU that the process has taken, all of its threads."""
        self._share = share
        self._most_s = most_s
        self._cpu = cpu
        self._owed = 0.0
        self._at: float | None = None
        self._cpu_at = 0.0

    def noted(self, at: float) -> float:
        """Notes that a piece came or ended at `at` (s, any clock that only goes forward); returns for how many seconds
        to gather for the next. 0 as long as the process has been busy for less than its share.
        """
        cpu = self._cpu()
        if self._at is not None:
            owed = self._owed + (cpu - self._cpu_at) - self._share * (at - self._at)
            self._owed = min(max(owed, 0.0), self._share * self._most_s)
        self._at, self._cpu_at = at, cpu
        wait = self._owed / self._share
        return wait if wait >= _LEAST_S else 0.0
