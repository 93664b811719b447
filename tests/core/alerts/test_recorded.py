"""Alerts that are decided and kept but not sent: history being loaded, a change of rules (scoring.md, 4 and 5)."""

import pytest

from signal_engine.core.flow import ScoringContext, apply_new_policy
from tests.build import ACME, HAND_RAISES, T0, Story, after, event, fit, kind, policy

KINDS = (kind(half_life=60), kind("hiring", half_life=60), kind("engagement", half_life=60, rules=HAND_RAISES))
RULES = policy(*KINDS)


def recorded(story: Story) -> list[tuple[str, str | None]]:
    return [(alert.decision.type, alert.decision.recorded) for alert in story.alerts]


@pytest.mark.parametrize(
    ("signal", "type_"),
    [
        (event(points=70, backfill=True), "entered_hot"),
        (event("engagement", 5, activity="demo_request", backfill=True), "hand_raise"),
    ],
)
def test_of_history_alerts_are_decided_and_recorded_and_count_as_any_other(signal, type_):
    story = Story(RULES)
    assert story.tell(signal) == [(type_, T0)]
    assert recorded(story) == [(type_, "backfill")]
    again = signal._replace(event_id="again", backfill=False)
    assert story.tell(again, after(hours=1)) == []
    assert story.reason == ("hand_raise_recent" if type_ == "hand_raise" else "already_alerted")


def test_new_evidence_of_history_is_recorded_and_names_what_it_is_of():
    story = Story(RULES)
    story.tell(event(points=70))
    story.tell(event("hiring", 5, at=after(1), backfill=True))
    assert recorded(story) == [("entered_hot", None), ("new_evidence", "backfill")]
    assert story.tell(event("hiring", 5, at=after(2))) == []


def test_what_time_gives_before_history_is_sent():
    story = Story(policy(kind(half_life=1)))
    story.tell(event(points=90))
    story.tell(event(points=90, at=after(5), backfill=True))
    assert recorded(story) == [("entered_hot", None), ("cooled", None)]
    assert story.reason == "cooldown"


def taken_over(story: Story, rules, now: int = after(1)) -> list[tuple[str, int]]:
    """What another scoring file gives as it comes into force."""
    found = apply_new_policy(story.account, ACME, now, story.fit, ScoringContext(rules))
    assert all(alert.decision.recorded == "rules_changed" for alert in found)
    story.scoring_context = ScoringContext(rules)
    return [(alert.decision.type, alert.decision.at) for alert in found]


def test_an_account_that_other_rules_make_hot_is_hot_at_once_and_nobody_is_called():
    story = Story(RULES)
    story.tell(event(points=50))
    assert story.account.level == "warm"
    assert taken_over(story, policy(*KINDS, hot=(40, 30, 1), warm=(20, 15, 1))) == [("entered_hot", after(1))]
    assert (story.account.level, story.account.since, story.account.episode) == ("hot", after(1), 1)
    assert (story.account.alerted, story.account.last_alert_at) == (True, after(1)), "it counts for the cooldown"
    assert story.tell(event(points=5, at=after(2))) == []
    assert story.reason == "already_alerted"


def test_one_that_other_rules_make_cool_ends_its_episode():
    story = Story(RULES)
    story.tell(event(points=70))
    assert taken_over(story, policy(*KINDS, hot=(90, 80, 1), warm=(60, 55, 1))) == [("cooled", after(1))]
    assert (story.account.level, story.account.previous_level, story.account.since) == ("warm", "hot", after(1))
    assert story.account.last_alert_at == T0, "the end of an episode is no last alert"


def test_an_episode_that_never_alerted_ends_unsaid():
    story = Story(RULES, fits=False)
    story.tell(event(points=70))
    story.fit = fit()
    assert taken_over(story, policy(*KINDS, hot=(90, 80, 1), warm=(60, 55, 1))) == []
    assert story.account.level == "warm"


def test_a_hot_account_that_stays_hot_is_told_of_what_other_rules_call_live():
    story = Story(policy(*KINDS, live_floor=10))
    story.tell(event(points=70))
    story.tell(event("hiring", 5))
    assert taken_over(story, policy(*KINDS, live_floor=1)) == [("new_evidence", after(1))]
    assert (story.account.named, story.account.episode) == ({"intent", "hiring"}, 1)
    assert taken_over(story, policy(*KINDS, live_floor=1), after(2)) == []


def test_by_silence_under_other_rules_an_account_cools_and_does_not_rise_again():
    story = Story(RULES)
    story.tell(event(points=90))
    silent = policy(*KINDS, max_silence_days=3)
    story.wait(after(5))
    assert taken_over(story, silent, after(5)) == [("cooled", after(5))]
    assert story.account.level == "warm"


def test_the_cooldown_holds_under_other_rules_too_and_no_later_signal_is_needed_for_the_level():
    story = Story(RULES)
    story.account.last_alert_at, story.account.last_alert_kinds = after(-1), frozenset({"intent"})
    story.tell(event(points=50))
    assert taken_over(story, policy(*KINDS, hot=(40, 30, 1), warm=(20, 15, 1))) == []
    assert (story.account.level, story.account.alerted) == ("hot", False)
    assert story.wait(after(14)) == [("entered_hot", after(13))], "as the cooldown ends, and it is sent"


@pytest.mark.parametrize("who", [None, fit("ignore"), fit(suppressed=True), fit(relation="partner")])
def test_of_an_account_that_nobody_is_alerted_of_the_level_follows_the_rules(who):
    story = Story(RULES)
    story.tell(event(points=70))
    story.fit = who
    assert taken_over(story, policy(*KINDS, hot=(90, 80, 1), warm=(60, 55, 1))) == []
    assert story.account.level == "warm"
    assert taken_over(story, policy(*KINDS, hot=(40, 30, 1), warm=(20, 15, 1)), after(2)) == []
    assert (story.account.level, story.account.alerted) == ("hot", False)


def test_the_time_of_an_account_does_not_run_backwards_for_a_change_of_rules():
    story = Story(RULES)
    story.tell(event(points=50, at=after(3)))
    assert taken_over(story, policy(*KINDS, hot=(40, 30, 1), warm=(20, 15, 1)), after(1)) == [("entered_hot", after(3))]
    assert story.account.now == after(3)


def test_what_saved_scores_before_is_not_believed_under_other_rules():
    story = Story(RULES)
    story.tell(event(points=30))
    tighter = policy(kind(half_life=60, cap=20), *KINDS[1:], hot=(18, 16, 1), warm=(10, 9, 1))
    assert taken_over(story, tighter) == [("entered_hot", after(1))]
    assert story.account.upper_bound_stamp == tighter.stamp
    assert story.account.upper_bound <= 20
