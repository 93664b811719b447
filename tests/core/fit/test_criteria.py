"""Everything that speaks against an account, and how far it is from meeting it."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from signal_engine.core.fit.criteria import TIER, Criteria, Criterion, points_short, told
from signal_engine.core.fit.icp import CHASE, decide
from signal_engine.core.rules.predicates import predicate, shortfall
from tests.build import icp

PROFILE = icp(
    must_have={"size": {"gte": 200, "lte": 5000}, "industry": {"in": ["Software"]}},
    disqualify=(({"country": "NO"}, "too far"),),
    points=(({"crm": True}, 30, "runs a CRM"),),
    base=30,
    tiers={"A": 60, "C": 40},
    decisions={"A": "chase", "C": "deprioritize"},
)
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "size": st.sampled_from([1, 200, 5001, "?", ""]),
        "industry": st.sampled_from(["Software", "Retail", ""]),
        "country": st.sampled_from(["NO", "US"]),
        "crm": st.sampled_from([True, "no"]),
    },
)


@given(FIELDS)
def test_something_speaks_against_an_account_exactly_when_it_is_not_chased(fields):
    seen = Criteria(PROFILE).examine(fields)
    assert seen.decision == decide(PROFILE, fields)
    assert (seen.by is None) is (seen.decision.decision == CHASE)
    assert list(seen.against) == [one for one in Criteria(PROFILE) if one in seen.against], "in the funnel's order"


ODD = icp(
    must_have={"size": {"gte": 200}, "industry": {"in": ["Software, which it is", "but the profile requires that it"]}},
    tiers={"A": 60.5, "C": 40},
    base=41,
    decisions={"A": "chase", "C": "unknown"},
)
ODD_FIELDS = st.fixed_dictionaries(
    {"size": st.sampled_from([1, "?", 'o\'clock "x"', "", 300])},
    optional={"industry": st.sampled_from(["a is b", ", but the profile requires that it is x", 'it\'s "odd"', ""])},
)


@given(st.sampled_from([PROFILE, ODD]), st.one_of(FIELDS, ODD_FIELDS))
@example(PROFILE, {"size": 300, "industry": "Software", "crm": True})
@example(PROFILE, {"size": 300, "industry": "Software"})
@example(ODD, {"size": 300, "industry": "Software, which it is"})
@example(PROFILE, {"size": 300, "industry": "Software", "country": "NO"})
def test_a_decision_tells_a_part_of_what_speaks_against_an_account(profile, fields):
    seen = Criteria(profile).examine(fields)
    read = told(seen.decision)
    assert (read.decision, read.by) == (seen.decision, seen.by)
    assert [one for one in seen.against if one in read.against] == list(read.against)
    if seen.decision.decision == "unknown":
        assert (read.against, read.missing) == (seen.against, seen.missing)
    elif read.by is not None and read.by.stage == "must_have":
        assert [one for one in seen.against if one.stage == "must_have"] == list(read.against)


def test_below_the_lowest_tier_a_decision_tells_how_many_points_are_short():
    low = icp(base=30.5, tiers={"A": 42.5, "B": 50}, decisions={"A": "chase", "B": "chase"})
    decision = decide(low, {})
    (criterion,) = told(decision).against
    assert points_short(criterion, decision) == Criteria(low).distance(criterion, {}) == 12
    assert points_short(Criterion(TIER, "tier C: deprioritize"), decision) is None
    assert points_short(Criterion("must_have", "size is at least 2", "size"), decision) is None


@pytest.mark.parametrize(
    ("fields", "stages"),
    [
        ({"size": 1, "industry": "Retail", "country": "NO"}, ["disqualify", "must_have", "must_have"]),
        ({"size": 1}, ["must_have", "unknown"]),
        ({"size": 300, "industry": "software"}, ["tier"]),
        ({"size": 300, "industry": "software", "crm": "yes"}, []),
    ],
)
def test_all_that_speaks_against_it_is_named(fields, stages):
    assert [one.stage for one in Criteria(PROFILE).examine(fields).against] == stages


@pytest.mark.parametrize(
    ("spec", "value", "missing"),
    [
        ({"gte": 200, "lte": 5000}, 180, 20.0),
        ({"gte": 200, "lte": 5000}, "5,300", -300.0),
        ({"gte": 200, "lte": 5000}, 200, None),
        ({"gt": 200}, 200, 0.0),
        ({"lt": 3}, ["4.5"], -1.5),
        ({"gte": 200}, "many", None),
        ({"gte": 200}, [1, 2], None),
        ({"gte": 200}, "", None),
        ({"in": [200]}, 180, None),
    ],
)
def test_how_far_a_number_is_from_its_limits(spec, value, missing):
    assert shortfall(predicate("size", spec, ()), {"size": value}) == missing


@pytest.mark.parametrize(
    ("fields", "distance"),
    [
        ({"size": 180, "industry": "Software"}, 20.0),
        ({"size": 300, "industry": "Retail"}, None),
        ({"size": 300, "industry": "Software"}, 10.0),
        ({"country": "NO"}, None),
    ],
)
def test_the_distance_of_a_criterion(fields, distance):
    criteria = Criteria(PROFILE)
    seen = criteria.examine(fields)
    assert seen.by is not None
    assert criteria.distance(seen.by, fields) == distance


def test_what_points_alone_decide():
    assert Criteria(PROFILE).without({"crm": True, "country": "NO"}).tier == "A"
