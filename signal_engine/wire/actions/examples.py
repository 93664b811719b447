"""Actions to show senders how they look; the tests send each through `read_action`."""

from typing import Any, Final

_DANA: Final = {"by": "dana@example.com", "via": "cli"}
_SAM: Final = {"by": "sam@example.com", "via": "dashboard"}
_RULE: Final = {"icp": "midmarket-saas", "version": 3, "owner": "dana@example.com"}

ACTIONS: Final[list[dict[str, Any]]] = [
    {
        "action_id": "6f1c2d34-90ab-4cde-8f01-23456789abcd",
        "account_id": "acme.co.uk",
        "action": "kill",
        "at": "2026-03-02T09:30:00Z",
        **_DANA,
        "authority": _RULE,
        "reason": "Builds its own CRM and keeps it.",
        "icp": "midmarket-saas",
        "review_at": "2026-08-29T09:30:00Z",
    },
    {
        "action_id": "0b8f7f0e-0f5c-4a57-a9d4-6d1f0a9b2c11",
        "account_id": "example.de",
        "action": "claim",
        "at": "2026-03-02T10:00:00Z",
        **_SAM,
        "until": "2026-03-16T10:00:00Z",
    },
    {
        "action_id": "f7a1f0a2-31cb-4f0b-8a55-4a3bb1d0c7e2",
        "account_id": "example.de",
        "action": "disposition",
        "at": "2026-03-04T15:12:00Z",
        **_SAM,
        "outcome": "not_now",
        "until": "2026-06-02T15:12:00Z",
        "reason": "Budget is decided in May.",
    },
    {
        "action_id": "2c0ddc4e-5a0a-4a58-93a9-90d6a0e6c1f3",
        "account_id": "acme.co.uk",
        "action": "assign",
        "at": "2026-03-05T08:00:00Z",
        **_DANA,
        "assignee": "sam@example.com",
    },
]
