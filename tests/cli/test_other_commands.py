"""`config check`, `schemas`, and what the command says of itself."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from signal_engine.entrypoints.cli import main
from tests.cli.running import CONFIG, ROOT, run
from tests.commands import EVERY, commands_of


def test_help_lists_the_commands() -> None:
    ran = run("--help")
    assert ran.code == 0
    for command in ("demo", "replay", "explain", "config", "schemas"):
        assert command in ran.out


def test_commands_are_called_as_they_are_listed() -> None:
    assert {word: command.name for word, command in EVERY.items()} == {word: word for word in EVERY}


def test_a_command_starts_without_the_others() -> None:
    """Each worker that a rebuild restarts waits for its imports."""
    script = (
        "import sys\n"
        "from signal_engine.entrypoints.cli import main\n"
        "main(['worker', '--help'], standalone_mode=False)\n"
        "print(*(name for name in sys.modules if name.startswith('signal_engine.entrypoints.')), file=sys.stderr)\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout.startswith("Usage: ")
    imported = {name.split(".")[2] for name in ran.stderr.split()}
    of_commands = {name for name in ran.stderr.split() if name.startswith("signal_engine.entrypoints.commands.")}
    assert imported == {"cli", "commands", "wiring"}
    assert of_commands == {"signal_engine.entrypoints.commands.worker"}


def groups(group: click.Group, name: str) -> Iterator[tuple[str, click.Group]]:
    yield name, group
    for word, command in commands_of(group).items():
        if isinstance(command, click.Group):
            yield from groups(command, f"{name} {word}")


@pytest.mark.parametrize("group", [group for _, group in groups(main, "")], ids=[name for name, _ in groups(main, "")])
def test_a_terminal_of_80_columns_shows_every_summary_whole(group: click.Group) -> None:
    """click cuts a longer one and ends it in dots."""
    room = 80 - 6 - max(map(len, commands_of(group)))
    for command in commands_of(group).values():
        assert not command.get_short_help_str(room).endswith("..."), command.help


def test_the_shipped_configuration_is_in_order() -> None:
    ran = run("config", "check", *CONFIG[2:])
    assert ran.code == 0
    assert ran.out.count(": ok") == 7  # the settings, too, the plays, the routes and the sync file
    assert [line.split(": ")[2] for line in ran.err.splitlines()] == [
        "kinds.engagement.rules.2", "kinds.leadership.rules.0.points",
    ]  # fmt: skip


def test_what_is_odd_is_a_warning_with_file_and_line_and_no_failure(tmp_path: Path) -> None:
    text = (ROOT / "config" / "scoring.yaml").read_text().replace("facet_cap: 25", "facet_cap: 22", 1)
    (tmp_path / "s.yaml").write_text(text)
    line = next(n for n, one in enumerate(text.splitlines(), 1) if "points: 20, act_now" in one)
    ran = run("config", "check", "--scoring", tmp_path / "s.yaml")
    assert ran.code == 0
    said = f"{tmp_path / 's.yaml'}:{line}: kinds.engagement.rules.1.points: is 91% of facet_cap (22)"
    assert f"warning: {said}: a single signal counts 16.6\n" in ran.err
    assert "warning:" not in ran.out


def test_every_problem_is_told_with_file_line_and_field(tmp_path: Path) -> None:
    text = (ROOT / "config" / "scoring.yaml").read_text()
    broken = text.replace("cap: 35", "cap: 0").replace("{score: {gte: 80}}", "{score: {above: 80}}")
    (tmp_path / "scoring.yaml").write_text(broken)
    line = broken.splitlines().index(next(x for x in broken.splitlines() if "above" in x)) + 1
    ran = run("config", "check", "--scoring", tmp_path / "scoring.yaml")
    assert ran.code == 2
    assert f"{tmp_path / 'scoring.yaml'}:{line}: kinds.intent.rules.0.when.score.above: unknown operator" in ran.err


@pytest.mark.parametrize("option", ["--scoring", "--icp"])
@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("!!python/object/apply:os.system ['true']", "has the tag !!python/object/apply:os.system"),
        ("[" * 5_000, "is nested more than 32 levels deep"),
        ("&a [*a, *a]", "*a contains itself"),
    ],
    ids=["a tag", "deep nesting", "an alias of itself"],
)
def test_an_attack_in_a_file_is_a_message_and_exit_2(tmp_path: Path, option: str, value: str, why: str) -> None:
    (tmp_path / "a.yaml").write_text(f"version: 1\nkinds: {value}\n")
    ran = run("config", "check", option, tmp_path / "a.yaml")
    assert ran.code == 2
    assert f"{tmp_path / 'a.yaml'}:" in ran.err
    assert why in ran.err
    assert "Traceback" not in ran.err


def test_a_tier_that_is_chased_needs_a_weight(tmp_path: Path) -> None:
    text = (ROOT / "config" / "icp" / "midmarket-saas.yaml").read_text()
    (tmp_path / "icp.yaml").write_text(text.replace("A: ", "AA: ", 1).replace("A: chase", "AA: chase", 1))
    ran = run("config", "check", "--icp", tmp_path / "icp.yaml")
    assert ran.code == 2
    assert "no weight in lists.tier_weight" in ran.err


def test_the_committed_schemas_are_those_of_the_models() -> None:
    ran = run("schemas", "--check")
    assert (ran.code, ran.out) == (0, "")


def test_schemas_writes_what_check_then_accepts_and_finds_what_is_stale(tmp_path: Path) -> None:
    assert run("schemas", "--directory", tmp_path).code == 0
    assert run("schemas", "--check", "--directory", tmp_path).code == 0
    (tmp_path / "intent.json").write_text("{}")
    (tmp_path / "extra.json").write_text("{}")
    ran = run("schemas", "--check", "--directory", tmp_path)
    assert ran.code == 1
    assert f"out of date: {tmp_path / 'intent.json'}" in ran.out
    assert f"not generated: {tmp_path / 'extra.json'}" in ran.out
