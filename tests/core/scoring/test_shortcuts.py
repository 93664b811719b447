"""Most signals pass without a score. Each way to save it says what the whole decision would have said."""

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core import flow
from signal_engine.core.alerting import alerts
from signal_engine.core.flow import ScoringContext, advance, pass_time
from signal_engine.core.rules.instants import BEGINNING
from signal_engine.core.score.account import Account
from signal_engine.core.score.levels import (
    cools_at,
    holds_until,
    is_below,
    is_silent,
    level_ends,
    rise,
    set_upper_bound,
)
from signal_engine.core.score.stack import evaluate
from signal_engine.wire.storage.state import decode, encode
from tests.build import ACME, BUYERS, DAY, SECOND, T0, Story, after, event, kind, policy
from tests.core.histories import FIT, apply, journeys, lived

NEVER_SHORT = {"nothing_new": lambda *_: None}


def without_shortcuts(account: Account) -> None:
    """Nothing is known of the account by which a score could be saved."""
    account.upper_bound_stamp, account.holds_until = -1, BEGINNING


def comparable(account: Account) -> bytes:
    """The state but for what only saves scores."""
    account = decode(encode(account))
    account.upper_bound = account.upper_bound_stamp = 0
    return encode(account)


@given(journeys(), st.integers(0, 60 * DAY))
def test_a_history_is_decided_as_it_would_be_without_any_of_them(journey, wait):
    rules, history = journey
    short, whole, scoring_context = Account(), Account(), ScoringContext(rules)
    for now, signal in history:
        said = advance(short, signal, now, FIT, scoring_context)
        without_shortcuts(whole)
        with patch.multiple(alerts, **NEVER_SHORT):
            assert advance(whole, signal, now, FIT, scoring_context) == said
        assert comparable(short) == comparable(whole)
    end = short.now + wait if history else T0
    without_shortcuts(whole)
    assert pass_time(short, ACME, end, FIT, scoring_context) == pass_time(whole, ACME, end, FIT, scoring_context)
    assert comparable(short) == comparable(whole)


@given(journeys())
def test_that_there_is_nothing_new_is_what_the_whole_decision_says(journey):
    rules, history = journey
    account, asked = Account(), []
    real = alerts.nothing_new

    def noted(*arguments):
        answer = real(*arguments)
        if answer is not None:
            before = decode(encode(account))
            score = evaluate(before, arguments[3], rules)
            asked.append((answer, alerts.hot_alert(before, ACME, arguments[3], score, rules)))
        return answer

    with patch.object(flow.alerts, "nothing_new", noted):
        for now, signal in history:
            apply(account, rules, signal, now)
    assert all(short == whole for short, whole in asked)


@given(journeys(), st.lists(st.integers(0, 30 * DAY), max_size=3))
def test_a_bound_is_never_below_the_points_that_it_bounds(journey, waits):
    rules, history = journey
    account = Account()
    for now, signal in history:
        apply(account, rules, signal, now)
        for wait in (0, *waits):
            score = evaluate(account, account.now + wait, rules)
            if account.upper_bound_stamp == rules.stamp:
                assert account.upper_bound >= sum(score.kinds.values()) * (1 - 1e-12)
                known = [(name, s.upper_bound) for name, s in account.kinds.items() if s.upper_bound is not None]
                assert all(bound >= score.kinds[name] * (1 - 1e-12) for name, bound in known)
            limit = rules.no_rise_below[account.level][len(account.kinds)]
            if is_below(account, limit, rules):
                threshold = rules.levels.warm.enter if account.level == "cold" else rules.levels.hot.enter
                assert score.score < threshold


@given(journeys())
def test_until_the_instant_to_which_a_level_holds_it_does(journey):
    rules, history = journey
    account = lived(rules, history)
    if account.level == "cold":
        return
    end = level_ends(account, account.now + SECOND, rules)
    if end is not None or account.holds_until == BEGINNING:
        return
    limit = rules.levels.hot.exit if account.level == "hot" else rules.levels.warm.exit
    last = account.holds_until - 1
    assert evaluate(account, last, rules).score >= limit
    assert account.level != "hot" or not is_silent(account, last - last % SECOND, rules)


@pytest.mark.parametrize(
    "points",
    [(2.0, 17.2, 19.9, 0.9), (7.3, 6.1, 19.7, 6.9), (9.2, 7.7, 18.2, 4.9)],
)
def test_a_threshold_that_is_reached_exactly_is_not_missed_for_the_order_of_a_sum(points):
    """Summed as they come they are 39.99999999999999, kind by kind 40."""
    assert sum(points) < 40
    story = Story(policy(kind(), kind("hiring"), hot=(40, 30, 1), warm=(20, 15, 1)))
    for number, (name, value) in enumerate(zip(("intent", "hiring") * 2, points, strict=True)):
        story.tell(event(name, value, event_id=f"e{number}", topic=f"{number}", department=f"{number}"))
    assert evaluate(story.account, T0, story.scoring_context.policy).score == 40
    assert story.account.level == "hot"


def hot_by_three_people() -> Story:
    """Alerted as finance and it came; a group of three is not there yet."""
    rules = policy(
        kind("engagement", half_life=30),
        kind(half_life=30),
        group=(3, 5),
        personas=BUYERS,
        hot=(30, 20, 1),
        warm=(9, 8, 1),
    )
    story = Story(rules)
    for title in ("CFO", "CIO"):
        story.tell(event("engagement", 20, event_id=title, persona=title))
    assert (story.account.level, story.account.alerted) == ("hot", True)
    return story


@pytest.mark.parametrize(
    ("signal", "answer", "because"),
    [
        (event("engagement", 1, persona="CFO"), "already_alerted", "a persona that was named, a group that cannot be"),
        (event("engagement", 9, persona="CRO"), None, "a persona that was not named"),
        (event("engagement", 9, persona="intern"), None, "three facets: there may be a buying group"),
        (event("intent", 9), None, "a kind that was not named"),
    ],
)
def test_what_a_signal_can_bring_is_told_by_its_kind_and_persona(signal, answer, because):
    story = hot_by_three_people()
    with patch.object(flow.alerts, "nothing_new", wraps=alerts.nothing_new) as asked:
        story.tell(signal, after(0.1))
    assert asked.call_count == 1
    persona = story.scoring_context.policy.personas.name_of(signal.fields.get("persona"))
    kind_ = signal.kind if signal.kind != "intent" else "hiring"
    if signal.kind == "engagement":
        fresh = hot_by_three_people()
        fresh.account.kinds["engagement"].facets[persona] = 1.0
        assert alerts.nothing_new(fresh.account, kind_, persona, after(0.1), fresh.scoring_context.policy) == answer, (
            because
        )
    else:
        assert alerts.nothing_new(story.account, kind_, persona, after(0.1), story.scoring_context.policy) is None, (
            because
        )


def test_a_buying_group_that_was_named_is_not_looked_for_again():
    story = hot_by_three_people()
    story.tell(event("engagement", 20, persona="CRO"))
    assert "buying_group" in story.account.named
    rules = story.scoring_context.policy
    assert alerts.nothing_new(story.account, "engagement", "finance", after(0.1), rules) == "already_alerted"
    assert alerts.nothing_new(story.account, "engagement", "student", after(0.1), rules) == "already_alerted"


def test_a_multiplier_is_not_taken_to_hold_for_longer_than_the_buying_group_does():
    """Three people of 14 points each, 13.26 saturated: below 13 each after a good day, and the score halves."""
    rules = policy(
        kind("engagement", half_life=30, facet_cap=25), multipliers=(1.0, 2.0), group=(3, 13), hot=(60, 50, 2)
    )
    story = Story(rules)
    for title in ("cfo", "cio", "cro"):
        story.tell(event("engagement", 14, event_id=title, persona=title))
    score = evaluate(story.account, T0, rules)
    assert (story.account.level, score.multiplier) == ("hot", 2.0)
    ends = cools_at(story.account, T0, rules)
    assert evaluate(story.account, ends, rules).multiplier == 1.0
    assert T0 < holds_until(story.account, score, 50, rules) <= ends < after(1.1)
    assert story.wait(after(10)) == [("cooled", ends)]


def test_a_score_that_was_computed_tightens_what_is_known():
    rules = policy(kind(cap=20), kind("hiring", cap=10))
    account = Account()
    apply(account, rules, event(points=1000), T0)
    score = evaluate(account, T0, rules)
    set_upper_bound(account, score, rules)
    assert account.upper_bound == score.score < 20
    assert rise(account, "intent", T0, rules) is None
