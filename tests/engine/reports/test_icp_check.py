"""The funnel of an ICP: it adds up, and it loses whom the ICP decides against."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.fit.icp import CHASE
from signal_engine.engine.reports.icp_check import icp_check
from signal_engine.engine.reports.missing_data import undecided_for
from tests.build import icp, policy
from tests.engine.reports.market import table

RULES = policy()
PROFILE = icp(
    must_have={"employees": {"gte": 200, "lte": 5000}, "industry": {"in": ["Software"]}},
    disqualify=(({"country": "NO"}, "too far"), ({"crm": "own"}, "too far")),
    base=30,
    points=(({"crm": "sf"}, 30, "runs a CRM"), ({"country": "US"}, 20, "home")),
    tiers={"A": 80, "B": 60, "C": 40},
    decisions={"A": "chase", "B": "chase", "C": "deprioritize"},
)
ROWS = st.fixed_dictionaries(
    {},
    optional={
        "employees": st.sampled_from([50, 200, 9000, "", "many", "1,200"]),
        "industry": st.sampled_from(["Software", "Retail", None]),
        "country": st.sampled_from(["US", "NO", ""]),
        "crm": st.sampled_from(["sf", "own"]),
        "suppressed": st.booleans(),
        "relation": st.sampled_from(["prospect", "customer", "partner"]),
    },
)


def check(*rows: dict[str, Any], a_week: int | None = None) -> Any:
    return icp_check(PROFILE, table([PROFILE], *rows), RULES, a_week)


@given(st.lists(ROWS, max_size=30))
def test_it_adds_up_and_leaves_whom_the_icp_chases(rows):
    accounts = table([PROFILE], *rows)
    result = icp_check(PROFILE, accounts, RULES, None)
    before = len(accounts.fits)
    assert result["read"]["accounts"] == before == len(rows)
    for step in result["funnel"]:
        assert step["before"] == before
        assert step["before"] == step["lost"] + step["left"]
        before = step["left"]
    decisions = [fit.primary.decision for fit in accounts.fits.values()]
    after_tiers = [step["left"] for step in result["funnel"] if step["stage"] == "tier"][-1]
    assert after_tiers == decisions.count(CHASE)
    assert result["unknown"]["accounts"] == decisions.count("unknown")
    assert result["left"] == sum(fit.unchased is None and fit.relation == "prospect" for fit in accounts.fits.values())
    assert {tier["tier"]: tier["accounts"] for tier in result["tiers"]} == {
        tier: [fit.primary.tier for fit in accounts.fits.values()].count(tier) for tier in "ABC"
    }


def test_each_account_is_lost_at_the_first_criterion_that_speaks_against_it():
    fitting = {"employees": 300, "industry": "Software", "crm": "sf"}
    result = check(
        {"country": "NO", "employees": 1},
        {**fitting, "crm": "own"},
        {"employees": 50, "industry": "Retail"},
        {"employees": 300, "industry": "Retail"},
        {"industry": "Retail"},
        {"industry": "Software"},
        {**fitting, "crm": ""},
        {**fitting, "crm": "", "country": "US"},
        {**fitting, "suppressed": True},
        {**fitting, "relation": "customer"},
        fitting,
    )
    assert [(step["stage"], step["criterion"], step["lost"]) for step in result["funnel"]] == [
        ("disqualify", "too far", 1),
        ("disqualify", "too far", 1),
        ("must_have", "employees is at least 200 and is at most 5000", 1),
        ("must_have", "industry is one of Software", 2),
        ("unknown", "a required field is missing or unreadable", 1),
        ("tier", "fit is below the lowest tier (40)", 1),
        ("tier", "tier C: deprioritize", 1),
        ("suppressed", "suppressed in the accounts file", 1),
        ("relation", "relation to us is not listed", 1),
    ]
    assert result["left"] == 1


def test_the_field_that_would_decide_most_comes_first():
    assert undecided_for([("a", "b"), ("b",), ("b", "a"), ("c",), ("c",)]) == [
        {"field": "c", "accounts": 2, "alone": 2},
        {"field": "b", "accounts": 3, "alone": 1},
        {"field": "a", "accounts": 2, "alone": 0},
    ]


def test_a_field_that_is_asked_twice_is_missing_once():
    assert undecided_for([("a", "a")]) == [{"field": "a", "accounts": 1, "alone": 1}]


@pytest.mark.parametrize(
    ("accounts", "a_week", "weeks", "is_market"),
    [(52, 1, 52.0, False), (53, 1, 53.0, True), (5, 2, 2.5, False), (0, 9, 0.0, False)],
)
def test_more_than_a_year_of_work_is_a_market(accounts, a_week, weeks, is_market):
    fitting = {"employees": 300, "industry": "Software", "crm": "sf"}
    assert check(*[fitting] * accounts, a_week=a_week)["workload"] == {
        "a_week": a_week,
        "weeks": weeks,
        "is_market": is_market,
    }


def test_rows_add_up_to_accounts():
    result = check({"account_id": "same.com"}, {"account_id": "www.same.com"}, {"account_id": "10.0.0.1"}, {})
    assert result["read"] == {"rows": 4, "passed_over": 1, "merged": 1, "accounts": 2}
