"""`python -m bench.validation.pattern_seeds`: what `icp patterns` says of planted markets and of shuffled outcomes.

Prints in how many the planted values are claimed, how many of the 95 % intervals hold the planted rate, and in how many
markets anything is claimed of outcomes that were given to other accounts, also where accounts always do the same.
"""

import argparse
from collections import Counter
from typing import Any, Final

import orjson

from signal_engine.engine.validation.patterns.report import patterns
from signal_engine.simulation.planted.buyers import PlantedBuyers
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.instants import format_instant
from signal_engine.wire.outcomes.record import AccountOutcome, read_outcome
from signal_engine.wire.output.reports.pattern_documents import Patterns, PatternValue

_TRUTH: Final = {("employees", "below 50"): 0.05}
_PLANTED: Final = {("industry", "Software"): "above", ("employees", "below 50"): "below"}
_SHUFFLED: Final[dict[str, dict[str, Any]]] = {
    "20 deals": {"accounts": 60, "deals": 20},
    "200 deals": {"accounts": 150, "deals": 200},
    "600 deals": {},
    "accounts that never waver": {"accounts": 80, "deals": 800, "alike": 1.0},
}


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description="How often `icp patterns` is right on planted markets.")
    parser.add_argument("--seeds", type=int, default=100)
    seeds = parser.parse_args().seeds
    held: Counter[tuple[str, str]] = Counter()
    claimed: Counter[tuple[str, str]] = Counter()
    false = 0
    for seed in range(1, seeds + 1):
        found = _values(_report(PlantedBuyers(seed)))
        for name, truth in _TRUTH.items():
            rate = found[name]["win_rate"]
            held[name] += rate["low"] is not None and rate["low"] <= truth <= (rate["high"] or 0)
        for name, sign in _PLANTED.items():
            claimed[name] += found[name]["claimed"] == sign
        false += any(one["claimed"] for (field, _), one in found.items() if field in {"country", "tools"})
    for name in _PLANTED:
        print(f"{' '.join(name):<28} claimed in {claimed[name]} of {seeds}")
    for name in _TRUTH:
        print(f"{' '.join(name):<28} its rate in the interval in {held[name]} of {seeds}")
    print(f"{'country or tools':<28} claimed, though nothing is there, in {false} of {seeds}")
    for words, market in _SHUFFLED.items():
        quiet = sum(not _claims(_report(PlantedBuyers(seed, shuffled=True, **market))) for seed in range(1, seeds + 1))
        print(f"shuffled, {words:<28} nothing claimed in {quiet} of {seeds}")


def _report(market: PlantedBuyers) -> Patterns:
    told = market.told()
    rows = (orjson.dumps({**row, "at": format_instant(row["at"])}) for row in told.outcomes)
    outcomes = [_checked(read_outcome(row)) for row in rows]
    return patterns({row["account_id"]: row for row in told.accounts}, outcomes, seed=market.seed)


def _checked(read: AccountOutcome | Refusal) -> AccountOutcome:
    if isinstance(read, Refusal):
        raise SystemExit(read.detail)
    return read


def _values(report: Patterns) -> dict[tuple[str, str], PatternValue]:
    return {(field["field"], one["value"]): one for field in report["fields"] for one in field["values"]}


def _claims(report: Patterns) -> bool:
    return any(one["claimed"] for one in _values(report).values())


if __name__ == "__main__":
    main()
