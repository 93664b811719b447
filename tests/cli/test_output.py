"""Output that cannot be written: said, with exit code 1, whatever the command and however little it is."""

import subprocess
from pathlib import Path

import pytest

from tests.cli.running import CONFIG, EVENTS, ROOT, lines

COMMANDS = [
    pytest.param("config show", id="a table"),
    pytest.param("config show --json", id="a short document"),
    pytest.param("config check", id="a few lines"),
    pytest.param("replay {events} {config}", id="a replay"),
    pytest.param("replay {events} {config} --json", id="a replay for machines"),
    pytest.param("explain brindlefax.com {events} {config}", id="a page"),
    pytest.param("explain brindlefax.com {events} {config} --json", id="a page for machines"),
]
ENDS = [
    pytest.param("> /dev/full", "cannot be written: No space left on device", id="a full disk"),
    pytest.param(">&-", "Error: standard output is closed; use `> /dev/null` to discard it", id="closed"),
]


@pytest.mark.parametrize(("end", "said"), ENDS)
@pytest.mark.parametrize("command", COMMANDS)
def test_output_that_cannot_be_written_is_said(command: str, end: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "events").write_bytes(lines(EVENTS))
    arguments = command.format(events=tmp_path / "events", config=" ".join(CONFIG))
    shell = f".venv/bin/signal-engine {arguments} {end}"
    ran = subprocess.run(["bash", "-c", shell], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 1
    assert ran.stderr.strip().splitlines()[-1].endswith(said)
    assert "Traceback" not in ran.stderr
    assert "Exception ignored" not in ran.stderr
