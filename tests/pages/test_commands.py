"""Commands, options, ports and paths that pages name are there; README's commands are run as well (tests/readme/)."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from signal_engine.adapters.http.api.operations import OPERATIONS
from signal_engine.adapters.http.edge.who_acts import INBOX_CLICKS
from signal_engine.entrypoints.cli import main
from signal_engine.entrypoints.wiring.settings import Settings
from tests.commands import EVERY, commands_of

PAGES = [*map(str, sorted(Path().glob("*.md"))), *map(str, sorted(Path("docs").rglob("*.md")))]
README = Path("README.md").read_text("utf-8")


def named(page: str) -> Iterator[str]:
    """What follows `signal-engine`, and code in the text that begins with a command and has an option."""
    text = re.sub(r"\\\n\s*", " ", Path(page).read_text("utf-8"))
    yield from re.findall(r"(?<![\w/.-])(?:\.venv/bin/)?signal-engine ([a-z][^\n`|#]*)", text)
    for code in re.findall(r"`([a-z]+ [^`\n]*--[a-z][^`\n]*)`", text):
        if code.split()[0] in EVERY:
            yield code


@pytest.mark.parametrize("page", PAGES)
def test_commands_and_their_options_are_there(page: str) -> None:
    for words in named(page):
        command: click.Command = main
        options = {"--help", "--version"}
        for word in words.split():
            if isinstance(command, click.Group) and word in (its := commands_of(command)):
                command = its[word]
                options |= {spelt for option in command.params for spelt in (*option.opts, *option.secondary_opts)}
            elif word.startswith("--"):
                assert re.match(r"[a-z-]*", word).group() in options, words
        assert command is not main, words


def test_the_processes_of_readme_have_the_ports_of_their_settings() -> None:
    table = README.partition("| process | does |")[2].partition("\n\n")[0]
    ports = dict(re.findall(r"^\| `(\w+)[^`]*` .*\| (\d+) \|$", table, re.MULTILINE))
    assert {name: int(port) for name, port in ports.items()} == {
        name.removesuffix("_port"): field.default
        for name, field in Settings.model_fields.items()
        if name.endswith("_port") and name != "smtp_port"
    }


@pytest.mark.parametrize("page", ["SECURITY.md", "docs/contract.md"])
def test_each_path_of_the_api_that_takes_post_is_named_where_all_others_are_refused(page: str) -> None:
    """Of pages and replies, from the source: they are made of what a process has been set up with."""
    line = next(line for line in Path(page).read_text("utf-8").splitlines() if "POST" in line and "405" in line)
    said = set(re.findall(r"`(/[^`]*)`", line))
    source = "".join(file.read_text("utf-8") for file in sorted(Path("signal_engine/adapters/http").rglob("*.py")))
    routes = re.findall(r'Route\((?:"([^"]+)"|(\w+)), [^()\n]*methods=\[[^\]]*"POST"', source)
    assert ("", "INBOX_CLICKS") in routes
    taken = {INBOX_CLICKS if name else path.replace("{token}", "TOKEN") for path, name in routes}
    assert said == taken | {operation.described_path for operation in OPERATIONS if operation.body is not None}
