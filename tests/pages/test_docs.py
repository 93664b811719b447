"""The pages under docs/ say what the code and the shipped files do."""

import re
import textwrap
import tomllib
from pathlib import Path

import pytest

from bench.saturation_plot import TARGET, drawing
from faults.registry import SCENARIOS
from signal_engine import __version__
from signal_engine.wire.config import icp_file, scoring_file
from tests.histories.outcomes import DAYS, OUTCOMES

PAGE = Path("docs/scoring.md").read_text("utf-8")
README = Path("README.md").read_text("utf-8")
RELIABILITY = Path("docs/reliability.md").read_text("utf-8")
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


PAGES = [*map(str, sorted(Path().glob("*.md"))), *map(str, sorted(Path("docs").rglob("*.md")))]


@pytest.mark.parametrize("page", PAGES)
def test_links_within_the_project_lead_somewhere(page):
    for target in re.findall(r"\]\(([^)#:]*[./][^)#:]*)(?:#[^)]*)?\)", Path(page).read_text("utf-8")):
        assert (Path(page).parent / target).exists(), target


def anchors(page: Path) -> set[str]:
    """What links may name of a page: its headings, as GitHub spells them."""
    text = re.sub(r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES)
def test_headings_that_links_name_are_there(page):
    for target, anchor in re.findall(r"\]\(([\w./-]*)#([^)]+)\)", Path(page).read_text("utf-8")):
        where = Path(page).parent / target if target else Path(page)
        assert anchor in anchors(where), f"{target}#{anchor}"


@pytest.mark.parametrize("page", PAGES)
def test_nothing_is_left_of_a_merge_or_to_be_filled_in(page):
    """Half of a sentence that a merge has kept shows as a bracket that nothing opens or closes."""
    text = Path(page).read_text("utf-8")
    assert not re.findall(r"^(?:<{7}|={7}|>{7}).*|@@\w+@@|\b(?:TODO|FIXME|TBD)\b", text, re.MULTILINE)
    words = re.sub(r"^```.*?^```|`[^`]*`|\(\d+, \d+\]", "", text, flags=re.MULTILINE | re.DOTALL)
    pieces = re.split(r"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) |\|)", words)
    assert [piece for piece in pieces if piece.count("(") != piece.count(")")] == []


@pytest.mark.parametrize("page", PAGES)
def test_a_name_of_a_drawing_is_one_thing(page):
    """Mermaid draws two things that have one name as one."""
    for drawn in re.findall(r"^```mermaid\n(.*?)^```", Path(page).read_text("utf-8"), re.MULTILINE | re.DOTALL):
        names = re.findall(r"\b(\w+)[\[(]", re.sub(r"\|[^|\n]*\|", " ", drawn))
        assert len(names) == len(set(names)), sorted(names)


def test_the_map_has_every_room_of_the_package():
    """Folders that hold rooms are mapped room by room; an adapter is named in the row of all of them."""
    package = Path("signal_engine")
    rooms = {
        f"{house}/{room.name}"
        for house in ("core", "wire", "engine", "entrypoints")
        for room in (package / house).iterdir()
        if (room / "__init__.py").exists()
    }
    page = Path("CONTRIBUTING.md").read_text("utf-8")
    table = page.partition("| folder of `signal_engine/` |")[2].partition("\n\n")[0]
    first_cells = "".join(re.findall(r"^\| [^|]*", table, re.MULTILINE))
    assert set(re.findall(r"`(\w+/\w+)`", first_cells)) == rooms
    adapters = {one.name for one in (package / "adapters").iterdir() if (one / "__init__.py").exists()}
    assert adapters <= set(re.findall(r"`(\w+)`", table))
    engine = (
        Path("docs/architecture.md").read_text("utf-8").partition("The rooms of the engine")[2].partition("Outside")[0]
    )
    assert {f"engine/{room}" for room in re.findall(r"^    (\w+) \.\.", engine, re.MULTILINE)} == {
        room for room in rooms if room.startswith("engine/")
    }


@pytest.mark.parametrize(
    ("what", "files"),
    [("A signal type", 6), ("An alert type", 4), ("An output field", 2), ("An endpoint", 2), ("A setting", 1)],
)
def test_how_to_add_something_names_files_that_there_are(what, files):
    """A renamed file would leave the list to people who do not find it."""
    part = Path("CONTRIBUTING.md").read_text("utf-8").partition(f"**{what}.**")[2].partition("\n\n**")[0]
    named = re.findall(r"^\| `([\w./-]+)`", part, re.MULTILINE)
    assert sum(name.startswith(("signal_engine/", "config/")) for name in named) == files
    assert all(Path(name).exists() for name in named)


@pytest.mark.parametrize("page", PAGES)
def test_files_of_the_project_that_are_named_are_there(page):
    """`signal_engine/...`, `tests/...`, `docs/...` and so on; not what a command makes."""
    for named in re.findall(
        r"`((?:signal_engine|tests|testing|docs|config|bench|faults|schemas|tools)/[\w./-]*)",
        Path(page).read_text("utf-8"),
    ):
        assert Path(named).exists(), named


def test_the_decisions_are_numbered_without_a_gap_and_listed():
    records = sorted(Path("docs/decisions").glob("0*.md"))
    listed = Path("docs/README.md").read_text("utf-8")
    for number, record in enumerate(records, 1):
        text = record.read_text("utf-8")
        assert record.name.startswith(f"{number:04d}-")
        title = text.removeprefix(f"# {number}. ").partition("\n")[0]
        assert f"| {number} | [{title}](decisions/{record.name}) |" in listed
        assert all(f"**{part}" in text for part in ("Context.", "Decision.", "Measured.", "Consequences.", "Held by"))
        assert re.search(r"\d", text.partition("**Measured.**")[2].partition("**Consequences.**")[0]), "a figure"


def test_the_glossary_has_each_term_once_in_order():
    rows = Path("docs/glossary.md").read_text("utf-8").partition("|---|---|---|\n")[2].splitlines()
    terms = [row.split("|")[1].strip().strip("`").casefold() for row in rows]
    assert terms == sorted(set(terms))
    assert all(len(row.split(" | ")) == 3 for row in rows)


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
    assert f"(`{scenario.name}`)" in RELIABILITY, "python -m faults.report RUNS.json writes the table anew"


def test_the_page_on_reliability_counts_the_scenarios_of_the_short_form():
    short = sum(bool(scenario.short_runs) for scenario in SCENARIOS)
    assert f"make faults-short    {short} scenarios" in RELIABILITY


CHANGELOG = Path("CHANGELOG.md").read_text("utf-8")


def test_the_changelog_has_the_form_of_keep_a_changelog():
    """Unreleased first, then dated versions, newest first; within each the six groups in their order, none empty."""
    unreleased, *released = re.findall("^## (.*)$", CHANGELOG, re.MULTILINE)
    assert unreleased == "[Unreleased]"
    versions = [re.fullmatch(r"\[(\d+)\.(\d+)\.(\d+)\] - \d{4}-\d\d-\d\d", heading) for heading in released]
    assert all(versions), released
    numbers = [tuple(map(int, version.groups())) for version in versions if version]
    assert numbers == sorted(numbers, reverse=True)
    assert f"[{__version__}]" in CHANGELOG, "the version of the package has an entry"
    order = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
    for section in re.split("^## ", CHANGELOG, flags=re.MULTILINE)[1:]:
        groups = re.findall("^### (.*)$", section, re.MULTILINE)
        assert groups == [name for name in order if name in groups]
        assert all(re.match(r"\s*\n- ", body) for body in re.split("^### .*$", section, flags=re.MULTILINE)[1:])


def test_the_licence_is_the_one_that_the_package_names():
    declared = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["project"]["license"]
    text = Path("LICENSE").read_text("utf-8")
    assert declared == "Apache-2.0"
    assert "Apache License\n                           Version 2.0, January 2004" in text
    assert all(f"\n   {number}. " in text for number in range(1, 10)), "all nine sections"


def test_hooks_run_the_tools_of_the_environment_and_all_that_lint_runs():
    """pre-commit reads `entry`; the Makefile's `lint` lists the same tools."""
    hooks = Path(".pre-commit-config.yaml").read_text("utf-8")
    tools = re.findall(r"entry: \.venv/bin/(\S+)", hooks)
    lint = Path("Makefile").read_text("utf-8").partition("\nlint:")[2].partition("\n\n")[0]
    assert tools == re.findall(r"\$\(BIN\)/(\S+)", lint)
    assert set(re.findall(r"- repo: (\S+)", hooks)) == {"local"}
    assert set(re.findall(r"language: (\S+)", hooks)) == {"system"}, "nothing is fetched"


def points_in(cell: str) -> set[tuple[float, bool, bool]]:
    """Points, hand raise, trigger of every rule that a cell tells: `**18** trigger`, `**20** hand raise`."""
    found = re.findall(r"\*\*([\d.]+)\*\*( hand raise| trigger)?", cell)
    return {(float(points), mark == " hand raise", mark == " trigger") for points, mark in found}


@pytest.mark.parametrize("kind", SHIPPED.kinds)
def test_the_table_of_rules_is_that_of_the_shipped_file(kind):
    (cell,) = next(row[1:] for row in rows("points of") if row[0] == kind)
    shipped = {(rule.points, rule.act_now, rule.trigger) for rule in SHIPPED.kinds[kind].rules if rule.points}
    assert points_in(cell) == shipped


def test_the_icp_file_of_the_definition_is_one():
    shown = PAGE.partition("\n    icp: ")[2].partition("\n\n")[0]
    icp, _ = icp_file.parse("docs/scoring.md", textwrap.dedent(f"    icp: {shown}").encode())
    assert (icp.icp, icp.tiers) == ("midmarket-saas", {"A": 80, "B": 60, "C": 40})


def test_the_kills_of_readme_are_those_that_were_measured():
    killed = re.search(r"Workers were killed (\d+) times at random: (\d+) events lost, (\d+) doubled", README)
    row = next(line for line in RELIABILITY.splitlines() if "(`random_kills`)" in line)
    _, _, _, faults, _, lost, doubled, *_ = (cell.strip() for cell in row.strip("|").split(" | "))
    assert killed is not None
    assert killed.groups() == (faults, lost, doubled)


@pytest.mark.parametrize("page", [page for page in PAGES if page != "docs/settings.md"])
def test_commands_of_a_page_need_no_activated_environment(page):
    """In blocks: `signal-engine` and `python` are those of .venv."""
    text = Path(page).read_text("utf-8")
    blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL) + re.findall(
        "^    .*$", text, re.MULTILINE
    )
    assert not [
        line for block in blocks for line in block.splitlines() if re.match(r"\s*(signal-engine|python) ", line)
    ]
