"""Importing in this process, as the command does it, at a known instant."""

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from signal_engine.entrypoints.cli import main

EXPORTS = Path(__file__).parent / "exports"
ROOT = Path(__file__).parents[2]


class Imported(NamedTuple):
    """How an import ended."""

    code: int
    err: str
    events: list[dict[str, Any]]
    refused: list[str]
    """Lines of the file of refused rows."""


def invoke(*arguments: str | Path, stdin: bytes = b"") -> Any:
    """`signal-engine ARGUMENTS`."""
    return CliRunner().invoke(main, [*map(str, arguments)], input=stdin, catch_exceptions=False)


def import_file(folder: Path, export: Path, *options: str | Path) -> Imported:
    """Imports a copy of an export in `folder`."""
    copy = folder / export.name
    if copy != export:
        copy.write_bytes(export.read_bytes())
    to = folder / "events.jsonl"
    done = invoke("import", copy, "--to", to, "--yes", *options)
    events = [json.loads(line) for line in to.read_text().splitlines()] if to.exists() else []
    refused = [path for path in folder.iterdir() if path.name.startswith(f"{copy.name}.refused.")]
    lines = refused[0].read_text("utf-8-sig").splitlines() if refused else []
    return Imported(done.exit_code, done.stderr, events, lines)


def import_text(folder: Path, text: str | bytes, *options: str | Path, name: str = "export.csv") -> Imported:
    """Imports a text."""
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return import_file(folder, folder / name, *options)


def mapping_file(folder: Path, text: str) -> Path:
    """A mapping of one's own."""
    path = folder / "own.yaml"
    path.write_text(text)
    return path


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is 2026-11-28T12:00:00Z."""
    monkeypatch.setattr("signal_engine.entrypoints.commands.intake.import_command.time.time", lambda: 1795867200.0)
