"""The pages under docs/ say what the code and the shipped files do."""

import re
from pathlib import Path

import pytest

from bench.saturation_plot import TARGET, drawing
from faults.registry import SCENARIOS
from signal_engine.wire.config import scoring_file
from tests.histories.outcomes import DAYS, OUTCOMES

PAGE = Path("docs/scoring.md").read_text("utf-8")
SHIPPED = scoring_file.parse("config/scoring.yaml", Path("config/scoring.yaml").read_bytes()).policy


def rows(first: str) -> list[list[str]]:
    """The rows of the table whose heading begins with `first`."""
    lines = PAGE.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {first} |"))
    table = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        table.append([cell.strip() for cell in line.strip("|").split("|")])
    return table


EXAMPLES = {row[0].strip("`"): row[1:] for row in rows("history")}


@pytest.mark.parametrize("name", EXAMPLES)
def test_the_worked_examples_are_those_of_the_tests(name):
    for day, said in zip(DAYS, EXAMPLES[name], strict=True):
        level, score, badge = OUTCOMES[name].at(day)
        assert said == f"{level} {score:.2f}" + (", Inbound" if badge == "inbound" else "")
    assert f"(`{name}`)" in PAGE or name == "three-unidentified", "it is worked out above the table"
    assert f"**{OUTCOMES[name].day_0[1]:.2f}**" in PAGE


def test_six_examples_at_least_are_worked_out():
    assert len(EXAMPLES) >= 6


def test_the_table_of_kinds_is_that_of_the_shipped_file():
    said = [
        [kind.kind, f"{kind.half_life_days:g} days", f"{kind.cap:g}", kind.facet, f"{kind.facet_cap:g}"]
        for kind in SHIPPED.kinds.values()
    ]
    assert sorted(rows("kind")) == sorted(said)


def test_the_plot_is_that_of_the_formula():
    assert TARGET.read_text("utf-8") == drawing(), "python -m bench.saturation_plot writes it anew"


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md", *map(str, sorted(Path("docs").glob("*.md")))])
def test_links_within_the_project_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", Path(page).read_text("utf-8")):
        assert (Path(page).parent / target).exists(), target


TABLE = Path("docs/testing.md").read_text("utf-8").partition("| item |")[2].partition("\n\n")[0]
HELD = [[cell.strip() for cell in line.strip().strip("|").split(" | ")] for line in TABLE.splitlines()[2:]]
SCENARIO_NAMES = {scenario.name for scenario in SCENARIOS}


def test_every_item_has_a_test():
    items = [row[0] for row in HELD if row[0]]
    wanted = [*(f"A{n}" for n in range(1, 12)), "B", *(f"C{n}" for n in range(1, 9)), "D1", "D2", "D3", "E"]
    assert items == wanted
    assert all(re.search("`tests/", held) for _, _, held in HELD)


@pytest.mark.parametrize("named", sorted({name for _, _, held in HELD for name in re.findall("`([^`]+)`", held)}))
def test_the_tests_and_scenarios_that_are_named_are_there(named):
    file, _, test = named.partition("::")
    if "/" not in file:
        assert named in SCENARIO_NAMES
        return
    text = Path(file).read_text("utf-8")
    assert not test or re.search(rf"^(?:async )?def {test}\(|^class {test}:", text, re.MULTILINE)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.name)
def test_the_page_on_reliability_tells_of_every_scenario(scenario):
    page = Path("docs/reliability.md").read_text("utf-8")
    assert f"(`{scenario.name}`)" in page, "python -m faults.report RUNS.json writes the table anew"


def test_the_page_on_reliability_counts_the_scenarios_of_the_short_form():
    short = sum(bool(scenario.short_runs) for scenario in SCENARIOS)
    assert f"make faults-short    {short} scenarios" in Path("docs/reliability.md").read_text("utf-8")
