"""Feeds that are generated to meet every rule of the definition, not to look like a market."""

import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any

BEGIN = datetime(2026, 3, 2, tzinfo=UTC)
TITLES = ("CFO", "Chief Financial Officer", "VP Finance", "Head of Sales", "student", "Intern", "Barista", "IT Manager",
          "CTO", "data analyst", "", "Marketing Lead", "COO")  # fmt: skip
RELATIONS = ("", "prospect", "customer", "open_opportunity", "former_customer", "partner", "competitor", "own",
             "do_not_contact")  # fmt: skip
ACTIVITIES = ("page_view", "pricing_view", "pricing_view", "email_click", "content_download", "form_fill",
              "trial_signup", "event_attended", "demo_request", "contact_sales", "email_open", "ad_click")  # fmt: skip


def accounts(rng: random.Random, number: int) -> list[dict[str, str]]:
    """Rows of an accounts file: fitting and not, of all relations, suppressed, with parents."""
    return [
        {
            "account_id": f"a{index}.com",
            "name": f"Account {index}",
            "employee_count": rng.choice(("300", "900", "50", "", "4,000")),
            "industry": rng.choice(("Software", "Software", "Software", "Retail")),
            "relation": rng.choice(RELATIONS) if rng.random() < 0.5 else "prospect",
            "owner": "Owner",
            "sdr": rng.choice(("", "Caller")),
            "parent": rng.choice(("", "", "", f"a{rng.randrange(number)}.com")),
            "suppressed": rng.choice(("", "false", "no", "true")) if rng.random() < 0.2 else "",
        }
        for index in range(number)
    ]


def events(rng: random.Random, names: list[str], number: int, days: int) -> list[bytes]:
    """Lines in no order: signals of all kinds, late ones, doubled ones, history being loaded, automated clicks."""
    lines: list[bytes] = []
    focus = rng.sample(names, max(2, len(names) // 3))
    for index in range(number):
        name = rng.choice(focus if rng.random() < 0.7 else [*names, "stranger.com"])
        happened = BEGIN + timedelta(seconds=rng.randrange(days * 86_400), milliseconds=rng.choice((0, 0, 1, 500, 999)))
        event: dict[str, Any] = {
            "event_id": f"e{index}" if rng.random() < 0.97 else f"e{rng.randrange(index + 1)}",
            "account_id": name,
            "occurred_at": happened.isoformat().replace("+00:00", "Z"),
            **_fields(rng),
        }
        if rng.random() < 0.15:
            event["confidence"] = rng.choice((0.0, 0.3, 0.5, 1.0))
        if rng.random() < 0.25:
            late = timedelta(seconds=rng.choice((0, 30, 3_600, 86_400, 20 * 86_400)))
            event["received_at"] = (happened + late).isoformat().replace("+00:00", "Z")
        if rng.random() < 0.06:
            event["backfill"] = True
        lines.append(json.dumps(event).encode())
    return lines


def _fields(rng: random.Random) -> dict[str, Any]:
    kind = rng.choice(("intent", "hiring", "funding", "technographic", "leadership", *("engagement",) * 5))
    if kind == "intent":
        return {
            "kind": kind,
            "topic": rng.choice(("crm", "CRM ", "leads", "etl")),
            "score": rng.choice((50, 61, 75, 90)),
        }
    if kind == "hiring":
        return {
            "kind": kind,
            "title": rng.choice(("VP Sales", "Nurse", "Revenue Analyst", "Cook")),
            "department": rng.choice(("Sales", "Finance", "Kitchen", "marketing")),
            "seniority": rng.choice(("vp", "manager", "junior", "director")),
            "status": rng.choice(("open", "open", "closed")),
        }
    if kind == "funding":
        return {"kind": kind, "round": rng.choice(("seed", "series_b")), "amount_usd": rng.choice((1e5, 2e6, 2e7, 9e7))}
    if kind == "technographic":
        return {
            "kind": kind,
            "technology": rng.choice(("6sense", "Salesforce", "Excel")),
            "change": rng.choice(("adopted", "dropped", "switched")),
            **({"replaces": rng.choice(("ZoomInfo", "Excel"))} if rng.random() < 0.3 else {}),
        }
    if kind == "leadership":
        known = {"relationship": rng.choice(("champion", "past_user"))} if rng.random() < 0.3 else {}
        return {
            "kind": kind,
            "role": rng.choice(("VP Sales", "Chief Revenue Officer", "Head Chef")),
            "change": rng.choice(("joined", "left", "promoted")),
            "level": rng.choice(("vp", "c_level", "manager")),
            **known,
        }
    activity = rng.choice(ACTIVITIES)
    title = rng.choice(TITLES)
    return {
        "kind": kind,
        "activity": activity,
        **({"persona": title} if rng.random() < 0.9 else {}),
        **({"dwell_seconds": rng.choice((5, 130))} if activity == "page_view" else {}),
        **({"automated": True} if rng.random() < 0.05 else {}),
    }


def scoring(rng: random.Random, shipped: dict[str, Any]) -> dict[str, Any]:
    """The shipped scoring file with other thresholds, limits and lists, so that every branch is met often."""
    hot = rng.choice((25.0, 30.0, 40.0))
    warm = rng.choice((8.0, 15.0, 20.0))
    silence = rng.choice((None, 3, 7, 21))
    group = rng.choice((None, {"personas": 2, "each": 6.5}, {"personas": 3, "each": 12}))
    return {
        **shipped,
        **({} if rng.random() < 0.8 else {"personas": []}),
        "stack": {**shipped["stack"], "group": group, "live_floor": rng.choice((1.0, 4.0, 7.0))},
        "levels": {
            "hot": {
                "enter": hot,
                "exit": hot * rng.choice((0.6, 0.8, 0.95)),
                "min_kinds": rng.choice((0, 1, 2, 3)),
                **({} if silence is None else {"max_silence_days": silence}),
            },
            "warm": {"enter": warm, "exit": warm * 0.7, "min_kinds": rng.choice((0, 1, 2))},
        },
        "alerts": {
            "cooldown_days": rng.choice((0, 1, 5, 14)),
            "hand_raise_hours": rng.choice((0, 24, 200)),
            "trigger_days": rng.choice((0, 3, 14)),
        },
        "lists": {
            "size": rng.choice((1, 3, 6, 200)),
            "min_level": rng.choice(("cold", "warm", "warm", "hot")),
            "min_score": rng.choice((0, 0, 18.5)),
            "pin_days": rng.choice((0, 2, 14)),
            "tier_weight": {"A": 1.0, "B": 0.85, "C": 0.7},
        },
        "kinds": {
            kind: {**spec, "half_life_days": spec["half_life_days"] / rng.choice((1, 1, 4))}
            for kind, spec in shipped["kinds"].items()
        },
    }


ICPS: list[dict[str, Any]] = [
    {
        "icp": "first",
        "version": 1,
        "owner": {"name": "The tests", "email": "tests@example.com"},
        "review_by": "2027-02-20",
        "must_have": {"industry": {"in": ["Software"]}},
        "base": 60,
        "points": [{"when": {"employee_count": {"gte": 500}}, "points": 25, "label": "large"}],
        "tiers": {"A": 80, "B": 40},
        "decisions": {"A": "chase", "B": "chase"},
    },
    {
        "icp": "second",
        "version": 2,
        "owner": {"name": "The tests", "email": "tests@example.com"},
        "review_by": "2027-02-20",
        "must_have": {"employee_count": {"gte": 100}},
        "base": 50,
        "tiers": {"B": 40},
        "decisions": {"B": "deprioritize"},
    },
]
