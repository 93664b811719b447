"""`python -m bench.validation.fit_seeds`: what `calibrate --fit` says of planted markets and of shuffled outcomes.

In a planted market accounts win by odds of their score under true numbers, and the file in force has others. Prints how
many intervals hold the truth and how often each number is claimed; how often there is a draft, and what it gains; and
in how many markets whose deals went to accounts by chance anything is claimed.
"""

import argparse
import time
from collections import Counter
from functools import partial
from math import exp, log
from pathlib import Path
from random import Random

from bench.validation.kept import Seeds
from signal_engine.engine.validation.calibration.choices import SET_SIZE
from signal_engine.engine.validation.calibration.fit_report import FitFile, FitMarket, fitted
from signal_engine.engine.validation.calibration.layout import AccountAt, Arrived
from signal_engine.simulation.planted.scores import FILE, IN_FORCE, PLACES, TRUE, PlantedScores
from signal_engine.wire.config import scoring_file
from signal_engine.wire.output.reports.fit_documents import Fitted


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description="How often `calibrate --fit` is right on planted markets.")
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--wins", type=int, default=160, help="Deals of a market; the earlier 70 %% are fitted.")
    parser.add_argument("--minutes", type=float, default=1e9, help="Begin no seed after so many.")
    parser.add_argument("--only", choices=["planted", "shuffled"], help="One part alone.")
    parser.add_argument("--out", type=Path, help="Append each report; seeds that it has are not run again.")
    asked = parser.parse_args()
    seeds = Seeds(asked.seeds, asked.minutes, time.monotonic(), asked.out)

    def report_of(seed: int, *, shuffled: bool = False) -> Fitted:
        return _report(PlantedScores(seed, wins=asked.wins, shuffled=shuffled))

    if asked.only != "shuffled":
        _planted([*seeds.reports(f"planted, {asked.wins} wins", report_of)])
    if asked.only != "planted":
        reports = [*seeds.reports(f"shuffled, {asked.wins} wins", partial(report_of, shuffled=True))]
        quiet = sum(
            not any(one["claimed"] for one in report["numbers"]) and report["draft"] is None for report in reports
        )
        print(f"shuffled outcomes: nothing claimed in {quiet} of {len(reports)}")


def _planted(reports: list[Fitted]) -> None:
    told: Counter[str] = Counter()
    held: Counter[str] = Counter()
    claimed: Counter[str] = Counter()
    truths: dict[str, float] = {}
    for report in reports:
        for one in report["numbers"]:
            name, factor = one["field"], one["factor"]
            truths[name] = truth = truth_of(name, report)
            told[name] += 1
            held[name] += factor["low"] <= truth <= factor["high"]
            claimed[name] += one["claimed"]
    for name in told:
        held_in = f"in the interval {held[name]:3} of {told[name]}"
        print(f"{name:<58} truth {truths[name]:5.2f}   {held_in}   claimed {claimed[name]:3}")
    drafts = [one for one in reports if one["draft"] is not None]
    gains = [one["out_of_sample"]["difference"] for one in drafts]
    mean = sum(gain["value"] for gain in gains if gain is not None) / max(len(gains), 1)
    print(f"a draft in {len(drafts)} of {len(reports)}; later deals: {mean:+.3f} of the controls more rank below")


def truth_of(name: str, report: Fitted) -> float:
    """The true factor of a number; of points beside those of the others that were fitted."""
    factors = {path: TRUE[key] / IN_FORCE[key] for path, key in PLACES.items()}
    if not name.endswith("points"):
        return factors.get(name, 1.0)
    points = [one["field"] for one in report["numbers"] if one["field"].endswith("points")]
    return factors[name] / exp(sum(log(factors[one]) for one in points) / len(points))


def market_of(market: PlantedScores) -> FitMarket:
    """Each account that won beside four that had not, on the same Monday."""
    events = market.events()
    arrived: dict[str, list[Arrived]] = {}
    for event in events:
        arrived.setdefault(event.account, []).append(Arrived(event.occurred_at, event))
    rng, free = Random(market.seed), sorted(arrived)
    looks: list[AccountAt] = []
    for winner, at in market.winners(events):
        free.remove(winner)
        looks += [AccountAt(name, at) for name in (winner, *rng.sample(free, SET_SIZE - 1))]
    return FitMarket(arrived, looks, 0)


def _report(market: PlantedScores) -> Fitted:
    text = FILE % IN_FORCE
    file = FitFile("planted.yaml", text, scoring_file.parse("planted.yaml", text.encode()).policy, "planted")
    return fitted(file, market_of(market), market.seed)


if __name__ == "__main__":
    main()
