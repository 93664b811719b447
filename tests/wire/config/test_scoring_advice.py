"""What is odd about a scoring file: it breaks no law, and hardly does what its author meant."""

from pathlib import Path

import pytest

from signal_engine.core.advice import reach
from signal_engine.core.rules.policy import Policy
from signal_engine.wire.config import icp_file, scoring_file
from signal_engine.wire.config.scoring_advice import dead_rules, empty_lists, group_oddities, oddities

SHIPPED = Path("config/scoring.yaml").read_text("utf-8")
ICP = Path("config/icp/midmarket-saas.yaml").read_text("utf-8")
STUDENT_RULE = "      - {when: {activity: {in: [demo_request, contact_sales]}, persona: {in: [student]}}, points: 5}\n"
STUDENT = (
    "kinds.engagement.rules.{}: makes demo_request, contact_sales a hand raise even for persona 'student', "
    "which does not count"
)
TRIAL = "kinds.engagement.rules.2: makes trial_signup a hand raise even for persona 'student', which does not count"
CHAMPION = "kinds.leadership.rules.0.points: is 89% of facet_cap (18): a single signal counts 13.4"


def read(*changes: tuple[str, str]) -> scoring_file.ScoringFile:
    """The shipped scoring file with pieces of its text replaced; each has to be there."""
    text = SHIPPED
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return scoring_file.parse("s.yaml", text.encode())


def odd(*changes: tuple[str, str]) -> list[str]:
    """What is odd after the changes that is not odd before, without file and line."""
    return [said for line in oddities(read(*changes)) if "makes trial_signup" not in (said := line.split(": ", 1)[1])
            and said != CHAMPION]  # fmt: skip


def line_of(text: str) -> int:
    return next(number for number, line in enumerate(SHIPPED.splitlines(), 1) if text in line)


def test_the_shipped_file_is_odd_in_the_two_ways_that_its_comments_explain():
    trial, champion = line_of("activity: trial_signup}, points"), line_of("[champion, past_user")
    assert oddities(read()) == (f"s.yaml:{trial}: {TRIAL}", f"s.yaml:{champion}: {CHAMPION}")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param(
            [("{when: {score: {gte: 80}}, points: 8}", "{when: {score: {gte: 80}}, points: 14}")],
            ["kinds.intent.rules.0.points: is 100% of facet_cap (14): a single signal counts 11.1"],
            id="14 points under a facet cap of 14 count 11.1",
        ),
        pytest.param(
            [("{when: {score: {gte: 80}}, points: 8}", "{when: {score: {gte: 80}}, points: 11.2}")],
            [],
            id="80 % of a facet cap is not beyond it",
        ),
        pytest.param(
            [("  departments: [Sales, Marketing, Revenue Operations, Customer Success]", "  departments: []")],
            ["sells.departments: is empty, but kinds.hiring.rules[0].when.department refers to it"],
            id="a list that rules ask for is empty",
        ),
        pytest.param(
            [("[1.0, 1.15, 1.3, 1.4]", "[1.0]"), ("    cap: 35", "    cap: 9"), ("    cap: 45", "    cap: 9"),
             ("    cap: 25", "    cap: 5"), ("    cap: 25", "    cap: 5"), ("    cap: 20", "    cap: 5"),
             ("    cap: 22", "    cap: 5")],
            ["levels.hot.enter: cannot be reached: caps and multipliers limit every account to 38 points"],
            id="all caps together are less than hot asks for",
        ),
        pytest.param(
            [("min_kinds: 2", "min_kinds: 7"), ("each: 12", "each: 25")],
            ["stack.group: cannot be reached: a facet_cap of 25 keeps every persona below 25 points",
             "levels.hot.min_kinds: cannot be reached: rules give points for only 6 kinds, including the buying group"],
            id="seven kinds, where the group that would be the seventh is out of reach",
        ),
        pytest.param(
            [("personas: 3, each", "personas: 10, each")],
            ["stack.group: cannot be reached: it needs 10 personas, but only 9 of this file count"],
            id="more personas than the file knows, students left out",
        ),
        pytest.param(
            [("facet: persona", "facet: activity")],
            ["stack.group: cannot be reached: the facet of engagement is activity, not persona"],
            id="a buying group without personas",
        ),
        pytest.param(
            [("live_floor: 4.0", "live_floor: 18.5")],
            [],
            id="one rule still gives the 20 points of a hand raise: weighty enough",
        ),
        pytest.param(
            [("live_floor: 4.0", "live_floor: 19.5"), ("points: 20, act_now", "points: 19, act_now")],
            ["levels.hot: cannot be reached: no rule gives live_floor (19.5) points or more"],
            id="no signal weighs enough to end silence",
        ),
        pytest.param(
            [(STUDENT_RULE, "")],
            [STUDENT.format(0)],
            id="a student who asks for a demo would be called",
        ),
        pytest.param(
            [(STUDENT_RULE, STUDENT_RULE.replace("points: 5", "points: 0"))],
            [],
            id="a student's demo request that counts for nothing calls nobody",
        ),
        pytest.param(
            [(STUDENT_RULE, STUDENT_RULE.replace("[student]", "[student], exists: true"))],
            [],
            id="an earlier rule that surely decides",
        ),
        pytest.param(
            [(STUDENT_RULE, STUDENT_RULE.replace("persona:", "page: /students, persona:"))],
            [STUDENT.format(1)],
            id="an earlier rule that decides for one page only",
        ),
    ],
)  # fmt: skip
def test_what_is_odd_is_said_with_its_place_and_the_figure(changes, said):
    assert odd(*changes) == said


def test_a_rule_that_asks_for_an_empty_list_puts_nothing_within_reach():
    """Without departments, roles, technologies and competitors, hiring gives nothing; `not_in` still holds."""
    lists = ("departments", "roles", "technologies", "competitors")
    empty = [(next(x for x in SHIPPED.splitlines() if x.startswith(f"  {name}: ")), f"  {name}: []") for name in lists]
    full, bare = read(), read(*empty)
    assert reach(full.policy) == (1.4 * 172, 7, True)
    said = "\n".join(oddities(bare))
    assert said.count(" is empty, but ") == 4
    assert len(empty_lists(bare)) == 4
    assert empty_lists(full) == ()
    inverted = read(*empty, ("department: {in: $sells.departments}, seniority: {in:",
                             "department: {not_in: $sells.departments}, seniority: {in:"))  # fmt: skip
    assert ("hiring", 0) not in dead_rules(inverted)
    assert ("hiring", 1) in dead_rules(inverted)
    assert reach(bare.policy, dead_rules(bare)).live == 5, "intent, funding, engagement, leadership, buying group"


def test_an_icp_asks_for_personas_that_the_scoring_file_knows():
    text = ICP.replace("[sales, marketing, finance]", "[sales, the boss]")
    icp, document = icp_file.parse("i.yaml", text.encode())
    line = next(number for number, one in enumerate(ICP.splitlines(), 1) if one.startswith("buying_group"))
    (said,) = group_oddities(icp, document, read().policy)
    assert said.startswith(
        f"i.yaml:{line}: buying_group.1: 'the boss' is not a persona of the scoring file; its personas are "
    )
    free = Policy(1, read().policy.kinds)
    assert group_oddities(icp, document, free) == (), "without personas the title itself is the name"
