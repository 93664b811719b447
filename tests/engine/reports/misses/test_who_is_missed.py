"""Reports on accounts: outside the ICP, nearly fitting, undecided, in no file."""

from typing import Any

import pytest

from signal_engine.engine.reports.replayed_market import ReportMarket
from tests.build import icp
from tests.engine.reports.misses.judged import FITTING, PROFILE, asked, happened, market, warm


def high_intent_outside_icp(judged: ReportMarket) -> Any:
    return judged.report("high-intent-outside-icp")


def near_fits(judged: ReportMarket) -> Any:
    return judged.report("near-fits")


def not_in_accounts(judged: ReportMarket) -> Any:
    return judged.report("not-in-accounts")


def unknown(judged: ReportMarket) -> Any:
    return judged.report("unknown")


def names(result: Any) -> list[str]:
    return [row["account_id"] for row in result["rows"]]


OUTSIDE = {**FITTING, "size": 50, "country": "NO"}


@pytest.mark.parametrize(
    ("row", "is_reported"),
    [
        (OUTSIDE, True),
        (FITTING, False),
        ({**FITTING, "crm": ""}, False),
        ({**FITTING, "size": ""}, False),
        ({**OUTSIDE, "relation": "customer"}, False),
        ({**OUTSIDE, "relation": "former_customer"}, False),
        ({**OUTSIDE, "suppressed": True}, False),
    ],
    ids=["ignored", "chased", "deprioritized", "undecided", "a customer", "a former customer", "suppressed"],
)
def test_high_intent_is_of_prospects_that_do_not_fit(row, is_reported):
    assert names(high_intent_outside_icp(market([row], warm("a0.com")))) == ["a0.com"] * is_reported


def test_high_intent_comes_strongest_first_and_not_when_it_is_cold():
    rows = [OUTSIDE] * 3
    events = [*warm("a0.com"), *warm("a1.com"), happened("a1.com", "funding", 2, amount_usd=2e7), *warm("a2.com")[:1]]
    result = high_intent_outside_icp(market(rows, events))
    assert names(result) == ["a1.com", "a0.com"]
    assert result["rows"][0]["level"] in ("warm", "hot")
    assert result["rows"][0]["score"] > result["rows"][1]["score"]


def test_high_intent_says_what_each_criterion_costs():
    rows = [OUTSIDE, {**FITTING, "size": 50}, {**FITTING, "size": 50, "industry": "Retail"}]
    result = high_intent_outside_icp(market(rows, [event for n in range(3) for event in warm(f"a{n}.com")]))
    by = {row["account_id"]: (row["criterion"], row["others"]) for row in result["rows"]}
    assert by == {
        "a0.com": ("too far", ["size is at least 200"]),
        "a1.com": ("size is at least 200", []),
        "a2.com": ("size is at least 200", ["industry is one of Software"]),
    }
    assert [(cost["criterion"], cost["accounts"], cost["alone"]) for cost in result["costs"]] == [
        ("size is at least 200", 3, 1),
        ("industry is one of Software", 1, 0),
        ("too far", 1, 0),
    ]


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({**FITTING, "size": 180}, ("size is at least 200", 20.0, "A")),
        ({**FITTING, "industry": "Retail"}, ("industry is one of Software", None, "A")),
        ({**FITTING, "country": "NO"}, ("too far", None, "A")),
        ({**FITTING, "size": 180, "industry": "Retail"}, None),
        ({**FITTING, "size": 180, "crm": ""}, None),
        ({**FITTING, "size": 180, "industry": ""}, None),
        ({**FITTING, "size": 180, "relation": "customer"}, None),
        ({**FITTING, "size": 180, "suppressed": True}, None),
        ({**FITTING, "crm": ""}, None),
        (FITTING, None),
    ],
)
def test_a_near_fit_is_one_criterion_short(row, found):
    result = near_fits(market([row], []))
    assert [(one["criterion"], one["distance"], one["would_be"]) for one in result["rows"]] == (
        [found] if found else []
    )
    assert sum(cost["alone"] for cost in result["costs"]) == len(result["rows"])


def test_below_the_lowest_tier_it_is_points_that_are_short():
    low = icp(must_have={"size": {"gte": 200}}, base=30, tiers={"A": 42.5}, decisions={"A": "chase"})
    (row,) = near_fits(market([{"size": 300}], [], [low]))["rows"]
    assert (row["stage"], row["distance"], row["would_be"]) == ("tier", 12.5, None)


def test_who_fits_another_profile_is_no_near_fit():
    other = icp("other", base=90)
    assert names(near_fits(market([{**FITTING, "size": 180}], [], [PROFILE, other]))) == []


def test_near_fits_with_signals_come_first():
    rows = [{**FITTING, "size": 180}, {**FITTING, "size": 199}]
    assert names(near_fits(market(rows, warm("a1.com")))) == ["a1.com", "a0.com"]


def test_the_undecided_and_the_field_that_would_decide_most():
    rows = [
        {**FITTING, "size": ""},
        {**FITTING, "size": "many"},
        {**FITTING, "size": "", "industry": ""},
        {"size": 50},
        FITTING,
    ]
    result = unknown(market(rows, warm("a2.com")))
    assert [(row["account_id"], row["missing"]) for row in result["rows"]] == [
        ("a2.com", ["size", "industry"]),
        ("a0.com", ["size"]),
        ("a1.com", ["size"]),
    ]
    assert result["fields"] == [
        {"icp": "saas", "field": "size", "accounts": 3, "alone": 2},
        {"icp": "saas", "field": "industry", "accounts": 1, "alone": 0},
    ]


def test_strangers_are_told_that_are_warm_or_asked_to_be_called():
    events = [*warm("warm.com"), asked("raised.com", 3), *warm("cold.com")[:1], *warm("a0.com"), asked("old.com", 20)]
    result = not_in_accounts(market([FITTING], events))
    assert set(names(result)) == {"warm.com", "raised.com"}
    assert result["rows"] == sorted(result["rows"], key=lambda row: -row["score"])
    assert all(row["name"] is None and row["why_now"] for row in result["rows"])
