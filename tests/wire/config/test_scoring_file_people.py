"""What the scoring file says of people and of what we sell: `sells`, `personas`, `stack.group`, `relations`."""

import pytest

from signal_engine.core.rules.points import score_event
from signal_engine.core.rules.policy import GroupPolicy, RelationPolicy
from signal_engine.wire.config import scoring_file
from signal_engine.wire.config.scoring_file import parse
from signal_engine.wire.config.yaml_files import ConfigurationError
from tests.build import event

FILE = """\
version: 2
sells:
  departments: [Sales, Customer Success]
  roles: [revenue]
personas:
  - {name: student, words: [intern], counts: false}
  - {name: finance, words: [cfo, chief financial]}
stack: {group: {personas: 3, each: 12}}
relations: {prospect: {listed: true, alert: sdr}, customer: {alert: owner}, partner: {}}
kinds:
  hiring:
    half_life_days: 45
    cap: 25
    facet: department
    facet_cap: 12
    rules:
      - {when: {department: {in: $sells.departments}}, points: 10}
      - {when: {title: {contains: $sells.roles}}, points: 6}
      - {when: {department: {not_in: $sells.departments}}, points: 1}
  engagement: {half_life_days: 14, cap: 45, facet: persona, facet_cap: 25, rules: [{points: 8}]}
"""
ONLY = "$sells.departments is only allowed with in, not_in, contains, has_any"
TEN = "points: 10"
NAME = "must consist of lower-case letters, digits, - and _"
TAKEN = "is reserved for titles that match no persona or are missing"
TWICE = "is defined twice; put all its words in one place"
THERE = "$sells.departments, $sells.roles, $sells.technologies, $sells.competitors, $sells.topics"
TEAMS = f"unknown list $sells.teams; the lists are {THERE}"


def changed(*changes: tuple[str, str]) -> scoring_file.ScoringFile:
    text = FILE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return parse("s.yaml", text.encode())


def test_what_the_file_says_of_people_is_taken():
    policy = changed().policy
    assert [(p.name, p.words, p.counts) for p in policy.personas] == [
        ("student", ("intern",), False),
        ("finance", ("cfo", "chief financial"), True),
    ]
    assert policy.stack.group == policy.group == GroupPolicy(3, 12)
    assert policy.personas.name_of("Chief Financial Officer") == "finance"
    assert not policy.personas.is_named("student")
    assert policy.relations == {
        "prospect": RelationPolicy(listed=True, alert="sdr"),
        "customer": RelationPolicy(alert="owner"),
        "partner": RelationPolicy(),
    }
    assert policy.relation("former_customer") == RelationPolicy(), "what the file does not name is neither"


@pytest.mark.parametrize(
    ("fields", "points", "because"),
    [
        ({"department": "sales"}, 10, "a department that our product serves"),
        ({"department": " customer success "}, 10, "without case and blanks"),
        ({"department": "Legal", "title": "VP Revenue"}, 6, "a title with the word of a role"),
        ({"department": "Legal", "title": "Counsel"}, 1, "any other"),
    ],
)
def test_a_rule_asks_for_a_list_of_what_we_sell_by_its_name(fields, points, because):
    posting = event("hiring", 100, **fields)
    assert score_event(posting, posting.fields, changed().policy.kinds["hiring"]).points == points, because


def test_a_list_that_is_empty_holds_for_nothing_and_what_is_not_in_it_is_everything():
    file = changed(("  departments: [Sales, Customer Success]\n", ""), ("  roles: [revenue]\n", "  roles: []\n"))
    posting = event("hiring", 100, department="Sales", title="VP Revenue")
    assert score_event(posting, posting.fields, file.policy.kinds["hiring"]).points == 1


def test_where_a_list_is_referred_to_is_known_so_that_an_empty_one_can_be_said():
    assert changed().lists_referred == {
        "departments": "kinds.hiring.rules[0].when.department",
        "roles": "kinds.hiring.rules[1].when.title",
    }


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        (
            f"$sells.departments}}}}, {TEN}",
            f"$sells.teams}}}}, {TEN}",
            f"17: WHERE: {TEAMS}",
        ),
        (f"{{in: $sells.departments}}}}, {TEN}", f"{{eq: $sells.departments}}}}, {TEN}", f"17: WHERE: {ONLY}"),
        (f"{{in: $sells.departments}}}}, {TEN}", f"$sells.departments}}, {TEN}", f"17: WHERE: {ONLY}"),
        ("roles: [revenue]", "rolls: [revenue]", "4: sells.rolls: is not a known field"),
        ("roles: [revenue]", "roles: revenue", "4: sells.roles: must be a valid list"),
        ("name: finance", "name: Finance", f"7: personas.1.name: 'Finance' {NAME}"),
        ("name: finance", "name: the cfo", f"7: personas.1.name: 'the cfo' {NAME}"),
        (
            "name: finance",
            "name: student",
            f"7: personas.1.name: 'student' {TWICE}",
        ),
        ("name: finance", "name: other", f"7: personas.1.name: 'other' {TAKEN}"),
        ("name: finance", "name: unknown", f"7: personas.1.name: 'unknown' {TAKEN}"),
        ("words: [intern]", "words: []", "6: personas.0.words: must not be empty"),
        ("chief financial]", "'--']", "7: personas.1.words.1: must contain a word (letters, digits or underscores)"),
        ("counts: false", "counts: 0", "6: personas.0.counts: must be a valid boolean"),
        ("personas: 3", "personas: 0", "8: stack.group.personas: must be 1 or more"),
        ("each: 12", "each: 0", "8: stack.group.each: must be a finite number above 0"),
        (", each: 12", "", "8: stack.group.each: is required"),
        ("alert: owner", "alert: ceo", "9: relations.customer.alert: must be 'sdr' or 'owner'"),
        ("listed: true", "listed: 1", "9: relations.prospect.listed: must be a valid boolean"),
    ],
)
def test_a_file_that_is_refused_is_refused_at_its_line_and_field(old, new, line):
    with pytest.raises(ConfigurationError) as refusal:
        changed((old, new))
    (said,) = refusal.value.lines
    place = "kinds.hiring.rules.0.when.department"
    assert said in {f"s.yaml:{line.replace('WHERE', where)}" for where in (place, f"{place}.in", f"{place}.eq")}


def test_a_relation_that_there_is_not_is_refused():
    with pytest.raises(ConfigurationError, match=r"^s\.yaml:9: relations\.client"):
        changed(("customer:", "client:"))


def test_at_most_ten_personas_are_told_apart():
    ten = "".join(f"  - {{name: p{number}, words: [w{number}]}}\n" for number in range(8))
    assert len(changed(("stack:", f"{ten}stack:")).policy.personas) == 10
    eleven = f"{ten}  - {{name: last, words: [x]}}\n"
    with pytest.raises(ConfigurationError, match="has 11 personas; at most 10 are possible"):
        changed(("stack:", f"{eleven}stack:"))


@pytest.mark.parametrize(
    ("old", "new", "stored"),
    [
        ("[Sales, Customer Success]", "[Sales]", True),
        ("words: [intern]", "words: [intern, trainee]", True),
        ("counts: false", "counts: true", True),
        ("each: 12", "each: 13", False),
        ("alert: owner", "alert: sdr", False),
    ],
)
def test_what_we_sell_and_personas_are_inside_stored_states_and_the_group_and_relations_are_not(old, new, stored):
    assert (changed((old, new)).rules_hash != changed().rules_hash) is stored
    assert changed((old, new)).config_version != changed().config_version


def test_the_number_of_the_formula_is_part_of_what_is_stored_and_shown(monkeypatch):
    before = changed()
    monkeypatch.setattr(scoring_file, "FORMULA", 3)
    assert changed().rules_hash != before.rules_hash
    assert changed().config_version != before.config_version
