"""Lists at one instant: who is on them, in which order, cut where (scoring.md, section 7)."""

import pytest

from signal_engine.core.fit import Fit
from signal_engine.core.policy import ListPolicy
from signal_engine.engine.lists import ListBuilder, Ranked
from tests.build import fit, fit_decision

WEIGHTS = {"A": 1.0, "B": 0.5}
TOP, NEXT = fit(), fit("chase", 60.0, "B")


def ranked(*found: tuple[str, Fit | None, float], icps=("saas",), size=10, min_score=20.0) -> dict[str, Ranked]:
    """Of (account, fit, raw); the score is the raw one up to 100."""
    lists = ListBuilder(icps, ListPolicy(size, min_score, WEIGHTS))
    for account, who, raw in found:
        lists.add(account, who, raw, min(100.0, raw))
    return lists.ranked()


def names(list_: Ranked) -> str:
    return " ".join(place.account for place in list_.listed)


def test_there_is_a_list_of_all_and_one_per_icp():
    lists = ranked(icps=("b", "a"))
    assert list(lists) == ["all", "b", "a"]
    assert all(list_.listed == [] and list_.name == name for name, list_ in lists.items())


def test_the_order_is_by_raw_score_times_weight_then_fit_then_account():
    lists = ranked(
        ("ties-z.com", TOP, 90),
        ("ties-a.com", TOP, 90),
        ("weak.com", NEXT, 150),
        ("hot.com", TOP, 160),
        ("better.com", fit("chase", 95.0), 90),
    )
    assert names(lists["all"]) == names(lists["saas"]) == "hot.com better.com ties-a.com ties-z.com weak.com"
    assert [place.priority for place in lists["all"].listed] == [160, 90, 90, 90, 75]


@pytest.mark.parametrize(("raw", "listed"), [(20, "a.com"), (19.999, "")])
def test_a_list_holds_scores_from_the_least_on(raw, listed):
    assert names(ranked(("a.com", TOP, raw))["all"]) == listed


def test_the_least_score_is_of_the_capped_score_not_of_the_priority():
    assert names(ranked(("a.com", NEXT, 20))["all"]) == "a.com"


def test_a_list_is_cut_at_its_size_and_ranks_go_on_below():
    lists = ranked(*((f"{n}.com", TOP, 90 - n) for n in range(5)), size=2)
    assert names(lists["all"]) == "0.com 1.com"
    assert lists["all"].ranks() == {"0.com": 1, "1.com": 2}
    assert [lists["all"].rank_of(f"{n}.com") for n in (0, 2, 4)] == [1, 3, 5]
    assert lists["all"].rank_of("none.com") is None


@pytest.mark.parametrize("who", [None, fit("ignore"), fit("unknown"), fit("deprioritize"), fit(suppressed=True)])
def test_who_is_not_chased_is_on_no_list(who):
    assert [list_.candidates for list_ in ranked(("a.com", who, 500)).values()] == [[], []]


def test_an_account_is_on_the_list_of_each_icp_that_chases_it_and_once_on_that_of_all():
    both = Fit("a.com", (fit_decision("chase", 60.0, "B", "x"), fit_decision("chase", 90.0, "A", "y")))
    one = Fit("b.com", (fit_decision("ignore", 10.0, None, "x"), fit_decision("chase", 90.0, "A", "y")))
    lists = ranked(("a.com", both, 50), ("b.com", one, 40), icps=("x", "y"))
    assert {name: names(list_) for name, list_ in lists.items()} == {
        "all": "a.com b.com",
        "x": "a.com",
        "y": "a.com b.com",
    }
    assert lists["x"].candidates[0][1:4] == (50, 25, 60)
    assert lists["all"].candidates[0][1:4] == (50, 50, 90)


@pytest.mark.parametrize(("least", "listed"), [(0, "a.com heard.com"), (0.01, "")])
def test_only_a_list_of_everybody_holds_accounts_that_never_gave_a_signal(least, listed):
    lists = ListBuilder(("saas",), ListPolicy(10, least, WEIGHTS))
    lists.add("heard.com", fit("chase", 10.0), 0.0, 0.0)
    lists.add_silent({"heard.com": TOP, "a.com": TOP, "b.com": fit("ignore")}, {"heard.com"})
    assert names(lists.ranked()["all"]) == listed
