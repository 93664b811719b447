"""Why an account stands where it stands: the parts of its score and the sentence "why now" (sections 2 and 7)."""

from collections.abc import Iterable, Sequence
from typing import Any

from tests.oracle.inputs.configuration import Scoring
from tests.oracle.inputs.instants import DAY
from tests.oracle.pins import pinning
from tests.oracle.scores.scoring import Score, Signal

MOST = 3
RECENT = 14 * DAY


def parts(signals: Sequence[Signal], score: Score, t: int, scoring: Scoring) -> dict[str, dict[str, Any]]:
    """One part per kind with its evidence, `others` and `saturated`; `stack` and `ceiling` are points alone.

    Ambiguous: evidence is the three strongest of the kind; `others` are the points of all that it does not list, so
    those of the newest signal too where that is kept without being one of the three.
    """
    kinds = {kind: _part([one for one in signals if one.kind == kind], kind, score, t, scoring) for kind in score.kinds}
    return {**kinds, "stack": {"points": score.stack()}, "ceiling": {"points": score.ceiling()}}


def why_now(signals: Sequence[Signal], answered_at: int | None, t: int, scoring: Scoring) -> Signal | None:
    """Of a pinned account the hand raise, else what `strongest` says."""
    return pinning(signals, answered_at, t, scoring) or strongest(signals, answered_at, t, scoring)


def strongest(signals: Sequence[Signal], answered_at: int | None, t: int, scoring: Scoring) -> Signal | None:
    """The strongest kept signal among those of the last 14 days, ties to the newer; else the newest; None without any.

    Ambiguous: a signal of exactly 14 days ago is not of the last 14 days, as a limit of d ends at last + d; a signal's
    age is that of its t_i; of equally new ones the stronger is the newest.
    """
    kept = _kept(signals, answered_at, t, scoring)
    recent = [signal for signal in kept if t - signal.at < RECENT]
    if recent:
        return _by_strength(recent, t, scoring)[0]
    return _newest(kept, t, scoring) if kept else None


def _kept(signals: Sequence[Signal], answered_at: int | None, t: int, scoring: Scoring) -> list[Signal]:
    """What the state keeps: per kind the three strongest and the newest, and the hand raise while it can pin."""
    raised = pinning(signals, answered_at, t, scoring)
    kept = [] if raised is None else [raised]
    for kind in scoring.kinds:
        of_kind = [signal for signal in signals if signal.kind == kind]
        if of_kind:
            kept += [*_by_strength(of_kind, t, scoring)[:MOST], _newest(of_kind, t, scoring)]
    return kept


def _part(of_kind: list[Signal], kind: str, score: Score, t: int, scoring: Scoring) -> dict[str, Any]:
    rules = scoring.kinds[kind]
    ordered = _by_strength(of_kind, t, scoring)
    evidence = [{"event_id": one.event_id, "points": one.points_at(t, rules)} for one in ordered[:MOST]]
    others = sum(one.points_at(t, rules) for one in ordered[MOST:])
    counted = sum(one.points_at(t, rules) for one in ordered)
    points = score.kinds[kind]
    return {"points": points, "evidence": evidence, "others": others, "saturated": points - counted}


def _by_strength(signals: Iterable[Signal], t: int, scoring: Scoring) -> list[Signal]:
    """By the points that are left at t, falling; ties to the newer, then by id."""
    return sorted(signals, key=lambda one: (-one.points_at(t, scoring.kinds[one.kind]), -one.at, one.event_id))


def _newest(signals: Sequence[Signal], t: int, scoring: Scoring) -> Signal:
    return min(signals, key=lambda one: (-one.at, -one.points_at(t, scoring.kinds[one.kind]), one.event_id))
