"""`trigger`: an event that is a reason to call by itself (scoring.md, section 5)."""

import pytest

from tests.build import DAY, HAND_RAISES, T0, TRIGGERS, Story, after, event, fit, kind, policy, rule

LEADERSHIP = kind("leadership", half_life=60, rules=TRIGGERS)
RULES = policy(kind(half_life=60), LEADERSHIP)


def joins(points: float = 5, at: int = T0, **more):
    return event("leadership", points, at, f"joins-{at}", change="joined", **more)


@pytest.mark.parametrize(("points", "level", "episode"), [(1, "cold", None), (40, "warm", None)])
def test_a_trigger_is_called_whatever_the_level(points, level, episode):
    story = Story(RULES)
    assert story.tell(joins(points)) == [("trigger", T0)]
    (alert,) = story.alerts
    assert (alert.snapshot.level, alert.decision.episode, alert.threshold) == (level, episode, None)
    assert alert.decision.raised_by is None
    assert (story.reason, story.account.last_alert_at, story.account.last_trigger_at) == (None, None, T0)


def test_an_event_whose_rule_says_nothing_is_no_trigger():
    assert Story(RULES).tell(event("leadership", 5, change="promoted")) == []


def test_one_signal_gives_one_alert_the_rise_to_hot_before_the_trigger():
    story = Story(RULES)
    assert story.tell(joins(80)) == [("entered_hot", T0)]
    assert story.account.last_trigger_at is None, "it was not given as a trigger and uses no limit"
    assert story.tell(joins(5, at=after(1))) == [("trigger", after(1))]


def test_one_signal_gives_one_alert_the_trigger_before_new_evidence():
    story = Story(RULES)
    story.tell(event(points=80))
    assert story.tell(joins(5, at=after(1))) == [("trigger", after(1))]
    assert (story.alerts[-1].decision.episode, story.account.named) == (1, {"intent", "leadership"})
    assert story.account.last_alert_at == after(1), "at hot it is an alert of the episode like any other"
    assert story.tell(event("leadership", 5, at=after(2), change="left")) == []
    assert story.reason == "already_alerted"


def test_one_signal_gives_one_alert_the_hand_raise_before_the_trigger():
    both = (rule(100, act_now=True, trigger=True),)
    story = Story(policy(kind("engagement", half_life=60, rules=both)))
    assert story.tell(event("engagement", 5)) == [("hand_raise", T0)]
    assert story.account.last_trigger_at is None
    assert story.tell(event("engagement", 5, at=after(hours=1))) == [("trigger", after(hours=1))]
    assert story.tell(event("engagement", 5, at=after(hours=2))) == []
    assert story.reason == "hand_raise_recent"


@pytest.mark.parametrize(("later", "said"), [(14 * DAY - 1, []), (14 * DAY, ["trigger"])])
def test_an_account_has_at_most_one_trigger_in_14_days_to_the_millisecond(later, said):
    story = Story(policy(LEADERSHIP, kind("funding", half_life=60, rules=(rule(100, trigger=True),))))
    story.tell(joins())
    assert [type_ for type_, _ in story.tell(event("funding", 5, at=T0 + later))] == said, "whatever its kind"
    assert story.reason == (None if said else "trigger_recent")


def test_a_trigger_that_was_not_called_does_not_begin_the_limit_anew():
    story = Story(RULES)
    for days, said in ((0, 1), (13, 0), (14, 1)):
        assert len(story.tell(joins(at=after(days)))) == said


def test_a_trigger_that_a_limit_holds_back_may_be_new_evidence():
    story = Story(RULES)
    story.tell(joins(0.5))
    story.tell(event(points=80, at=after(1)))
    assert story.tell(joins(5, at=after(2))) == [("new_evidence", after(2))]


def test_a_trigger_that_brings_nothing_new_says_that_the_last_one_is_recent():
    story = Story(RULES)
    story.tell(event(points=80))
    story.tell(joins(5, at=after(1)))
    assert story.tell(joins(5, at=after(2))) == []
    assert story.reason == "trigger_recent"


def test_the_cooldown_does_not_hold_a_trigger_back_and_a_trigger_at_hot_begins_one():
    rules = policy(kind("leadership", half_life=1, rules=TRIGGERS))
    story = Story(rules)
    story.account.last_alert_at, story.account.last_alert_kinds = T0 - DAY, frozenset({"leadership"})
    assert story.tell(joins(90)) == [("trigger", T0)]
    assert (story.account.alerted, story.account.last_alert_at) == (True, T0)


@pytest.mark.parametrize(("late", "said"), [(14 * DAY - 1, ["trigger"]), (14 * DAY, [])])
def test_only_a_fresh_trigger_is_called(late, said):
    story = Story(RULES)
    assert [type_ for type_, _ in story.tell(joins(), T0 + late)] == said
    assert story.reason == (None if said else "below_threshold")


def test_how_long_a_trigger_is_fresh_is_how_long_it_limits():
    story = Story(policy(LEADERSHIP, trigger_days=2))
    assert story.tell(joins(), after(2)) == []
    assert story.tell(joins(at=after(3))) == [("trigger", after(3))]
    assert story.tell(joins(at=after(5))) == [("trigger", after(5))]
    assert Story(policy(LEADERSHIP, trigger_days=0)).tell(joins()) == [], "no days are no triggers"


@pytest.mark.parametrize("who", [None, fit("ignore"), fit(suppressed=True), fit(relation="partner")])
def test_an_account_of_which_nobody_is_alerted_uses_no_limit(who):
    story = Story(RULES, who, fits=who is not None)
    assert story.tell(joins(80)) == []
    assert story.account.last_trigger_at is None


def test_the_id_is_of_account_kind_and_event_alone():
    def called(points: float, event_id: str, at: int = T0, kind_: str = "leadership") -> str:
        story = Story(policy(LEADERSHIP, kind("funding", rules=(rule(100, trigger=True),))))
        story.tell(event(kind_, points, at, event_id))
        return story.alerts[0].decision.alert_id

    assert called(5, "e1") == called(40, "e1", after(3))
    assert called(5, "e1") != called(5, "e2")
    assert called(5, "e1") != called(5, "e1", kind_="funding")


def test_a_hand_raise_and_a_trigger_of_one_event_id_have_different_ids():
    raised = Story(policy(kind("engagement", rules=HAND_RAISES)))
    raised.tell(event("engagement", 5, event_id="e1", activity="demo_request"))
    triggered = Story(policy(kind("engagement", rules=(rule(100, trigger=True),))))
    triggered.tell(event("engagement", 5, event_id="e1"))
    assert raised.alerts[0].decision.alert_id != triggered.alerts[0].decision.alert_id
