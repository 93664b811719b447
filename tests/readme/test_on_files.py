"""README.md: its files work, its commands are run as they are written, and what it names is there."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.readme.commands import COMMAND, ELSEWHERE, README, ROOT, commands, of_files, of_live, put_files

FILES = {
    "config check": "my-icp.yaml: ok, my-icp version 1",
    "replay": "The market",
    "replay --until --json": '"alerts"',
    "explain": "acme.co.uk",
}
"""Command of the part without servers -> what it prints."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    put_files(tmp_path)
    return tmp_path


def ran(command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIGNAL_ENGINE_")}
    shell = ["bash", "-c", command]
    return subprocess.run(shell, cwd=folder, env=kept, capture_output=True, text=True, timeout=120, check=False)


def test_no_command_is_without_a_place_where_it_is_run():
    """Each is run on files, on servers, or by another test; and no entry is left of one that is not in README."""
    written = commands()
    assert sorted(written) == sorted([*ELSEWHERE, *of_files(), *of_live()])
    assert len(written) >= 25


@pytest.mark.parametrize("command", ELSEWHERE)
def test_what_is_run_elsewhere_is_run_there(command):
    file, _, test = ELSEWHERE[command].by.partition("::")
    text = (ROOT / file).read_text("utf-8")
    assert not test or f"def {test}(" in text
    if command.startswith("make ") and file == ".ci/run":
        assert re.search(rf"^{command}$", text, re.MULTILINE)


@pytest.mark.parametrize(("command", "says"), [*zip(of_files(), FILES.values(), strict=True)], ids=list(FILES))
def test_the_commands_on_files_do_what_they_say(command, says, folder):
    done = ran(command, folder)
    assert done.returncode == 0, done.stderr
    assert says in done.stdout
    assert "Traceback" not in done.stderr


def test_the_first_ten_minutes_end_with_somebody_to_call(folder):
    replay = next(one for one in of_files() if " replay " in one and "--until" not in one)
    result = json.loads(ran(f"{replay} --json", folder).stdout)
    (entry,) = result["lists"]["all"]
    assert (entry["account_id"], entry["badge"], entry["tier"]) == ("acme.co.uk", "inbound", "A")
    assert [alert["type"] for alert in result["alerts"]] == ["hand_raise"]


def test_a_reader_need_not_have_activated_the_environment():
    blocks = "\n".join(commands())
    assert not re.search(r"(?<![\w/])signal-engine ", blocks), f"it is {COMMAND}"
    assert "activate" not in README


def test_targets_of_the_makefile_that_are_named_are_there():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    named = {*re.findall(r"`make ([a-z-]+)`", README), *(one.split()[1] for one in commands() if "make " in one[:5])}
    assert {"demo", "test", "install"} <= named
    assert all(re.search(rf"^{target}:", makefile, re.MULTILINE) for target in named)
