"""Names: what only its own file uses begins with an underscore, and no two classes share a name."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from tools.names import EXCEPTIONS, SAME_NAMES, breaches, repeated, unshared


def test_the_repository_keeps_both_rules() -> None:
    assert breaches() == []


def _source(module: str) -> Path:
    return Path(*module.split(".")).with_suffix(".py")


@pytest.mark.parametrize("exception", EXCEPTIONS)
def test_an_exception_is_of_something_that_there_is(exception: str) -> None:
    module, _, name = exception.rpartition(".")
    if not _source(exception).is_file():
        assert re.search(rf"^(?:class|def) {name}\b", _source(module).read_text("utf-8"), re.MULTILINE)


def test_the_same_names_are_documents_of_the_contract() -> None:
    assert all(hasattr(import_module("signal_engine.wire.output.models"), name) for name in SAME_NAMES)


@pytest.mark.parametrize(
    ("text", "user", "public"),
    [
        ("LIMIT = 1", "", ["LIMIT"]),
        ("LIMIT = 1", "from one import LIMIT", []),
        ("LIMIT = 1", "import one as it\nit.LIMIT", []),
        ("LIMIT = 1", "import one as it\nit.OTHER", ["LIMIT"]),
        ("_LIMIT = 1", "", []),
        ("def f() -> int: ...", "", ["f"]),
        ("class Result: ...\ndef f() -> Result: ...", "from one import f", []),
        ("class Result: ...\ndef _f() -> Result: ...", "", ["Result"]),
        ("import click\n@click.command()\ndef f() -> None: ...", "", []),
    ],
)
def test_a_public_name_needs_a_user(text: str, user: str, public: list[str]) -> None:
    assert [one.name for one in unshared({"one": text}, {"other": user})] == public


def test_an_underscore_makes_no_other_class() -> None:
    assert [one.module for one in repeated({"a": "class Found: ...", "b": "class _Found: ...", "c": "x = 1"})] == [
        "a",
        "b",
    ]
