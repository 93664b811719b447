"""The real events beside the project, and the files by which the tests judge them."""

import gzip
import json
import random
from pathlib import Path
from typing import Any

import pytest

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
EVENTS = DATA / "real-events.jsonl.gz"
ACCOUNTS = DATA / "real-accounts.csv.gz"

needs_real_data = pytest.mark.skipif(not EVENTS.is_file(), reason="the real events are not beside this checkout")


def lines() -> list[bytes]:
    """Every line of the real events."""
    return gzip.decompress(EVENTS.read_bytes()).splitlines()


SELLS = {
    "departments": ["engineering", "data", "design", "marketing", "sales"],
    "technologies": ["python", "react", "aws", "ios", "java", "android", "docker", "mysql"],
    "competitors": ["angular", "php"],
}
"""What the companies of the real events hire for and run: by the shipped lists nearly all of it is background."""

ICPS: list[dict[str, Any]] = [
    {
        "icp": "b2b",
        "version": 1,
        "owner": {"name": "The tests", "email": "tests@example.com"},
        "review_by": "2027-02-20",
        "disqualify": [{"when": {"status": {"eq": "inactive"}}, "reason": "not active any more"}],
        "base": 50,
        "points": [
            {
                "when": {"industry": {"in": ["B2B", "Fintech", "software"]}},
                "points": 20,
                "label": "sells to businesses",
            },
            {"when": {"country": {"eq": "us"}}, "points": 15, "label": "in our market"},
            {"when": {"founded_year": {"gte": 2005, "lt": 2014}}, "points": 5, "label": "young, not new"},
        ],
        "tiers": {"A": 80, "B": 65, "C": 40},
        "decisions": {"A": "chase", "B": "chase", "C": "chase"},
    },
    {
        "icp": "grown-up",
        "version": 4,
        "owner": {"name": "The tests", "email": "tests@example.com"},
        "review_by": "2027-02-20",
        "must_have": {"employee_count": {"gte": 10}, "industry": {"not_in": ["Government", "Consumer"]}},
        "base": 30,
        "points": [
            {"when": {"employee_count": {"gte": 50}}, "points": 40, "label": "fifty people"},
            {"when": {"tags": {"contains": ["saas", "data"]}, "name": {"exists": True}}, "points": 15, "label": "saas"},
        ],
        "tiers": {"A": 80, "B": 65, "C": 30},
        "decisions": {"A": "chase", "B": "chase", "C": "deprioritize"},
    },
]


def levels(hot: tuple[float, float, int], warm: tuple[float, float, int]) -> dict[str, Any]:
    """The `levels` section, from (enter, exit, min_kinds)."""
    named = {"hot": hot, "warm": warm}
    return {name: dict(zip(("enter", "exit", "min_kinds"), level, strict=True)) for name, level in named.items()}


def half_lives(scoring: dict[str, Any], days: float) -> dict[str, Any]:
    """`scoring` with every half-life set to `days`."""
    return {**scoring, "kinds": {kind: {**spec, "half_life_days": days} for kind, spec in scoring["kinds"].items()}}


def respelled(text: bytes, seed: int) -> bytes:
    """The same event, its account written in another way that people write it."""
    event = json.loads(text)
    name = event["account_id"]
    ways = (
        name.upper(),
        f"https://www.{name}/careers?from=x#top",
        f"www.{name}.",
        f"http://{name}:8080/",
        f"  {name.title()} ",
        f"https://user@jobs.{name}/",
    )
    event["account_id"] = random.Random(f"{seed}{event['event_id']}").choice(ways)
    return json.dumps(event).encode()
