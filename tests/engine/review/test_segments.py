"""Segments of planted markets: what differs is said, what does not is not, and only on the metrics that were locked.

The long form, over 100 seeds, is `bench/validation/review_seeds.py`; docs/validation has its figures.
"""

import numpy as np
import pytest

from bench.validation.review_seeds import segments_of
from signal_engine.core.rules.instants import DAY
from signal_engine.engine.review.metric_values import rates_differ
from signal_engine.engine.review.segments import ReviewedTime, review_icp
from signal_engine.engine.validation.deals import Deal
from signal_engine.engine.validation.statistics.claims import FAMILY_ERROR
from signal_engine.engine.validation.statistics.power import trials_needed
from signal_engine.simulation.planted.segments import ALIKE, SEGMENT_ICP, PlantedSegments
from signal_engine.wire.output.reports.review.documents import IcpReviewed, SegmentReviewed
from tests.build import fit, icp


@pytest.fixture(scope="module")
def report() -> IcpReviewed:
    return segments_of(PlantedSegments(1))


def by_name(report: IcpReviewed) -> dict[str | None, SegmentReviewed]:
    return {one["segment"]: one for one in report["segments"]}


def test_counts_add_up_to_the_whole_and_leave_out_what_the_icp_does_not_admit(report: IcpReviewed):
    whole = report["whole"]
    assert (whole["admitted"], whole["won"] + whole["lost"]) == (400, 400)
    assert report["decisions"] == {"chase": 400, "ignore": 12}
    for name in ("admitted", "won", "lost", "open"):
        assert sum(one[name] for one in report["segments"]) == whole[name]
    assert whole["win_rate"]["hits"] == whole["won"]


def test_what_is_planted_is_said(report: IcpReviewed):
    of = by_name(report)
    claims = {name: {one["metric"]: one["claimed"] for one in seg["metrics"]} for name, seg in of.items()}
    assert of["Media"]["verdict"] == "cut"
    assert claims["Software"]["win_rate"] == "better"
    assert claims["Banks"] == {"win_rate": None, "cycle_days": "worse", "deal_size": "better"}
    assert of["Banks"]["verdict"] == "mixed"


def test_one_seed_draws_alike_in_whatever_order_the_accounts_stand(monkeypatch):
    asked = []
    monkeypatch.setattr(
        "signal_engine.engine.review.segments.rates_differ", lambda of, *_: asked.append(of) or [0] * len(of)
    )
    names = [f"a{n}.com" for n in range(9)]
    fits = {name: fit(account=name, segment="north" if n % 3 else "south") for n, name in enumerate(names)}
    deals = {
        name: [Deal(name, 0, True, DAY, "won" if n % 2 else "lost", None, None, 0, True)] * (n + 1)
        for n, name in enumerate(fits)
    }
    for of in (fits, dict(reversed(fits.items()))):
        review_icp(icp(), of, deals, ReviewedTime(0, 9 * DAY), 3, None, 1)
    first, turned = ([[one.tolist() for one in segment] for segment in call] for call in asked)
    assert first == turned


def test_only_the_locked_metrics_decide():
    """Banks take long and sign much; where the win rate alone is locked there is nothing to say of them."""
    report = segments_of(
        PlantedSegments(1), SEGMENT_ICP.replace("[win_rate, cycle_days, deal_size]", "[win_rate, nps]")
    )
    assert report["metrics"] == ["win_rate"]
    assert report["unmeasured"] == ["nps"]
    of = by_name(report)
    assert (of["Banks"]["verdict"], of["Software"]["verdict"]) == ("no_difference", "promote")
    assert {one["metric"] for seg in of.values() for one in seg["metrics"]} == {"win_rate"}


def test_of_segments_that_are_alike_nothing_is_said():
    for seed in range(1, 6):
        alike = segments_of(PlantedSegments(seed, truths=ALIKE))["segments"]
        assert {one["verdict"] for one in alike} == {"no_difference"}


def test_few_deals_say_that_they_cannot_tell_and_how_many_would():
    report = segments_of(PlantedSegments(1, deals=24))
    assert {one["verdict"] for one in report["segments"]} == {"cannot_tell_yet"}
    assert report["deals_needed"] is not None
    assert report["deals_needed"] > 24
    rate = report["whole"]["win_rate"]["rate"]
    as_strict_as_claims = FAMILY_ERROR / 3 / len(report["segments"]) / 2  # three metrics, both directions
    assert report["deals_needed"] == trials_needed(rate, 1.5, as_strict_as_claims)
    assert [one["win_rate"]["rate"] for one in report["segments"] if one["won"] + one["lost"] < 10].count(None) > 0


@pytest.mark.parametrize(
    ("closed", "cut", "held"),
    [(10, 1, True), (9, 1, False), (20, 1, True), (21, 1, False), (None, 20, True), (None, 21, False)],
)
def test_a_deal_is_of_the_time_in_which_it_closed(closed: int | None, cut: int, held: bool):
    deal = Deal("a.com", cut * DAY, True, None if closed is None else closed * DAY, "open", None, None, 0, True)
    assert ReviewedTime(10 * DAY, 20 * DAY).holds(deal) is held


def test_a_tiny_error_can_still_be_met_by_what_is_plain():
    """Of 60 (ICP, metric) pairs each has 0.00017: below the least p-value of 1,999 shuffles."""
    won, lost = (np.ones(60), np.ones(60)), (np.zeros(60), np.ones(60))
    assert rates_differ([won, lost], FAMILY_ERROR / 60, 1) == [1, -1]
