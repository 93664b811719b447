"""Who is decided otherwise by a new version of an ICP, and by which criterion."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.fit.icp import Icp
from signal_engine.engine.reports.icp_diff import icp_diff
from tests.build import icp
from tests.engine.reports.market import table

BASE: dict[str, Any] = {
    "must_have": {"size": {"gte": 200}},
    "disqualify": (({"country": "NO"}, "too far"),),
    "base": 40,
    "points": (({"crm": "sf"}, 30, "runs a CRM"),),
}
OLD = icp(**BASE)


def version(**changed: Any) -> Icp:
    return replace(icp(**{**BASE, **changed}), version=4)


def diff(new: Icp, *rows: dict[str, Any]) -> Any:
    return icp_diff(OLD, new, table([OLD], *rows), table([new], *rows))


@pytest.mark.parametrize(
    ("new", "row", "change", "by"),
    [
        (version(must_have={"size": {"gte": 100}}), {"size": 150, "crm": "sf"}, "enters", ["size is at least 200"]),
        (version(must_have={"size": {"gte": 400}}), {"size": 300, "crm": "sf"}, "leaves", ["size is at least 400"]),
        (version(disqualify=()), {"size": 300, "crm": "sf", "country": "NO"}, "enters", ["too far"]),
        (
            version(disqualify=(({"crm": "sf"}, "theirs"),)),
            {"size": 300, "crm": "sf"},
            "leaves",
            ["theirs"],
        ),
        (
            version(must_have={"size": {"gte": 200}, "hq": {"in": ["US"]}}),
            {"size": 300, "crm": "sf"},
            "leaves",
            ["hq is missing or unreadable"],
        ),
        (version(must_have={}), {}, "decision", ["size is missing or unreadable"]),
        (version(must_have={"size": {"gte": 100}}), {"size": 150}, "decision", ["size is at least 200"]),
        (version(points=()), {"size": 300, "crm": "sf"}, "leaves", ["loses +30 runs a CRM"]),
        (version(base=60), {"size": 300, "crm": "sf"}, "tier", ["base 40 becomes 60"]),
        (
            version(points=(({"crm": "sf"}, 45, "runs a CRM"),)),
            {"size": 300, "crm": "sf"},
            "tier",
            ["gains +45 runs a CRM", "loses +30 runs a CRM"],
        ),
        (
            version(tiers={"A": 70, "B": 60, "C": 40}),
            {"size": 300, "crm": "sf"},
            "tier",
            ["tiers have changed"],
        ),
    ],
)
def test_what_changes_and_by_what(new, row, change, by):
    result = diff(new, row)
    (found,) = result["changes"]
    assert (found["change"], found["by"]) == (change, by)
    assert result["by_criterion"] == [{"criterion": one, "change": change, "accounts": 1} for one in sorted(by)]


ROWS = st.fixed_dictionaries(
    {},
    optional={
        "size": st.sampled_from([50, 150, 300, 900, ""]),
        "country": st.sampled_from(["NO", "US"]),
        "crm": st.sampled_from(["sf", "other"]),
    },
)
VERSIONS = st.sampled_from(
    [
        OLD,
        version(base=60),
        version(must_have={"size": {"gte": 100}}),
        version(must_have={"size": {"gte": 800}, "country": {"ne": "US"}}, disqualify=()),
        version(points=(), tiers={"A": 41, "C": 40}, decisions={"A": "chase", "C": "deprioritize"}),
    ]
)


@given(VERSIONS, st.lists(ROWS, max_size=12))
def test_it_tells_of_those_whose_decision_or_tier_differs_each_with_a_reason(new, rows):
    before, after = table([OLD], *rows), table([new], *rows)
    result = icp_diff(OLD, new, before, after)
    differ = {
        account
        for account, fit in after.fits.items()
        if (fit.primary.decision, fit.primary.tier)
        != (before.fits[account].primary.decision, before.fits[account].primary.tier)
    }
    assert {change["account_id"] for change in result["changes"]} == differ
    assert all(change["by"] for change in result["changes"])
    assert result["unchanged"] + sum(result["counts"].values()) == result["accounts"] == len(rows)
