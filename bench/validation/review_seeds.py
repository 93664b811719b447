"""`python -m bench.validation.review_seeds`: what `review` says of segments whose truth is planted, or that are alike.

Prints how often each planted difference is said, how often the intervals hold the truth, and in how many markets whose
segments are alike nothing is claimed.
"""

import argparse
from collections import Counter

import orjson

from signal_engine.core.fit.icp import Fit, Icp, decide
from signal_engine.core.rules.instants import DAY
from signal_engine.engine.review.segments import ReviewedTime, review_icp
from signal_engine.engine.validation.deals import by_account, deals
from signal_engine.simulation.planted.segments import ALIKE, SEGMENT_ICP, TRUTHS, PlantedSegments
from signal_engine.wire.config import icp_file
from signal_engine.wire.instants import format_instant
from signal_engine.wire.outcomes.record import AccountOutcome, read_outcome
from signal_engine.wire.output.reports.review.documents import IcpReviewed


def main() -> None:
    """Prints the tables."""
    parser = argparse.ArgumentParser(description="How often `review` is right on planted segments.")
    parser.add_argument("--seeds", type=int, default=100)
    seeds = range(1, parser.parse_args().seeds + 1)
    verdicts: Counter[tuple[str, str]] = Counter()
    held: Counter[tuple[str, str]] = Counter()
    told: Counter[tuple[str, str]] = Counter()
    for seed in seeds:
        for one in segments_of(PlantedSegments(seed))["segments"]:
            name = one["segment"] or ""
            verdicts[name, one["verdict"]] += 1
            for metric in one["metrics"]:
                if (found := metric["found"]) is not None:
                    truth = getattr(TRUTHS[name], metric["metric"].replace("deal_size", "deal_usd"))
                    told[name, metric["metric"]] += 1
                    held[name, metric["metric"]] += found["low"] <= truth <= found["high"]
    for (name, measured), many in sorted(told.items()):
        print(f"{name:<10} {measured:<10} in the interval {held[name, measured]:3} of {many}")
    for (name, verdict), many in sorted(verdicts.items()):
        print(f"{name:<10} {verdict:<16} {many:3} of {len(seeds)}")
    quiet = sum(
        not any(
            metric["claimed"]
            for one in segments_of(PlantedSegments(seed, truths=ALIKE))["segments"]
            for metric in one["metrics"]
        )
        for seed in seeds
    )
    print(f"segments that are alike: nothing claimed in {quiet} of {len(seeds)}")


def segments_of(market: PlantedSegments, icp_text: str = SEGMENT_ICP) -> IcpReviewed:
    """The review of the one ICP over a market."""
    icp, _ = icp_file.parse("icp.yaml", icp_text.encode())
    told = market.told()
    fits = {str(row["account_id"]): _fit(icp, row) for row in told.accounts}
    outcomes = [_outcome({**row, "at": format_instant(row["at"])}) for row in told.outcomes]
    last = max(one.at for one in outcomes)
    time = ReviewedTime(last - 90 * DAY, last)
    return review_icp(icp, fits, by_account(deals(outcomes)), time, 3, None, market.seed)


def _fit(icp: Icp, row: dict[str, object]) -> Fit:
    return Fit(str(row["account_id"]), (decide(icp, row),), segment=str(row["segment"]))


def _outcome(row: dict[str, object]) -> AccountOutcome:
    found = read_outcome(orjson.dumps(row))
    if not isinstance(found, AccountOutcome):
        raise TypeError(found.detail)
    return found


if __name__ == "__main__":
    main()
