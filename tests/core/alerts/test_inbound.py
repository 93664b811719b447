"""`inbound`: a hand raise of an account of which no rep may be alerted (scoring.md, section 5)."""

import pytest

from signal_engine.core.rules.policy import RelationPolicy
from tests.build import BUYERS, DAY, HAND_RAISES, T0, Story, after, event, fit, kind, policy

RULES = policy(kind("engagement", half_life=60, rules=HAND_RAISES), personas=BUYERS)


def demo(points: float = 5, at: int = T0, title: str = "CFO", **more):
    return event("engagement", points, at, f"{title}-{at}", activity="demo_request", persona=title, **more)


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (None, "not_in_accounts"),
        (fit("ignore", None, None), "not_fit"),
        (fit("unknown", None, None), "fit_unknown"),
        (fit("deprioritize", 50, "C"), "deprioritized"),
        (fit(relation="partner"), "relation"),
    ],
)
def test_who_asks_to_be_called_where_no_rep_may_be_alerted_is_told_to_triage_with_the_reason(who, reason):
    story = Story(RULES, who, fits=who is not None)
    assert story.tell(demo(80)) == [("inbound", T0)]
    (alert,) = story.alerts
    assert (alert.audience, alert.not_for_reps, alert.fit, story.reason) == ("triage", reason, who, reason)
    assert (alert.decision.episode, alert.decision.raised_by, alert.threshold) == (None, "finance", None)
    assert (alert.why_now.text, alert.why_now.at) == ("CFO asked for a demo", T0)
    assert (story.account.level, story.account.episode) == ("hot", 1), "level and episode run on"
    assert (story.account.last_alert_at, story.account.alerted, story.account.named) == (None, False, set())


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (fit(relation="do_not_contact"), "relation"),
        (fit(relation="competitor"), "relation"),
        (fit(relation="own"), "relation"),
        (fit(suppressed=True), "suppressed"),
        (fit("ignore", suppressed=True), "not_fit"),
        (fit("unknown", relation="own"), "fit_unknown"),
    ],
)
def test_some_are_never_told_of(who, reason):
    story = Story(RULES, who)
    assert story.tell(demo()) == []
    assert (story.reason, story.account.hand_raised) == (reason, {})


def test_a_relation_that_is_alerted_gets_a_hand_raise_for_its_owner():
    story = Story(RULES, fit(relation="customer"))
    assert story.tell(demo()) == [("hand_raise", T0)]
    assert (story.alerts[0].audience, story.alerts[0].not_for_reps) == ("owner", None)
    nobody = policy(*RULES.kinds.values(), relations={"prospect": RelationPolicy(True, "sdr")})
    assert Story(nobody, fit(relation="customer")).tell(demo()) == [("inbound", T0)]


def test_it_has_the_limit_of_a_hand_raise_and_the_same_book():
    story = Story(RULES, fits=False)
    assert story.tell(demo()) == [("inbound", T0)]
    assert story.tell(demo(at=after(hours=23))) == []
    assert story.reason == "not_in_accounts"
    assert story.tell(demo(at=after(hours=23), title="CIO")) == [("inbound", after(hours=23))]
    story.fit = fit()
    assert story.tell(demo(at=after(hours=23.5))) == []
    assert story.reason == "hand_raise_recent"
    assert story.tell(demo(at=after(hours=24))) == [("hand_raise", after(hours=24))]


@pytest.mark.parametrize(("late", "said"), [(14 * DAY - 1, ["inbound"]), (14 * DAY, [])])
def test_only_a_fresh_one_is_told(late, said):
    story = Story(RULES, fits=False)
    assert [type_ for type_, _ in story.tell(demo(), T0 + late)] == said


def test_no_other_signal_is_inbound():
    assert Story(RULES, fits=False).tell(event("engagement", 90)) == []


def test_history_that_is_loaded_is_recorded():
    story = Story(RULES, fits=False)
    assert story.tell(demo(backfill=True)) == [("inbound", T0)]
    assert story.alerts[0].decision.recorded == "backfill"
    assert story.tell(demo(at=after(hours=1))) == [], "and uses the limit"
