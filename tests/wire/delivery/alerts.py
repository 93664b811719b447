"""An alert as the topic has it."""

from typing import Any


def evidence(
    text: str, points: float, kind: str = "intent", at: str = "2026-11-30T09:00:00Z", **more: Any
) -> dict[str, Any]:
    return {"event_id": f"e-{text}", "kind": kind, "text": text, "points": points, "occurred_at": at, **more}


def an_alert(**changed: Any) -> dict[str, Any]:
    """A whole alert of an account that entered hot, with the fields `changed`."""
    return {
        "alert_id": "4651fb69-06a7-5318-89b4-c1d14c92e974",
        "type": "entered_hot",
        "at": "2026-11-30T10:00:00Z",
        "episode": 2,
        "rank": None,
        "previous_rank": None,
        "badge": "hot",
        "pinned": False,
        "hand_raised_at": None,
        "why_now": "Hiring: VP Sales (sales)",
        "why_now_at": "2026-11-30T08:00:00Z",
        "claimed_by": None,
        "claimed_at": None,
        "account_id": "acme.com",
        "name": "Acme",
        "score": 72.5,
        "priority": 72.5,
        "level": "hot",
        "since": "2026-11-30T10:00:00Z",
        "fit": 85.0,
        "tier": "A",
        "icp": "midmarket-saas",
        "icp_version": 3,
        "owner": "Bo Lind",
        "sdr": "Ann Roe",
        "relation": "prospect",
        "segment": "Mid-Market",
        "crm_id": "ACC-1",
        "parts": [
            {
                "part": "hiring",
                "points": 30.0,
                "evidence": [evidence("Hiring: VP Sales (sales)", 30.0, "hiring", "2026-11-30T08:00:00Z")],
                "others": 0.0,
                "saturated": 0.0,
            },
            {
                "part": "intent",
                "points": 25.0,
                "evidence": [
                    evidence("Researching CRM (intent 82)", 20.0),
                    evidence("Researching data quality (intent 64)", 9.0),
                ],
                "others": 0.0,
                "saturated": -4.0,
            },
            {"part": "stack", "points": 17.5, "evidence": []},
        ],
        "kinds_live": ["intent", "hiring"],
        "cools_at": "2026-12-12T10:00:00Z",
        "last_signal_at": "2026-11-30T09:00:00Z",
        "people": [
            {"persona": "it", "called": "CRM administrator", "last_seen_at": "2026-11-29T10:00:00Z"},
            {"persona": "finance", "called": "CFO", "last_seen_at": "2026-11-20T10:00:00Z"},
        ],
        "personas_live": ["it"],
        "tipped_by": {"event_id": "e-9", "text": "Researching CRM (intent 82)", "occurred_at": "2026-11-30T09:00:00Z"},
        "previous_level": "warm",
        "threshold": 60.0,
        "audience": "sdr",
        "raised_by": None,
        "triage_reason": None,
        "recorded": None,
        "config_version": "1-f425335f",
        **changed,
    }
