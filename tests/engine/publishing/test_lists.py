"""Lists at one instant: who is on them, in which order, cut where (scoring.md, section 7)."""

from typing import Any, NamedTuple

import pytest

from signal_engine.core.fit.icp import Fit
from signal_engine.core.rules.policy import Level
from signal_engine.core.score.account import Account, HandRaise
from signal_engine.core.score.kind_state import Evidence
from signal_engine.core.score.stack import Score
from signal_engine.engine.publishing.ranked_lists import ListBuilder, Ranked
from tests.build import DAY, T0, after, fit, fit_decision, policy

WEIGHTS = {"A": 1.0, "B": 0.5}
TOP, NEXT = fit(), fit("chase", 60.0, "B")


class Found(NamedTuple):
    """One account at T0."""

    name: str
    fit: Fit | None
    raw: float
    level: Level = "warm"
    raised: int | None = None
    """When the hand was raised that pins it (ms)."""


def ranked(*found: Found, icps: tuple[str, ...] = ("saas",), **lists: Any) -> dict[str, Ranked]:
    rules = policy(**{"size": 10, "tier_weight": WEIGHTS, **lists})
    builder = ListBuilder(icps, rules)
    for name, who, raw, level, raised in found:
        account = Account()
        account.level = level
        if raised is not None:
            evidence = Evidence(1.0, raised, name, "Asked for a demo", None)
            account.raise_hand(HandRaise(raised, "engagement", "finance", evidence), raised)
        builder.add(name, account, Score(T0, {}, frozenset(), 1.0, raw, min(100.0, raw)), who)
    return builder.ranked()


def names(list_: Ranked) -> str:
    return " ".join(place.candidate.account for place in list_.listed)


def test_there_is_a_list_of_all_and_one_per_icp() -> None:
    lists = ranked(icps=("b", "a"))
    assert list(lists) == ["all", "b", "a"]
    assert all(list_.listed == [] and list_.name == name for name, list_ in lists.items())


def test_the_order_is_by_level_then_raw_score_times_weight_then_fit_then_account() -> None:
    lists = ranked(
        Found("ties-z.com", TOP, 90),
        Found("ties-a.com", TOP, 90),
        Found("weak.com", NEXT, 150),
        Found("hot.com", TOP, 160),
        Found("better.com", fit("chase", 95.0), 90),
        Found("hotter-by-level.com", NEXT, 70, "hot"),
    )
    order = "hotter-by-level.com hot.com better.com ties-a.com ties-z.com weak.com"
    assert names(lists["all"]) == names(lists["saas"]) == order
    assert [place.candidate.priority for place in lists["all"].listed] == [35, 160, 90, 90, 90, 75]


@pytest.mark.parametrize(
    ("level", "min_level", "listed"),
    [
        ("hot", "hot", "a.com"),
        ("warm", "hot", ""),
        ("warm", "warm", "a.com"),
        ("cold", "warm", ""),
        ("cold", "cold", "a.com"),
    ],
)
def test_nobody_below_the_least_level_is_in_the_market_now(level: Level, min_level: Level, listed: str) -> None:
    assert names(ranked(Found("a.com", TOP, 50, level), min_level=min_level)["all"]) == listed


@pytest.mark.parametrize(
    ("raw", "min_score", "listed"),
    [
        (20, 20, "a.com"),  # from the least on
        (19.999, 20, ""),
        (0.001, 0, "a.com"),
        (0, 0, ""),  # a score above 0 in any case
    ],
)
def test_a_list_holds_scores_from_the_least_on(raw: float, min_score: float, listed: str) -> None:
    assert names(ranked(Found("a.com", TOP, raw, "cold"), min_level="cold", min_score=min_score)["all"]) == listed


def test_the_least_score_is_of_the_capped_score_not_of_the_priority() -> None:
    assert names(ranked(Found("a.com", NEXT, 20), min_score=20)["all"]) == "a.com"


def test_a_list_is_cut_at_its_size_and_ranks_go_on_below() -> None:
    lists = ranked(*(Found(f"{n}.com", TOP, 90 - n) for n in range(5)), size=2)
    assert names(lists["all"]) == "0.com 1.com"
    assert lists["all"].ranks() == {"0.com": 1, "1.com": 2}
    assert [lists["all"].rank_of(f"{n}.com") for n in (0, 2, 4)] == [1, 3, 5]
    assert lists["all"].rank_of("none.com") is None


def test_the_pinned_come_first_the_latest_hand_raise_first_at_most_half_of_the_list() -> None:
    lists = ranked(
        Found("hot.com", TOP, 90, "hot"),
        Found("asked-first.com", TOP, 15, "cold", T0 - 3 * DAY),
        Found("asked-last.com", TOP, 1, "cold", T0 - DAY),
        Found("asked-between.com", TOP, 20, "warm", T0 - 2 * DAY),
        Found("warm.com", TOP, 40),
        size=5,
    )["all"]
    assert names(lists) == "asked-last.com asked-between.com hot.com warm.com asked-first.com"
    assert [place.pinned for place in lists.listed] == [True, True, False, False, False]


def test_pins_of_one_instant_stand_in_the_order_of_the_others() -> None:
    same = T0 - DAY
    found = [Found("cold.com", TOP, 30, "cold", same), Found("hot.com", TOP, 20, "hot", same)]
    found += [Found("better.com", TOP, 31, "cold", same)]
    assert names(ranked(*found, size=8)["all"]) == "hot.com better.com cold.com"


def test_a_list_of_one_has_no_room_for_pins() -> None:
    lists = ranked(Found("hot.com", TOP, 90, "hot"), Found("asked.com", TOP, 95, "warm", T0), size=1)["all"]
    assert names(lists) == "hot.com"


@pytest.mark.parametrize(("ago", "listed"), [(14 * DAY - 1, "asked.com"), (14 * DAY, "")])
def test_a_pin_ends_at_its_instant(ago: int, listed: str) -> None:
    assert names(ranked(Found("asked.com", TOP, 1, "cold", T0 - ago))["all"]) == listed


@pytest.mark.parametrize(
    "who",
    [
        None,
        fit("ignore"),
        fit("unknown"),
        fit("deprioritize"),
        fit(suppressed=True),
        fit(relation="customer"),
        fit(relation="do_not_contact"),
    ],
)
def test_who_is_not_chased_or_of_another_relation_is_on_no_list(who: Fit | None) -> None:
    found = (Found("a.com", who, 500, "hot"), Found("b.com", who, 10, "cold", after(0)))
    assert [list_.places for list_ in ranked(*found).values()] == [[], []]


def test_an_account_is_on_the_list_of_each_icp_that_chases_it_and_once_on_that_of_all() -> None:
    both = Fit("a.com", (fit_decision("chase", 60.0, "B", "x"), fit_decision("chase", 90.0, "A", "y")))
    one = Fit("b.com", (fit_decision("ignore", 10.0, None, "x"), fit_decision("chase", 90.0, "A", "y")))
    lists = ranked(Found("a.com", both, 50), Found("b.com", one, 40), icps=("x", "y"))
    assert {name: names(list_) for name, list_ in lists.items()} == {
        "all": "a.com b.com",
        "x": "a.com",
        "y": "a.com b.com",
    }
    by_x, by_all = lists["x"].places[0].candidate, lists["all"].places[0].candidate
    assert (by_x.priority, by_x.fit) == (25, 60)
    assert (by_all.priority, by_all.fit) == (50, 90)
