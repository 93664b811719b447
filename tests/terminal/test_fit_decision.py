"""What `fit show` says of an account, for people."""

import io
from typing import Any

import pytest
from rich.console import Console

from signal_engine.adapters.terminal.fit_tables import show_decision

PLAIN = {
    "account_id": "acme.com",
    "fit_version": 3,
    "known": True,
    "suppressed": False,
    "relation": "prospect",
    "parent": None,
    "parent_relation": None,
    "hidden": None,
    "fit": [],
}


SAAS = {
    "icp": "saas", "version": 2, "primary": True, "decision": "chase", "tier": "A", "fit": 90.0, "reasons": ["fit 90"],
    "icp_owner": "Dana Reyes", "review_by": "2027-02-20", "buying_group": [],
}  # fmt: skip


def shown(day: str = "2027-02-20", **changes: Any) -> list[str]:
    out = io.StringIO()
    show_decision(Console(file=out, width=120, markup=False, highlight=False), {**PLAIN, **changes}, day)
    return [line.strip() for line in out.getvalue().splitlines()]


@pytest.mark.parametrize(
    ("changes", "lines"),
    [
        ({}, []),
        ({"known": False}, ["not in the accounts file"]),
        ({"suppressed": True}, ["suppressed: never listed, never alerted"]),
        (
            {"hidden": "snoozed"},
            ["snoozed: on no list (`account log` says who decided it and why)"],
        ),
        ({"relation": "open_opportunity"}, ["Relation: open opportunity"]),
        ({"parent": "holding.com", "parent_relation": "customer"}, ["Parent: holding.com (customer)"]),
        ({"parent": "holding.com"}, ["Parent: holding.com (in no accounts file)"]),
        (
            {"relation": "do_not_contact", "parent": "holding.com", "parent_relation": "do_not_contact"},
            ["Relation: do not contact", "Parent: holding.com (do not contact)"],
        ),
    ],
)
def test_what_the_account_is_to_us_is_said_where_it_is_anything(changes: dict[str, Any], lines: list[str]) -> None:
    head, *rest = shown(**changes)
    assert head.split() == ["acme.com", "fit", "table", "version", "3"]
    assert rest == lines


@pytest.mark.parametrize(
    ("day", "line"),
    [
        ("2027-02-20", "decided by Dana Reyes, review by 2027-02-20"),
        ("2027-02-21", "decided by Dana Reyes, review by 2027-02-20, which has passed"),
    ],
)
def test_a_review_date_that_has_passed_is_said(day: str, line: str) -> None:
    assert shown(day, fit=[SAAS])[1:] == ["saas v2: chase, tier A, fit 90 (primary)", "- fit 90", line]
