"""Accounts at an instant."""

from typing import Any

from signal_engine.core.score.snapshot import AccountSnapshot
from signal_engine.core.score.stack import Score
from signal_engine.core.score.why_now import WhyNow


def stands(level: Any, score: float) -> AccountSnapshot:
    """An account with a level, a score (points) and one reason."""
    made: Any = Score.__new__(Score, *([None] * len(Score._fields)))
    return AccountSnapshot(
        account="a.example", score=made._replace(score=score), level=level, previous_level=None, since=1_000,
        cools_at=9_000, last_signal_at=5_000, evidence={}, worth={}, people=(), personas_live=frozenset(),
        pinned_until=None, hand_raised_at=None, why_now=WhyNow("Raised money", 5_000, "e1"), ids_evicted=0,
    )  # fmt: skip
