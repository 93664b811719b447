"""`entered_hot` and `new_evidence`, told signal by signal (scoring.md, section 5)."""

import pytest

from tests.build import ACME, JUST_100, SECOND, Story, after, event, kind, policy

KINDS = (kind(half_life=8), kind("hiring", half_life=8), kind("funding", half_life=8))
RULES = policy(*KINDS)


def called(days_ago: float, *kinds: str, seconds: int = 0, rules=RULES) -> Story:
    """A cold account whose last alert, naming `kinds`, lies so long before T0."""
    story = Story(rules)
    story.account.last_alert_at = after(-days_ago, seconds=-seconds)
    story.account.last_alert_kinds = frozenset(kinds)
    return story


def test_an_account_that_becomes_hot_is_called_at_once():
    story = Story(RULES)
    assert story.tell(event(points=59)) == []
    assert story.reason == "below_threshold"
    assert story.tell(event(points=11, at=after(seconds=1))) == [("entered_hot", after(seconds=1))]
    assert story.reason is None
    (alert,) = story.alerts
    assert (alert.decision.episode, alert.snapshot.level, alert.snapshot.score.live) == (1, "hot", {"intent"})


def test_too_few_kinds_is_the_reason_when_only_they_are_missing():
    story = Story(policy(*KINDS, hot=(60, 50, 2)))
    assert story.tell(event(points=70)) == []
    assert story.reason == "too_few_kinds"
    assert story.tell(event("hiring", 2, at=after(seconds=1))) == [("entered_hot", after(seconds=1))]


def test_a_kind_already_named_gives_no_second_alert_in_the_episode():
    story = Story(RULES)
    story.tell(event(points=70))
    assert story.tell(event(points=20, at=after(1))) == []
    assert story.reason == "already_alerted"


def test_the_cooldown_holds_back_the_next_episode():
    story = called(1, "intent")
    assert story.tell(event(points=90)) == []
    assert (story.reason, story.account.level, story.account.episode) == ("cooldown", "hot", 1)
    assert story.tell(event(points=10, at=after(1))) == []
    assert story.reason == "cooldown"


def test_an_alert_held_back_is_given_at_the_instant_the_cooldown_ends_with_that_date():
    story = called(11, "intent")
    story.tell(event(points=90))
    assert story.wait(after(3) - 1) == []
    assert story.wait(after(3)) == [("entered_hot", after(3))]
    assert story.account.last_alert_at == after(3)


def test_it_has_that_date_also_when_it_is_noticed_later_and_names_what_was_live_then():
    rules = policy(kind(half_life=8), kind("hiring", half_life=0.5))
    story = called(11, "intent", "hiring", rules=rules)
    story.tell(event(points=80))
    story.tell(event("hiring", 100))  # 100 * 2**-6 at 3 days: live; at 4 days it is not
    assert story.wait(after(4)) == [("entered_hot", after(3))]
    (alert,) = story.alerts
    assert alert.snapshot.score.live == {"intent", "hiring"}
    assert alert.snapshot.score.at == after(3)
    assert (story.account.named, story.account.last_alert_kinds) == ({"intent", "hiring"}, {"intent", "hiring"})


def test_the_next_signal_finds_an_alert_that_fell_due_before_it_and_one_of_its_own():
    story = called(11, "intent")
    story.tell(event(points=90))
    due = story.tell(event("hiring", 50, at=after(4)))
    assert due == [("entered_hot", after(3)), ("new_evidence", after(4))]
    assert story.alerts[0].snapshot.score.live == {"intent"}


def test_a_signal_at_the_instant_the_cooldown_ends_finds_the_alert_given():
    story = called(11, "intent")
    story.tell(event(points=90))
    assert story.tell(event(points=5, at=after(3))) == [("entered_hot", after(3))]
    assert story.reason == "already_alerted"


def test_an_account_that_becomes_hot_at_the_instant_the_cooldown_ends_is_called():
    assert called(14, "intent").tell(event(points=90)) == [("entered_hot", after())]
    assert called(14, "intent", seconds=-1).tell(event(points=90)) == []


def test_it_is_not_given_when_the_level_ended_before_the_cooldown():
    story = called(1, "intent")
    story.tell(event(points=100))  # below 50 after 8 days, the cooldown ends after 13
    assert story.wait(after(60)) == []
    assert (story.account.level, story.account.alerted) == ("cold", False)


def test_it_is_not_given_when_the_level_ended_at_the_instant_the_cooldown_ends():
    story = called(6, "intent")
    story.tell(event(points=JUST_100))  # below 50 at 8 days, as the cooldown ends
    assert story.wait(after(60)) == []


def test_it_is_given_when_the_cooldown_ends_a_second_before_the_level():
    story = called(6, "intent", seconds=1)
    story.tell(event(points=JUST_100))
    assert story.wait(after(60)) == [("entered_hot", after(8) - SECOND), ("cooled", after(8))]


def test_nobody_is_called_when_a_cooldown_ends_for_an_account_that_does_not_fit():
    story = called(11, "intent")
    story.tell(event(points=90))
    story.fit = None
    assert story.wait(after(4)) == []
    assert story.account.last_alert_at == after(-11)


def test_a_kind_the_last_alert_did_not_name_breaks_the_cooldown():
    story = called(1, "intent")
    assert story.tell(event("hiring", 90)) == [("entered_hot", after())]


def test_a_new_kind_breaks_the_cooldown_later_in_the_episode_too():
    story = called(1, "intent")
    story.tell(event(points=90))
    assert story.tell(event("hiring", 0.9, at=after(1))) == []
    assert story.reason == "cooldown"
    assert story.tell(event("hiring", 0.9, at=after(1, seconds=1))) == [("entered_hot", after(1, seconds=1))]
    assert story.account.named == {"intent", "hiring"}


def test_a_cooldown_of_nothing_holds_nothing_back():
    story = Story(policy(*KINDS, cooldown_days=0))
    story.tell(event(points=100))
    story.wait(after(20))
    assert story.tell(event(points=90, at=after(20))) == [("entered_hot", after(20))]
    assert story.account.episode == 2


def test_a_kind_that_becomes_live_in_an_alerted_episode_is_new_evidence_once():
    story = Story(RULES)
    story.tell(event(points=80))
    assert story.tell(event("hiring", 0.9, at=after(seconds=1))) == []
    assert story.reason == "already_alerted"
    assert story.tell(event("hiring", 0.9, at=after(seconds=2))) == [("new_evidence", after(seconds=2))]
    assert story.tell(event("hiring", 30, at=after(seconds=3))) == []
    assert story.tell(event("funding", 30, at=after(seconds=4))) == [("new_evidence", after(seconds=4))]
    assert [alert.decision.episode for alert in story.alerts] == [1, 1, 1]


def test_a_kind_that_was_named_and_faded_is_not_new_when_it_comes_back():
    story = Story(policy(kind(half_life=30), kind("hiring", half_life=1)))
    story.tell(event(points=95))
    story.tell(event("hiring", 4))
    assert story.tell(event("hiring", 4, at=after(10))) == []
    assert story.reason == "already_alerted"


def test_new_evidence_is_the_last_alert_for_the_cooldown():
    story = Story(RULES)
    story.tell(event(points=95))
    story.tell(event("hiring", 30, at=after(2)))
    assert (story.account.last_alert_at, story.account.last_alert_kinds) == (after(2), {"intent", "hiring"})


def test_a_new_episode_starts_with_no_kind_named():
    story = Story(policy(kind(half_life=1), kind("hiring", half_life=1), cooldown_days=3))
    story.tell(event(points=70))
    story.tell(event("hiring", 30))
    assert story.wait(after(10))[-1][0] == "cooled"
    assert story.tell(event(points=90, at=after(10))) == [("entered_hot", after(10))]
    assert story.account.named == {"intent"}
    assert story.tell(event("hiring", 30, at=after(10))) == [("new_evidence", after(10))]
    assert [(alert.decision.type, alert.decision.episode) for alert in story.alerts] == [
        ("entered_hot", 1),
        ("new_evidence", 1),
        ("cooled", 1),
        ("entered_hot", 2),
        ("new_evidence", 2),
    ]


def test_ids_of_alerts_are_different_and_the_same_story_has_the_same_ids():
    def ids():
        story = Story(policy(kind(half_life=1), kind("hiring", half_life=1), cooldown_days=3))
        for start in (0, 10):
            story.tell(event(points=70, at=after(start)))
            story.tell(event("hiring", 30, at=after(start)))
            story.wait(after(start + 9))
        return [alert.decision.alert_id for alert in story.alerts]

    assert len(set(ids())) == 6
    assert ids() == ids()


@pytest.mark.parametrize("account", [ACME, "other.com"])
def test_an_alert_is_of_the_account_the_event_names(account):
    story = Story(RULES)
    story.tell(event(points=70, account=account))
    assert story.alerts[0].snapshot.account == account
