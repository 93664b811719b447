"""Calls, lifts, recall and lead time on a market that can be worked out by hand."""

import numpy as np
import pytest

from signal_engine.engine.validation.calls import alert_calls, hits, lift_over_any, lift_over_tier, weekly_calls
from signal_engine.engine.validation.controls import Exposure, exposure, matched
from signal_engine.engine.validation.curves import calibration
from signal_engine.engine.validation.deals import Deal, free_since
from signal_engine.engine.validation.deals_seen import seen_deals
from signal_engine.engine.validation.documents import calls_found
from signal_engine.engine.validation.kinds import KindExposure
from signal_engine.engine.validation.known_then import KnownThen
from signal_engine.engine.validation.mondays import Called
from signal_engine.engine.validation.panel import Panel
from signal_engine.engine.validation.statistics.intervals import Interval, jeffreys
from signal_engine.engine.validation.verdict import Wins, judged
from tests.build import DAY, T0, fit, policy

WEEK = 7 * DAY
NOTHING_KNOWN = KnownThen({}, (), 0, 0)


def market(accounts=8, weeks=4, ranked=(), cycle=14):
    names = [f"a{number}.com" for number in range(accounts)]
    shape = accounts, weeks
    flags = [np.zeros(shape, bool) for _ in range(3)]
    return Panel(
        names,
        {name: number for number, name in enumerate(names)},
        [fit(account=name) for name in names],
        np.array([T0 + week * WEEK for week in range(weeks)], np.int64),
        np.full(accounts, cycle * DAY, np.int64),
        np.zeros(shape),
        flags[0],
        np.zeros(shape, np.uint16),
        [list(rows) for rows in ranked] or [[] for _ in range(weeks)],
        np.ones(shape, bool),
        np.ones(shape, bool),
        flags[1],
        flags[2],
    )


def deal(account, day, result="won"):
    return Deal(account, T0 + round(day * DAY), True, T0 + 300 * DAY, result, None, None, 0, True)


def test_an_account_that_stays_on_top_is_called_once_a_cycle():
    panel = market(ranked=[[0, 1], [0, 1], [0, 2], [0, 1]])
    calls = weekly_calls(panel, 1)
    assert [*zip(calls.account.tolist(), calls.monday.tolist(), strict=True)] == [(0, 0), (0, 2)]
    assert weekly_calls(panel, 2).total == 5


def test_who_is_in_a_deal_leaves_its_place_to_the_next():
    panel = market(ranked=[[0, 1], [], [], []])
    panel.candidate[0, 0] = False
    assert weekly_calls(panel, 1).account.tolist() == [1]


def test_calls_whose_cycle_is_not_over_are_no_trials():
    panel = market(ranked=[[0], [1], [2], [3]])
    panel.at_risk[:, 2:] = False
    assert weekly_calls(panel, 1).account.tolist() == [0, 1]


def test_alerts_are_calls_at_the_monday_before():
    panel = market()
    alerts = [Called("a3.com", T0 + 8 * DAY, "entered_hot"), Called("stranger.com", T0 + DAY, "trigger")]
    calls = alert_calls(panel, alerts)
    assert (calls.account.tolist(), calls.monday.tolist()) == ([3], [1])


def test_the_lift_is_precision_over_the_rate_of_all_at_the_same_dates():
    panel = market(accounts=40, ranked=[range(10), range(10, 20), [], []])
    panel.opened[[0, 1, 2, 3, 4, 20, 21, 22, 23, 24], 0] = True  # 10 of 40 on the first Monday, 5 of 10 calls
    panel.opened[10:20, 1] = True  # 10 of 40 on the second, 10 of 10 calls
    calls = weekly_calls(panel, 10)
    assert hits(calls, panel.opened) == 15
    found = lift_over_any(panel, calls, panel.opened, 1)
    assert found.chance == pytest.approx(0.25)
    assert found.lift.value == pytest.approx((15 / 20) / 0.25)
    assert found.lift.low <= found.lift.value <= found.lift.high


def test_tier_alone_fills_the_places_from_the_best_tier_down():
    panel = market(ranked=[[0, 1, 2, 3], [], [], []])
    panel.opened[[0, 4, 5], 0] = True
    # Tier 0 has a0 and a1, of which one hits; the other two places go to six accounts, of which two hit.
    found = lift_over_tier(panel, weekly_calls(panel, 4), panel.opened, 4, [0, 0, 1, 1, 1, 1, 1, 1], 1)
    assert found.chance == pytest.approx((1 + 2 * 2 / 6) / 4)


@pytest.mark.parametrize(("hit", "low", "high"), [(0, 0.0, 0.1027), (1, 0.0047, 0.1858)])
def test_few_hits_leave_a_lift_as_open_as_their_rate(hit, low, high):
    panel = market(accounts=1000, ranked=[range(23), [], [], []])
    panel.opened[23 - hit : 31, 0] = True
    found = lift_over_any(panel, weekly_calls(panel, 23), panel.opened, 1)
    chance = (8 + hit) / 1000
    assert found.chance == pytest.approx(chance)
    assert found.lift == pytest.approx((hit / 23 / chance, low / chance, high / chance), rel=0.01)


def test_many_hits_of_two_accounts_are_no_surer_than_two_accounts():
    panel = market(accounts=100, weeks=20, ranked=[range(50)] * 20, cycle=7)
    panel.opened[:2] = panel.opened[90:] = True  # 40 of 1,000 calls hit, all of two accounts of fifty
    calls = weekly_calls(panel, 50)
    assert (hits(calls, panel.opened), calls.total) == (40, 1000)
    found = lift_over_any(panel, calls, panel.opened, 1).lift
    rate = jeffreys(2, 50)
    assert (found.low, found.high) == pytest.approx((rate.low / 0.12, rate.high / 0.12), rel=0.1)


def test_no_hit_in_few_calls_is_no_sign_of_anything():
    panel = market(accounts=1000, ranked=[range(23), [], [], []])
    panel.opened[23:31, 0] = True
    calls = weekly_calls(panel, 23)
    found = calls_found(panel, calls, 23, lift_over_any(panel, calls, panel.opened, 1), None)
    told = judged(Wins(60, 60), found, [], frozenset())
    assert told.verdict == "cannot_tell_yet"
    assert "0 of 23 calls" in told.summary
    assert "between 0.0 and 12.8" in told.summary


def test_no_calls_have_no_lift():
    assert lift_over_any(market(), weekly_calls(market(), 5), market().opened, 1) is None


def test_controls_fit_at_the_same_date_and_open_no_deal():
    panel = market(accounts=9)
    panel.opened[[1, 2], 1] = True
    panel.at_risk[3, 1] = False
    found = matched(panel, [deal("a0.com", 9), deal("stranger.com", 9)], 5)
    assert (found.case.tolist(), found.monday.tolist(), found.unmatched) == ([0], [1], 1)
    assert len(set(found.control[0])) == 4
    assert set(found.control[0]) <= {0, 4, 5, 6, 7, 8} - {1, 2, 3}


def test_one_account_on_one_monday_is_one_control():
    found = matched(market(accounts=20), [deal(f"a{number}.com", 9) for number in range(4)], 1)
    assert len(set(found.control.ravel().tolist())) == 16


def test_the_exposure_counts_cases_and_controls():
    panel = market(accounts=40, weeks=2)
    there = np.zeros((40, 2), bool)
    there[:10, 0] = True
    cases = [deal(f"a{number}.com", 3) for number in range(5)]
    for case in cases:
        panel.opened[panel.number[case.account], 0] = True
    found = exposure(matched(panel, cases, 1), there, 1)
    assert (found.cases, found.cases_with, found.controls) == (5, 5, 20)
    assert found.lift.value == pytest.approx((5.5 / 6) / ((found.controls_with + 0.5) / 21))


def test_what_no_control_has_is_not_said_to_be_so_many_times_as_frequent_for_sure():
    """Of resamples of controls that never have it, each has none, as if there could be none."""
    panel = market(accounts=160, weeks=2)
    there = np.zeros((160, 2), bool)
    there[:3, 0] = True
    cases = [deal(f"a{number}.com", 3) for number in range(30)]
    for case in cases:
        panel.opened[panel.number[case.account], 0] = True
    found = exposure(matched(panel, cases, 1), there, 1)
    assert (found.cases_with, found.controls_with) == (3, 0)
    assert found.lift.value == pytest.approx(3.5 / 31 / (0.5 / 121))
    assert (found.lift.low, found.lift.high) == pytest.approx((1.45, 515.0), rel=0.01)


def test_an_account_that_won_twice_is_one_case():
    found = matched(market(accounts=20), [deal("a0.com", 9), deal("a0.com", 10), deal("a1.com", 9)], 1)
    assert (found.case.tolist(), found.unmatched) == ([0, 1], 1)


def test_an_account_that_is_a_control_on_ten_mondays_is_no_ten_accounts():
    """Of few accounts each is a control often; what one always has does not come ten times as sure."""
    panel = market(accounts=14, weeks=12)
    there = np.zeros((14, 12), bool)
    there[10:12] = True
    cases = [deal(f"a{number}.com", 7 * number + 2) for number in range(10)]
    found = exposure(matched(panel, cases, 1), there, 1)
    assert found.control_effect > 2
    assert found.p_value == 1, "the cases have it not at all"


def test_a_place_among_the_first_is_that_of_who_can_be_called():
    panel = market(ranked=[[0, 1], [], [], []])
    panel.candidate[0, 0] = False
    deals = [deal(f"a{number}.com", 10) for number in range(2)]
    assert [one.in_top for one in seen_deals(panel, deals, {}, NOTHING_KNOWN, policy(), 1, free_since(deals))] == [
        False,
        True,
    ]
    assert weekly_calls(panel, 1).account.tolist() == [1]


def test_too_few_calls_tell_nothing_however_many_wins_there_are():
    none = {"hits": 0, "trials": 3, "rate": None, "low": None, "high": None}
    calls = {"k": 5, "calls": 3, "opened": none, "won": none, "chance": 0.1, "lift": None}
    told = judged(Wins(500, 500), {**calls, "tier_chance": None, "tier_lift": None}, [], frozenset())
    assert told.verdict == "cannot_tell_yet"
    assert "3 calls" in told.summary


@pytest.mark.parametrize(
    ("low", "high", "verdict"), [(0.0, 118.0, "cannot_tell_yet"), (0.7, 1.5, "no_sign"), (0.7, 2.1, "cannot_tell_yet")]
)
def test_no_sign_is_said_only_where_a_large_lift_is_ruled_out(low, high, verdict):
    rate = {"hits": 1, "trials": 72, "rate": 1 / 72, "low": 0.001, "high": 0.06}
    lift = {"value": 1.1, "low": low, "high": high}
    calls = {"k": 5, "calls": 72, "opened": rate, "won": rate, "chance": 0.0004, "lift": lift}
    told = judged(Wins(60, 60), {**calls, "tier_chance": None, "tier_lift": None}, [], frozenset())
    assert told.verdict == verdict
    assert "0.04%" in told.summary
    assert f"between {low:.1f} and {high:.1f}" in told.summary


def test_wins_without_controls_are_said_beside_the_wins():
    calls = {"k": 5, "calls": 0}
    told = judged(Wins(80, 45), calls, [], frozenset())
    assert told.summary == (
        "Cannot tell yet: 80 wins, 45 of them with controls to compare with (the others did not fit, were in a deal or "
        "customers already, or had too few); at least 5 more are needed."
    )
    assert judged(Wins(1, 1), calls, [], frozenset()).summary == "Cannot tell yet: 1 win; at least 49 more are needed."


def test_no_size_of_a_signal_is_made_of_fewer_than_ten_wins():
    strong = [KindExposure("intent", Exposure(n, n, 4 * n, n, Interval(3.6, 2.0, 9.0))) for n in (3, 12)]
    assert "of the size of" not in judged(Wins(3, 3), {}, strong[:1], frozenset()).summary
    assert "of the size of" in judged(Wins(12, 12), {}, strong[1:], frozenset()).summary
    assert "of the size of" not in judged(Wins(12, 12), {}, strong[1:], frozenset(), {"intent"}).summary


def test_a_step_of_scores_at_which_nobody_had_a_deal_is_not_said_to_have_none_for_sure():
    panel = market(accounts=40)
    (step, *_) = calibration(panel, 1)
    assert step["opened"]["value"] == 0
    assert 0.02 < step["opened"]["high"] < 0.1, "40 accounts, however many weeks each"
    panel.opened[:3, 0] = True
    (step, *_) = calibration(panel, 1)
    assert step["opened"]["low"] < step["opened"]["value"] == pytest.approx(3 / 160, abs=1e-4)
