"""The scoring file: what it says is taken, and each refusal names file, line and field (scoring.md, section 8)."""

from pathlib import Path

import pytest

from signal_engine.core.rules.policy import DEFAULT_RELATIONS, AlertPolicy, Levels, ListPolicy, Stack, Threshold
from signal_engine.wire.config.scoring_file import parse
from signal_engine.wire.config.yaml_files import ConfigurationError

SHIPPED = Path(__file__).parents[3] / "config" / "scoring.yaml"
FILE = """\
version: 4
stack: {live_floor: 0.5, multipliers: [1, 1.2]}
levels:
  hot: {enter: 70, exit: 55, min_kinds: 2, max_silence_days: 21}
  warm: {enter: 30, exit: 20, min_kinds: 1}
alerts: {cooldown_days: 7, hand_raise_hours: 12, trigger_days: 5}
lists: {size: 50, min_level: hot, min_score: 10, pin_days: 7, tier_weight: {A: 1, B: 0.5}}
kinds:
  hiring:
    half_life_days: 45
    cap: 25
    facet: department
    facet_cap: 12
    rules:
      - {when: {seniority: {in: [vp, head]}}, points: 10, trigger: true}
      - {points: 4}
  intent:
    half_life_days: 14
    cap: 30
    facet: topic
    facet_cap: 12
    rules:
      - {when: {score: {gte: 80}}, points: 8, act_now: true}
"""
MINIMAL = b"""\
version: 1
kinds:
  intent: {half_life_days: 14, cap: 30, facet: topic, facet_cap: 12, rules: [{points: 8}]}
  hiring: {half_life_days: 45, cap: 25, facet: department, facet_cap: 12, rules: [{points: 4}]}
"""
LEVELS = "must hold 0 < exit < enter <= 100"
FINITE = "must be a finite number above 0"
FLOOR = "must be a finite number, 0.01 or more"
OPERATORS = "the operators are eq, ne, in, not_in, gte, gt, lte, lt, contains, has_any, exists"
KINDS = "the kinds are intent, hiring, funding, engagement, technographic, leadership"
MORE = "must be a finite number, 0 or more: more evidence never hurts"


def parsed(*changes: tuple[str, str]):
    text = FILE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return parse("s.yaml", text.encode())


def refused(*changes: tuple[str, str]) -> tuple[str, ...]:
    with pytest.raises(ConfigurationError) as refusal:
        parsed(*changes)
    return refusal.value.lines


def test_what_the_file_says_is_taken():
    policy = parsed().policy
    assert policy.version == 4
    assert policy.stack == Stack(0.5, (1.0, 1.2))
    assert policy.levels == Levels(Threshold(70, 55, 2, 21), Threshold(30, 20, 1))
    assert policy.alerts == AlertPolicy(7, 12, 5)
    assert policy.lists == ListPolicy(50, "hot", 10, 7, {"A": 1.0, "B": 0.5})
    assert list(policy.kinds) == ["intent", "hiring"]
    hiring, intent = policy.kinds["hiring"], policy.kinds["intent"]
    assert (hiring.half_life_days, hiring.cap, hiring.facet, hiring.facet_cap) == (45, 25, "department", 12)
    assert [(r.points, r.act_now, r.trigger, len(r.when)) for r in hiring.rules] == [
        (10, False, True, 1),
        (4, False, False, 0),
    ]
    assert [(r.points, r.act_now, r.trigger) for r in intent.rules] == [(8, True, False)]
    assert intent.rules[0].when[0].answer({"score": 80}) is True


def test_what_the_file_leaves_out_has_the_defaults_of_the_definition_or_is_not_there():
    policy = parse("s.yaml", MINIMAL).policy
    assert (policy.stack, policy.levels, policy.alerts, policy.lists) == (
        Stack(4.0, (1.0, 1.15, 1.3, 1.4), None),
        Levels(Threshold(40, 32, 2, None), Threshold(20, 15, 1)),
        AlertPolicy(14, 24, 14),
        ListPolicy(200, "warm", 0, 14, {"A": 1.0, "B": 0.85, "C": 0.7}),
    )
    assert (len(policy.personas), policy.relations) == (0, DEFAULT_RELATIONS)
    assert not any(policy.sells.values())


CALLS = ("act_now", "trigger")


@pytest.mark.parametrize(
    ("kind", "half_life", "cap", "facet", "facet_cap", "points"),
    [
        ("intent", 14, 35, "topic", 14, "8 6 2"),
        ("engagement", 14, 45, "persona", 25, "5 20act_now 15act_now 8 6 5 2 2 0.25"),
        ("hiring", 45, 25, "department", 14, "10 10 8 8 6 6 4 4"),
        ("funding", 45, 25, "round", 24, "18trigger 14trigger 9 5"),
        ("technographic", 60, 20, "technology", 14, "0 0 10trigger 10trigger 8 6"),
        ("leadership", 60, 22, "role", 18, "16trigger 14trigger 8 6"),
    ],
)
def test_the_shipped_file_says_what_the_definition_says(kind, half_life, cap, facet, facet_cap, points):
    policy = parse("scoring.yaml", SHIPPED.read_bytes()).policy
    found = policy.kinds[kind]
    assert (found.half_life_days, found.cap, found.facet, found.facet_cap) == (half_life, cap, facet, facet_cap)
    said = [f"{rule.points:g}" + "".join(call for call in CALLS if getattr(rule, call)) for rule in found.rules]
    assert " ".join(said) == points


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("version: 4", "version: 0", "1: version: must be greater than or equal to 1"),
        ("version: 4", "version: '4'", "1: version: must be a valid integer"),
        ("version: 4\n", "version: 4\nmore: 1\n", "2: more: is not a known field"),
        ("[1, 1.2]", "[]", "2: stack.multipliers: must not be empty"),
        ("[1, 1.2]", "[1.1, 1.2]", "2: stack.multipliers: must start at 1: a single kind is no stack"),
        ("[1, 1.2]", "[1, 1.3, 1.2]", "2: stack.multipliers: must not fall: one more live kind may not lower a score"),
        ("[1, 1.2]", "[1, .inf]", "2: stack.multipliers: must be finite numbers"),
        ("[1, 1.2]", "[1, high]", "2: stack.multipliers.1: must be a valid number"),
        ("0.5,", "0,", f"2: stack.live_floor: {FLOOR}"),
        ("0.5,", ".nan,", f"2: stack.live_floor: {FLOOR}"),
        ("0.5,", "25,", "2: stack.live_floor: must be below the least cap (25), or a kind is never live"),
        ("exit: 55", "exit: 70", f"4: levels.hot: {LEVELS}"),
        ("exit: 20", "exit: 0", f"5: levels.warm: {LEVELS}"),
        ("enter: 70", "enter: 101", f"4: levels.hot: {LEVELS}"),
        ("enter: 30", "enter: 70", "5: levels.warm.enter: must be below hot.enter (70)"),
        ("enter: 30, exit: 20", "enter: 60, exit: 55", "5: levels.warm.exit: must be below hot.exit (55)"),
        ("min_kinds: 2", "min_kinds: 3", "4: levels.hot.min_kinds: is more than the 2 kinds of this file"),
        ("min_kinds: 1", "min_kinds: -1", "5: levels.warm.min_kinds: must not be negative"),
        ("min_kinds: 1", "min_kinds: 1.5", "5: levels.warm.min_kinds: must be a valid integer"),
        ("min_kinds: 1", "max_silence_days: 9", "5: levels.warm.max_silence_days: is not a known field"),
        ("silence_days: 21", "silence_days: 0", f"4: levels.hot.max_silence_days: {FINITE}; leave it out for never"),
        ("silence_days: 21", "silence_days: never", "4: levels.hot.max_silence_days: must be a valid number"),
        (
            "trigger_days: 5",
            "trigger_days: 31",
            "6: alerts.trigger_days: is longer than the alerts topic keeps (30 days)",
        ),
        ("pin_days: 7", "pin_days: -1", "7: lists.pin_days: must be a finite number, 0 or more"),
        ("min_level: hot", "min_level: tepid", "7: lists.min_level: must be 'cold', 'warm' or 'hot'"),
        ("trigger: true", "trigger: 1", "15: kinds.hiring.rules.0.trigger: must be a valid boolean"),
        ("days: 7", "days: 31", "6: alerts.cooldown_days: is longer than the alerts topic keeps (30 days)"),
        ("days: 7", "days: -1", "6: alerts.cooldown_days: must be a finite number, 0 or more"),
        ("days: 7", "days: .inf", "6: alerts.cooldown_days: must be a finite number, 0 or more"),
        ("hours: 12", "hours: 721", "6: alerts.hand_raise_hours: is longer than the alerts topic keeps (30 days)"),
        ("size: 50", "size: 0", "7: lists.size: must be 1 or more"),
        ("min_score: 10", "min_score: 101", "7: lists.min_score: must be in 0..100"),
        ("A: 1,", "A: 0,", "7: lists.tier_weight.A: must be above 0 and at most 1"),
        ("A: 1,", "A: 1.01,", "7: lists.tier_weight.A: must be above 0 and at most 1"),
        ("A: 1,", "A: .nan,", "7: lists.tier_weight.A: must be above 0 and at most 1"),
        ("half_life_days: 45", "half_life_days: 0", f"10: kinds.hiring.half_life_days: {FINITE}"),
        ("half_life_days: 45", "half_life_days: true", "10: kinds.hiring.half_life_days: must be a valid number"),
        ("cap: 25", "cap: .inf", f"11: kinds.hiring.cap: {FINITE}"),
        ("cap: 25", "cap: '25'", "11: kinds.hiring.cap: must be a valid number"),
        ("facet_cap: 12", "facet_cap: -1", f"13: kinds.hiring.facet_cap: {FINITE}"),
        ("    facet: department\n", "", "9: kinds.hiring.facet: is required"),
        ("points: 10", "points: -1", f"15: kinds.hiring.rules.0.points: {MORE}"),
        ("points: 4", "points: .nan", f"16: kinds.hiring.rules.1.points: {MORE}"),
        ("{points: 4}", "{point: 4, points: 4}", "16: kinds.hiring.rules.1.point: is not a known field"),
        ("act_now: true", "act_now: 1", "23: kinds.intent.rules.0.act_now: must be a valid boolean"),
        ("{in: [vp, head]}", "{in: vp}", "15: kinds.hiring.rules.0.when.seniority.in: takes a list"),
        ("{gte: 80}", "{gte: '80'}", "23: kinds.intent.rules.0.when.score.gte: takes a finite number"),
        ("{score: {gte: 80}}", "{}", "23: kinds.intent.rules.0.when: must be a map of field to predicate"),
        (
            "{gte: 80}",
            "{above: 80}",
            f"23: kinds.intent.rules.0.when.score.above: unknown operator 'above'; {OPERATORS}",
        ),
        (
            "  intent:",
            "  intents:",
            f"17: kinds.intents: is not a known kind; {KINDS}",
        ),
    ],
)
def test_a_file_that_is_refused_is_refused_at_its_line_and_field(old, new, line):
    assert refused((old, new)) == (f"s.yaml:{line}",)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ("{score: {gte: 80}}", "{scores: {gte: 80}}", "23: kinds.intent.rules.0.when.scores: intent events have no "),
        ("facet: topic", "facet: topics", "20: kinds.intent.facet: intent events have no field 'topics'; they have "),
    ],
)
def test_a_field_that_no_event_has_is_refused_with_those_there_are(old, new, place):
    (line,) = refused((old, new))
    assert line.startswith(f"s.yaml:{place}")
    assert line.endswith("people, score, source, source_url, topic, trend")


def test_a_facet_with_several_values_is_refused():
    changes = (("  hiring:", "  funding:"), ("facet: department", "facet: investors"))
    lines = refused(*changes, ("{when: {seniority: {in: [vp, head]}}, points: 10,", "{points: 10,"))
    assert lines == ("s.yaml:12: kinds.funding.facet: investors holds several values; a facet is a field with one",)


def test_every_problem_of_a_sort_is_told_in_the_order_of_the_file():
    assert refused(("size: 50", "size: 0"), ("[1, 1.2]", "[]"), ("points: 8", "points: -8")) == (
        "s.yaml:2: stack.multipliers: must not be empty",
        "s.yaml:7: lists.size: must be 1 or more",
        f"s.yaml:23: kinds.intent.rules.0.points: {MORE}",
    )
    assert len(refused(("{in: [vp, head]}", "{in: vp}"), ("{gte: 80}", "{gte: x}"))) == 2


@pytest.mark.parametrize("text", [b"", b"[]", b"version: 1\nkinds: {}\n", b"version: 1\n"])
def test_a_file_without_any_kind_is_refused(text):
    with pytest.raises(ConfigurationError, match=r"^s\.yaml:\d: "):
        parse("s.yaml", text)


def test_the_version_shown_is_that_of_the_file_and_a_hash_of_what_it_says():
    plain, commented = parsed(), parsed(("version: 4", "# a comment\nversion: 4"))
    assert plain.config_version.startswith("4-")
    assert len(plain.config_version) == len("4-01234567")
    assert (commented.config_version, commented.rules_hash) == (plain.config_version, plain.rules_hash)
    assert parsed(("cap: 25", "cap: 26")).config_version != plain.config_version


@pytest.mark.parametrize(
    ("old", "new", "stored"),
    [
        ("half_life_days: 45", "half_life_days: 46", True),
        ("facet: department", "facet: location", True),
        ("points: 10", "points: 11", True),
        ("[vp, head]", "[vp]", True),
        ("act_now: true", "act_now: false", True),
        ("trigger: true", "trigger: false", True),
        ("0.5, mul", "0.6, mul", True),
        ("      - {points: 4}\n", "", True),
        ("cap: 25", "cap: 26", False),
        ("facet_cap: 12", "facet_cap: 13", False),
        ("enter: 70", "enter: 71", False),
        ("silence_days: 21", "silence_days: 22", False),
        ("pin_days: 7", "pin_days: 8", False),
        ("min_level: hot", "min_level: warm", False),
        ("size: 50", "size: 51", False),
        ("[1, 1.2]", "[1, 1.3]", False),
        ("days: 7", "days: 8", False),
    ],
)
def test_the_hash_of_what_is_stored_is_of_rules_half_lives_and_facets_alone(old, new, stored):
    assert (parsed((old, new)).rules_hash != parsed().rules_hash) is stored


@pytest.mark.parametrize("days", [".inf", ".nan", "1e308", "100001"])
def test_a_half_life_without_end_is_refused_and_not_tripped_over(days):
    text = (
        (Path(__file__).parents[3] / "config" / "scoring.yaml")
        .read_text()
        .replace("half_life_days: 14", f"half_life_days: {days}", 1)
    )
    with pytest.raises(ConfigurationError, match=r"kinds\.intent\.half_life_days"):
        parse("scoring.yaml", text.encode())


@pytest.mark.parametrize("number", ["1" + "0" * 30, "1" + "0" * 400])
def test_a_number_of_any_length_is_read_or_refused(number):
    text = (Path(__file__).parents[3] / "config" / "scoring.yaml").read_text().replace("gte: 80", f"gte: {number}", 1)
    if len(number) < 300:
        assert parse("scoring.yaml", text.encode()).policy.version == 1
    else:
        with pytest.raises(ConfigurationError, match="takes a finite number"):
            parse("scoring.yaml", text.encode())
