"""`import --to kafka`, into an engine that runs: what a second import, a kill and a Ctrl-C change (nothing)."""

import csv
import json
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.wire.instants import format_instant
from testing import processes
from testing.processes import COMMAND
from testing.servers.finding import KafkaServer
from testing.waiting import until
from tests.intake.running import EXPORTS
from tests.live.engine import Engine, engine

HOUR = 3_600_000
AS_GENERIC = ("--as", "generic", "--timezone", "UTC", "--to", "kafka")
MANY = 150_000
"""Rows that take some seconds to import."""


@pytest.fixture
def live(kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path) -> Iterator[Engine]:
    with engine(kafka.address, redis_url, prefix, tmp_path) as made:
        made.run("topics", "create")
        yield made


def export(folder: Path, rows: int, accounts: int = 20) -> Path:
    """Every second event is history."""
    now = int(time.time() * 1000)
    path = folder / "visits.csv"
    with path.open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(["kind", "account_id", "event_id", "occurred_at", "activity"])
        for n in range(rows):
            at = format_instant(now - HOUR - (n % 2) * 72 * HOUR)
            table.writerow(["engagement", f"www.Account-{n % accounts}.com", f"e{n}", at, "pricing_view"])
    return path


def ids(records: list[Any]) -> list[str]:
    return [json.loads(record.value)["event_id"] for record in records]


async def test_a_second_import_changes_nothing(live: Engine, tmp_path: Path):
    path = export(tmp_path, 200)
    (tmp_path / "accounts.csv").write_text(
        "domain,industry,employee_count\n" + "".join(f"account-{n}.com,B2B SaaS,500\n" for n in range(20))
    )
    icp = tmp_path / "icp.yaml"
    icp.write_text(
        "icp: mine\nversion: 1\nowner: {name: A, email: a@example.com}\nreview_by: 2030-01-01\nmust_have: {}\n"
        "base: 50\npoints: []\ntiers: {A: 80, B: 50}\ndecisions: {A: chase, B: chase}\n"
    )
    live.run("fit", "load", str(tmp_path / "accounts.csv"), "--icp", str(icp), "--yes")
    live.worker()
    seen = []
    for times in (1, 2):
        live.run("import", str(path), *AS_GENERIC)
        await live.caught_up()
        counts = await live.counts()
        assert (counts["applied"], counts["duplicate"]) == (200, 200 * (times - 1))
        assert not counts["rejected"]
        seen.append(json.loads(live.run("explain", "account-1.com", "--json"))["score"])
    records = await live.read("signals.engagement")
    assert len(records) == 400
    history = [bool(record.headers) for record in records]
    assert history == [int(one[1:]) % 2 == 1 for one in ids(records)], "what is older than 48 hours rings no phone"
    assert all(record.headers in ((), (("backfill", b"1"),)) for record in records)
    partition_of = partitioner(live.partitions)
    assert all(record.partition == partition_of(record.key.decode()) for record in records)
    assert {record.key for record in records} == {f"account-{n}.com".encode() for n in range(20)}
    assert seen[0] == pytest.approx(seen[1], rel=0.01), "but for the minute that passed"
    assert not (tmp_path / "visits.csv.import.json").exists()


async def test_deals_become_outcomes_of_their_accounts_once_however_often_they_are_imported(live: Engine) -> None:
    live.worker()
    accounts = ("--accounts", str(EXPORTS / "hubspot-companies.csv"), "--accounts-as", "hubspot-companies")
    export = shutil.copy(EXPORTS / "hubspot-deals.csv", live.folder)
    for _ in range(2):
        words = ("--as", "hubspot-deals", "--timezone", "UTC", "--to", "kafka", "--yes")
        live.run("import", export, *words, *accounts)
    assert len(await live.read("outcomes")) == 16

    async def shown() -> None:
        told = json.loads(live.run("explain", "quillmarsh-systems.com", "--json"))["outcomes"]["opportunities"]
        assert [(one["opportunity_id"], one["result"], one["amount_usd"]) for one in told] == [("9001", "won", 12_500)]
        assert [one["stage"] for one in told[0]["outcomes"]] in (["opened", "moved", "won"], ["opened", "won", "moved"])

    await live.holds(shown, 60)


async def test_alerts_are_sent_for_history_where_one_insists(live: Engine, tmp_path: Path):
    live.run("import", str(export(tmp_path, 10)), *AS_GENERIC, "--alerts")
    assert [record.headers for record in await live.read("signals.engagement")] == [()] * 10


async def test_an_import_that_was_killed_goes_on_where_it_stood(live: Engine, tmp_path: Path):
    path, place = export(tmp_path, MANY, 1_000), tmp_path / "visits.csv.import.json"
    with path.open("a") as file:
        file.write("engagement,not a domain,x,2026-01-01,pricing_view\n")
    with (tmp_path / "said").open("wb") as said:
        process = processes.start([*COMMAND, "import", str(path), *AS_GENERIC], env=live.environment, out=said)
        until("a place is kept", lambda: place.exists() or process.poll() is not None, 60)
        process.kill()
        assert process.wait(10) == -signal.SIGKILL, (tmp_path / "said").read_text()
    (kept,) = json.loads(place.read_text())["places"].values()
    before = await live.read("signals.engagement")
    assert kept["rows"] <= len(before) < MANY, "everything up to the place is in Kafka"
    done = processes.run([*COMMAND, "import", str(path), *AS_GENERIC], env=live.environment)
    assert done.returncode == 0, done.stderr
    assert f"visits.csv: an earlier import was interrupted; goes on after row {kept['rows']:,}." in done.stderr
    assert f"{MANY + 1:,} rows = {MANY:,} mapped + 0 passed over + 1 refused" in done.stderr
    assert len((tmp_path / "visits.csv.refused.csv").read_text().splitlines()) == 2
    records = await live.read("signals.engagement")
    assert set(ids(records)) == {f"e{n}" for n in range(MANY)}
    assert len(records) == MANY + len(before) - kept["rows"], "only what came after the place is sent again"
    assert not place.exists()
    live.worker()
    await live.caught_up()
    counts = await live.counts()
    assert counts["applied"] == MANY
    assert counts["duplicate"] == len(records) - MANY


async def test_ctrl_c_keeps_the_place_in_the_file_that_was_named(live: Engine, tmp_path: Path):
    path, place = export(tmp_path, MANY, 1_000), tmp_path / "state.json"
    command = [*COMMAND, "import", str(path), *AS_GENERIC, "--state", str(place)]
    with (tmp_path / "said").open("wb") as said:
        process = processes.start(command, env=live.environment, out=said)
        until("a place is kept", lambda: place.exists() or process.poll() is not None, 60)
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 1, (tmp_path / "said").read_text()
    (kept,) = json.loads(place.read_text())["places"].values()
    said_last = " ".join((tmp_path / "said").read_text().split())
    assert f"stopped; its first {kept['rows']:,} rows are in Kafka; the same command goes on from there." in said_last
    assert "Traceback" not in said_last
    done = processes.run(command, env=live.environment)
    assert done.returncode == 0, done.stderr
    records = await live.read("signals.engagement")
    assert set(ids(records)) == {f"e{n}" for n in range(MANY)}
    assert not place.exists()


async def test_another_import_starts_at_the_beginning(live: Engine, tmp_path: Path):
    """A place counts for the same content, mapping and options only."""
    path, place = export(tmp_path, MANY, 1_000), tmp_path / "visits.csv.import.json"
    with (tmp_path / "said").open("wb") as said:
        process = processes.start([*COMMAND, "import", str(path), *AS_GENERIC], env=live.environment, out=said)
        until("a place is kept", lambda: place.exists() or process.poll() is not None, 60)
        process.kill()
        process.wait(10)
    kept = place.read_bytes()
    export(tmp_path, 10, 5)
    done = processes.run([*COMMAND, "import", str(path), *AS_GENERIC], env=live.environment)
    assert done.returncode == 0, done.stderr
    assert "interrupted" not in done.stderr
    assert place.read_bytes() == kept, "the other file may come back"


@pytest.mark.parametrize(
    ("state", "code", "said"),
    [
        ("domain,name\n", 2, "does not hold places of imports"),
        ('{"format": "signal-engine import", "version": 1, "places": {"x": {}}}', 2, "does not hold places of imports"),
        ('{"format": "signal-engine import", "version": 1, "places": {}}', 0, "10 rows = 10 mapped"),
    ],
    ids=["somebody's", "damaged", "ours"],
)
def test_a_state_file_that_is_not_ours_is_not_written_over(live: Engine, tmp_path: Path, state, code, said):
    path = tmp_path / "state.json"
    path.write_text(state)
    command = [*COMMAND, "import", str(export(tmp_path, 10)), *AS_GENERIC, "--state", str(path)]
    done = processes.run(command, env=live.environment)
    assert done.returncode == code, done.stderr
    assert said in done.stderr
    if code:
        assert path.read_text() == state


def test_a_state_file_in_a_folder_that_is_missing_is_said_before_anything_is_sent(live: Engine, tmp_path: Path):
    command = [*COMMAND, "import", str(export(tmp_path, 10)), *AS_GENERIC, "--state", str(tmp_path / "none" / "s.json")]
    done = processes.run(command, env=live.environment)
    assert (done.returncode, f"there is no folder {tmp_path / 'none'}" in done.stderr) == (2, True), done.stderr


def test_accounts_do_not_go_to_the_signal_topics(live: Engine, tmp_path: Path):
    (tmp_path / "c.csv").write_text("Record ID,Company name,Company Domain Name\n1,A,a.com\n")
    command = [*COMMAND, "import", str(tmp_path / "c.csv"), "--as", "hubspot-companies", "--to", "kafka"]
    done = processes.run(command, env=live.environment)
    assert done.returncode == 2
    assert "accounts are loaded with `signal-engine fit load`" in done.stderr


def test_topics_that_are_missing_and_a_kafka_that_is_away_are_said(live: Engine, tmp_path: Path):
    command = [*COMMAND, "import", str(export(tmp_path, 10)), *AS_GENERIC]
    live.set(PREFIX="nobodys.")
    done = processes.run(command, env=live.environment)
    assert (done.returncode, "topic nobodys.signals.intent is missing" in done.stderr) == (2, True), done.stderr
    live.set(KAFKA_BOOTSTRAP_SERVERS="localhost:1")
    done = processes.run(command, env=live.environment)
    assert (done.returncode, "Kafka does not answer" in done.stderr) == (1, True), done.stderr
