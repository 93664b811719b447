"""`cooled`: an episode that had alerted is over (scoring.md, section 5)."""

import pytest

from tests.build import JUST_100, SECOND, T0, Story, after, event, fit, kind, policy

RULES = policy(kind(half_life=1), kind("hiring", half_life=1))


def alerted() -> Story:
    """Hot since T0 with just 100 points: below 50 after a day, below 28 after 1.8365 days."""
    story = Story(RULES)
    story.tell(event(points=JUST_100))
    return story


def test_an_alerted_episode_that_ends_is_told_at_the_second_at_which_it_ended():
    story = alerted()
    assert story.wait(after(1) - 1) == []
    assert story.wait(after(1)) == [("cooled", after(1))]
    call, snapshot = story.alerts[-1].decision, story.alerts[-1].snapshot
    assert (call.episode, snapshot.level, snapshot.previous_level, snapshot.since) == (1, "warm", "hot", after(1))
    assert story.alerts[-1].threshold == 50


@pytest.mark.parametrize("days", [1.5, 3, 400])
def test_it_has_the_date_at_which_it_ended_also_when_noticed_much_later(days):
    story = alerted()
    assert story.wait(after(days)) == [("cooled", after(1))]
    assert story.alerts[-1].snapshot.level == "warm"
    assert story.account.now == after(days)


def test_the_signal_that_comes_after_the_end_finds_it_told_and_begins_a_new_episode():
    story = alerted()
    assert story.tell(event("hiring", 80, at=after(2))) == [("cooled", after(1)), ("entered_hot", after(2))]
    assert [alert.decision.episode for alert in story.alerts] == [1, 1, 2]


def test_a_signal_at_the_very_end_comes_too_late_for_the_episode():
    story = alerted()
    assert story.tell(event("hiring", 80, at=after(1))) == [("cooled", after(1)), ("entered_hot", after(1))]
    assert story.account.episode == 2


def test_a_signal_just_before_the_end_prolongs_the_episode():
    story = alerted()
    story.tell(event(points=50, at=after(1) - SECOND))
    assert story.wait(after(1)) == []
    assert story.account.level == "hot"
    assert story.wait(after(3)) == [("cooled", after(2))]


def test_the_level_falls_on_from_warm_to_cold_without_an_alert():
    story = alerted()
    story.wait(after(1))
    assert story.wait(T0 + 158_673 * SECOND) == []
    assert story.account.level == "warm"
    assert story.wait(T0 + 158_674 * SECOND) == []
    assert (story.account.level, story.account.previous_level) == ("cold", "warm")
    assert story.account.since == T0 + 158_674 * SECOND


def test_one_long_wait_passes_all_levels_each_at_its_own_instant():
    story = alerted()
    story.wait(after(400))
    assert (story.account.level, story.account.since) == ("cold", T0 + 158_674 * SECOND)


def test_an_episode_that_never_alerted_ends_in_silence():
    story = Story(RULES)
    story.account.last_alert_at, story.account.last_alert_kinds = T0, frozenset({"intent"})
    story.tell(event(points=100))
    assert story.wait(after(3)) == []
    assert story.account.level == "cold"


def test_a_warm_account_that_gets_cold_after_an_alerted_episode_is_not_told_again():
    story = alerted()
    story.wait(after(1))
    assert (story.account.level, story.account.alerted) == ("warm", True)
    assert story.wait(after(9)) == []


def test_the_end_of_an_episode_is_not_the_last_alert():
    story = alerted()
    story.wait(after(3))
    assert story.account.last_alert_at == T0


@pytest.mark.parametrize("who", [None, fit("ignore"), fit(suppressed=True)])
def test_an_account_that_fits_no_more_is_not_told_but_its_level_falls(who):
    story = alerted()
    story.fit = who
    assert story.wait(after(1)) == []
    assert (story.account.level, story.account.since) == ("warm", after(1))


def test_an_account_that_falls_past_warm_gets_cold_at_once():
    story = Story(policy(kind(half_life=1), warm=(59, 50, 1), hot=(60, 50, 1)))
    story.tell(event(points=JUST_100))
    assert story.wait(after(2)) == [("cooled", after(1))]
    assert (story.account.level, story.account.previous_level, story.account.since) == ("cold", "hot", after(1))


def test_the_ids_of_two_ends_differ_and_do_not_depend_on_when_they_are_noticed():
    soon, late = alerted(), alerted()
    soon.wait(after(1))
    late.wait(after(200))
    assert soon.alerts[-1].decision == late.alerts[-1].decision
    soon.tell(event(points=100, at=after(30)))
    soon.wait(after(40))
    assert soon.alerts[-1].decision.type == "cooled"
    assert soon.alerts[-1].decision.alert_id != late.alerts[-1].decision.alert_id


def test_it_ends_a_second_later_where_the_score_is_exactly_its_exit_at_the_second():
    story = Story(RULES)
    story.tell(event(points=100))
    assert story.wait(after(1, seconds=1)) == [("cooled", after(1, seconds=1))]
