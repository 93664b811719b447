"""States in memory: generations and garbage collection bound what they take and change no result."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.flow import ScoringContext, advance, pass_time
from signal_engine.core.score.stack import evaluate
from signal_engine.engine.backtest.states import States
from signal_engine.wire.storage.state import encode
from tests.build import DAY, T0, after, event, fit, kind, policy

RULES = policy(kind(half_life=1), kind("hiring", half_life=3))
JUDGE = ScoringContext(RULES)
NAMES = [f"{letter}.com" for letter in "abcdef"]


def signal(states: States, name: str, at: int = T0, points: float = 10.0, kind_: str = "intent") -> list:
    one = event(kind_, points, at, f"{name}{at}{kind_}", account=name)
    return advance(states.get(name), one, at, fit(account=name), JUDGE)[1]


def test_an_account_without_a_state_gets_a_new_one_which_is_kept():
    states = States(RULES)
    account = states.get("a.com")
    account.episode = 5
    assert states.get("a.com") is account
    assert states.peek("a.com") is account
    assert states.peek("b.com") is None
    assert (len(states), [name for name, _ in states.items()]) == (1, ["a.com"])


def test_accounts_that_were_not_heard_of_for_two_generations_are_stored_and_read_back_the_same():
    states = States(RULES, generation=2)
    for number, name in enumerate(NAMES):
        signal(states, name, points=number + 1.0)
    assert len(states) == 6
    assert sorted(name for name, _ in states.items()) == NAMES
    for number, name in enumerate(NAMES):
        assert states.peek(name).kinds["intent"].facets == {"crm": number + 1.0}
    assert [states.get(name).upper_bound for name in NAMES] == [1, 2, 3, 4, 5, 6]
    assert len(states) == 6


def test_changes_to_an_account_that_was_read_back_are_kept():
    states = States(RULES, generation=1)
    for _ in range(3):
        for name in NAMES[:4]:
            states.get(name).episode += 1
    assert [states.peek(name).episode for name in NAMES[:4]] == [3, 3, 3, 3]


def test_a_collection_lets_go_of_what_has_decayed_to_nothing_and_of_nothing_else():
    states = States(RULES, gc_at=3)
    signal(states, "old.com")
    signal(states, "hot.com", points=90)
    signal(states, "new.com", at=after(300))
    states.collect_garbage_if_due(after(300))
    assert sorted(name for name, _ in states.items()) == ["hot.com", "new.com"]
    assert states.peek("hot.com").episode == 1
    assert states.peek("hot.com").kinds.keys() == {"intent"}  # its level ends at an instant that is computed from them


def test_there_is_no_collection_before_there_are_enough_accounts_nor_before_they_have_doubled():
    states = States(RULES, gc_at=2)
    signal(states, "old.com")
    states.collect_garbage_if_due(after(300))
    assert len(states) == 1
    for name in NAMES[:3]:
        signal(states, name, at=after(300))
    states.collect_garbage_if_due(after(300))
    assert len(states) == 3
    for name in NAMES[3:5]:
        signal(states, name, at=after(300))
    states.collect_garbage_if_due(after(900))
    assert len(states) == 5
    signal(states, NAMES[5], at=after(900))
    states.collect_garbage_if_due(after(900))
    assert [name for name, _ in states.items()] == [NAMES[5]]


def test_after_a_collection_that_emptied_it_the_next_one_waits_for_as_many_as_the_first():
    states = States(RULES, gc_at=2)
    for name in NAMES[:2]:
        signal(states, name)
    states.collect_garbage_if_due(after(300))
    assert len(states) == 0
    signal(states, "a.com")
    states.collect_garbage_if_due(after(300))
    assert len(states) == 1


def remembered(states: States) -> dict[str, bytes]:
    """Every state without the ids that are expired: they answer nothing any more and may be let go of at any time."""
    found = dict(states.items())
    for account in found.values():
        account.ids.forget_expired(account.now, RULES.kinds)
        account.upper_bound = 0.0  # nearer where more is known than what is stored
    return {name: encode(account) for name, account in found.items()}


def test_ids_that_are_expired_go_when_a_state_is_stored():
    states = States(RULES, generation=1)
    signal(states, "a.com")
    signal(states, "a.com", at=after(7))
    assert len(states.peek("a.com").ids) == 2
    signal(states, "b.com")
    signal(states, "c.com")
    assert len(states.peek("a.com").ids) == 1


STEPS = st.lists(
    st.tuples(
        st.sampled_from(NAMES),
        st.sampled_from((0, 1, DAY // 3, 2 * DAY, 40 * DAY, 400 * DAY)),
        st.sampled_from((1.0, 30.0, 80.0)),
        st.sampled_from(("intent", "hiring")),
    ),
    max_size=25,
)


@given(STEPS)
def test_generations_change_no_result(steps):
    plain, crowded = States(RULES), States(RULES, generation=1)
    now = T0
    for name, pause, points, kind_ in steps:
        now += pause
        assert signal(plain, name, now, points, kind_) == signal(crowded, name, now, points, kind_)
    assert remembered(plain) == remembered(crowded)


@given(STEPS)
def test_collections_change_no_outcome_and_no_score(steps):
    calm = policy(kind(half_life=1, cap=15), kind("hiring", half_life=3, cap=15))  # 30 at most: always cold
    plain, collected = States(calm), States(calm, generation=2, gc_at=1)
    now = T0
    for name, pause, points, kind_ in steps:
        now += pause
        collected.collect_garbage_if_due(now)
        one = event(kind_, points, now, f"{name}{now}{kind_}", account=name)
        mine, other = plain.get(name), collected.get(name)
        assert advance(mine, one, now, None, ScoringContext(calm)) == advance(
            other, one, now, None, ScoringContext(calm)
        )
        assert evaluate(mine, now, calm).score == pytest.approx(evaluate(other, now, calm).score, abs=1e-6)


def test_a_collection_does_not_move_the_instant_at_which_a_level_ends():
    result = []
    for gc_at in (100, 1):
        rules = policy(kind(half_life=1))
        states = States(rules, gc_at=gc_at)
        advance(states.get("hot.com"), event(points=100, account="hot.com"), T0, fit(), ScoringContext(rules))
        states.collect_garbage_if_due(after(60))
        ended = pass_time(states.get("hot.com"), "hot.com", after(60), fit(), ScoringContext(rules))
        result.append([alert.decision.at for alert in ended])
    assert result[0] == result[1]
    assert len(result[0]) == 1
