"""What an ICP says of an account, in which order, and in which words (scoring.md, section 6)."""

import pytest

from signal_engine.core.fit.icp import MAX_ICPS, FitDecision, decide, primary
from tests.build import fit, fit_decision, icp

SIZE = {"employee_count": {"gte": 200, "lte": 5000}}
CRM = ({"tech_stack": {"has_any": ["Salesforce"]}}, 25.0, "runs a CRM we integrate with")
CUSTOMER = ({"is_customer": {"eq": True}}, "already a customer")


def said(profile, **fields) -> tuple:
    found = decide(profile, fields)
    assert (found.icp, found.version) == ("saas", 3)
    return found.decision, found.fit, found.tier, found.reasons


def test_a_disqualifier_that_holds_decides_before_anything_else():
    profile = icp(must_have=SIZE, disqualify=(CUSTOMER, ({"segment": "Partner"}, "sold through a partner")))
    assert said(profile, is_customer="yes", employee_count=1) == ("ignore", None, None, ("already a customer",))
    assert said(profile, segment="partner", is_customer="no") == ("ignore", None, None, ("sold through a partner",))
    assert said(profile, segment="partner", is_customer="1")[3] == ("already a customer",)


@pytest.mark.parametrize("fields", [{}, {"is_customer": ""}, {"is_customer": "no"}, {"is_customer": "perhaps"}])
def test_a_disqualifier_does_not_hold_on_a_field_that_is_missing_or_not_readable(fields):
    assert said(icp(disqualify=(CUSTOMER,), base=60), **fields)[0] == "chase"


def test_a_disqualifier_that_asks_for_a_missing_field_holds():
    profile = icp(disqualify=(({"owner": {"exists": False}}, "nobody owns it"),), base=60)
    assert said(profile)[3] == ("nobody owns it",)
    assert said(profile, owner="Dana")[0] == "chase"


def test_all_of_a_disqualifier_must_hold():
    profile = icp(disqualify=(({"country": "NO", "segment": "SMB"}, "too small there"),), base=60)
    assert said(profile, country="NO", segment="smb")[0] == "ignore"
    assert said(profile, country="NO", segment="large")[0] == "chase"


@pytest.mark.parametrize(
    ("value", "decision", "reason"),
    [
        (199, "ignore", "employee_count is 199, but the profile requires that it is at least 200 and is at most 5000"),
        (
            "5,001",
            "ignore",
            "employee_count is 5,001, but the profile requires that it is at least 200 and is at most 5000",
        ),
        (None, "unknown", "employee_count is missing (required: is at least 200 and is at most 5000)"),
        ("  ", "unknown", "employee_count is missing (required: is at least 200 and is at most 5000)"),
        (
            " many ",
            "unknown",
            "employee_count 'many' cannot be compared (required: is at least 200 and is at most 5000)",
        ),
        (
            [300, 400],
            "unknown",
            "employee_count '300; 400' cannot be compared (required: is at least 200 and is at most 5000)",
        ),
    ],
)
def test_a_must_have_that_is_false_ignores_and_one_without_an_answer_is_unknown(value, decision, reason):
    assert said(icp(must_have=SIZE), employee_count=value) == (decision, None, None, (reason,))


@pytest.mark.parametrize("value", [200, 5000, "200", "5,000"])
def test_a_must_have_holds_at_its_bounds(value):
    assert said(icp(must_have=SIZE, base=60), employee_count=value)[0] == "chase"


def test_a_must_have_that_is_false_comes_before_one_that_is_unknown_and_all_of_a_sort_are_named():
    profile = icp(must_have={"a": 1, "b": "x", "c": 2, "d": "y"})
    assert said(profile, b="z", d="w") == (
        "ignore",
        None,
        None,
        ("b is z, but the profile requires that it is x", "d is w, but the profile requires that it is y"),
    )
    assert said(profile, b="x", d="y")[3] == ("a is missing (required: is 1)", "c is missing (required: is 2)")


def test_a_must_have_that_a_field_exists_is_false_when_it_does_not():
    assert said(icp(must_have={"crm_id": {"exists": True}}))[::3] == (
        "ignore",
        ("crm_id is missing (required: is given)",),
    )


def test_the_fit_is_the_base_and_the_points_of_all_that_hold():
    profile = icp(must_have=SIZE, base=40, points=(CRM, ({"country": "US"}, -5.5, "far away"), ({"x": 1}, 50.0, "x")))
    assert said(profile, employee_count=300, tech_stack=["salesforce"], country="us") == (
        "deprioritize",
        59.5,
        "C",
        (
            "employee_count is at least 200 and is at most 5000",
            "+25 runs a CRM we integrate with",
            "-5.5 far away",
            "fit 59.5 is tier C: deprioritize",
        ),
    )


@pytest.mark.parametrize(
    ("base", "more", "found"),
    [
        (80, 0, ("chase", 80, "A")),
        (79.9, 0, ("chase", 79.9, "B")),
        (60, 0, ("chase", 60, "B")),
        (59.9, 0, ("deprioritize", 59.9, "C")),
        (40, 0, ("deprioritize", 40, "C")),
        (39.9, 0, ("ignore", 39.9, None)),
        (90, 25, ("chase", 100, "A")),
        (10, -25, ("ignore", 0, None)),
    ],
)
def test_the_tier_is_the_highest_whose_lowest_score_the_fit_reaches(base, more, found):
    assert said(icp(base=base, points=(({"x": 1}, more, "x"),)), x=1)[:3] == found


def test_below_the_lowest_tier_the_reason_says_so():
    assert said(icp(base=12.5))[3] == ("fit 12.5 is below the lowest tier (40)",)


def test_tiers_need_not_stand_in_order_and_names_are_free():
    profile = icp(
        base=70, tiers={"low": 10, "top": 90, "mid": 70}, decisions=dict.fromkeys(("low", "top", "mid"), "chase")
    )
    assert said(profile)[1:] == (70, "mid", ("fit 70 is tier mid: chase",))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (fit_decision("chase", 50, icp="b"), fit_decision("deprioritize", 99, icp="a")),
        (fit_decision("deprioritize", 50, icp="b"), fit_decision("unknown", None, icp="a")),
        (fit_decision("unknown", None, icp="b"), fit_decision("ignore", 99, icp="a")),
        (fit_decision("chase", 81, icp="b"), fit_decision("chase", 80, icp="a")),
        (fit_decision("ignore", 0, icp="b"), fit_decision("ignore", None, icp="a")),
        (fit_decision("chase", 80, icp="a"), fit_decision("chase", 80, icp="b")),
        (fit_decision("ignore", None, icp="a"), fit_decision("ignore", None, icp="b")),
    ],
    ids=["chase", "deprioritize", "unknown", "higher fit", "a fit before none", "id", "id without a fit"],
)
def test_the_primary_icp_is_the_best_decision_then_the_higher_fit_then_the_id(one, other):
    assert primary((one, other)) is one
    assert primary((other, one)) is one


def test_a_fit_finds_the_decision_of_an_icp():
    decided = fit("ignore", 10.0)
    assert decided.by("saas") is decided.primary is decided.decisions[0]
    assert decided.by("fintech") is None
    assert (decided.name, decided.segment, decided.owner, decided.crm_id, decided.suppressed) == (*[None] * 4, False)
    assert isinstance(decided.primary, FitDecision)


def test_at_most_three_icps_are_active():
    assert MAX_ICPS == 3


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (fit(), None),
        (fit(relation="own"), None),
        (fit(suppressed=True), "suppressed"),
        (fit("ignore", suppressed=True), "not_fit"),
        (fit("unknown"), "fit_unknown"),
        (fit("deprioritize"), "deprioritized"),
    ],
)
def test_whether_an_account_is_chased_is_told_apart_from_what_it_is_to_us(who, reason):
    assert who.unchased == reason
