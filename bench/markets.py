"""Two markets of 2,000 accounts, without and with what people do with us, judged by this checkout and by another one.

    python -m bench.markets --out DIR [--before CHECKOUT]

CHECKOUT is another state of this repository (`git worktree add CHECKOUT COMMIT`); each is run with the Python that runs
this and judges by its own shipped configuration. Prints the table of docs/scoring.md.
"""

import argparse
import csv
import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, Final, NamedTuple

from signal_engine.core.rules.instants import DAY
from signal_engine.simulation import journeys, plots
from signal_engine.simulation.cast import cast
from signal_engine.simulation.companies import companies, strangers
from signal_engine.simulation.stories import Story

HERE: Final = Path(__file__).resolve().parents[1]
ACCOUNTS: Final = 2_000
SEED: Final = 11
END: Final = 1_774_980_000_000  # 2026-03-31T18:00:00Z
WEEKS: Final = 13
START: Final = END - WEEKS * 7 * DAY
LIVELINESS: Final = 0.12
"""About a hundred of 2,000 accounts are on their way to something in a quarter: one in twenty."""
MARKETS: Final = ("without engagement", "with engagement")

_INDUSTRIES: Final = (
    "Software",
    "Software",
    "Internet Services",
    "Business Services",
    "Financial Technology",
    "Retail",
)
_COUNTRIES: Final = ("United States", "United States", "Canada", "United Kingdom", "Germany", "Netherlands", "Japan")
_STACKS: Final = ("Salesforce;Snowflake", "HubSpot;BigQuery", "Salesforce;Marketo", "HubSpot", "Dynamics 365")
_SIZES: Final = ((20, 200, 3), (200, 1_000, 5), (1_000, 5_000, 3), (5_000, 40_000, 1))
"""Least and most employees, and how often of twelve."""
_IDLE: Final = frozenset({plots.EARLY_DAYS, plots.ONE_ENTHUSIAST, plots.LARGE_FIRM, plots.CLAMOUR, plots.ONE_WHO_PAYS})
"""Stories of nobody who is about to buy."""


class Outcome(NamedTuple):
    """What one checkout made of one market."""

    became_hot: int
    buying: int
    """Of them, those who play a story of somebody who buys."""
    a_week: float
    """`entered_hot` alerts."""
    called: int
    """Accounts of which a rep got any alert."""
    listed: Counter[str]
    """By level, at the end."""
    highest: float
    large_in_front: int
    """Large firms with nothing but background among the first ten."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Writes the markets, runs the judges, prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, required=True, help="a folder for accounts and events")
    parser.add_argument("--before", type=Path, help="another checkout of this repository")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    rows = list(_rows(Random(SEED)))
    accounts = options.out / "accounts.csv"
    with accounts.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)
    stories = _stories(rows)
    print("| market | judged | entered hot | of them about to buy | hot alerts per week | accounts a rep was told of"
          " | on the list at the end: hot, warm, cold | highest score | large firms among the first ten |")  # fmt: skip
    print("|---|---|---|---|---|---|---|---|---|")
    for market in MARKETS:
        events = options.out / f"{market.replace(' ', '-')}.jsonl"
        number = _write(events, rows, with_engagement=market == MARKETS[1])
        for name, checkout in (("before", options.before), ("now", HERE)):
            if checkout is not None:
                result = _judged(checkout, accounts, events, stories)
                levels = ", ".join(str(result.listed[level]) for level in ("hot", "warm", "cold"))
                print(
                    f"| {market}, {number:,} events | {name} | {result.became_hot} | {result.buying}"
                    f" | {result.a_week:.1f} | {result.called} | {levels}"
                    f" | {result.highest:.0f} | {result.large_in_front} |"
                )


def _rows(rng: Random) -> Iterator[dict[str, str]]:
    """An accounts file in which most could fit. Customers and competitors are in none: one of two checkouts knows no
    relation.
    """
    sizes = [size for size in _SIZES for _ in range(size[2])]
    for number in range(ACCOUNTS):
        least, highest, _ = rng.choice(sizes)
        yield {
            "account_id": f"company-{number:04d}.com",
            "name": f"Company {number:04d}",
            "industry": rng.choice(_INDUSTRIES),
            "employee_count": str(rng.randrange(least, highest)),
            "country": rng.choice(_COUNTRIES),
            "tech_stack": rng.choice(_STACKS),
            "segment": "Mid-Market",
        }


def _stories(rows: Sequence[dict[str, str]]) -> dict[str, set[Story]]:
    """Account -> the stories that it plays."""
    played: dict[str, set[Story]] = {}
    for part in cast(companies(rows, SEED), strangers(SEED), SEED, START, END, LIVELINESS):
        played.setdefault(part.company.account, set()).add(part.story)
    return played


def _write(path: Path, rows: Sequence[dict[str, str]], *, with_engagement: bool) -> int:
    result = journeys(rows, seed=SEED, start=START, end=END, liveliness=LIVELINESS)
    lines = [json.dumps(one) for one in result if with_engagement or one["kind"] != "engagement"]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return len(lines)


def _judged(checkout: Path, accounts: Path, events: Path, stories: dict[str, set[Story]]) -> Outcome:
    command = [sys.executable, "-m", "signal_engine", "replay", str(events.resolve()), "--json",
               "--accounts", str(accounts.resolve()), "--icp", "config/icp/midmarket-saas.yaml"]  # fmt: skip
    run = subprocess.run(command, cwd=checkout, capture_output=True, check=True)
    result: dict[str, Any] = json.loads(run.stdout)
    entries = result["lists"]["all"]
    hot = [alert["account_id"] for alert in result["alerts"] if alert["type"] == "entered_hot"]
    for_reps = {alert["account_id"] for alert in result["alerts"] if alert.get("audience") != "triage"}
    buying = {account for account in set(hot) if stories.get(account, set()) - _IDLE}
    scores = [one["score"] for one in (*entries, *result["alerts"]) if one.get("audience") != "triage"]
    large = {account for account, played in stories.items() if played == {plots.LARGE_FIRM}}
    return Outcome(
        len(set(hot)),
        len(buying),
        len(hot) / WEEKS,
        len(for_reps),
        Counter(entry["level"] for entry in entries),
        max(scores, default=0.0),
        sum(entry["account_id"] in large for entry in entries[:10]),
    )


if __name__ == "__main__":
    main()
