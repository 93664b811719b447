"""Where an account stands at one instant: all that lists, alerts and explanations show of it."""

from dataclasses import replace

import pytest

from signal_engine.core.flow import ScoringContext, pass_time
from signal_engine.core.rules.policy import Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.snapshot import PersonSeen, people, pin, take_snapshot
from signal_engine.core.score.stack import evaluate
from tests.build import ACME, BUYERS, HAND_RAISES, SECOND, T0, Story, after, event, kind, policy

RULES = policy(
    kind(half_life=1),
    kind("hiring", half_life=2),
    kind("engagement", half_life=4, rules=HAND_RAISES),
    personas=BUYERS,
)


def account_after(*events, now: int = T0, rules: Policy = RULES) -> Account:
    story = Story(rules)
    for one in events:
        story.tell(one, now)
    return story.account


def demo(at: int = T0, points: float = 5):
    return event("engagement", points, at, f"demo-{at}", activity="demo_request", persona="CFO")


def test_a_standing_shows_all_there_is_at_its_instant():
    account = account_after(
        event(points=8, event_id="e1"),
        event(points=80, event_id="e2"),
        event("hiring", 16, event_id="h1"),
        event("engagement", 1, event_id="x", persona="CIO"),
        event("engagement", 2, event_id="y", persona="Gardener"),
        event("engagement", 3, at=after(0.5), event_id="z", persona=" VP Finance "),
        now=after(0.5),
    )
    account.ids.evicted = 7
    at = after(1)
    shown = take_snapshot(ACME, account, at, RULES)
    assert (shown.account, shown.score) == (ACME, evaluate(account, at, RULES))
    assert (shown.level, shown.previous_level, shown.since) == ("hot", "cold", after(0.5))
    assert (shown.last_signal_at, shown.ids_evicted) == (after(0.5), 7)
    assert list(shown.evidence) == list(shown.worth) == ["intent", "hiring", "engagement"]
    points = [(e.kind, e.evidence.event_id, e.points) for e in (*shown.evidence["intent"], *shown.evidence["hiring"])]
    assert points == [
        ("intent", "e2", pytest.approx(40)),
        ("intent", "e1", pytest.approx(4)),
        ("hiring", "h1", pytest.approx(16 * 2**-0.5)),
    ]
    assert shown.worth["intent"] == pytest.approx(44)
    assert shown.worth["engagement"] == pytest.approx(3 * 2**-0.25 + 3 * 2**-0.125)
    assert shown.personas_live == {"finance"}
    assert (shown.pinned, shown.pinned_until, shown.hand_raised_at) == (False, None, None)
    assert shown.why_now.text == "Researching crm (intent 85)"


def test_people_are_shown_newest_first_with_what_they_were_called():
    account = account_after(
        event("engagement", 1, event_id="x", persona="Head of IT"),
        event("engagement", 1, event_id="y", persona="Gardener"),
        event("engagement", 1, at=after(1), event_id="z", persona=" VP Finance "),
        event("engagement", 1, event_id="n"),
        now=after(1),
    )
    assert people(account) == take_snapshot(ACME, account, after(1), RULES).people
    assert people(account) == (
        PersonSeen("finance", "VP Finance", after(1)),
        PersonSeen("it", "Head of IT", T0),
        PersonSeen("other", "Gardener", T0),
    )


def test_the_newest_signal_is_shown_last_where_it_is_none_of_the_strongest():
    slow, late = policy(kind(half_life=1000)), after(hours=4)
    visits = (event(points=10 - n, event_id=f"e{n}", at=after(hours=n)) for n in range(5))
    shown = take_snapshot(ACME, account_after(*visits, now=late, rules=slow), late, slow).evidence["intent"]
    assert [one.evidence.event_id for one in shown] == ["e0", "e1", "e2", "e4"]


def test_it_shows_when_the_level_ends():
    account = account_after(event(points=100))
    assert take_snapshot(ACME, account, T0, RULES).cools_at == after(1, seconds=1), "at one day it is exactly its exit"
    assert take_snapshot(ACME, account_after(event(points=5)), T0, RULES).cools_at is None


def test_a_standing_of_an_account_without_signals_is_blank():
    blank = take_snapshot(ACME, Account(), T0, RULES)
    assert (blank.level, blank.since, blank.evidence, blank.people, blank.score.score) == ("cold", None, {}, (), 0.0)
    assert (blank.why_now, blank.pinned, blank.worth, blank.personas_live) == (None, False, {}, frozenset())


def test_a_score_that_is_known_is_not_computed_again():
    account = account_after(event(points=80))
    score = evaluate(account, T0, RULES)._replace(raw=1.0)
    assert take_snapshot(ACME, account, T0, RULES, score=score).score is score


def test_a_kind_that_left_the_policy_is_not_shown():
    account = account_after(event(points=80), event("hiring", 16))
    assert list(take_snapshot(ACME, account, T0, policy(kind("hiring"))).evidence) == ["hiring"]


@pytest.mark.parametrize(
    ("at", "pinned", "because"),
    [
        (after(2), True, "as the hand was raised"),
        (after(16) - 1, True, "a millisecond before 14 days are over"),
        (after(16), False, "14 days after"),
    ],
)
def test_an_account_is_pinned_for_pin_days_after_its_hand_raise(at, pinned, because):
    account = account_after(demo(at=after(2)), now=after(2))
    assert pin(account, at, RULES) == (after(16) if pinned else None), because
    shown = take_snapshot(ACME, account, at, RULES)
    assert (shown.pinned, shown.pinned_until) == (pinned, after(16) if pinned else None)
    assert shown.hand_raised_at == (after(2) if pinned else None)


def test_a_pinned_account_tells_of_the_hand_raise_and_any_other_of_its_strongest_signal():
    account = account_after(demo(), event(points=80))
    pinned = take_snapshot(ACME, account, T0, RULES)
    assert (pinned.why_now.text, pinned.why_now.at) == ("CFO asked for a demo", T0)
    account.answered_at = T0 + 1
    answered = take_snapshot(ACME, account, T0 + 1, RULES)
    assert (answered.pinned, answered.hand_raised_at) == (False, None)
    assert answered.why_now.text == "Researching crm (intent 85)"


def test_a_hand_raise_of_a_kind_that_left_the_policy_still_pins_and_is_told():
    account = account_after(demo(), event(points=80))
    shown = take_snapshot(ACME, account, T0, policy(kind(half_life=1)))
    assert (shown.pinned, shown.why_now.text) == (True, "CFO asked for a demo")


def test_no_pin_days_are_no_pin():
    rules = replace(RULES, lists=replace(RULES.lists, pin_days=0))
    assert pin(account_after(demo(), rules=rules), T0, rules) is None


def test_the_end_of_a_level_is_not_looked_for_again_while_the_level_is_the_same(monkeypatch):
    account = account_after(event(points=80))
    first = take_snapshot(ACME, account, T0, RULES)
    with monkeypatch.context() as patched:
        patched.setattr("signal_engine.core.score.snapshot.cools_at", lambda *_: 1 / 0)
        later = take_snapshot(ACME, account, T0 + 2 * SECOND, RULES, first)
    assert later == take_snapshot(ACME, account, T0 + 2 * SECOND, RULES)
    pass_time(account, ACME, first.cools_at, None, ScoringContext(RULES))
    assert account.level != first.level
    assert take_snapshot(ACME, account, account.now, RULES, first) == take_snapshot(ACME, account, account.now, RULES)
