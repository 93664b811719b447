"""`signal-engine scoring show`: the file goes to stdout, and what is said of it to stderr."""

from importlib import import_module

import pytest
from click.testing import CliRunner

from signal_engine.entrypoints.cli import main
from signal_engine.wire.output.operations.rules import ShownScoring

SHOWN: ShownScoring = {
    "config_version": "3-abc",
    "in_force": True,
    "at": "2026-03-01T09:00:00.000Z",
    "by": "ann@example.com",
    "reason": "weights\x1b]0;title\x07\nerror: all is lost",
    "rollback_to": None,
    "text": "version: 3\n",
}


def test_the_reason_of_whoever_published_it_is_text_on_the_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    async def read(*_: object) -> ShownScoring:
        return SHOWN

    monkeypatch.setattr(import_module("signal_engine.entrypoints.commands.scoring.show"), "_read", read)
    told = CliRunner().invoke(main, ["scoring", "show"])
    assert told.exit_code == 0, told.output
    assert told.stdout == SHOWN["text"]
    (line,) = told.stderr.splitlines()
    assert line.endswith("by ann@example.com: weights]0;title error: all is lost")
