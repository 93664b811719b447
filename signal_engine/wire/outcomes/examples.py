"""Outcomes to show senders how they look; the tests send each through `read_outcome`."""

from typing import Any, Final

_DEAL: Final = {"account_id": "acme.co.uk", "opportunity_id": "006-17", "source": "crm"}

OUTCOMES: Final[list[dict[str, Any]]] = [
    {**_DEAL, "outcome_id": "006-17-opened", "stage": "opened", "at": "2026-03-02T09:30:00Z"},
    {**_DEAL, "outcome_id": "006-17-m1", "stage": "meeting", "at": "2026-03-05T13:00:00Z", "meeting_no": 1},
    {
        **_DEAL,
        "outcome_id": "006-17-won",
        "stage": "won",
        "stage_name": "Closed Won",
        "at": "2026-05-11T15:04:00Z",
        "opened_at": "2026-03-02T09:30:00Z",
        "amount_usd": 42000,
        "icp": "midmarket-saas",
    },
    {
        "outcome_id": "006-18-lost",
        "account_id": "example.de",
        "opportunity_id": "006-18",
        "stage": "lost",
        "at": "2026-05-12T08:00:00Z",
        "opened_at": "2026-04-01T08:00:00Z",
        "reason": "no_budget",
    },
]
