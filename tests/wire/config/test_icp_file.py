"""ICP files: what one says is taken, and each refusal names file, line and field (scoring.md, section 6)."""

import datetime

import pytest

from signal_engine.core.fit.icp import decide
from signal_engine.wire.config.icp_file import parse, review_passed, together
from signal_engine.wire.config.yaml_files import ConfigurationError
from tests.build import policy

FILE = """\
icp: midmarket-saas
version: 3
owner: {name: Dana Reyes, email: dana@example.com}
review_by: 2027-02-20
must_have:
  employee_count: {gte: 200, lte: 5000}
  country: {in: [NO, SE]}
disqualify:
  - {when: {is_customer: {eq: true}}, reason: already a customer}
base: 40
points:
  - {when: {tech_stack: {has_any: [Salesforce, HubSpot]}}, points: 25, label: runs a CRM}
tiers: {A: 80, B: 60, C: 40}
decisions: {A: chase, B: chase, C: deprioritize}
"""
MINIMAL = """\
icp: x
version: 1
owner: {name: D, email: d@e}
review_by: 2027-02-20
tiers: {A: 0}
decisions: {A: ignore}
"""


def parsed(*changes: tuple[str, str], rules=None):
    text = FILE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return parse("saas.yaml", text.encode(), rules)


def refused(*changes: tuple[str, str], rules=None) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as refusal:
        parsed(*changes, rules=rules)
    return refusal.value.lines


def test_what_the_file_says_is_taken():
    icp, document = parsed(rules=policy())
    assert document.name == "saas.yaml"
    assert (icp.icp, icp.version, icp.owner_name, icp.owner_email) == (
        "midmarket-saas",
        3,
        "Dana Reyes",
        "dana@example.com",
    )
    assert (icp.review_by, icp.base, icp.tiers) == ("2027-02-20", 40, {"A": 80, "B": 60, "C": 40})
    assert icp.decisions == {"A": "chase", "B": "chase", "C": "deprioritize"}
    assert [(p.field, p.words) for p in icp.must_have] == [
        ("employee_count", "is at least 200 and is at most 5000"),
        ("country", "is one of NO, SE"),
    ]
    row = {"employee_count": "1,240", "country": "no", "is_customer": "no", "tech_stack": ["Marketo", "hubspot"]}
    assert decide(icp, row)[2:5] == ("chase", 65, "B")
    assert decide(icp, {**row, "is_customer": "yes"}).reasons == ("already a customer",)


def test_what_reviews_and_explanations_go_by_is_taken():
    more = "annual_review_by: 2027-11-20\ncycle_days: 90\nmetrics: [win_rate, deal_size]\nbuying_group: [finance, it]\n"
    icp, _ = parsed(("base: 40\n", f"base: 40\n{more}"))
    assert (icp.annual_review_by, icp.cycle_days) == ("2027-11-20", 90)
    assert (icp.metrics, icp.buying_group) == (("win_rate", "deal_size"), ("finance", "it"))
    plain, _ = parsed()
    assert (plain.annual_review_by, plain.cycle_days, plain.metrics, plain.buying_group) == (None, None, (), ())


def test_must_have_disqualify_points_and_base_may_be_left_out():
    icp, _ = parse("x.yaml", MINIMAL.encode())
    assert (icp.must_have, icp.disqualify, icp.points, icp.base) == ((), (), (), 0)
    assert decide(icp, {})[2:5] == ("ignore", 0, "A")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("icp: midmarket-saas", "icp: Midmarket SaaS", "1: icp: must be 1 to 64 of a-z, 0-9 and -"),
        ("icp: midmarket-saas", "icp: all", "1: icp: must not be 'all': that is the list of all ICPs together"),
        ("icp: midmarket-saas\n", "", "1: icp: is required"),
        ("version: 3", "version: 0", "2: version: must be greater than or equal to 1"),
        ("version: 3", "version: 99999999999999999999", "2: version: must be less than or equal to 2147483647"),
        ("version: 3", "version: three", "2: version: must be a valid integer"),
        ("owner: {name: Dana Reyes, email: dana@example.com}\n", "", "1: owner: is required"),
        (", email: dana@example.com", "", "3: owner.email: is required"),
        ("dana@example.com", "dana", "3: owner.email: must be an e-mail address"),
        ("name: Dana Reyes, ", "name: '', ", "3: owner.name: must not be empty"),
        ("{name: Dana Reyes, email", "{name: Dana Reyes, second: Bo, email", "3: owner.second: is not a known field"),
        (
            "{name: Dana Reyes, email: dana@example.com}",
            "Dana",
            "3: owner: must be a mapping of fields to values",
        ),
        ("review_by: 2027-02-20\n", "", "1: review_by: is required"),
        ("2027-02-20", "soon", "4: review_by: must be a date, such as 2027-02-20"),
        ("2027-02-20", "'2027-02-30'", "4: review_by: must be a date, such as 2027-02-20"),
        (
            "gte: 200",
            "above: 200",
            "6: must_have.employee_count.above: unknown operator 'above'; the operators are eq, ",
        ),
        ("{in: [NO, SE]}", "{in: NO}", "7: must_have.country.in: takes a list"),
        ("{in: [NO, SE]}", "{in: [NO, [1]]}", "7: must_have.country.in.1: takes text, a number or true/false"),
        ("{is_customer: {eq: true}}", "{}", "9: disqualify.0.when: must be a map of field to predicate"),
        (", reason: already a customer", "", "9: disqualify.0.reason: is required"),
        ("base: 40", "base: 101", "10: base: must be less than or equal to 100"),
        ("base: 40", "base: -1", "10: base: must be greater than or equal to 0"),
        ("base: 40", "base: .nan", "10: base: must be "),
        ("points: 25", "points: .inf", "12: points.0.points: must be a finite number"),
        ("points: 25", "points: many", "12: points.0.points: must be a valid number"),
        (", label: runs a CRM", "", "12: points.0.label: is required"),
        ("[Salesforce, HubSpot]", "[]", "12: points.0.when.tech_stack.has_any: takes at least one value"),
        ("C: 40", "C: 101", "13: tiers.C: must be less than or equal to 100"),
        ("tiers: {A: 80, B: 60, C: 40}", "tiers: {}", "13: tiers: must not be empty"),
        ("C: 40}", "C: 40, D: 20}", "13: tiers.D: has no entry in decisions"),
        ("C: deprioritize", "C: deprioritize, D: ignore", "14: decisions.D: is not a tier of this file"),
        ("B: 60", "B: 80", "13: tiers: must have different minimum fit scores"),
        ("C: deprioritize", "C: maybe", "14: decisions.C: must be 'chase', 'deprioritize' or 'ignore'"),
        ("base: 40", "annual_review_by: soon", "10: annual_review_by: must be a date, such as 2027-02-20"),
        ("base: 40", "cycle_days: 0", "10: cycle_days: must be greater than or equal to 1"),
        ("base: 40", "cycle_days: 1.5", "10: cycle_days: must be a valid integer"),
        ("base: 40", "metrics: win_rate", "10: metrics: must be a valid list"),
        ("base: 40", "metrics: [win_rate, win_rate]", "10: metrics.1: is named twice"),
        ("base: 40", "buying_group: [it, '']", "10: buying_group.1: must not be empty"),
        ("base: 40", "basis: 40", "10: basis: is not a known field"),
    ],
)
def test_a_file_that_is_refused_is_refused_at_its_line_and_field(old, new, line):
    (found,) = refused((old, new))
    assert found.startswith(f"saas.yaml:{line}")


def test_every_problem_is_told_in_the_order_of_the_file():
    assert refused(("{in: [NO, SE]}", "{in: NO}"), ("{is_customer: {eq: true}}", "{}"), ("B: 60", "B: 80")) == (
        "saas.yaml:7: must_have.country.in: takes a list",
        "saas.yaml:9: disqualify.0.when: must be a map of field to predicate",
        "saas.yaml:13: tiers: must have different minimum fit scores",
    )


def test_a_tier_that_is_chased_without_a_weight_is_refused_when_the_scoring_file_is_known():
    unweighted = policy(tier_weight={"A": 1.0})
    assert refused(rules=unweighted) == (
        "saas.yaml:14: decisions.B: tier 'B' of ICP midmarket-saas is chased but has no weight in lists.tier_weight",
    )
    assert parsed()[0].icp == "midmarket-saas"


def test_up_to_three_icps_with_different_ids_are_active_together():
    three = [parse(f"{n}.yaml", MINIMAL.replace("icp: x", f"icp: {n}").encode()) for n in "abc"]
    assert [icp.icp for icp in together(three)] == ["a", "b", "c"]
    with pytest.raises(ConfigurationError) as refusal:
        together([*three, parse("d.yaml", MINIMAL.encode())])
    assert refusal.value.lines == ("d.yaml: too many ICP files: at most 3 can be active",)


def test_the_same_id_twice_is_refused_with_both_files():
    with pytest.raises(ConfigurationError) as refusal:
        together([parse("a.yaml", MINIMAL.encode()), parse("b.yaml", b"# mine\n" + MINIMAL.encode())])
    assert refusal.value.lines == ("b.yaml:2: icp: 'x' is also the id of a.yaml",)


@pytest.mark.parametrize(("day", "passed"), [(19, False), (20, False), (21, True)])
def test_the_review_date_has_passed_on_the_day_after_it(day, passed):
    warning = review_passed(parsed()[0], datetime.date(2027, 2, day))
    assert warning == (
        "ICP midmarket-saas: its review date 2027-02-20 has passed; Dana Reyes <dana@example.com> has to review it"
        if passed
        else None
    )


@pytest.mark.parametrize(
    ("day", "passed"),
    [
        ((2027, 1, 20), None),
        ((2027, 2, 1), "annual review date 2027-01-20 has"),
        ((2027, 2, 21), "review date 2027-02-20 and its annual review date 2027-01-20 have"),
    ],
)
def test_the_annual_review_may_pass_by_itself(day, passed):
    icp, _ = parsed(("base: 40", "annual_review_by: 2027-01-20\nbase: 40"))
    warning = review_passed(icp, datetime.date(*day))
    words = f"ICP midmarket-saas: its {passed} passed; Dana Reyes <dana@example.com> has to review it"
    assert warning == (words if passed else None)
