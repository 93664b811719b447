"""Silence: without a signal of weight for long enough nothing is hot (scoring.md, section 4)."""

import pytest

from signal_engine.core.score.account import Account
from signal_engine.core.score.kind_state import KindState
from signal_engine.core.score.levels import cools_at, fall, is_silent, level_ends, roll_down, roll_up
from signal_engine.core.score.stack import evaluate
from tests.build import SECOND, T0, Story, after, event, kind, policy

RULES = policy(kind(half_life=60), max_silence_days=21)
NEVER = policy(kind(half_life=60))


def hot(weighty_at: int | None = T0, points: float = 80) -> Account:
    account = Account()
    account.now, account.level, account.weighty_at = T0, "hot", weighty_at
    account.kinds = {"intent": KindState(T0, {"x": points})}
    return account


@pytest.mark.parametrize(
    ("weighty_at", "at", "silent", "because"),
    [
        (T0, after(21) - 1, False, "a millisecond before"),
        (T0, after(21), True, "21 days are over"),
        (None, T0, True, "no signal of weight at all"),
    ],
)
def test_an_account_is_silent_so_long_after_its_last_signal_of_weight(weighty_at, at, silent, because):
    assert is_silent(hot(weighty_at), at, RULES) is silent, because


def test_without_a_limit_only_an_account_without_any_signal_of_weight_is_silent():
    assert is_silent(hot(), after(9999), NEVER) is False
    assert is_silent(hot(None), T0, NEVER) is True


@pytest.mark.parametrize(
    ("points", "at", "weighty_at", "because"),
    [
        (80, T0, T0, "a signal of weight"),
        (1.0, T0, T0, "exactly the floor is weight"),
        (0.999, T0, None, "less is none"),
    ],
)
def test_weight_is_as_many_points_as_make_a_kind_live(points, at, weighty_at, because):
    story = Story(RULES)
    story.tell(event(points=points, at=at))
    assert story.account.weighty_at == weighty_at, because


def test_silence_is_since_the_latest_signal_of_weight_whatever_came_last_and_however_late():
    story = Story(RULES)
    story.tell(event(points=5, at=after(2)))
    story.tell(event(points=5, at=after(1)), after(3))
    story.tell(event(points=0.5, at=after(4)))
    assert story.account.weighty_at == after(2)
    story.tell(event(points=5, at=after(9)), after(5))
    assert story.account.weighty_at == after(5), "of a clock that is ahead it counts from its arrival"


def test_many_small_signals_do_not_make_an_account_hot_and_one_of_weight_does():
    story = Story(policy(kind(half_life=60), live_floor=5, hot=(40, 32, 1), warm=(20, 15, 1)))
    for number in range(20):
        story.tell(event(points=4.5, at=after(seconds=number)))
    assert (story.account.level, story.reason) == ("warm", "silence")
    assert story.tell(event(points=5, at=after(seconds=30))) == [("entered_hot", after(seconds=30))]


def test_a_late_signal_of_weight_counts_from_when_it_happened():
    story = Story(RULES)
    assert story.tell(event(points=100, at=after(-21)), T0) == []
    assert (story.account.level, story.reason) == ("warm", "silence")
    story = Story(RULES)
    assert story.tell(event(points=100, at=after(-21) + 1), T0) == [("entered_hot", T0)]


@pytest.mark.parametrize(
    ("weighty_at", "now", "ended", "because"),
    [
        (T0, after(21) - 1, None, "a millisecond before"),
        (T0, after(21), after(21), "as it has been silent for 21 days"),
        (T0, after(60), after(21), "noticed much later"),
        (T0 + 1, after(21), None, "between two seconds: not yet"),
        (T0 + 1, after(21) + SECOND, after(21) + SECOND, "at the next whole second"),
        (after(-30), after(1), T0 + SECOND, "silent for long already: at the next whole second"),
    ],
)
def test_a_hot_level_ends_by_silence_at_a_whole_second(weighty_at, now, ended, because):
    assert level_ends(hot(weighty_at), now, RULES) == ended, because


def test_what_comes_first_ends_the_level():
    # 80 points of half-life 60 are 50 after 60 * log2(1.6) = 40.68 days
    assert level_ends(hot(T0), after(100), RULES) == after(21)
    assert cools_at(hot(T0), T0, RULES) == after(21)
    late = hot(after(30))
    late.now = after(30)
    by_score = 3_515_125 * SECOND  # 40.684314 days, rounded up to the second
    assert cools_at(late, after(30), RULES) == T0 + by_score
    assert level_ends(late, after(100), RULES) == T0 + by_score


def test_warm_does_not_end_by_silence():
    account = hot()
    account.level = "warm"
    # below 28 after 60 * log2(80 / 28) = 90.874 days
    assert cools_at(account, T0, RULES) == cools_at(account, T0, NEVER) > after(90)
    assert level_ends(account, after(90), RULES) is None


def test_a_level_that_silence_ends_is_known_beforehand_also_when_asked_late():
    assert cools_at(hot(), after(20.5), RULES) == after(21)
    assert cools_at(hot(after(-30)), T0 + 1, RULES) == T0 + SECOND


def test_silence_takes_a_hot_account_to_warm_or_past_it():
    for points, level in ((80, "warm"), (30, "cold")):
        account = hot(points=points)
        fall(account, after(21), policy(kind(half_life=60), warm=(35, 28, 1), max_silence_days=21))
        assert account.level == level, "80 points are 62.7 by then, 30 are 23.5"


def test_a_signal_without_weight_does_not_prolong_a_hot_level_and_one_of_weight_does():
    for points, ends in ((0.5, after(21)), (5, after(31))):
        story = Story(policy(kind(half_life=600), max_silence_days=21))
        story.tell(event(points=90))
        story.tell(event(points=points, at=after(10)))
        story.wait(after(20))
        assert story.account.level == "hot"
        assert story.wait(after(40)) == [("cooled", ends)]


def test_after_silence_the_account_is_hot_again_with_the_next_signal_of_weight():
    story = Story(policy(kind(half_life=600), kind("hiring", half_life=600), max_silence_days=21))
    story.tell(event(points=90))
    story.wait(after(22))
    assert story.account.level == "warm"
    assert story.tell(event(points=0.5, at=after(22))) == []
    assert story.reason == "silence"
    assert story.tell(event("hiring", 5, at=after(23))) == [("entered_hot", after(23))]
    assert story.account.episode == 2


def test_rolling_up_asks_for_silence_at_the_instant_of_the_score():
    account = hot()
    account.level = "warm"
    roll_up(account, evaluate(account, after(21), RULES), RULES)
    assert account.level == "warm"
    roll_up(account, evaluate(account, after(21) - 1, RULES), RULES)
    assert account.level == "hot"


@pytest.mark.parametrize(
    ("level", "points", "weighty_at", "now_is", "was_hot", "because"),
    [
        ("hot", 80, T0, "hot", False, "still above its exit"),
        ("hot", 49, T0, "warm", True, "below hot.exit"),
        ("hot", 27, T0, "cold", True, "below both exits: past warm"),
        ("hot", 80, after(-21), "warm", True, "silent for 21 days"),
        ("hot", 80, None, "warm", True, "never a signal of weight"),
        ("warm", 28, after(-99), "warm", False, "silence is nothing to warm"),
        ("warm", 27, T0, "cold", False, "below warm.exit"),
        ("cold", 80, T0, "cold", False, "cold falls no further"),
    ],
)
def test_under_another_scoring_file_the_level_rolls_down_at_once(level, points, weighty_at, now_is, was_hot, because):
    account = hot(weighty_at, points)
    account.level, account.holds_until = level, after(9)
    assert roll_down(account, T0, RULES) is was_hot, because
    assert account.level == now_is, because
    assert account.holds_until < T0, "what was known of the level's end was by the file before"
    assert account.since == (None if now_is == level else T0)


def test_a_level_is_not_looked_at_before_the_instant_until_which_it_holds():
    account = hot()
    assert level_ends(account, after(1), RULES) is None
    # 80 points are 50 after 40.68 days; 0.999 of what is left of that at the first day is beyond silence
    assert account.holds_until == after(21)
    account.kinds.clear()
    assert level_ends(account, after(21) - 1, RULES) is None, "nobody looked"
    assert level_ends(account, after(21), RULES) is not None
