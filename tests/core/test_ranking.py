"""Who comes first, and why somebody is not on a list (scoring.md, section 7)."""

from itertools import permutations

import pytest

from signal_engine.core.fit import Fit
from signal_engine.core.policy import ListPolicy
from signal_engine.core.ranking import ALL, Candidate, candidate, listed_by, may_be_listed, not_listed, order
from tests.build import ACME, fit, fit_decision

LISTS = ListPolicy(size=2, min_score=20, tier_weight={"A": 1.0, "B": 0.5})
TWO = Fit(ACME, (fit_decision("ignore", 10.0, None, "a"), fit_decision("chase", 60.0, "B", "b")))


def place(account: str, priority: float, fit_: float) -> Candidate:
    return Candidate(account, priority, priority, fit_, fit_decision())


@pytest.mark.parametrize(("tier", "priority"), [("A", 140.0), ("B", 70.0)])
def test_priority_is_the_raw_score_not_capped_times_the_weight_of_the_tier(tier, priority):
    decision = fit_decision("chase", 81.0, tier)
    assert candidate(ACME, 140.0, decision, LISTS) == (ACME, 140.0, priority, 81.0, decision)


def test_without_a_fit_score_the_place_counts_it_as_nothing():
    assert candidate(ACME, 10.0, fit_decision("chase", None, "A"), LISTS).fit == 0.0


def test_the_order_is_by_priority_then_fit_then_account():
    ranked = [place("d", 90, 10), place("c", 80, 70), place("a", 80, 60), place("b", 80, 60), place("e", 1, 99)]
    for shuffled in permutations(ranked):
        assert order(shuffled) == ranked


def test_the_last_bits_of_a_priority_decide_no_place():
    one, other = place("a", 0.3, 60), place("b", 0.1 + 0.2, 60)
    assert other.priority > one.priority
    assert order([other, one]) == [one, other]
    clearly = place("b", 0.300000002, 60)
    assert order([one, clearly]) == [clearly, one]


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
        (fit("deprioritize"), "all", False),
        (fit("unknown"), "all", False),
        (fit("ignore"), "all", False),
        (None, "all", False),
        (TWO, "a", False),
        (TWO, "b", True),
    ],
)
def test_only_accounts_that_the_list_chases_may_be_on_it(who, name, listed):
    assert may_be_listed(who, listed_by(who, name)) is listed


def test_without_a_fit_no_decision_lets_an_account_on_a_list():
    assert may_be_listed(None, fit_decision()) is False
    assert may_be_listed(fit(), None) is False


@pytest.mark.parametrize(
    ("who", "name", "score", "rank", "reason"),
    [
        (None, "all", 90, 1, "not_in_accounts"),
        (fit(), "other", 90, 1, "not_fit"),
        (fit("ignore"), "all", 90, 1, "not_fit"),
        (fit("unknown"), "all", 90, 1, "fit_unknown"),
        (fit("deprioritize"), "saas", 90, 1, "deprioritized"),
        (fit("deprioritize", suppressed=True), "all", 90, 1, "deprioritized"),
        (fit(suppressed=True), "all", 1, None, "suppressed"),
        (TWO, "a", 90, 1, "not_fit"),
        (fit(), "all", 19.999, None, "below_min_score"),
        (fit(), "all", 20, 2, None),
        (fit(), "all", 20, 3, "below_cut"),
        (fit(), "all", 20, None, "below_cut"),
        (TWO, "b", 20, 1, None),
    ],
)
def test_who_is_not_on_a_list_is_told_why(who, name, score, rank, reason):
    assert not_listed(who, name, score, rank, LISTS) == reason
