"""What the tests of the oracle are made of: small markets whose numbers can be worked out by hand."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.oracle import replay

START = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNTS = [{"account_id": "acme.com", "name": "Acme"}, {"account_id": "quiet.com"}]
ICP: dict[str, Any] = {"icp": "everyone", "version": 1, "base": 90, "tiers": {"A": 80}, "decisions": {"A": "chase"}}

# One kind with generous caps: 80 points score 63.24. It is 40 at S = 41.87, 20 at 20.11, 10 at 10.01.
WIDE: dict[str, Any] = {"half_life_days": 10, "cap": 100, "facet": "topic", "facet_cap": 100, "rules": [{"points": 80}]}
SIMPLE: dict[str, Any] = {
    "kinds": {"intent": WIDE},
    "levels": {
        "hot": {"enter": 40, "exit": 20, "min_kinds": 1},
        "warm": {"enter": 30, "exit": 10, "min_kinds": 1},
    },
}
FAST: dict[str, Any] = {**SIMPLE, "kinds": {"intent": {**WIDE, "half_life_days": 4}}}
PEOPLE: dict[str, Any] = {
    "stack": {"multipliers": [1.0, 1.15], "group": {"personas": 3, "each": 12}},
    "kinds": {
        "engagement": {
            "half_life_days": 14,
            "cap": 45,
            "facet": "persona",
            "facet_cap": 25,
            "rules": [
                {"when": {"activity": "contact_sales"}, "points": 20, "act_now": True},
                {"when": {"activity": "event_attended"}, "points": 5, "trigger": True},
                {"points": 8},
            ],
        }
    },
}


def day(days: float) -> datetime:
    """The instant so many days after the start."""
    return START + timedelta(days=days)


def event(kind: str, event_id: str, days: float, **fields: Any) -> bytes:
    """A line about Acme."""
    common = {"kind": kind, "event_id": event_id, "account_id": "www.Acme.com", "occurred_at": day(days).isoformat()}
    return json.dumps({**common, **fields}).encode()


def intent(event_id: str, days: float, **fields: Any) -> bytes:
    """A surge; its confidence scales its points."""
    return event("intent", event_id, days, **{"topic": "crm", "score": 90, **fields})


def technographic(event_id: str, days: float) -> bytes:
    """A signal of a second kind."""
    return event("technographic", event_id, days, technology="Kafka", change="adopted")


def engagement(event_id: str, days: float, **fields: Any) -> bytes:
    """A visit."""
    return event("engagement", event_id, days, **{"activity": "pricing_view", **fields})


def visits(personas: str, each: int) -> list[bytes]:
    """So many views of the pricing page by each of the personas, all at the start."""
    return [engagement(f"{persona}{n}", 0, persona=persona) for persona in personas.split() for n in range(each)]


def with_technographic(scoring: dict[str, Any]) -> dict[str, Any]:
    """The same file with a second kind as generous as the first."""
    return {**scoring, "kinds": {**scoring["kinds"], "technographic": {**WIDE, "facet": "technology"}}}


def played(lines: list[bytes], scoring: dict[str, Any], days: float, **options: Any) -> dict[str, Any]:
    """Acme and Quiet, both chased, judged at that day."""
    return replay(lines, ACCOUNTS, [ICP], scoring, day(days), **options)


def acme(lines: list[bytes], scoring: dict[str, Any], days: float) -> dict[str, Any]:
    """Acme's entry on the list `all`, on which it stands alone."""
    (entry,) = played(lines, scoring, days)["lists"]["all"]
    assert entry["account_id"] == "acme.com"
    return dict(entry)


def alerts(lines: list[bytes], scoring: dict[str, Any], days: float) -> list[tuple[str, datetime, int | None]]:
    """Type, instant and episode of every alert."""
    return [(one["type"], one["at"], one["episode"]) for one in played(lines, scoring, days)["alerts"]]
