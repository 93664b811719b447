"""State feeds into files: a job board imported again and again; and what a death in between changes (nothing)."""

import json
from pathlib import Path
from typing import Any

import pytest

from signal_engine.adapters.files import seen_file
from signal_engine.entrypoints.commands.intake import states
from signal_engine.wire.instants import format_instant, parse_instant
from tests.intake.running import EXPORTS, invoke, mapping_file

NOW = parse_instant("2026-11-28T12:00:00Z")
DAY = 86_400_000
ACCOUNT = ("--account", "quillmarsh-systems.com")


class Board:
    """A job board, imported at instants that the test chooses."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.now = folder, NOW
        self.state, self.to = folder / "seen.jsonl", folder / "events.jsonl"
        clock = "signal_engine.entrypoints.commands.intake.import_command.time.time"
        monkeypatch.setattr(clock, lambda: self.now / 1_000)

    def shows(self, *jobs: int, dated: bool = False) -> Path:
        """The board as it is now."""
        path = self.folder / "board.json"
        dates = {"first_published": format_instant(self.now - DAY)} if dated else {}
        shown = [{"id": job, "internal_job_id": 1, "title": f"Job {job}", **dates} for job in jobs]
        path.write_text(json.dumps({"jobs": shown}))
        return path

    def imported(self, *jobs: int, options: tuple[Any, ...] = (), code: int = 0, dated: bool = False) -> str:
        """Imports it; returns what was said."""
        kept = ("--state", self.state)
        arguments = ("--as", "greenhouse-jobs", *ACCOUNT, "--to", self.to, *kept, *options)
        done = invoke("import", self.shows(*jobs, dated=dated), *arguments)
        assert done.exit_code == code, done.stderr
        return " ".join(done.stderr.split())

    def told(self) -> list[tuple[str, str, str]]:
        """Job, appearance, status and instant of each event of the last import."""
        events = [json.loads(line) for line in self.to.read_text().splitlines()]
        names = [one["title"].split()[1] + "/" + one["event_id"].partition("/")[2] for one in events]
        assert len({one["event_id"] for one in events}) == len(events)
        return [(name, one.get("status", ""), one["occurred_at"]) for name, one in zip(names, events, strict=True)]


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Board:
    return Board(tmp_path, monkeypatch)


def test_only_what_changes_is_an_event(board):
    said = board.imported(1, 2, 3)
    assert "3 mapped + 0 passed over + 0 refused; 3 states" in said
    assert "greenhouse-jobs: 0 new, 0 gone, 3 seen for the first time (no news); 0 events." in said
    board.now += DAY
    said = board.imported(2, 3, 4, options=("--yes",))
    at = format_instant(board.now)
    assert "1 new, 1 gone, 0 seen for the first time (no news); 2 events." in said
    assert board.told() == [("4/1", "", at), ("1/1/closed", "closed", at)]
    board.imported(2, 3, 4, options=("--yes",))
    assert board.told() == [], "nothing has changed"
    board.now += DAY
    board.imported(1, 2, 3, 4, options=("--yes",))
    assert board.told() == [("1/2", "", format_instant(board.now))], "a job that opens again is another event"


def test_a_baseline_gives_jobs_that_say_when_they_were_published(board):
    board.imported(1, 2, dated=True)
    day_before = format_instant(NOW - DAY)
    assert board.told() == [("1/1", "", day_before), ("2/1", "", day_before)]


def test_a_feed_that_loses_more_than_half_needs_yes(board):
    board.imported(1, 2, 3)
    before = board.state.read_bytes()
    board.to = board.folder / "later.jsonl"
    said = board.imported(1, code=1)
    assert "2 of the 3 rows that were there last are gone" in said
    assert "--yes" in said
    assert (board.state.read_bytes(), board.to.exists()) == (before, False)
    assert "0 new, 2 gone" in board.imported(1, options=("--yes",))


def test_a_dry_run_tells_the_changes_and_keeps_nothing(board):
    board.imported(1, 2, 3)
    before = board.state.read_bytes()
    arguments = ("--as", "greenhouse-jobs", *ACCOUNT, "--dry-run", "--state", board.state)
    done = invoke("import", board.shows(1, 2, 3, 4), *arguments)
    assert "1 new, 0 gone" in done.stderr
    assert board.state.read_bytes() == before


def test_without_a_state_file_every_import_is_the_first(board):
    done = invoke("import", board.shows(1, dated=True), "--as", "greenhouse-jobs", *ACCOUNT, "--to", board.to)
    assert done.exit_code == 0
    assert "`import --state FILE` tells the next time what is new and gone" in " ".join(done.stderr.split())
    assert len(board.told()) == 1


def test_pages_of_one_feed_are_one_look(board, tmp_path):
    first, second = tmp_path / "p1.json", tmp_path / "p2.json"
    board.shows(1, 2).rename(first)
    board.shows(3, 4).rename(second)
    arguments = ("--as", "greenhouse-jobs", *ACCOUNT, "--to", board.to, "--state", board.state, "--yes")
    for _ in range(2):
        done = invoke("import", first, second, *arguments)
        assert done.exit_code == 0, done.stderr
    assert "0 new, 0 gone" in done.stderr


def test_rows_of_many_accounts_in_a_table(board, tmp_path):
    own = mapping_file(
        tmp_path,
        "mapping: lookups\nproduces: technographic\nstate_feed: true\naccount: Site\nevent_id: [Technology]\n"
        "fields: {technology: Technology}\nconstants: {change: adopted}\n",
    )
    table = tmp_path / "lookups.csv"

    def imported(text: str) -> tuple[list[tuple[str, str, str]], str]:
        table.write_text("Site,Technology\n" + text)
        done = invoke("import", table, "--map", own, "--to", board.to, "--state", board.state, "--yes")
        assert done.exit_code == 0, done.stderr
        events = [json.loads(line) for line in board.to.read_text().splitlines()]
        return [(one["account_id"], one["technology"], one["change"]) for one in events], done.stderr

    assert imported("a.com,CRM\na.com,CMS\nb.com,CRM\n")[0] == []
    assert imported("a.com,CRM\nb.com,CRM\nb.com,CDP\n")[0] == [
        ("a.com", "CMS", "dropped"),
        ("b.com", "CDP", "adopted"),
    ]
    assert imported("a.com,CRM\nb.com,CDP\n,X\n")[0] == [("b.com", "CRM", "dropped")], "it names no account"
    told, said = imported("a.com,CRM\nnobody,X\n")
    assert told == []
    assert "Rows were refused, so nothing counts as gone" in said


DEATHS = {
    "before the events are written": (states.StateFeeds, "tell", False),
    "when the events are there, before what was seen": (states, "write_seen_file", False),
    "while what was seen is written": (seen_file.os, "fsync", True),
    "when everything is there": (states, "write_seen_file", True),
}


@pytest.mark.parametrize("death", DEATHS)
def test_whenever_it_dies_the_same_ids_come_again(board, monkeypatch, death):
    board.imported(1, 2, 3)
    board.now += DAY
    where, name, after = DEATHS[death]
    works = getattr(where, name)

    def dies(*arguments: Any) -> None:
        if after:
            works(*arguments)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(where, name, dies)
        with pytest.raises((KeyboardInterrupt, SystemExit, AssertionError)):
            board.imported(2, 3, 4, options=("--yes",))
    found = {name for name, _, _ in board.told()}
    board.now += 60_000
    board.imported(2, 3, 4, options=("--yes",))
    found |= {name for name, _, _ in board.told()}
    assert found == {"4/1", "1/1/closed"}, "each change once, whoever counts ids"
    board.now += DAY
    board.imported(1, 2, 3, 4, options=("--yes",))
    assert [name for name, _, _ in board.told()] == ["1/2"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("domain,name\n", "1: does not keep what state feeds showed"),
        ('{"format":"signal-engine feeds.seen","version":9}\n', "1: does not keep what state feeds showed"),
        ('{"format":"signal-engine feeds.seen","version":1}\n{"key":["a"]}\n', "2: does not say what a feed showed"),
        ('{"format":"signal-engine feeds.seen","version":1}\nx\n', "2: does not say what a feed showed"),
    ],
)
def test_a_state_file_that_is_not_ours_is_not_written_over(board, text, said):
    board.state.write_text(text)
    assert said in board.imported(1, code=2)
    assert board.state.read_text() == text


def test_where_no_state_can_be_kept_is_said(board, tmp_path):
    board.state = tmp_path / "none" / "seen.jsonl"
    assert "there is no folder" in board.imported(1, code=2)
    done = invoke("import", EXPORTS / "bombora-surge.csv", "--as", "bombora-surge", "--timezone", "UTC", "--dry-run",
                  "--state", tmp_path / "s")  # fmt: skip
    assert done.exit_code == 2
    assert "these exports are neither" in done.stderr
    done = invoke(
        "import", board.shows(1), "--as", "greenhouse-jobs", *ACCOUNT, "--to", "kafka", "--state", tmp_path / "s"
    )
    assert done.exit_code == 2
    assert "kept in the topic feeds.seen" in done.stderr
