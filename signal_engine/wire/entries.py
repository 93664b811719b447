"""List entries and alerts as the JSON that leaves the engine (contract.md, section 2).

Every output is made here, so a score is explained the same way everywhere it appears.
"""

from typing import Any, Final

from signal_engine.core.fit import Fit, FitDecision
from signal_engine.core.kinds import KINDS
from signal_engine.core.ranking import Candidate
from signal_engine.core.standing import Alert, Shown, Standing
from signal_engine.wire.instants import format_instant
from signal_engine.wire.rounding import rounded, rounded_parts

STRONGEST: Final = 1
"""Pieces of evidence per kind in a list."""
ALL_KEPT: Final = 3
"""Pieces of evidence per kind in `priority.accounts`, in alerts and in `explain`."""


def entry(
    place: Candidate, rank: int, previous_rank: int | None, standing: Standing, fit: Fit, evidence: int = STRONGEST
) -> dict[str, Any]:
    """One account on a list, numbers rounded to two decimals."""
    return {
        "rank": rank,
        "previous_rank": previous_rank,
        **_shown(standing, fit, place.decision, place.priority, evidence),
    }


def elsewhere(entry: dict[str, Any], place: Candidate, rank: int, previous_rank: int | None) -> dict[str, Any]:
    """What `entry` says of the same account, standing the same, on another list, made out of its entry."""
    place_on_it = {"rank": rank, "previous_rank": previous_rank, "priority": rounded(place.priority)}
    return {**entry, **place_on_it, **_decided(place.decision)}


def brief(entry: dict[str, Any]) -> dict[str, Any]:
    """An entry made with `ALL_KEPT`, with the evidence of one made with `STRONGEST`."""
    parts = [{**part, "evidence": part["evidence"][:STRONGEST]} for part in entry["parts"]]
    return {**entry, "parts": parts}


def alert(alert: Alert, tier_weight: dict[str, float], config_version: str) -> dict[str, Any]:
    """One alert, with the fields of an entry by the primary ICP; the rank is null, since an alert is not a list."""
    call, decision = alert.call, alert.fit.primary
    priority = alert.standing.score.raw * tier_weight[decision.tier or ""]
    return {
        "alert_id": call.alert_id,
        "type": call.type,
        "at": format_instant(call.at),
        "episode": call.episode,
        "rank": None,
        "previous_rank": None,
        **_shown(alert.standing, alert.fit, decision, priority, ALL_KEPT),
        "why_now": alert.why_now,
        "previous_level": alert.standing.previous_level,
        "threshold": alert.threshold,
        "people": list(alert.standing.people),
        "config_version": config_version,
    }


def parts(standing: Standing, evidence: int) -> list[dict[str, Any]]:
    """The parts of the score, which add up to the rounded score, each kind with its strongest `evidence`."""
    named = standing.score.parts
    points = rounded_parts(standing.score.score, [value for _, value in named])
    return [
        {
            "part": part,
            "points": value,
            "evidence": [_evidence(shown) for shown in standing.evidence.get(part, ())[:evidence]],
        }
        for (part, _), value in zip(named, points, strict=True)
    ]


def instant(at: int | None) -> str | None:
    """RFC 3339, or null."""
    return None if at is None else format_instant(at)


def _shown(standing: Standing, fit: Fit, decision: FitDecision, priority: float, evidence: int) -> dict[str, Any]:
    return {
        "account_id": standing.account,
        "name": fit.name,
        "score": rounded(standing.score.score),
        "priority": rounded(priority),
        "level": standing.level,
        "since": instant(standing.since),
        **_decided(decision),
        "owner": fit.owner,
        "segment": fit.segment,
        "crm_id": fit.crm_id,
        "parts": parts(standing, evidence),
        "kinds_live": [kind for kind in KINDS if kind in standing.score.live],
        "cools_at": instant(standing.cools_at),
        "last_signal_at": instant(standing.last_signal_at),
    }


def _decided(decision: FitDecision) -> dict[str, Any]:
    return {
        "fit": None if decision.fit is None else rounded(decision.fit),
        "tier": decision.tier,
        "icp": decision.icp,
        "icp_version": decision.version,
    }


def _evidence(shown: Shown) -> dict[str, Any]:
    evidence = {
        "event_id": shown.evidence.event_id,
        "kind": shown.kind,
        "text": shown.evidence.text,
        "points": rounded(shown.points),
        "occurred_at": format_instant(shown.evidence.occurred_at),
    }
    if shown.evidence.source_url:
        evidence["source_url"] = shown.evidence.source_url
    return evidence
