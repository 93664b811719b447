"""`python -m bench.validation.planted_seeds`: what `validate` says of planted markets, and of shuffled outcomes.

Two markets: with a cycle of a week, and (`--market long`) with one of 90 days in which half of those who lose a deal
come back and win another. Prints how many of the 95 % intervals hold the truth, how many reports claim anything on
shuffled outcomes, in how many a planted leak is named, and whether the wins that a market of 12 asks for would
tell. The truth of lifts and prevalences is planted; that of precision, chance, recall and lead time is the rate over
all markets together.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple, cast

from bench.validation.kept import Seeds
from signal_engine.adapters.files.outcome_files import read_outcomes
from signal_engine.core.rules.instants import BEGINNING
from signal_engine.engine.validation.deals import deals
from signal_engine.engine.validation.report import validation
from signal_engine.entrypoints.commands.validation.run import Past, replay_past
from signal_engine.entrypoints.wiring.inputs import read_account_table, read_icps, read_scoring
from signal_engine.simulation.planted.files import write_planted
from signal_engine.simulation.planted.market import PlantedMarket
from signal_engine.wire.output.reports.validation_documents import RateFound, Validation

_MARKETS: Final[dict[str, dict[str, Any]]] = {
    "short": {"accounts": 220, "weeks": 30, "wins": 70, "losses": 10},
    "long": {"accounts": 260, "weeks": 56, "wins": 60, "losses": 40, "cycle_days": 90, "returning": 0.5},
}
_FEW: Final = {"wins": 12, "losses": 4, "returning": 0.0}
_CAPACITY: Final = 20
_KEPT: Final = ("verdict", "more_wins", "kinds", "precision", "recall", "lead_time", "caveats", "groups")
"""Parts of a report that are looked at."""


class _Held(NamedTuple):
    """One figure of one market."""

    figure: str
    low: float
    high: float


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description="How often `validate` is right on planted markets.")
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--market", choices=[*_MARKETS], default="short")
    parser.add_argument("--only", choices=["planted", "shuffled", "leak", "few"], help="One part alone.")
    parser.add_argument("--minutes", type=float, default=1e9, help="Begin no seed after so many.")
    parser.add_argument("--out", type=Path, help="Append each report; seeds that it has are not run again.")
    asked = parser.parse_args()
    seeds = Seeds(asked.seeds, asked.minutes, time.monotonic(), asked.out)
    for name, part in (("planted", _planted), ("shuffled", _shuffled), ("leak", _leak), ("few", _few)):
        if asked.only in {None, name}:
            part(seeds, asked.market)


def _reports(seeds: Seeds, market: str, part: str, **changed: Any) -> list[Validation]:
    made = {**_MARKETS[market], **changed}
    return [*seeds.reports(f"{market}, {part}", lambda seed: _report(PlantedMarket(seed, **made)))]


def _planted(seeds: Seeds, market: str) -> None:
    planted = _reports(seeds, market, "planted")
    truth = {**_planted_truth(market), **_pooled(planted)}
    held: Counter[str] = Counter()
    told: Counter[str] = Counter()
    for report in planted:
        for figure in _figures(report):
            told[figure.figure] += 1
            held[figure.figure] += figure.low <= truth[figure.figure] <= figure.high
    for name in told:
        print(f"{name:<28} truth {truth[name]:7.4f}   in the interval {held[name]:3} of {told[name]}")
    many = len(planted)
    print(f"{'predicts':<28} said of {sum(one['verdict'] == 'predicts' for one in planted)} of {many}")
    for kind in PlantedMarket(0).lifts:
        print(f"{kind + ' claimed':<28} in {sum(_claims_kind(one, kind) for one in planted)} of {many}")
    print(f"{'no leak':<28} one named in {sum(_names_leak(one) for one in planted)} of {many}")


def _shuffled(seeds: Seeds, market: str) -> None:
    shuffled = _reports(seeds, market, "shuffled", shuffled=True)
    quiet = sum(not _claims(one) for one in shuffled)
    print(f"{'shuffled outcomes':<28} nothing claimed in {quiet} of {len(shuffled)}")


def _leak(seeds: Seeds, market: str) -> None:
    leaky = _reports(seeds._replace(many=seeds.many // 4), market, "leak", leak=True)
    print(f"{'planted leak':<28} named in {sum(_names_leak(one) for one in leaky)} of {len(leaky)}")


def _few(seeds: Seeds, market: str) -> None:
    """Markets of 12 wins, and the same ones with as many more as their reports ask for."""
    few = _reports(seeds, market, "few", **_FEW)
    unsure = [one["verdict"] == "cannot_tell_yet" and not _claims(one) for one in few]
    print(f"{'12 wins':<28} cannot tell yet in {sum(unsure)} of {len(few)}")
    needed = sorted(one["more_wins"] or 0 for one in few)
    print(f"{'more wins asked for':<28} {needed[0]} to {needed[-1]}, median {needed[len(needed) // 2]}")
    typical = {**_FEW, "wins": 12 + needed[len(needed) // 2]}
    enough = _reports(seeds, market, f"{typical['wins']} wins", **typical)
    for kind in PlantedMarket(0).lifts:
        claimed = sum(_claims_kind(one, kind) for one in enough)
        print(f"{kind + ' claimed':<28} with that many in {claimed} of {len(enough)}")


def _report(market: PlantedMarket) -> Validation:
    with tempfile.TemporaryDirectory() as folder:
        files = write_planted(market.told(), Path(folder), icp=market.icp)
        rules = read_scoring(str(files.scoring))
        icps = read_icps([str(files.icp)], rules)
        table = read_account_table(str(files.accounts), icps, lambda _: None)
        outcomes = read_outcomes(str(files.outcomes)).outcomes
        end = max(one.at for one in outcomes)
        past = Past([str(files.events)], rules, icps, table, deals(outcomes), None, (), (), BEGINNING, end)
        report = validation(replay_past(past).replayed, "mondays", _CAPACITY, market.seed)
        return cast("Validation", {name: report[name] for name in _KEPT})


def _planted_truth(name: str) -> dict[str, float]:
    market = PlantedMarket(0, **_MARKETS[name])
    lifts = {f"lift {kind}": lift for kind, lift in market.lifts.items()}
    at_controls = {f"at controls {kind}": market.prevalence for kind in market.lifts}
    before = {f"before wins {kind}": market.prevalence * lift for kind, lift in market.lifts.items()}
    return {**lifts, **at_controls, **before}


def _rates(report: Validation) -> Iterator[tuple[str, RateFound]]:
    for found in report["precision"]:
        yield f"precision at {found['k']}", found["opened"]
    yield "won that were hot", report["recall"]["won_hot"]
    yield "won in the first K", report["recall"]["won_in_top"]


def _pooled(reports: Iterable[Validation]) -> dict[str, float]:
    reports = list(reports)
    hits: Counter[str] = Counter()
    trials: Counter[str] = Counter()
    chance: dict[str, float] = {}
    for report in reports:
        for name, rate in _rates(report):
            hits[name] += rate["hits"]
            trials[name] += rate["trials"]
        for found in report["precision"]:
            name = f"precision at {found['k']}"
            chance[name] = chance.get(name, 0.0) + (found["chance"] or 0) * found["calls"]
    pooled = {name: hits[name] / trials[name] for name in hits}
    lifts = {name.replace("precision", "lift"): hits[name] / expected for name, expected in chance.items()}
    medians = [one["lead_time"]["quartiles"][1] for one in reports if one["lead_time"]["quartiles"]]
    return {**pooled, **lifts, "median lead time": sorted(medians)[len(medians) // 2]}


def _figures(report: Validation) -> Iterator[_Held]:
    for kind in report["kinds"]:
        if (lift := kind["lift"]) is not None:
            yield _Held(f"lift {kind['kind']}", lift["low"], lift["high"])
        for name, rate in (("at controls", kind["at_controls"]), ("before wins", kind["before_wins"])):
            if rate["low"] is not None and rate["high"] is not None:
                yield _Held(f"{name} {kind['kind']}", rate["low"], rate["high"])
    for name, rate in _rates(report):
        if rate["low"] is not None and rate["high"] is not None:
            yield _Held(name, rate["low"], rate["high"])
    for found in report["precision"]:
        if (lift := found["lift"]) is not None:
            yield _Held(f"lift at {found['k']}", lift["low"], lift["high"])
    if (median := report["lead_time"]["median"]) is not None:
        yield _Held("median lead time", median["low"], median["high"])


def _claims_kind(report: Validation, kind: str) -> bool:
    return any(one["claimed"] for one in report["kinds"] if one["kind"] == kind)


def _claims(report: Validation) -> bool:
    groups = (group for groups in report["groups"].values() for group in groups)
    claimed = any(one["claimed"] for one in report["kinds"]) or any(one["claimed"] for one in groups)
    return claimed or report["verdict"] == "predicts"


def _names_leak(report: Validation) -> bool:
    return any(one["code"] == "leakage" for one in report["caveats"])


if __name__ == "__main__":
    main()
