"""The signals behind a message's score, and what closes the sum where a medium shows only some of them."""

from collections.abc import Sequence
from typing import NamedTuple

from signal_engine.wire.output import words


class EvidenceLine(NamedTuple):
    """A signal behind the score."""

    text: str
    beside: str
    """Kind, points and day."""
    url: str | None
    kind: str
    """In words."""
    points: int


class EvidencedPart(NamedTuple):
    """A kind's part of the score, in whole numbers as the message shows it."""

    kind: str
    """In words."""
    points: int
    others: float
    """Points of signals that the alert itself does not list."""
    saturated: float
    """Points that the caps take away; zero or negative."""


def rest(parts: Sequence[EvidencedPart], lines: Sequence[EvidenceLine], shown: int) -> tuple[str, ...]:
    """What is to be read after the first `shown` of `lines`, so that whoever adds up gets each kind's part.

    At most three lines, in whole numbers: the points of signals that are not shown, which take what rounding leaves
    over; what the caps take away; and what rounding leaves over where there is neither.
    """
    added: list[str] = []
    removed: list[str] = []
    rounded: list[str] = []
    for part in parts:
        apart = part.points - sum(line.points for line in lines[:shown] if line.kind == part.kind)
        more, capped = 0, apart
        if part.others > 0 or any(line.kind == part.kind for line in lines[shown:]):
            capped = min(round(part.saturated), apart)
            more = apart - capped
        if more:
            added.append(f"{part.kind} {more}")
        if capped:
            (removed if capped < 0 and part.saturated else rounded).append(f"{part.kind} {capped:+d}")
    hidden, unlisted = len(lines) - shown, any(part.others > 0 for part in parts)
    label = "all others, weaker" if unlisted else f"{hidden} more, weaker"
    weaker = ": ".join(filter(None, (label, ", ".join(added)))) if hidden or added else ""
    less = f"{words.SATURATED}: {', '.join(removed)}" if removed else ""
    left_over = f"rounding: {', '.join(rounded)}" if rounded else ""
    return tuple(filter(None, (weaker, less, left_over)))
