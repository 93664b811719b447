"""Who comes first, and why somebody is not on a list (scoring.md, section 7)."""

from dataclasses import replace
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.ranking import (
    ALL,
    LEVEL_STEP,
    Candidate,
    badge,
    candidate,
    listed_by,
    may_be_listed,
    not_listed,
    order,
    place_key,
    qualifies,
)
from signal_engine.core.rules.policy import HEAT
from signal_engine.core.score.account import Account, HandRaise
from signal_engine.core.score.kind_state import Evidence
from signal_engine.core.score.stack import Score
from tests.build import ACME, DAY, T0, after, fit, fit_decision, policy

RULES = policy(size=2, min_score=20, tier_weight={"A": 1.0, "B": 0.5})
TWO = Fit(ACME, (fit_decision("ignore", 10.0, None, "a"), fit_decision("chase", 60.0, "B", "b")))


def account(level: str = "warm", raised: int | None = None) -> Account:
    one = Account()
    one.level = level
    if raised is not None:
        one.raise_hand(HandRaise(raised, "engagement", "cfo", Evidence(0.0, raised, "e", "asked", None)), raised)
    return one


def scored(raw: float, at: int = T0) -> Score:
    return Score(at, {}, frozenset(), 1.0, raw, min(100.0, raw))


def place(account: str, priority: float, fit_: float = 50, level: Any = "warm", pinned: int | None = None) -> Candidate:
    return Candidate(account, level, priority, fit_, pinned, fit_decision())


def names(candidates: list[Candidate], size: int) -> str:
    """In order, those of the first block in capitals."""
    return "".join(p.candidate.account.upper() if p.pinned else p.candidate.account for p in order(candidates, size))


@pytest.mark.parametrize(("tier", "priority"), [("A", 140.0), ("B", 70.0)])
def test_priority_is_the_raw_score_not_capped_times_the_weight_of_the_tier(tier, priority):
    decision = fit_decision("chase", 81.0, tier)
    found = candidate(ACME, account(), scored(140.0), decision, fit(), RULES)
    assert found == Candidate(ACME, "warm", priority, 81.0, None, decision)


def test_without_a_fit_score_the_place_counts_it_as_nothing():
    assert candidate(ACME, account(), scored(30.0), fit_decision("chase", None, "A"), fit(), RULES).fit == 0.0


@pytest.mark.parametrize(
    ("level", "raw", "raised", "lists", "qualified", "because"),
    [
        ("warm", 20, None, {}, True, "at min_level, at min_score"),
        ("warm", 19.999, None, {}, False, "below min_score"),
        ("cold", 90, None, {}, False, "below min_level, whatever its score"),
        ("hot", 20, None, {}, True, "above min_level"),
        ("warm", 90, None, {"min_level": "hot"}, False, "the file asks for hot"),
        ("cold", 20, None, {"min_level": "cold"}, True, "the file lists cold ones too"),
        ("cold", 0, None, {"min_level": "cold", "min_score": 0}, False, "nobody without a score"),
        ("cold", 1e-9, None, {"min_level": "cold", "min_score": 0}, True, "any score will do"),
        ("cold", 0, T0, {}, True, "a pinned account is on it at any level and score"),
        ("cold", 90, after(-14), {}, False, "its pin has ended"),
    ],
)
def test_a_level_and_a_score_or_a_pin_put_an_account_on_a_list(level, raw, raised, lists, qualified, because):
    rules = replace(RULES, lists=replace(RULES.lists, **lists))
    found = candidate(ACME, account(level, raised), scored(raw), fit_decision(), fit(), rules)
    assert (found is not None) is qualified, because
    pinned = raised == T0
    assert qualifies(level, min(100.0, raw), rules.lists, pinned=pinned) is qualified, because


def test_a_candidate_is_pinned_until_its_pin_ends_at_the_instant_of_its_score():
    raised = account("hot", T0)
    assert candidate(ACME, raised, scored(50, after(14) - 1), fit_decision(), fit(), RULES).pinned_until == after(14)
    assert candidate(ACME, raised, scored(50, after(14)), fit_decision(), fit(), RULES).pinned_until is None


@pytest.mark.parametrize(
    ("who", "decision"),
    [
        (None, fit_decision()),
        (fit(), None),
        (fit(), fit_decision("deprioritize", 50.0, "C")),
        (fit(suppressed=True), fit_decision()),
        (fit(relation="customer"), fit_decision()),
        (fit(relation="do_not_contact"), fit_decision()),
    ],
)
def test_nothing_puts_an_account_on_a_list_that_may_not_be_on_it(who, decision):
    assert candidate(ACME, account("hot", T0), scored(500), decision, who, RULES) is None
    assert may_be_listed(who, decision, RULES) is False


def test_the_order_is_by_level_then_priority_then_fit_then_account():
    ranked = [
        place("h", 10, 10, "hot"),
        place("d", 90, 10),
        place("c", 80, 70),
        place("a", 80, 60),
        place("b", 80, 60),
        place("e", 99, 99, "cold"),
    ]
    for shuffled in permutations(ranked):
        assert names(list(shuffled), 100) == "hdcabe"


def test_the_last_bits_of_a_priority_decide_no_place():
    one, other = place("a", 0.3, 60), place("b", 0.1 + 0.2, 60)
    assert other.priority > one.priority
    assert names([other, one], 10) == "ab"
    assert names([one, place("b", 0.300000002, 60)], 10) == "ba"


@pytest.mark.parametrize(
    ("size", "listed", "because"),
    [
        (10, "CBAhw", "the pinned first, the latest hand raise first, up to half of the list"),
        (6, "CBAhw", "half of six is three"),
        (5, "CBhwa", "half of five, rounded down, is two: the third stands among the others, by level and priority"),
        (2, "Chwba", "one of two"),
        (1, "hcwba", "half of one is none: all stand among the others"),
    ],
)
def test_the_pinned_stand_first_in_at_most_half_of_the_list(size, listed, because):
    ranked = [
        place("a", 5, level="cold", pinned=T0 + 1),
        place("b", 9, level="cold", pinned=T0 + 2),
        place("c", 50, level="warm", pinned=T0 + 3),
        place("h", 1, level="hot"),
        place("w", 20, level="warm"),
    ]
    for shuffled in permutations(ranked):
        assert names(list(shuffled), size) == listed, because


def test_of_hands_raised_at_once_the_order_is_that_of_the_others():
    ranked = [
        place("d", 9, level="hot", pinned=T0),
        place("c", 20, level="warm", pinned=T0),
        place("a", 10, fit_=60, level="warm", pinned=T0),
        place("b", 10, fit_=50, level="warm", pinned=T0),
    ]
    for shuffled in permutations(ranked):
        assert names(list(shuffled), 8) == "DCAB"


PLACES = st.lists(
    st.builds(
        place,
        st.text("abcdefgh", min_size=1, max_size=3),
        st.floats(0, 900),
        st.integers(0, 100),
        st.sampled_from(sorted(HEAT)),
        st.none() | st.integers(T0, T0 + 3),
    ),
    max_size=12,
    unique_by=lambda one: one.account,
)


@given(PLACES, st.integers(1, 12), st.data())
def test_an_order_holds_everybody_once_whatever_order_they_came_in(places, size, data):
    found = order(data.draw(st.permutations(places)), size)
    assert found == order(places, size)
    assert sorted(p.candidate.account for p in found) == sorted(p.account for p in places)
    block = [p.candidate for p in found if p.pinned]
    assert len(block) == min(size // 2, sum(p.pinned_until is not None for p in places))
    assert [p.pinned for p in found] == sorted((p.pinned for p in found), reverse=True)
    assert [p.pinned_until for p in block] == sorted((p.pinned_until for p in block), reverse=True)
    rest = [p.candidate for p in found if not p.pinned]
    assert [HEAT[p.level] for p in rest] == sorted((HEAT[p.level] for p in rest), reverse=True)


@given(PLACES)
def test_a_key_orders_as_level_and_priority_do(places):
    assert all(
        (one.key > other.key) == ((HEAT[one.level], one.priority) > (HEAT[other.level], other.priority))
        for one, other in permutations(places, 2)
        if abs(one.priority - other.priority) > 1e-9 or one.level != other.level
    )


def test_a_level_is_worth_more_than_any_priority():
    assert LEVEL_STEP == 1e6
    assert [place_key(level, 7) for level in ("cold", "warm", "hot")] == [7, 1_000_007, 2_000_007]
    assert place("a", 7, level="hot").key == 2_000_007
    assert place_key("warm", 0) > place_key("cold", 999_999)


@pytest.mark.parametrize(
    ("level", "pinned", "shown"),
    [
        ("hot", False, "hot"),
        ("warm", False, "warm"),
        ("cold", False, "cold"),
        ("hot", True, "inbound"),
        ("cold", True, "inbound"),
    ],
)
def test_what_is_shown_first_is_inbound_then_the_level(level, pinned, shown):
    assert badge(level, pinned=pinned) == shown


def test_a_list_sees_an_account_by_the_decision_of_its_icp_and_all_by_the_primary():
    assert ALL == "all"
    assert listed_by(TWO, "all") is TWO.decisions[1]
    assert listed_by(TWO, "a") is TWO.decisions[0]
    assert listed_by(TWO, "c") is None
    assert listed_by(None, "all") is None


@pytest.mark.parametrize(
    ("who", "name", "listed"),
    [
        (fit(), "all", True),
        (fit(), "saas", True),
        (fit(), "other", False),
        (fit(suppressed=True), "all", False),
        (fit(relation="open_opportunity"), "all", False),
        (fit(relation="former_customer"), "all", True),
        (fit("deprioritize"), "all", False),
        (fit("unknown"), "all", False),
        (fit("ignore"), "all", False),
        (None, "all", False),
        (TWO, "a", False),
        (TWO, "b", True),
    ],
)
def test_only_accounts_that_the_list_chases_and_whose_relation_is_listed_may_be_on_it(who, name, listed):
    assert may_be_listed(who, listed_by(who, name), RULES) is listed


@pytest.mark.parametrize(
    ("who", "name", "level", "score", "rank", "pinned", "reason"),
    [
        (None, "all", "hot", 90, 1, True, "not_in_accounts"),
        (fit(), "other", "hot", 90, 1, False, "not_fit"),
        (fit("ignore"), "all", "hot", 90, 1, True, "not_fit"),
        (fit("unknown"), "all", "hot", 90, 1, False, "fit_unknown"),
        (fit("deprioritize"), "saas", "hot", 90, 1, False, "deprioritized"),
        (fit("deprioritize", suppressed=True), "all", "hot", 90, 1, False, "deprioritized"),
        (fit(suppressed=True), "all", "cold", 1, None, False, "suppressed"),
        (fit(relation="customer"), "all", "hot", 90, 1, True, "relation"),
        (TWO, "a", "hot", 90, 1, False, "not_fit"),
        (fit(), "all", "cold", 90, None, False, "below_min_level"),
        (fit(), "all", "cold", 1, None, False, "below_min_level"),
        (fit(), "all", "warm", 19.999, None, False, "below_min_score"),
        (fit(), "all", "warm", 0, None, False, "below_min_score"),
        (fit(), "all", "cold", 0, 1, True, None),
        (fit(), "all", "cold", 0, 3, True, "below_cut"),
        (fit(), "all", "warm", 20, 2, False, None),
        (fit(), "all", "warm", 20, 3, False, "below_cut"),
        (fit(), "all", "warm", 20, None, False, "below_cut"),
        (TWO, "b", "warm", 20, 1, False, None),
    ],
)
def test_who_is_not_on_a_list_is_told_why(who, name, level, score, rank, pinned, reason):
    assert not_listed(who, name, level, score, rank, RULES, pinned=pinned) == reason


def test_a_pin_lasts_as_long_as_the_file_says():
    short = policy(pin_days=0.5)
    assert candidate(ACME, account("cold", T0), scored(1, T0 + DAY // 2 - 1), fit_decision(), fit(), short) is not None
    assert candidate(ACME, account("cold", T0), scored(1, T0 + DAY // 2), fit_decision(), fit(), short) is None
