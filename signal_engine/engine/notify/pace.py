"""How fast a destination is sent to: more at once while it answers quickly, rests while it fails or asks for them."""

from typing import Final

from signal_engine.core.rules.instants import MINUTE, SECOND

_MOST_CLAIMED: Final = 512
"""Rows claimed at once: after a kill, so many have to be settled."""
_QUICK_MS: Final = 5 * SECOND
_FIRST_WINDOW: Final = 8
"""Times as many rows are claimed at first as requests are made at once: claims wait for the disk together."""
_FAILURES: Final = 3
"""In a row, after which the destination counts as failing."""
_FIRST_REST_MS: Final = SECOND
_LONGEST_REST_MS: Final = MINUTE
_MOST_DOUBLINGS: Final = 10


class Pace:
    """The pace of one destination."""

    def __init__(self, concurrency: int) -> None:
        self._least = concurrency
        self.window = _FIRST_WINDOW * concurrency
        """Rows that may be claimed at once."""
        self.until = 0
        """The instant (ms) until which it rests."""
        self._failures = 0

    def rests(self, now: int) -> bool:
        """Whether nothing is to be sent at `now` (ms)."""
        return now < self.until

    def after(self, all_sent: bool, took_ms: int) -> None:  # noqa: FBT001 (a fact, not a switch)
        """Note how long all of a window took."""
        quick = all_sent and took_ms < _QUICK_MS
        self.window = min(_MOST_CLAIMED, 2 * self.window) if quick else max(self._least, self.window // 2)

    def failed(self, now: int, asked_ms: int | None) -> bool:
        """Note a failure that may pass, and for how long the receiver asks to rest; whether it is failing now.

        Whoever asks for a short rest has no room just now, and is failing only when it asks again and again.
        """
        rested = self.rests(now)  # of a request that was under way when the rest began: it says nothing new
        if not rested:
            self._failures += 1
        failing = self._failures >= _FAILURES
        if asked_ms:
            self.until = max(self.until, now + asked_ms)
            return failing or asked_ms > _LONGEST_REST_MS
        if rested or not failing:
            return failing
        doublings = min(self._failures - _FAILURES, _MOST_DOUBLINGS)
        self.until = max(self.until, now + min(_LONGEST_REST_MS, _FIRST_REST_MS << doublings))
        return True

    def answered(self) -> None:
        """Note that the receiver took a message, or refused it for good: it is there."""
        self._failures = 0
