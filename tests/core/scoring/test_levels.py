"""Levels with hysteresis, and the second at which one ends (scoring.md, section 4)."""

import pytest

from signal_engine.core.rules.policy import Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.kind_state import KindState
from signal_engine.core.score.levels import cools_at, fall, level_ends, rise, set_upper_bound
from signal_engine.core.score.stack import evaluate
from tests.build import DAY, HOUR, JUST_100, SECOND, T0, kind, policy

NAMES = ("intent", "hiring", "funding")
FADING = policy(kind(half_life=1))
WARM_FOR = 158_674 * SECOND
"""100 points fall below 28 after log2(100 / 28) = 1.8365012677 days = 158673.71 s."""


def steady(level: str, *caps: float, **thresholds) -> tuple[Account, Policy]:
    """An account at T0 whose kinds give exactly their caps at any time."""
    account = fading(level, *[1e30] * len(caps))
    rules = policy(*(kind(n, cap=c) for n, c in zip(NAMES, caps, strict=False)), **thresholds)
    account.upper_bound_stamp = rules.stamp
    return account, rules


def fading(level: str, *points: float, ref: int = T0, now: int = T0) -> Account:
    account = Account()
    account.now, account.level, account.upper_bound, account.weighty_at = now, level, 1e30, T0
    account.kinds = {name: KindState(ref, {"x": s}) for name, s in zip(NAMES, points, strict=False)}
    return account


@pytest.mark.parametrize(
    ("before", "caps", "thresholds", "after", "because"),
    [
        ("cold", [60], {}, "hot", "at hot.enter: straight from cold"),
        ("cold", [60], {"hot": (60.0000001, 50, 1)}, "warm", "just below hot.enter"),
        ("cold", [60], {"hot": (60, 50, 2)}, "warm", "one live kind where two are asked"),
        ("cold", [30, 30], {"hot": (60, 50, 2)}, "hot", "two live kinds where two are asked"),
        ("cold", [59.5, 0.5], {"hot": (60, 50, 2)}, "warm", "the second kind is not live"),
        ("cold", [35], {}, "warm", "at warm.enter"),
        ("cold", [35], {"warm": (35.0000001, 28, 1)}, "cold", "just below warm.enter"),
        ("cold", [35], {"warm": (35, 28, 2)}, "cold", "too few live kinds for warm"),
        ("cold", [20, 20], {"warm": (35, 28, 2)}, "warm", "enough live kinds for warm"),
        ("cold", [60], {"hot": (60, 50, 2), "warm": (35, 28, 2)}, "cold", "too few for either"),
        ("warm", [60], {}, "hot", "from warm at hot.enter"),
        ("warm", [60], {"hot": (60, 50, 2)}, "warm", "stays warm with too few kinds"),
        ("warm", [35], {}, "warm", "stays warm at warm.enter"),
        ("warm", [28], {}, "warm", "in between it stays what it was"),
        ("hot", [60], {}, "hot", "stays hot at hot.enter"),
        ("hot", [50], {}, "hot", "in between it stays what it was"),
    ],
)
def test_a_signal_may_raise_the_level(before, caps, thresholds, after, because):
    account, rules = steady(before, *caps, **thresholds)
    rise(account, NAMES[0], T0, rules)
    assert account.level == after, because
    assert account.since == (T0 if after != before else None), because
    assert account.episode == (after == "hot" != before), because


def test_nothing_is_scored_while_the_bound_says_that_no_threshold_can_be_crossed():
    for level, enter in (("cold", 35), ("warm", 60)):
        account, rules = steady(level, 10)
        account.upper_bound = enter - 0.0001
        assert rise(account, NAMES[0], T0, rules) is None
        assert account.upper_bound == enter - 0.0001
        account.upper_bound = enter
        assert rise(account, NAMES[0], T0, rules).score == 10.0
        assert account.upper_bound == 10.0


def test_the_bound_allows_for_the_highest_multiplier():
    account, rules = steady("cold", 17.5, 17.5, multipliers=(1.0, 2.0))
    account.upper_bound = 17.4
    assert rise(account, NAMES[0], T0, rules) is None
    account.upper_bound = 17.5
    assert rise(account, NAMES[0], T0, rules).score == 70.0
    assert (account.level, account.upper_bound) == ("hot", 35.0)


def test_a_bound_that_was_found_by_another_policy_says_nothing():
    account, rules = steady("cold", 60)
    account.upper_bound = 1.0
    account.upper_bound_stamp = policy(kind(NAMES[0], cap=59)).stamp
    assert rise(account, NAMES[0], T0, rules).score == 60.0
    assert (account.level, account.upper_bound_stamp) == ("hot", rules.stamp)


@pytest.mark.parametrize("changed", [{"half_life": 8}, {"cap": 61.0}, {"facet_cap": 11.0}])
def test_policies_by_which_the_same_signals_give_other_points_have_another_stamp(changed):
    assert policy(kind("intent", **changed)).stamp != policy(kind("intent")).stamp
    assert policy(kind("intent"), hot=(70, 60, 1)).stamp == policy(kind("intent")).stamp


def test_of_a_saturated_kind_only_that_kind_is_looked_at_again():
    account, rules = steady("cold", 20, 10)
    set_upper_bound(account, evaluate(account, T0, rules), rules)
    assert account.upper_bound == 30
    account.kinds[NAMES[0]].add(rules.kinds[NAMES[0]], "x", 15.0, T0)
    account.upper_bound += 15.0
    assert rise(account, NAMES[0], T0, rules) is None
    assert 30 <= account.upper_bound < 30.001
    assert [state.upper_bound for state in account.kinds.values()] == [20, 10]


def test_a_hot_account_is_always_scored():
    account, rules = steady("hot", 60)
    account.upper_bound = 0.0
    assert rise(account, NAMES[0], T0, rules).score == 60.0


@pytest.mark.parametrize(
    ("level", "now", "ended", "because"),
    [
        ("hot", DAY - 1, None, "a millisecond before"),
        ("hot", DAY, DAY, "at the very second: just 100 points are below 50"),
        ("hot", DAY + 999, DAY, "within that second"),
        ("hot", 30 * DAY, DAY, "noticed much later"),
        ("warm", WARM_FOR - 1, None, "a millisecond before"),
        ("warm", WARM_FOR, WARM_FOR, "at the first whole second below 28"),
        ("warm", 30 * DAY, WARM_FOR, "noticed much later"),
        ("cold", 30 * DAY, None, "cold never ends"),
    ],
)
def test_a_level_ends_at_the_first_whole_second_below_its_exit(level, now, ended, because):
    found = level_ends(fading(level, JUST_100), T0 + now, FADING)
    assert found == (None if ended is None else T0 + ended), because


def test_between_two_seconds_a_level_ends_at_the_next_one():
    account = fading("hot", 100, ref=T0 + 300, now=T0 + 300)  # falls below 50 at 300 ms after the second
    assert level_ends(account, T0 + DAY + 999, FADING) is None
    assert level_ends(account, T0 + DAY + SECOND, FADING) == T0 + DAY + SECOND


def test_a_level_does_not_end_while_the_score_is_exactly_its_exit():
    account, rules = steady("hot", 50)
    assert level_ends(account, T0 + DAY, rules) is None
    account, rules = steady("hot", 50, hot=(60, 50.0000001, 1))
    assert level_ends(account, T0 + DAY, rules) == T0 + SECOND


def test_a_level_ends_later_than_the_account_was_last_decided():
    account = fading("hot", 40, now=T0 + 5 * SECOND)
    assert level_ends(account, T0 + 5 * SECOND + 999, FADING) is None
    assert level_ends(account, T0 + 6 * SECOND, FADING) == T0 + 6 * SECOND
    assert level_ends(account, T0 + DAY, FADING) == T0 + 6 * SECOND
    account.now += 1
    assert level_ends(account, T0 + 6 * SECOND, FADING) == T0 + 6 * SECOND


@pytest.mark.parametrize(
    ("level", "cap", "exit_", "after"),
    [
        ("hot", 28, 28, "warm"),
        ("hot", 28, 28.0000001, "cold"),
        ("hot", 49, 28, "warm"),
        ("warm", 27, 28, "cold"),
        ("warm", 49, 28, "cold"),
    ],
)
def test_hot_falls_to_warm_or_past_it_and_warm_to_cold(level, cap, exit_, after):
    account, rules = steady(level, cap, warm=(35, exit_, 1))
    fall(account, T0 + 7, rules)
    assert (account.level, account.previous_level, account.since) == (after, level, T0 + 7)


@pytest.mark.parametrize(
    ("level", "at", "cools", "because"),
    [
        ("hot", 0, DAY, "just 100 points become less than 50 in a half-life"),
        ("hot", 12 * HOUR + 1, DAY, "the same instant, asked later and between seconds"),
        ("hot", DAY - SECOND, DAY, "a second before"),
        ("hot", DAY - 1, DAY, "a millisecond before"),
        ("hot", DAY, DAY + SECOND, "later than it is asked"),
        ("warm", 0, WARM_FOR, "by its own exit"),
        ("warm", DAY, WARM_FOR, "asked later"),
        ("cold", 0, None, "cold does not end"),
    ],
)
def test_the_end_of_a_level_is_known_beforehand_to_the_second(level, at, cools, because):
    found = cools_at(fading(level, JUST_100), T0 + at, FADING)
    assert found == (None if cools is None else T0 + cools), because


def test_an_end_in_years_is_found_to_the_second_too():
    slow = policy(kind(half_life=60))
    # 60 * log2(1e6 / 50) = 857.26274277 days = 74067500.98 s
    assert cools_at(fading("hot", 1e6), T0, slow) == T0 + 74_067_501 * SECOND


def test_a_level_that_is_about_to_end_at_its_exact_exit_does_not():
    account, rules = steady("warm", 28)
    account.kinds["hiring"] = KindState(T0, {"x": 16.0})
    rules = policy(kind(cap=28), kind("hiring", half_life=1), warm=(35, 28.5, 1))
    # 28 and what is left of 16: after five half-lives half a point, and a second later less
    assert cools_at(account, T0, rules) == T0 + 5 * DAY + SECOND


def test_a_level_lasts_while_the_score_stands_exactly_at_its_exit_and_ends_when_it_falls():
    rules = policy(kind(half_life=1 / 24, cap=28), warm=(35, 28, 1))
    account = fading("warm", 1e30)
    # its 28 points stand, to the last bit, until (28/s)**3 / 3 is 2**-53: s is 4.0e6 then, after log2(2.5e23) = 77.7 h
    assert T0 + 77 * HOUR < cools_at(account, T0, rules) < T0 + 79 * HOUR
