"""Numbers fitted to deals: planted truths lie in the intervals, chance gives nothing, and later deals decide.

The long form, over 100 seeds, is `bench/validation/fit_seeds.py`; docs/validation has its figures.
"""

from math import log

import numpy as np
import pytest

from bench.validation.fit_seeds import market_of, truth_of
from signal_engine.core.laws import law_problems
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.instants import DAY
from signal_engine.engine.validation.calibration.choices import SET_SIZE, concordance, mean_with_interval, slope
from signal_engine.engine.validation.calibration.fit_report import DraftDiffers, FitFile, FitMarket, TooFewWins, fitted
from signal_engine.engine.validation.calibration.fittable import fittable
from signal_engine.engine.validation.calibration.layout import Arrived
from signal_engine.simulation.planted.scores import FILE, IN_FORCE, PlantedScores
from signal_engine.wire.config import scoring_file
from signal_engine.wire.output.reports.fit_documents import Fitted

TEXT = FILE % IN_FORCE


def file(text: str = TEXT) -> FitFile:
    return FitFile("scoring.yaml", text, scoring_file.parse("scoring.yaml", text.encode()).policy, "3-abc")


@pytest.fixture(scope="module")
def market() -> FitMarket:
    return market_of(PlantedScores(1, wins=300, accounts=600))


@pytest.fixture(scope="module")
def report(market: FitMarket) -> Fitted:
    return fitted(file(), market, 1)


def test_the_slope_of_sets_in_which_one_of_five_stands_out_is_known():
    """With one account of five a point above: P(it won) = e^b / (e^b + 4). Half of them did, so b = log 4."""
    first, second = [1.0, 0, 0, 0, 0], [0, 1.0, 0, 0, 0]
    found = slope(np.array([first, second] * 200))
    assert found.log_odds == pytest.approx(log(4), abs=1e-3)
    assert found.p_value < 1e-6
    chance = slope(np.array(([first] + [second] * 4) * 40))
    assert chance.log_odds == pytest.approx(0, abs=1e-3)
    assert chance.p_value > 0.4


def test_concordance_counts_ties_as_half():
    told = concordance(np.array([[2.0, 1, 1, 1, 1], [1, 2, 2, 2, 2], [0, 0, 0, 0, 0], [2, 1, 2, 3, 3]]))
    assert told.tolist() == [1, 0, 0.5, 0.375]
    value, low, high = mean_with_interval(told, [*"abcd"], 1)
    assert value == pytest.approx(told.mean())
    assert low < value < high
    assert mean_with_interval(np.zeros(0), [], 1) is None


def test_ten_deals_of_one_account_tell_no_more_than_one_of_them():
    """Ten wins of each account are as wide as one of each, not as narrow as ten times the accounts."""
    one = np.array([0.1, 0.9, 0.4, 0.6, 0.2, 0.8])
    tenfold = mean_with_interval(np.repeat(one, 10), [name for name in "abcdef" for _ in range(10)], 1)
    assert tenfold == pytest.approx(mean_with_interval(one, [*"abcdef"], 1))


def test_a_gain_that_may_be_none_is_not_said_to_confirm_the_draft(report: Fitted):
    found = report["out_of_sample"]["difference"]
    assert f"({100 * found['low']:+.1f} to {100 * found['high']:+.1f})" in report["summary"]
    assert ("which confirms it" in report["summary"]) is (found["low"] > 0)
    assert ("not shown to be better" in report["summary"]) is (found["low"] <= 0)


def test_planted_numbers_lie_in_their_intervals_and_points_are_claimed(report: Fitted):
    held = [
        one["factor"]["low"] <= truth_of(one["field"], report) <= one["factor"]["high"] for one in report["numbers"]
    ]
    assert sum(held) >= len(held) - 2
    by_name = {one["field"]: one for one in report["numbers"]}
    assert by_name["kinds.intent.rules[0].points"]["claimed"]
    assert not by_name["kinds.engagement.half_life_days"]["claimed"]
    names = {one["field"] for one in [*report["numbers"], *report["silent"]]}
    assert names == {one.name for one in fittable(file().policy)}, "each number is spoken of or said to be silent"


def test_the_draft_has_other_numbers_within_a_quarter_and_everything_else_as_it_was(report: Fitted):
    assert report["verdict"] == "draft"
    policy = scoring_file.parse("draft.yaml", report["draft"].encode()).policy
    assert policy.version == 4
    assert law_problems(policy) == []
    assert 12 < policy.kinds["intent"].rules[0].points <= 15
    changed = [one for one in report["numbers"] if one["proposed"] != one["in_force"]]
    assert changed
    for one in changed:
        assert one["claimed"]
        for old, new in zip(one["in_force"], one["proposed"], strict=True):
            assert 0.75 * old <= new <= 1.25 * old
        assert f"# {one['field'].split(' and ')[0]}" in report["draft"]
    kept = [line for line in report["draft"].splitlines() if not line.lstrip().startswith("# ")]
    assert len(kept) == len(TEXT.splitlines())
    assert "# how long interest lasts" in report["draft"]
    differing = sum(was != now for was, now in zip(TEXT.splitlines(), kept, strict=True))
    assert differing <= len(changed) * 2 + 1


def test_the_figures_are_of_later_deals_which_are_not_fitted(market: FitMarket, report: Fitted):
    """Another ending of the past changes the figures, and no number."""
    later = report["fitted_to"] * SET_SIZE
    swapped = [*market.looks[:later], *_losers_first(market.looks[later:])]
    other = fitted(file(), market._replace(looks=swapped), 1)
    assert other["numbers"] == report["numbers"]
    assert other["out_of_sample"] != report["out_of_sample"]
    assert report["out_of_sample"]["sets"] + report["fitted_to"] == len(market.looks) // SET_SIZE
    assert report["out_of_sample"]["difference"]["value"] > 0


def _losers_first(looks):
    """As if a control had won in each set."""
    sets = [looks[place : place + SET_SIZE] for place in range(0, len(looks), SET_SIZE)]
    return [look for one in sets for look in (one[1], one[0], *one[2:])]


def test_what_later_deals_do_not_confirm_gives_no_draft(market: FitMarket, report: Fitted):
    later = report["fitted_to"] * SET_SIZE
    gains = []
    for place in range(1, SET_SIZE):
        sets = [market.looks[one : one + SET_SIZE] for one in range(later, len(market.looks), SET_SIZE)]
        swapped = [look for one in sets for look in (one[place], *one[:place], *one[place + 1 :])]
        other = fitted(file(), market._replace(looks=[*market.looks[:later], *swapped]), 1)
        gain = other["out_of_sample"]["difference"]["value"]
        gains.append(gain)
        assert (other["verdict"] == "not_confirmed") is (gain <= 0)
        assert (other["draft"] is None) is (gain <= 0)
        if gain <= 0:
            break
    assert min(gains) <= 0


def test_a_kind_that_may_be_a_trace_of_deals_changes_no_figure(market: FitMarket):
    """Each deal leaves a hiring signal the evening before: fitted, it would pull at all other numbers."""
    quiet = {name: [one for one in of if one.event.kind != "hiring"] for name, of in market.arrived.items()}
    leaking = {name: [*of] for name, of in quiet.items()}
    for number, look in enumerate(market.looks[::SET_SIZE]):
        event = Event(look.account, "hiring", f"leak-{number}", look.at - DAY // 2, 1.0, {"title": "Analyst"})
        leaking[look.account].append(Arrived(event.occurred_at, event))
        leaking[look.account].sort(key=lambda one: one.now)
    clean = fitted(file(), market._replace(arrived=quiet), 1)
    found = fitted(file(), market._replace(arrived=leaking, traces={"hiring"}), 1)
    assert (found["numbers"], found["out_of_sample"]) == (clean["numbers"], clean["out_of_sample"])
    traces = [one["field"] for one in found["silent"] if "may be their traces" in one["why"]]
    assert {name.split(".")[1] for name in traces} == {"hiring"}
    assert len(traces) == 3
    assert found["summary"] == f"{clean['summary']} Signals of hiring are left out: they may be traces of deals."


def test_nothing_is_claimed_of_deals_that_went_to_accounts_by_chance():
    reports = [fitted(file(), market_of(PlantedScores(seed, wins=80, shuffled=True)), 1) for seed in (1, 2)]
    assert [one["verdict"] for one in reports] == ["no_sign", "no_sign"]
    assert [one["draft"] for one in reports] == [None, None]
    assert not [number for one in reports for number in one["numbers"] if number["claimed"]]


def test_points_that_are_all_wrong_alike_stand_beside_one_another_as_in_the_file():
    """The file's points are twice too high, so that its floor of live kinds and its caps are too low beside them."""
    points = ("strong", "weak", "pricing", "other", "job")
    true = {name: value / 2 if name in points else value for name, value in IN_FORCE.items()}
    found = fitted(file(), market_of(PlantedScores(6, true=true, log_odds=0.24)), 1)
    assert not [one for one in found["numbers"] if one["claimed"]]
    held = [one["factor"]["low"] <= 1 <= one["factor"]["high"] for one in found["numbers"]]
    assert sum(held) >= len(held) - 1


def test_the_same_seed_fits_the_same(market: FitMarket, report: Fitted):
    assert fitted(file(), market, 1)["numbers"] == report["numbers"]


def test_under_fifty_wins_nothing_is_fitted(market: FitMarket):
    with pytest.raises(TooFewWins, match=r"49 won deals could be looked at.* about 1 more is needed"):
        fitted(file(), market._replace(looks=market.looks[: 49 * SET_SIZE]), 1)


def test_a_number_that_two_fields_share_cannot_be_changed_alone(market: FitMarket):
    text = TEXT.replace("{gte: 80}}, points: 12}", "{gte: 80}}, points: &points 12}").replace(
        "{activity: pricing_view}, points: 12}", "{activity: pricing_view}, points: *points}"
    )
    assert text.count("&points 12") == text.count("*points") == 1
    with pytest.raises(DraftDiffers, match="one by one"):
        fitted(file(text), market, 1)
