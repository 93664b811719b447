"""A message as a webhook's body: nested for programs, and the same flat, for tools that take keys of one level only."""

from typing import Any, Final

from signal_engine.wire.instants import format_instant
from signal_engine.wire.messages.content import Message, MessageContext, next_step
from signal_engine.wire.messages.late import LateAlert
from signal_engine.wire.output.models import Alert

_FIELDS: Final = (
    "alert_id", "type", "at", "audience", "triage_reason", "badge", "pinned", "hand_raised_at", "why_now", "why_now_at",
    "account_id", "name", "score", "priority", "level", "previous_level", "since", "cools_at", "last_signal_at",
    "threshold", "fit", "tier", "icp", "icp_version", "owner", "sdr", "claimed_by", "claimed_at", "relation", "segment",
    "crm_id", "kinds_live", "personas_live", "raised_by", "episode", "config_version",
)  # fmt: skip
"""Fields of an alert that leave by webhooks: what is not named here does not. People are a persona and a role."""
_OF_EVIDENCE: Final = ("kind", "text", "points", "occurred_at", "source_url")
_OF_A_PERSON: Final = ("persona", "called", "last_seen_at")
_OF_A_PART: Final = ("part", "points", "others", "saturated")


def webhook_body(
    alert: Alert, message: Message, context: MessageContext, delivery_id: str, late: LateAlert | None = None
) -> dict[str, Any]:
    """The body of one delivery: `type`, `timestamp` and `data` as Standard Webhooks have them, then flat keys.

    With `late` it tells that nobody has responded to the alert, and its type is `alert.late`.
    """
    nested = _nested(alert)
    links = {link.label: link.url for link in message.links}
    told = {fact.label: fact.text for fact in (*message.facts, *message.reasons)}
    return {
        "type": f"alert.{alert['type']}" if late is None else "alert.late",
        "timestamp": alert["at"],
        "data": nested,
        "delivery_id": delivery_id,
        "alert_id": alert["alert_id"],
        "alert_type": alert["type"],
        "headline": message.headline,
        "account_id": alert["account_id"],
        "account_name": alert["name"],
        "badge": alert["badge"],
        "tier": alert["tier"],
        "score": alert["score"],
        "level": alert["level"],
        "why_now": alert["why_now"],
        "tipped_by": told.get("Tipped by"),
        "score_parts": told.get("Score"),
        "evidence": "; ".join(line.text for line in message.evidence),
        "who": told.get("Who"),
        "missing": told.get("Missing"),
        "fit_reasons": "; ".join(context.fit_reasons) or None,
        "next_step": next_step(alert, context.plays),
        "for": told.get("For"),
        "owner": alert["owner"],
        "sdr": alert["sdr"],
        "segment": alert["segment"],
        "icp": alert["icp"],
        "crm_id": alert["crm_id"],
        "hot_until": alert["cools_at"],
        "waits": told.get("Waits"),
        "waits_for": None if late is None else late.phase,
        "waits_since": None if late is None else format_instant(late.since),
        "silent": None if late is None else late.silent,
        "account_url": links.get("Open account"),
        "crm_url": links.get("Open in CRM"),
    }


def _nested(alert: Alert) -> dict[str, Any]:
    fields: dict[str, Any] = dict(alert)
    tipped = alert["tipped_by"]
    return {
        **{name: fields[name] for name in _FIELDS},
        "tipped_by": None if tipped is None else {"text": tipped["text"], "occurred_at": tipped["occurred_at"]},
        "people": [_only(dict(one), _OF_A_PERSON) for one in alert["people"]],
        "parts": [
            {**_only(dict(part), _OF_A_PART), "evidence": [_only(dict(one), _OF_EVIDENCE) for one in part["evidence"]]}
            for part in alert["parts"]
        ],
    }


def _only(fields: dict[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: fields[name] for name in names if name in fields}
