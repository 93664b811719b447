"""`hand_raise`: somebody asked to be called (scoring.md, section 5)."""

import pytest

from tests.build import BUYERS, DAY, HAND_RAISES, HOUR, T0, Story, after, event, fit, kind, policy, rule

RULES = policy(kind(half_life=8), kind("engagement", half_life=8, rules=HAND_RAISES))


def demo(points: float = 20, at: int = T0, event_id: str = ""):
    return event("engagement", points, at, event_id or f"demo-{at}", activity="demo_request")


@pytest.mark.parametrize(
    ("points", "level", "episode"), [(1, "cold", None), (34, "cold", None), (40, "warm", None), (80, "hot", 1)]
)
def test_a_hand_raise_is_called_whatever_the_level(points, level, episode):
    story = Story(RULES)
    assert story.tell(demo(points)) == [("hand_raise", T0)]
    assert story.reason is None
    (alert,) = story.alerts
    assert (alert.snapshot.level, alert.decision.episode, alert.threshold) == (level, episode, None)


def test_a_signal_that_asks_for_no_call_is_no_hand_raise():
    assert Story(RULES).tell(event("engagement", 20)) == []


def test_one_signal_gives_one_alert_the_hand_raise_before_the_rise_to_hot():
    story = Story(RULES)
    assert story.tell(demo(90)) == [("hand_raise", T0)]
    assert story.tell(event("engagement", 5, at=after(hours=1))) == []
    assert story.reason == "already_alerted"


def test_one_signal_gives_one_alert_the_hand_raise_before_new_evidence():
    story = Story(RULES)
    story.tell(event(points=80))
    assert story.tell(demo(at=after(hours=1))) == [("hand_raise", after(hours=1))]
    assert story.account.named == {"intent", "engagement"}
    assert story.tell(event("engagement", 5, at=after(hours=2))) == []


def test_a_hand_raise_at_hot_names_kinds_and_a_kind_it_did_not_name_is_new_evidence():
    story = Story(RULES)
    story.tell(demo(80))
    assert story.tell(event(points=5, at=after(hours=1))) == [("new_evidence", after(hours=1))]


def test_a_hand_raise_at_hot_is_the_last_alert_and_starts_a_cooldown():
    story = Story(policy(kind("engagement", half_life=1, rules=HAND_RAISES)))
    story.tell(demo(80))
    assert story.account.last_alert_at == T0
    story.wait(after(5))
    assert story.tell(event("engagement", 80, at=after(5))) == []
    assert story.reason == "cooldown"


def test_a_hand_raise_at_a_lower_level_is_not_the_last_alert_and_the_episode_that_follows_alerts():
    story = Story(RULES)
    story.tell(demo(40))
    assert (story.account.last_alert_at, story.account.named) == (None, set())
    assert story.tell(event("engagement", 40, at=after(hours=1))) == [("entered_hot", after(hours=1))]


@pytest.mark.parametrize(("later", "said"), [(24 * HOUR - 1, []), (24 * HOUR, ["hand_raise"])])
def test_at_most_one_hand_raise_is_called_in_24_hours_to_the_millisecond(later, said):
    story = Story(RULES)
    story.tell(demo(5))
    assert [type_ for type_, _ in story.tell(demo(5, at=T0 + later))] == said
    assert story.reason == (None if said else "hand_raise_recent")


def test_a_hand_raise_that_was_not_called_does_not_begin_the_pause_anew():
    story = Story(RULES)
    story.tell(demo(5))
    story.tell(demo(5, at=after(hours=23)))
    assert story.tell(demo(5, at=after(hours=24))) == [("hand_raise", after(hours=24))]


def test_a_second_hand_raise_that_makes_the_account_hot_is_called_as_entered_hot():
    story = Story(RULES)
    story.tell(demo(40))
    assert story.tell(demo(40, at=after(hours=1))) == [("entered_hot", after(hours=1))]
    assert story.reason is None


def test_a_second_hand_raise_that_brings_a_new_kind_is_called_as_new_evidence():
    story = Story(RULES)
    story.tell(demo(0.5))
    story.tell(event(points=80, at=after(hours=1)))
    assert story.tell(demo(30, at=after(hours=2))) == [("new_evidence", after(hours=2))]


def test_a_second_hand_raise_in_an_alerted_episode_says_that_the_first_is_recent():
    story = Story(RULES)
    story.tell(demo(80))
    assert story.tell(demo(10, at=after(hours=1))) == []
    assert story.reason == "hand_raise_recent"


def test_the_cooldown_does_not_hold_a_hand_raise_back():
    story = Story(RULES)
    story.account.last_alert_at, story.account.last_alert_kinds = T0 - HOUR, frozenset({"engagement"})
    assert story.tell(demo(80)) == [("hand_raise", T0)]


PEOPLE = policy(kind("engagement", half_life=8, rules=HAND_RAISES), personas=BUYERS)


def asks(title: str, hours: float, **more):
    at = after(hours=hours)
    return event("engagement", 5, at, f"{title}-{hours}", activity="demo_request", persona=title, **more)


def test_each_persona_is_called_once_in_24_hours():
    story = Story(PEOPLE)
    assert story.tell(asks("CFO", 0)) == [("hand_raise", after())]
    assert story.tell(asks("Head of IT", 1)) == [("hand_raise", after(hours=1))]
    assert story.tell(asks("Chief Financial Officer", 2)) == []
    assert story.reason == "hand_raise_recent", "one persona in two spellings"
    assert story.tell(asks("VP Finance", 24)) == [("hand_raise", after(hours=24))]
    assert [alert.decision.raised_by for alert in story.alerts] == ["finance", "it", "finance"]


def test_whoever_gives_no_title_shares_one_limit():
    story = Story(PEOPLE)
    story.tell(demo(5))
    assert story.alerts[0].decision.raised_by == "unknown"
    assert story.tell(demo(5, at=after(hours=1))) == []


def test_a_persona_that_does_not_count_has_the_rule_that_the_file_gives_it():
    students = (rule(5, persona="student"), *HAND_RAISES)
    story = Story(policy(kind("engagement", rules=students), personas=BUYERS))
    assert story.tell(asks("Student", 0)) == []
    assert story.account.hand_raise is None
    assert story.tell(asks("CFO", 1)) == [("hand_raise", after(hours=1))]


@pytest.mark.parametrize(
    ("late", "said", "because"),
    [(14 * DAY - 1, ["hand_raise"], "younger than pin_days"), (14 * DAY, [], "as old as pin_days is too old to call")],
)
def test_only_a_fresh_hand_raise_is_called(late, said, because):
    story = Story(policy(kind("engagement", half_life=8, rules=HAND_RAISES)))
    assert [type_ for type_, _ in story.tell(demo(5), T0 + late)] == said, because
    assert story.reason == (None if said else "below_threshold")
    assert bool(story.account.hand_raised) is bool(said)


def test_of_a_clock_that_is_ahead_it_counts_from_its_arrival():
    story = Story(policy(kind("engagement", half_life=8, rules=HAND_RAISES), pin_days=1))
    story.tell(demo(5, at=after(hours=1)), T0)
    assert story.account.hand_raise.at == T0


def test_a_hand_raise_pins_from_the_latest_and_history_that_is_loaded_does_not():
    story = Story(RULES)
    story.tell(demo(5, at=after(2)))
    story.tell(demo(5, at=after(1)), after(3))
    raised = story.account.hand_raise
    assert (raised.at, raised.kind, raised.persona) == (after(2), "engagement", "unknown")
    assert (raised.evidence.event_id, raised.evidence.text) == (f"demo-{after(2)}", "Someone asked for a demo")
    assert story.account.raise_applied_at == after(3)
    story.tell(demo(5, at=after(4))._replace(backfill=True))
    assert (story.account.hand_raise, story.account.raise_applied_at) == (raised, after(3))
    story.tell(event("engagement", 90, at=after(5)))
    assert story.account.hand_raise == raised, "nobody asked to be called"


def test_a_hand_raise_pins_also_where_it_is_too_weak_and_old_to_be_kept_as_evidence():
    story = Story(RULES)
    for number in range(4):
        story.tell(event("engagement", 10 + number, at=after(1), event_id=f"visit {number}"))
    story.tell(demo(1, at=T0), after(1))
    assert "demo" not in " ".join(one.event_id for one in story.account.kinds["engagement"].evidence)
    assert story.account.hand_raise.evidence.event_id == f"demo-{T0}"


def test_a_hand_raise_of_an_account_that_may_get_no_alert_is_called_when_it_may():
    story = Story(RULES, fit(suppressed=True))
    assert story.tell(demo(80)) == []
    assert (story.reason, story.account.hand_raised) == ("suppressed", {})
    story.fit = fit()
    assert story.tell(demo(5, at=after(hours=1))) == [("hand_raise", after(hours=1))]


def test_the_id_of_a_hand_raise_is_of_the_event_and_the_account_alone():
    def raised(points: float, event_id: str, at: int = T0) -> str:
        story = Story(RULES)
        story.tell(demo(points, at, event_id))
        return story.alerts[0].decision.alert_id

    assert raised(5, "e1") == raised(90, "e1", after(3))
    assert raised(5, "e1") != raised(5, "e2")
