"""docs/icp.md: its commands run as they are written, and print what stands below them."""

import os
import re
import subprocess
from itertools import pairwise
from pathlib import Path
from typing import get_args

import pytest

from signal_engine.wire.output.reports.report_documents import DataCheck
from signal_engine.wire.output.reports.reported_account import REPORT_NAMES

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs/icp.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """Every command of the page with what it prints, run in the order of the page."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "events.jsonl").write_text(next(text for language, text in BLOCKS if language == "json"))
    for name in (".venv", "config"):
        (folder / name).symlink_to(ROOT / name)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIGNAL_ENGINE_")}
    ran = []
    for command in (line for language, text in BLOCKS if language == "sh" for line in text.splitlines()):
        shell = ["bash", "-c", command]
        done = subprocess.run(shell, cwd=folder, env=kept, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        ran.append((command, done.stdout))
    assert (folder / "inbound.csv").read_text().count("\n") == 3
    assert (folder / "near-fits.json").read_text().startswith('{"report":"near-fits"')
    return ran


def test_what_is_shown_is_what_is_printed(printed):
    """Line by line, but for blanks and rules: a terminal is wider than the page."""
    outputs = iter(printed)
    compared = 0
    for before, after in pairwise(BLOCKS):
        if before[0] != "sh":
            continue
        *_, (command, out) = [next(outputs) for _ in before[1].splitlines()]
        if after[0] == "text":
            lines = iter(" ".join(line.split()) for line in out.splitlines())
            for wanted in (" ".join(line.split()) for line in after[1].splitlines()):
                assert wanted in lines, f"{command}: {wanted}"
            compared += 1
    assert compared == 5


def test_every_report_and_every_check_is_explained():
    table = PAGE.partition("| report |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| `([a-z-]+)` \|", table, re.MULTILINE) == list(REPORT_NAMES)
    assert set(re.findall("`([a-z]+_[a-z]+)`", table)) == set(get_args(DataCheck))
