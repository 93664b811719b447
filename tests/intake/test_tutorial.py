"""docs/intake.md: its files and commands, run in their order, do what the page says."""

import csv
import os
import re
import subprocess
from pathlib import Path

import pytest

from signal_engine.entrypoints.wiring.exports import open_mapped
from signal_engine.wire.intake.models import File
from signal_engine.wire.intake.presets import preset_names
from tests.cli.running import ROOT

PAGE = (ROOT / "docs" / "intake.md").read_text("utf-8")
FILES = dict(re.findall(r"^```(?:csv|yaml|json) (\S+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
COMMANDS = [
    line for block in re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL) for line in block.splitlines()
]


def test_the_table_in_our_own_field_names_has_no_column_that_is_not_read(tmp_path):
    (tmp_path / "visits.csv").write_text(FILES["visits.csv"])
    export = open_mapped(str(tmp_path / "visits.csv"), None)
    assert (export.mapping.name, [*export.binding.unmapped(export.mapping)]) == ("generic", [])


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> tuple[Path, dict[str, subprocess.CompletedProcess[str]]]:
    folder = tmp_path_factory.mktemp("tutorial")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    for name in (".venv", "config"):
        (folder / name).symlink_to(ROOT / name)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIGNAL_ENGINE_")}
    ran = {}
    for command in COMMANDS:
        words = command.split()[1:]
        name = " ".join(words[:2]) + (" --dry-run" if "--dry-run" in words else "")
        ran[name] = subprocess.run(
            ["bash", "-c", command], cwd=folder, env=kept, capture_output=True, text=True, timeout=120, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert ran[name].returncode == 0, ran[name].stderr
    return folder, ran


def test_every_command_runs_without_a_question(done):
    _, ran = done
    assert list(ran) == [
        "import surge.csv --dry-run", "mapping check", "import surge.csv", "import forms.csv", "replay surge.jsonl",
        "explain quillmarsh-systems.com", "score companies.csv",
    ]  # fmt: skip
    assert not any("Traceback" in one.stderr for one in ran.values())


def test_the_report_becomes_what_the_page_says(done):
    _, ran = done
    for name in ("import surge.csv --dry-run", "import surge.csv"):
        said = ran[name].stderr
        assert "5 rows = 2 mapped + 2 passed over + 1 refused; 2 events" in said
        assert "footer: Grand Totals (4 records)" in said
        assert "1 row is before the header and dropped" in said
    assert "day first" in ran["mapping check"].stderr
    assert "3 rows = 3 mapped" in ran["import forms.csv"].stderr


def test_the_list_names_whom_to_call(done):
    folder, ran = done
    assert "Quillmarsh Systems" in ran["replay surge.jsonl"].stdout
    with (folder / "scored.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["Company name"] for row in rows] == [
        "Quillmarsh Systems", "Brindlefax", "Tarnwick", "Without a domain",
    ]  # fmt: skip
    assert (rows[0]["rank"], rows[0]["decision"], rows[0]["reason"]) == ("1", "chase", "")
    assert rows[1]["rank"] == ""
    assert rows[1]["reason"], "a customer is on no list"
    assert rows[3]["reason"].startswith("account_id is missing")


def test_a_row_that_is_mended_in_the_file_of_refused_rows_is_imported(done):
    folder, _ = done
    refused = folder / "surge.csv.refused.csv"
    mended = folder / "mended.csv"
    mended.write_text(refused.read_text().replace("not a domain", "somebody.com"))
    command = ".venv/bin/signal-engine import mended.csv --as bombora-surge --timezone America/New_York --to -"
    out = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=True).stdout
    assert '"account_id":"somebody.com"' in out


def test_the_page_names_every_mapping_that_ships():
    table = PAGE.partition("| name | reads | becomes |")[2].partition("\n\n")[0]
    named = {name for row in table.splitlines()[2:] for name in re.findall("`([a-z-]+)`", row.split("|")[1])}
    assert named == set(preset_names())


def test_the_page_names_every_key_of_the_language():
    table = PAGE.partition("| key | says |")[2].partition("\n\n")[0]
    named = {name for row in table.splitlines()[2:] for name in re.findall("`([a-z_]+)`", row.split("|")[1])}
    assert named == set(File.model_fields)
