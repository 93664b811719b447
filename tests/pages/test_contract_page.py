"""docs/contract.md names what the code has: every field, header, reason, endpoint, status and command, and no other."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import click
import pytest

from signal_engine.adapters.http.api.operations import OPERATIONS
from signal_engine.adapters.http.ingest import operations as ingest
from signal_engine.core.alerting.alerts import ALERT_TYPES
from signal_engine.entrypoints.cli import main
from signal_engine.wire.events.models import EVENT_MODELS, EventFields
from signal_engine.wire.events.rejections import REASONS
from signal_engine.wire.output.models import Alert, Counts, DeadLetterHeaders, Entry, Part, PriorityList, ReplayResult
from signal_engine.wire.topics import topic_names
from tests.commands import commands_of

PAGE = Path("docs/contract.md").read_text("utf-8")
NAMED = re.compile("`([^`]+)`")


def section(heading: str) -> str:
    """What stands under a heading, up to the next of its level or above."""
    level = re.match("#+", heading)[0]
    return re.split(rf"^#{{1,{len(level)}}} ", PAGE.partition(f"\n{heading}\n")[2], flags=re.MULTILINE)[0]


def rows(text: str, first: str) -> dict[str, list[str]]:
    """First cell -> the others, of the table whose heading begins with `first`."""
    lines = text.partition(f"| {first} |")[2].partition("\n\n")[0].splitlines()[2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {row[0]: row[1:] for row in cells}


EVENTS, OUT, HTTP, COMMANDS = (
    section(f"## {heading}") for heading in ("1. Events in", "2. Records out", "4. HTTP", "5. Command line")
)


def names(cells: Iterator[str] | list[str]) -> set[str]:
    return {name for cell in cells for name in NAMED.findall(cell)}


def test_the_fields_of_all_kinds_are_those_of_the_model():
    only_in_files = {"kind", "received_at", "backfill"}
    assert names(list(rows(EVENTS, "field"))) == {*EventFields.__annotations__, *only_in_files}


@pytest.mark.parametrize("kind", EVENT_MODELS)
def test_the_fields_of_a_kind_are_those_of_its_model(kind):
    (cell,) = rows(EVENTS, "kind")[kind]
    assert set(NAMED.findall(cell)) == EVENT_MODELS[kind].__annotations__.keys() - EventFields.__annotations__.keys()


def literals(annotation: Any) -> Iterator[str]:
    """Every text that a type spells out."""
    for part in get_args(annotation):
        if isinstance(part, str) and get_origin(annotation) is Literal:
            yield part
        yield from literals(part)


def test_the_values_of_a_kind_are_those_of_its_model():
    for kind, model in EVENT_MODELS.items():
        allowed = {value for annotation in model.__annotations__.values() for value in literals(annotation)}
        (cell,) = rows(EVENTS, "kind")[kind]
        written = re.sub("as seniority", "c_level, vp, head, director, manager, senior, mid, junior, intern", cell)
        assert allowed <= set(re.findall(r"\w+", written)), kind


def test_dead_letters_have_these_headers_and_reasons():
    assert names(list(rows(EVENTS, "header"))) == DeadLetterHeaders.__annotations__.keys()
    assert [name.strip("`") for name in rows(EVENTS, "reason")] == list(REASONS)


def test_the_topics_are_those_of_the_engine():
    signals, *others = topic_names()
    assert all(f"`{topic}`" in EVENTS for topic in signals.values())
    assert {name.strip("`") for name in rows(OUT, "topic")} == set(others)


@pytest.mark.parametrize("model", [PriorityList, Entry, Part, Alert], ids=lambda model: model.__name__)
def test_every_field_that_leaves_is_named(model):
    said = names([OUT]) | set(re.findall(r"\w+", " ".join(NAMED.findall(OUT))))
    assert model.__annotations__.keys() <= said


def test_the_types_of_alert_are_those_of_the_definition():
    definition = Path("docs/scoring.md").read_text("utf-8").partition("\n## 5. Alerts\n")[2]
    assert {name.strip("`") for name in rows(definition, "type")} == set(ALERT_TYPES)


ENDPOINTS = [
    ("request", OPERATIONS, {"/openapi.json", "/"}),
    ("endpoint", ingest.OPERATIONS, {"/openapi.json"}),
]


@pytest.mark.parametrize(("first", "table", "others"), ENDPOINTS, ids=["api", "ingest"])
def test_the_endpoints_are_those_that_the_openapi_document_describes(first, table, others):
    paths = {path for cell in rows(HTTP, first) for path in re.findall(r"/[^`\s,]*", cell)}
    assert paths == {operation.described_path for operation in table} | others


def test_the_statuses_are_those_that_problems_have():
    source = "".join(path.read_text("utf-8") for path in Path("signal_engine/adapters").rglob("*.py"))
    raised = set(re.findall(r"(?:Problem|_too_large)\((\d{3})", source))
    explained = {"409", "422"}  # read_query, the pages and refused actions raise them with names of their own
    assert set(re.findall(r"\d{3}", " ".join(rows(HTTP, "status")))) == raised | explained


def commands(group: click.Group, above: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in commands_of(group).items():
        is_group = isinstance(command, click.Group)
        if not is_group or command.invoke_without_command:
            yield above + name, command
        if is_group:
            yield from commands(command, f"{above}{name} ")


def test_the_commands_are_those_of_the_command_line():
    written = {
        re.match("[a-z -]*[a-z]", name.strip("`"))[0]: cells for name, cells in rows(COMMANDS, "command").items()
    }
    assert written.keys() == {name for name, _ in commands(main)}
    for name, command in commands(main):
        takes_json = any("--json" in option.opts for option in command.params)
        assert bool(written[name][1]) is takes_json, name
        known = {spelt for option in command.params for spelt in (*option.opts, *option.secondary_opts)}
        assert set(re.findall(r"--[a-z-]+", written[name][0])) <= known, name


def test_a_replay_is_told_whole():
    result = PAGE.partition("**`replay --json`** prints")[2].partition("\n\n")[0]
    assert names([result]) >= ReplayResult.__annotations__.keys()
    assert " + ".join(name for name in Counts.__annotations__ if name != "received") in PAGE


@pytest.mark.parametrize("page", ["README.md", "docs/dashboard.md"])
def test_addresses_that_pages_ask_for_are_served_with_these_parameters(page):
    asked = re.findall(r"localhost:8080(/v1/[^'\s?]*)(?:\?([^'\s]*))?", Path(page).read_text("utf-8"))
    assert asked
    for path, query in asked:
        served = [
            one for one in OPERATIONS if re.fullmatch(re.sub(r"\{\w+\}", "[a-z0-9.-]+", one.described_path), path)
        ]
        assert served, path
        known = {parameter.name for one in served for parameter in one.query}
        assert {pair.partition("=")[0] for pair in query.split("&") if pair} <= known
