"""What `digest --follow` has done since it started, for `/metrics` and `/readyz`."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final

from signal_engine.engine.digests.sending import DigestEnd

_TOLD: Final = ("sent", "retry", "failed", "uncertain")
"""Ends that are counted; every look finds again that a digest was `skipped`, or that its person `stopped` them."""


@dataclass(slots=True)
class DigestFigures:
    """Counts by destination; instants are ms."""

    ends: Counter[tuple[str, str]] = field(default_factory=Counter)
    """(destination, end) -> attempts."""
    last_success: dict[str, int] = field(default_factory=dict)
    failing: dict[str, str] = field(default_factory=dict)
    """Destination -> what became of its last digest, while none arrives."""
    delayed: str | None = None
    """Why no digest can be made now."""
    looked_at: int | None = None
    """When it last looked through everything that may be due."""
    moved_at: int | None = None
    """When it last finished a look or a digest."""

    def looked(self, now: int, delayed: str | None) -> None:
        """A look ended at `now`; `delayed` says why digests cannot be made, None: they can."""
        self.looked_at = self.moved_at = now
        self.delayed = delayed

    def ended(self, destination: str, end: DigestEnd, now: int) -> None:
        """What became of one digest, at `now`."""
        self.moved_at = now
        if end.end in _TOLD:
            self.ends[destination, end.end] += 1
        if end.end == "sent":
            self.last_success[destination] = now
            self.failing.pop(destination, None)
        elif end.end in {"retry", "failed", "uncertain"}:
            self.failing[destination] = f"its last digest ended as {end.end}" + (f": {end.said}" if end.said else "")
