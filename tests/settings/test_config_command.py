"""`config show`, `config check` and `config reference`, as users run them."""

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from signal_engine.entrypoints.cli import main
from signal_engine.entrypoints.wiring.settings_reference import settings_reference

ROOT = Path(__file__).parents[2]


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str, **settings: str) -> Result:
    """`signal-engine config ARGUMENTS` with these settings and no others."""
    for name in [name for name in os.environ if name.startswith("SIGNAL_ENGINE_")]:
        monkeypatch.delenv(name)
    for name, value in settings.items():
        monkeypatch.setenv(f"SIGNAL_ENGINE_{name}", value)
    return CliRunner().invoke(main, ["config", *arguments])


def test_show_tells_people_what_is_in_force_and_masks_passwords(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = run(monkeypatch, "show", REDIS_URL="redis://:s3cret@redis/1", API_PORT="81")
    assert shown.exit_code == 0
    (row,) = [line.split() for line in shown.stdout.splitlines() if "SIGNAL_ENGINE_API_PORT" in line]
    assert row == ["SIGNAL_ENGINE_API_PORT", "81", "environment"]
    assert "redis://:********@redis/1" in shown.stdout
    assert "s3cret" not in shown.output


def test_show_tells_machines_name_value_and_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    result = json.loads(run(monkeypatch, "show", "--json", PARTITIONS="6").stdout)["settings"]
    assert {"name": "SIGNAL_ENGINE_PARTITIONS", "value": 6, "origin": "environment"} in result
    assert {"name": "SIGNAL_ENGINE_API_PORT", "value": 8080, "origin": "default"} in result


def test_show_warns_of_a_variable_that_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = run(monkeypatch, "show", "--json", PARTITION="6")
    assert "SIGNAL_ENGINE_PARTITION: is not a setting; did you mean SIGNAL_ENGINE_PARTITIONS?" in shown.stderr


@pytest.mark.parametrize("command", ["show", "check"])
def test_settings_that_are_refused_exit_2_with_nothing_on_stdout(monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    refused = run(monkeypatch, command, PARTITIONS="many")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith("error: SIGNAL_ENGINE_PARTITIONS: ")


def test_check_reads_the_scoring_file_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert run(monkeypatch, "check", SCORING="missing.yaml").stderr == (
        "error: missing.yaml: cannot be read: No such file or directory; SIGNAL_ENGINE_SCORING sets its path\n"
    )
    checked = run(monkeypatch, "check", GROUP="ours")
    assert checked.stdout.startswith("settings: ok, 1 set, ")


def test_check_names_what_is_wrong_with_the_plays_and_whom_they_are_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(ROOT)
    plays = tmp_path / "plays.yaml"
    plays.write_text("version: 1\nplays:\n- {kind: webinar, text: Call.}\n")
    refused = run(monkeypatch, "check", PLAYS=str(plays))
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith(f"error: {plays}:3: plays.0.kind: must be one of hand_raise, ")
    plays.write_text("version: 1\nplays:\n- {icp: midmarket, text: Call.}\n")
    odd = run(monkeypatch, "check", "--icp", "config/icp/midmarket-saas.yaml", PLAYS=str(plays))
    assert f"warning: {plays}:3: plays.0.icp: 'midmarket' is none of the ICPs: midmarket-saas\n" in odd.stderr
    assert f"{plays}: ok, 1 play\n" in odd.stdout
    missing = run(monkeypatch, "check", PLAYS="missing.yaml")
    assert missing.stderr == (
        "error: missing.yaml: cannot be read: No such file or directory; SIGNAL_ENGINE_PLAYS sets its path\n"
    )


def test_without_a_plays_file_there_are_none_unless_it_is_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    checked = run(monkeypatch, "check", SCORING=str(ROOT / "config" / "scoring.yaml"))
    assert checked.exit_code == 0
    assert "plays" not in checked.stdout


def test_the_committed_reference_is_that_of_the_settings() -> None:
    assert (ROOT / "docs" / "settings.md").read_text("utf-8") == settings_reference()


def test_reference_check_finds_what_is_stale_and_reference_mends_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "docs" / "settings.md"
    stale = run(monkeypatch, "reference", "--check", "--file", str(file))
    assert (stale.exit_code, stale.stdout) == (1, f"out of date: {file}\n")
    assert run(monkeypatch, "reference", "--file", str(file)).exit_code == 0
    assert run(monkeypatch, "reference", "--check", "--file", str(file)).exit_code == 0


def test_check_warns_of_a_token_that_was_meant_to_act_and_names_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    checked = run(monkeypatch, "check", API_TOKENS="act:" + "a" * 64)
    assert checked.exit_code == 0
    assert "warning: SIGNAL_ENGINE_API_TOKENS: entries act:SHA256 name nobody and only read (1)" in checked.stderr
    assert "act:SHA256" not in run(monkeypatch, "check", API_TOKENS="act:ann@example.com:" + "a" * 64).stderr


def test_check_refuses_settings_that_contradict_each_other(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = run(monkeypatch, "check", API_ACTOR="ann@example.com", API_OPEN="true")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert refused.stderr.startswith("error: SIGNAL_ENGINE_API_ACTOR: with SIGNAL_ENGINE_API_OPEN")
