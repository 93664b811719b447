"""The ways in which Signal Engine is measured: with the native part, by Python alone, and as an older commit has it."""

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from testing.processes import COMMAND, ROOT

OURS: Final = "ours"
PYTHON: Final = "ours-python"
BEFORE: Final = "ours-before"
COMMIT_BEFORE: Final = "59ea809c"
"""The last commit before the step became one transaction and the native part came."""
_OLD: Final = ROOT / ".cache" / "before"
_NEEDED: Final = ("signal_engine", "config")


class Way(NamedTuple):
    """How commands and workers are started, and who is to judge then."""

    name: str
    program: tuple[str, ...] = COMMAND
    environment: Mapping[str, str] = {}
    by: str = ""
    """What a worker must say of who reads and judges events; empty: of that time, no worker says it."""


WAYS: Final = {
    way.name: way
    for way in (
        Way(OURS, environment={"SIGNAL_ENGINE_NATIVE": "auto"}, by="native"),
        Way(PYTHON, environment={"SIGNAL_ENGINE_NATIVE": "off"}, by="python"),
    )
}


class Judged(NamedTuple):
    """What a worker's log says of who reads and judges its events."""

    by: str
    """Empty: nothing."""
    left: tuple[str, ...]
    """Why it was left to Python, if it was."""


def of_commit(commit: str) -> Way:
    """The engine of `commit`, in a folder of its own, run by the Python and the packages of this one.

    Raises SystemExit for a commit that is unknown, or that does not run with these packages.
    """
    name = _git("rev-parse", "--short=8", f"{commit}^{{commit}}").decode().strip()
    folder = _OLD / name
    if not folder.exists():
        parts = folder.with_suffix(".part")
        with tarfile.open(fileobj=io.BytesIO(_git("archive", name, *_NEEDED))) as archive:
            archive.extractall(parts, filter="data")
        parts.rename(folder)
    way = Way(BEFORE, (sys.executable, "-P", "-m", "signal_engine"), {"PYTHONPATH": str(folder)})
    asked = [sys.executable, "-P", "-c", "import signal_engine.entrypoints as it; print(it.__file__)"]
    found = _run(asked, way)
    if not found.stdout.decode().startswith(str(folder)):
        raise SystemExit(f"the engine of {name} is not the one that runs: {found.stdout.decode()}{_last(found)}")
    if (started := _run([*way.program, "--version"], way)).returncode:
        raise SystemExit(f"the engine of {name} does not run with the packages of this one: {_last(started)}")
    return way


def judged(said: list[dict[str, Any]]) -> Judged:
    """What the lines of a worker's log say. Reader and judge are told apart where they differ."""
    told = [line.get("reader") or line.get("judge") for line in said if line.get("event") in _SAID]
    left = tuple(str(line["reason"]) for line in said if line.get("event") in _LEFT)
    return Judged(", ".join(dict.fromkeys(map(str, told))), left)


_SAID: Final = ("events_read_by", "events_judged_by")
_LEFT: Final = ("native_part_refused", "native_reader_off", "native_judge_off")


def _git(*words: str) -> bytes:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(f"git {words[0]} failed: {_last(done)}")
    return done.stdout


def _run(words: list[str], way: Way) -> "subprocess.CompletedProcess[bytes]":
    return subprocess.run(words, env=os.environ | way.environment, cwd=ROOT, capture_output=True, check=False)


def _last(done: "subprocess.CompletedProcess[bytes]") -> str:
    return done.stderr.decode(errors="replace")[-1000:].strip()
