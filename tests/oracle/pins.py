"""Pins: a raised hand keeps its account at the top until somebody answers (scoring.md section 7)."""

from collections.abc import Sequence

from tests.oracle.inputs.configuration import Scoring
from tests.oracle.scores.scoring import Signal


def pinning(signals: Sequence[Signal], answered_at: int | None, t: int, scoring: Scoring) -> Signal | None:
    """The hand raise that pins the account at t; None when it is not pinned.

    `answered_at` is the `now` of the last action that answers (claim, disposition, snooze, kill, do_not_contact), None
    while there was none. It answers only what had been applied before it.
    """
    raised = [signal for signal in signals if signal.act_now and not signal.backfill]
    if not raised:
        return None
    if answered_at is not None and answered_at > max(signal.applied_at for signal in raised):
        return None
    latest = max(raised, key=lambda signal: signal.at)
    return latest if t < latest.at + scoring.pin else None
