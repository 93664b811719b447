"""Deals as the engine saw their accounts coming: why not, for how long, and scores on the way."""

import pytest

from signal_engine.core.rules.policy import Levels
from signal_engine.engine.validation.controls import matched
from signal_engine.engine.validation.curves import score_paths
from signal_engine.engine.validation.deals import Deal, free_since
from signal_engine.engine.validation.deals_seen import SeenDeal, effect_of_accounts_with, lead_time, seen_deals
from tests.build import DAY, T0, policy
from tests.engine.validation.test_calls import NOTHING_KNOWN, deal, market


def test_deals_are_seen_coming_or_it_is_said_why_not():
    panel = market(ranked=[[0], [0], [], []])
    panel.hot[0, 1] = True
    panel.score[1, 1], panel.score[2, 1] = 12.5, 70
    panel.live[2, 1] = 1
    rules = policy(hot=(60, 50, 2))
    assert isinstance(rules.levels, Levels)
    deals = [deal(f"a{number}.com", 10) for number in range(4)] + [deal("stranger.com", 10)]
    seen = seen_deals(panel, deals, {"a0.com": [T0 + 4 * DAY]}, NOTHING_KNOWN, rules, 1, free_since(deals))
    assert [one.lead_days for one in seen] == [6.0, None, None, None, None]
    assert [one.in_top for one in seen] == [True, False, False, False, False]
    assert [one.why_not for one in seen] == [
        None,
        "its highest score was 12.5; hot begins at 60",
        "1 kind live at most; hot needs 2",
        "no signal of weight in the cycle before",
        "it is not in the accounts file, so its fit is unknown",
    ]


def test_a_deal_of_who_was_in_another_one_or_a_customer_is_no_miss_of_the_score():
    """The signals of customers are cut, so that their scores say nothing of a further deal."""
    panel = market(accounts=3, weeks=8)
    panel.hot[0, 1] = True
    further = [deal("a0.com", 20), deal("a1.com", 20)]
    free = free_since([deal("a0.com", 10), *further])
    assert free.keys() == {deal("a0.com", 10), further[1]}
    hot = {"a0.com": [T0 + 4 * DAY]}
    seen = seen_deals(panel, further, hot, NOTHING_KNOWN, policy(), 1, free)
    assert [(one.fits, one.lead_days) for one in seen] == [(False, None), (True, None)]
    assert seen[0].why_not == "in another deal, or a customer, when this one began"
    assert seen[1].why_not == "no signal of weight in the cycle before"


def test_who_could_not_be_listed_the_whole_cycle_before_is_not_said_to_have_been_silent():
    panel = market()
    panel.candidate[0, :] = False
    deals = [deal("a0.com", 20)]
    (seen,) = seen_deals(panel, deals, {}, NOTHING_KNOWN, policy(), 1, free_since(deals))
    assert "on no Monday of the cycle before could it be listed" in seen.why_not


def test_paths_leave_out_mondays_on_which_an_account_could_not_be_called():
    """Scores fall while an account is in a deal, since its signals are cut; who is kept off has none noted."""
    panel = market(accounts=8)
    panel.score[:] = 30.0
    panel.score[0, :2], panel.candidate[0, :2] = 0.0, False
    panel.candidate[1, :] = False
    won = [deal("a0.com", 22), deal("a1.com", 22)]
    (path, _, controls) = score_paths(panel, won, [], matched(panel, won[:1], 1))
    assert path["accounts"] == 1
    assert [(one["weeks_before"], one["mean"]) for one in path["points"]] == [(2, 30.0), (1, 30.0)]
    assert controls["accounts"] == 4


def test_a_spell_between_two_mondays_counts_and_one_from_before_the_cycle_from_its_start():
    panel = market()
    deals = [deal("a0.com", 6), deal("a1.com", 20)]
    free = free_since(deals)
    between, before = seen_deals(panel, deals, {"a0.com": [T0 + 2 * DAY]}, NOTHING_KNOWN, policy(), 1, free)
    assert between.lead_days == 4
    assert before.lead_days is None
    panel.hot[1, 1:] = True
    (before,) = seen_deals(panel, deals[1:], {"a1.com": [T0 - 90 * DAY]}, NOTHING_KNOWN, policy(), 1, free)
    assert before.lead_days == 110


def test_a_spell_that_led_to_a_lost_deal_is_none_of_the_next_one():
    """Called in January, lost in February, back in March: the engine saw the first deal coming, not the second."""
    panel = market(weeks=8, cycle=60)
    panel.hot[0, :3] = True
    lost = Deal("a0.com", T0 + 10 * DAY, True, T0 + 17 * DAY, "lost", None, None, 0, True)
    deals = [lost, deal("a0.com", 40)]
    hot = {"a0.com": [T0 - 2 * DAY]}
    first, second = seen_deals(panel, deals, hot, NOTHING_KNOWN, policy(), 1, free_since(deals))
    assert (first.lead_days, second.lead_days) == (12, None)
    panel.hot[0, 3] = True  # it still was on the first Monday after the loss, day 21
    (_, second) = seen_deals(panel, deals, hot, NOTHING_KNOWN, policy(), 1, free_since(deals))
    assert second.lead_days == 23


def test_lead_times_have_quartiles_and_a_median_with_its_interval():
    panel = market(accounts=20)
    deals = [deal(f"a{number}.com", 12) for number in range(20)]
    hot = {f"a{number}.com": [T0 + 12 * DAY - (number + 1) * DAY // 2] for number in range(20)}
    quartiles, median = lead_time(seen_deals(panel, deals, hot, NOTHING_KNOWN, policy(), 1, free_since(deals)), 1)
    assert quartiles == pytest.approx([2.875, 5.25, 7.625])
    assert median.low < 5.25 < median.high
    assert lead_time([], 1) == ([], None)
    nine = seen_deals(panel, deals[:9], hot, NOTHING_KNOWN, policy(), 1, free_since(deals))
    assert lead_time(nine, 1) == ([], None), "nine tell no median"


def test_twenty_deals_of_three_accounts_are_no_twenty_trials():
    deals = [deal(f"a{number % 3}.com", 10 + number / 100) for number in range(21)]
    hot = [T0 + 9 * DAY if one.account == "a0.com" else None for one in deals]
    seen = [SeenDeal(one, True, False, at, 0.0, None) for one, at in zip(deals, hot, strict=True)]
    assert effect_of_accounts_with(seen, [at is not None for at in hot]) == pytest.approx(7)
    quartiles, median = lead_time([one for one in seen if one.hot_since is not None] * 2, 1)
    assert quartiles
    assert median is None, "fourteen deals, and one account"
