"""Commands that are forked from a process that has imported them behave as those that are started cold."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from testing import processes
from testing.processes import Forked
from testing.waiting import until

MODULE = """
import os, signal, sys
if sys.argv[1] == "over":
    os.execv(sys.executable, [*sys.orig_argv[:-1], "0"])
sys.stdout.write(f"{sys.argv[1:]} {os.environ['GIVEN']} {os.getcwd()} {sys.stdin.read()} {os.getsid(0) == os.getpid()}")
sys.stderr.write("aside \\u00fc")
if sys.argv[1] == "stay":
    sys.stdout.flush()
    signal.pause()
sys.exit(int(sys.argv[1]))
"""


@pytest.fixture
def words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    (tmp_path / "says_what.py").write_text(MODULE)
    monkeypatch.setattr(processes, "_warm", [processes._Forking(["json"])])
    return [sys.executable, "-m", "says_what"]


def environment(folder: Path) -> dict[str, str]:
    return {**os.environ, "GIVEN": "what", "PYTHONPATH": str(folder)}


def cold_and_forked(words: list[str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str, str]]:
    """What a command gave that was started cold, and what it gave forked: whoever forks has its path, too."""
    env = environment(folder)
    cold = processes.run(words, env=env, cwd=folder, stdin=b"given")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    forked = processes.run(words, env=env, cwd=folder, stdin=b"given")
    return [(one.returncode, one.stdout, one.stderr) for one in (cold, forked)]


def test_one_that_starts_over_becomes_the_program_again(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cold, forked = cold_and_forked([*words, "over"], tmp_path, monkeypatch)
    assert forked == cold == (0, f"['0'] what {tmp_path} given True", "aside \xfc")


@pytest.mark.parametrize("code", ["0", "3"])
def test_streams_environment_folder_and_exit_code_are_those_of_a_process_of_its_own(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    cold, forked = cold_and_forked([*words, code], tmp_path, monkeypatch)
    assert forked == cold == (int(code), f"['{code}'] what {tmp_path} given True", "aside \xfc")


def test_one_that_is_killed_says_by_what(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    log = tmp_path / "log"
    with log.open("wb") as out:
        process = processes.start([*words, "stay"], env=environment(tmp_path), out=out)
    assert isinstance(process, Forked)
    until("it runs", lambda: b"stay" in log.read_bytes())
    assert process.poll() is None
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.05)
    process.send_signal(signal.SIGTERM)
    assert process.wait(10) == process.poll() == process.returncode == -signal.SIGTERM
    process.kill()  # it is gone, and nobody else is hit


def test_one_that_takes_too_long_is_killed(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(subprocess.TimeoutExpired):
        processes.run([*words, "stay"], env=environment(tmp_path), timeout=0.5)
