"""List entries and alerts as the JSON that leaves the engine (contract.md, section 2).

Every output is made here, so a score is explained the same way everywhere it appears.
"""

from typing import Any, Final, cast

from signal_engine.core.alerting.alert import Alert
from signal_engine.core.delivery.holdback import Holdback
from signal_engine.core.fit.icp import CHASE, Fit, FitDecision
from signal_engine.core.fit.ranking import Ordered, badge
from signal_engine.core.rules.kinds import Kind, in_order
from signal_engine.core.rules.relations import PROSPECT
from signal_engine.core.score.kind_state import STRONGEST_KEPT
from signal_engine.core.score.snapshot import AccountSnapshot, PersonSeen
from signal_engine.core.score.why_now import ScoredEvidence, WhyNow
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output import models as outputs
from signal_engine.wire.output.rounding import rounded, rounded_evidence, rounded_parts

_EVIDENCE_PER_KIND: Final = 1
"""Pieces of evidence per kind in a list."""
_ALL_EVIDENCE: Final = STRONGEST_KEPT
"""Pieces of evidence per kind in `priority.accounts`, in alerts and in `explain`."""


def entry(place: Ordered, rank: int, previous_rank: int | None, snapshot: AccountSnapshot, fit: Fit) -> outputs.Entry:
    """One account on a list, with all evidence kept, numbers rounded to two decimals; `brief` is for lists."""
    shown = _shown(snapshot, fit, place.candidate.decision, place.candidate.priority, snapshot.why_now)
    shown["pinned"] = place.pinned
    return {"rank": rank, "previous_rank": previous_rank, **shown}


def elsewhere(entry: outputs.Entry, place: Ordered, rank: int, previous_rank: int | None) -> outputs.Entry:
    """What `entry` says of the same account, standing the same, on another list, made out of its entry."""
    other = entry.copy()
    other["rank"], other["previous_rank"], other["pinned"] = rank, previous_rank, place.pinned
    other["priority"] = rounded(place.candidate.priority)
    decision = place.candidate.decision
    other["fit"], other["tier"], other["icp"], other["icp_version"] = _decided(decision)
    return other


def held_entry(entry: outputs.Entry, draw: Holdback) -> outputs.HeldEntry:
    """The entry of an account that `draw` keeps off the list."""
    return {**entry, "control_group": control_group_days(draw)}


def control_group_days(draw: Holdback) -> outputs.ControlGroupDays:
    """The control group of a draw."""
    return {"since": draw.since.isoformat(), "until": draw.until.isoformat() if draw.until else None}


def brief(entry: outputs.Entry) -> outputs.Entry:
    """An entry with the strongest evidence alone, as it stands in a list."""
    other = entry.copy()
    other["parts"] = [_brief_part(part) for part in entry["parts"]]
    return other


def alert(alert: Alert, tier_weight: dict[str, float], config_version: str) -> outputs.Alert:
    """One alert, with the fields of an entry by the primary ICP; the rank is null, since an alert is not a list."""
    decided, stands = alert.decision, alert.snapshot
    decision = None if alert.fit is None else alert.fit.primary
    chased = decision is not None and decision.decision == CHASE
    priority = stands.score.raw * tier_weight[decision.tier or ""] if decision is not None and chased else None
    return {
        "alert_id": decided.alert_id,
        "type": decided.type,
        "at": format_instant(decided.at),
        "episode": decided.episode,
        "rank": None,
        "previous_rank": None,
        **_shown(stands, alert.fit, decision, priority, alert.why_now),
        "tipped_by": None if alert.tipped_by is None else _signal(alert.tipped_by),
        "previous_level": stands.previous_level,
        "threshold": alert.threshold,
        "audience": alert.audience,
        "personas_live": sorted(decided.personas),
        "raised_by": decided.raised_by,
        "triage_reason": alert.not_for_reps,
        "recorded": decided.recorded,
        "config_version": config_version,
    }


def parts(snapshot: AccountSnapshot) -> list[outputs.Part]:
    """The parts of the score, which add up to the rounded score, each kind with its strongest evidence."""
    named = snapshot.score.parts
    points = rounded_parts(snapshot.score.score, [value for _, value in named])
    return [_part(snapshot, part, value) for (part, _), value in zip(named, points, strict=True)]


def instant(at: int | None) -> str | None:
    """RFC 3339, or null."""
    return None if at is None else format_instant(at)


def claimed(fit: Fit | None) -> outputs.Claimed:
    """Who has claimed the account, and when."""
    claim = None if fit is None else fit.actions.claim
    by, at = (None, None) if claim is None else (claim.by, claim.at)
    return {"claimed_by": by, "claimed_at": instant(at)}


def people(seen: tuple[PersonSeen, ...]) -> list[outputs.Person]:
    """Personas seen, newest first."""
    return [{"persona": one.persona, "called": one.called, "last_seen_at": format_instant(one.at)} for one in seen]


def _part(snapshot: AccountSnapshot, part: str, points: float) -> outputs.Part:
    name = cast("Any", part)  # a kind, `stack` or `ceiling`: the core's own names
    if part not in snapshot.worth:
        return {"part": name, "points": points, "evidence": []}
    shown = snapshot.evidence[part][:_ALL_EVIDENCE]
    rest = snapshot.worth[part] - sum(one.points for one in shown)
    each, others, saturated = rounded_evidence(points, [one.points for one in shown], rest)
    evidence = [_evidence(one, value) for one, value in zip(shown, each, strict=True)]
    return {"part": name, "points": points, "evidence": evidence, "others": others, "saturated": saturated}


def _brief_part(part: outputs.Part) -> outputs.Part:
    """What is no longer shown is with the others: the part still adds up."""
    if "others" not in part:
        return part
    hidden = sum(one["points"] for one in part["evidence"][_EVIDENCE_PER_KIND:])
    other = part.copy()
    other["evidence"], other["others"] = part["evidence"][:_EVIDENCE_PER_KIND], rounded(part["others"] + hidden)
    return other


def _shown(
    snapshot: AccountSnapshot,
    fit: Fit | None,
    decision: FitDecision | None,
    priority: float | None,
    why_now: WhyNow | None,
) -> outputs.AccountSummary:
    points, tier, icp, icp_version = _decided(decision)
    return {
        "badge": badge(snapshot.level, pinned=snapshot.pinned),
        "pinned": snapshot.pinned,
        "hand_raised_at": instant(snapshot.hand_raised_at),
        "why_now": why_now.text if why_now else "",
        "why_now_at": instant(why_now.at) if why_now else None,
        **claimed(fit),
        "account_id": snapshot.account,
        "name": fit.name if fit else None,
        "score": rounded(snapshot.score.score),
        "priority": None if priority is None else rounded(priority),
        "level": snapshot.level,
        "since": instant(snapshot.since),
        "fit": points,
        "tier": tier,
        "icp": icp,
        "icp_version": icp_version,
        "owner": fit.owner if fit else None,
        "sdr": (fit.sdr or fit.owner) if fit else None,
        "relation": fit.relation if fit else PROSPECT,
        "segment": fit.segment if fit else None,
        "crm_id": fit.crm_id if fit else None,
        "parts": parts(snapshot),
        "kinds_live": kinds_live(snapshot),
        "cools_at": instant(snapshot.cools_at),
        "last_signal_at": instant(snapshot.last_signal_at),
        "people": people(snapshot.people),
        "personas_live": sorted(snapshot.personas_live),
    }


def kinds_live(snapshot: AccountSnapshot) -> list[outputs.LiveKind]:
    """What is live, in the order of the parts, the buying group last."""
    return cast("list[outputs.LiveKind]", in_order(snapshot.score.live))


def _decided(decision: FitDecision | None) -> tuple[float | None, str | None, str | None, int | None]:
    """(fit, tier, icp, icp_version)."""
    if decision is None:
        return None, None, None, None
    fit = None if decision.fit is None else rounded(decision.fit)
    return fit, decision.tier, decision.icp, decision.version


def _signal(why: WhyNow) -> outputs.Signal:
    return {"event_id": why.event_id or "", "text": why.text, "occurred_at": format_instant(why.at or 0)}


def _evidence(shown: ScoredEvidence, points: float) -> outputs.Evidence:
    evidence: outputs.Evidence = {
        "event_id": shown.evidence.event_id,
        "kind": cast("Kind", shown.kind),
        "text": shown.evidence.text,
        "points": points,
        "occurred_at": format_instant(shown.evidence.occurred_at),
    }
    if shown.evidence.source_url:
        evidence["source_url"] = shown.evidence.source_url
    if shown.evidence.alias is not None:
        evidence["alias"] = shown.evidence.alias
    return evidence
