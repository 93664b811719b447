"""`signal-engine icp patterns`."""

import json
from pathlib import Path
from typing import NamedTuple

import pytest

from signal_engine.entrypoints.cli import main
from signal_engine.simulation.planted.buyers import PlantedBuyers
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.reports.pattern_documents import Patterns
from tests.cli.running import run

DANA = "Dana Reyes <dana@example.com>"


class Files(NamedTuple):
    accounts: Path
    outcomes: Path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    told = PlantedBuyers(1).told()
    folder = tmp_path_factory.mktemp("buyers")
    made = Files(folder / "accounts.jsonl", folder / "outcomes.jsonl")
    made.accounts.write_text("".join(json.dumps(row) + "\n" for row in told.accounts))
    rows = ({**row, "at": format_instant(row["at"])} for row in told.outcomes)
    made.outcomes.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return made


def test_table_json_and_draft_say_the_same(files: Files, tmp_path: Path):
    path = tmp_path / "draft.yaml"
    ran = run("icp", "patterns", *files, "--draft", path, "--owner", DANA, "--icp", "first")
    assert ran.code == 0, ran.err
    report = run("icp", "patterns", *files, "--json").json()
    said = " ".join(ran.out.split())
    assert report.keys() == Patterns.__annotations__.keys()
    assert report["draft"] is None
    assert report["summary"] in said
    assert "wins more often" in said
    for caveat in report["caveats"]:
        assert caveat["text"] in said
    assert report["summary"] in path.read_text()
    checked = run("icp", "check", path, "--accounts", files.accounts)
    assert checked.code == 0, checked.err
    assert "first version 1 decided by Dana Reyes" in " ".join(checked.out.split())


def test_only_the_fields_that_are_named(files: Files):
    report = run("icp", "patterns", *files, "--field", "industry", "--json").json()
    assert [field["field"] for field in report["fields"]] == ["industry"]
    ran = run("icp", "patterns", *files, "--field", "sector")
    assert ran.code == 2
    assert "--field sector" in ran.err


def test_outcomes_after_until_do_not_count(files: Files):
    study = run("icp", "patterns", *files, "--until", "2025-04-01T00:00:00Z", "--json").json()["study"]
    assert 0 < study["won"] + study["lost"] < 600
    assert study["open"] > 0


@pytest.mark.parametrize("owner", [[], ["--owner", "Dana"], ["--owner", "<dana@example.com>"]])
def test_a_draft_needs_a_person(files: Files, tmp_path: Path, owner: list[str]):
    ran = run("icp", "patterns", *files, "--draft", tmp_path / "draft.yaml", *owner)
    assert ran.code == 2
    assert "NAME <EMAIL>" in ran.err
    assert not [*tmp_path.iterdir()]


def test_a_draft_is_not_replaced_and_no_input_is(files: Files, tmp_path: Path):
    path = tmp_path / "draft.yaml"
    path.write_text("mine")
    assert run("icp", "patterns", *files, "--draft", path, "--owner", DANA).code == 2
    assert path.read_text() == "mine"
    before = files.accounts.read_text()
    assert run("icp", "patterns", *files, "--draft", files.accounts, "--owner", DANA, "--yes").code == 2
    assert files.accounts.read_text() == before


def test_without_the_extra_it_says_which(files: Files, monkeypatch: pytest.MonkeyPatch, capsys):
    monkeypatch.setattr("signal_engine.entrypoints.commands.extras.find_spec", lambda _: None)
    with pytest.raises(SystemExit) as ended:
        main(["icp", "patterns", *map(str, files)], standalone_mode=False)
    assert ended.value.code == 2
    assert "pip install '.[validation]'" in capsys.readouterr().err
