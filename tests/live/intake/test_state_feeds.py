"""State feeds in Kafka: what was seen is in `feeds.seen`, and a kill at any step doubles nothing."""

import hashlib
import hmac
import json
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from testing import processes
from testing.ingest import IngestProcess
from testing.processes import COMMAND
from testing.servers.finding import KafkaServer
from testing.servers.process import free_port
from tests.live.engine import Engine, engine
from tests.live.intake.test_ingest import post

AS_BOARD = ("--as", "greenhouse-jobs", "--account", "acme.com", "--to", "kafka", "--yes")
KILLED = """
import os, signal, sys
from signal_engine.adapters.kafka.producer import KafkaProducer
from signal_engine.entrypoints.cli import main

moment, number = sys.argv.pop(1).split(":")
sent, calls = KafkaProducer.send, 0

async def dying(self, records):
    global calls
    calls += 1
    mine = calls == int(number)
    if mine and moment == "halfway":
        records = records[: len(records) // 2]
    if mine and moment == "before":
        os.kill(os.getpid(), signal.SIGKILL)
    await sent(self, records)
    if mine:
        os.kill(os.getpid(), signal.SIGKILL)

KafkaProducer.send = dying
main()
"""
SECRET = "shh"
HOOKS = """
hooks:
  board:
    mapping: greenhouse-jobs
    account: acme.com
    signature: {scheme: hmac-sha256, header: X-Sig, timestamp_header: X-At, secret_env: BOARD_SECRET}
"""


@pytest.fixture
def live(kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path) -> Iterator[Engine]:
    with engine(kafka.address, redis_url, prefix, tmp_path) as made:
        made.run("topics", "create")
        yield made


def board(*jobs: int) -> dict[str, Any]:
    one = {"internal_job_id": 1, "departments": [{"name": "Sales"}]}
    return {"jobs": [{"id": job, "title": f"VP Sales {job}", **one} for job in jobs]}


def board_file(folder: Path, *jobs: int) -> str:
    path = folder / "board.json"
    path.write_text(json.dumps(board(*jobs)))
    return str(path)


def told(records: list[Any]) -> list[str]:
    """Job and appearance of each event, each id once: whoever knows ids counts the rest as duplicates."""
    events = {one["event_id"]: one for one in map(json.loads, (record.value for record in records))}
    return sorted(f"{one['title'].split()[-1]}/{name.partition('/')[2]}" for name, one in events.items())


@pytest.mark.parametrize("death", ["before:1", "halfway:1", "after:1", "before:2", "halfway:2", "after:2"])
async def test_killed_at_any_step_the_same_ids_come_again(live: Engine, tmp_path: Path, death: str):
    """The first send of an import has the events, the second what was seen."""
    live.run("import", board_file(tmp_path, 1, 2, 3, 4, 5), *AS_BOARD)
    assert await live.read("signals.hiring") == [], "a baseline is no news"
    path = board_file(tmp_path, 3, 4, 5, 6, 7)
    killed = processes.run([sys.executable, "-c", KILLED, death, "import", path, *AS_BOARD], env=live.environment)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    live.run("import", path, *AS_BOARD)
    changed = ["1/1/closed", "2/1/closed", "6/1", "7/1"]
    assert told(await live.read("signals.hiring")) == changed
    live.run("import", board_file(tmp_path, 1, 3, 4, 5, 6, 7), *AS_BOARD)
    assert told(await live.read("signals.hiring")) == sorted([*changed, "1/2"])
    live.worker()
    await live.caught_up()
    counts = await live.counts()
    opened = [one for one in await live.read("signals.hiring") if b'"closed"' not in one.value]
    assert (counts["applied"], counts["duplicate"]) == (3, len(opened) - 3)
    assert not counts["rejected"]


@pytest.mark.parametrize("death", ["halfway:1", "after:1"])
async def test_a_baseline_that_was_killed_stays_one(live: Engine, tmp_path: Path, death: str):
    """Nothing in it is dated, so the only send has what was seen."""
    path = board_file(tmp_path, 1, 2, 3, 4)
    killed = processes.run([sys.executable, "-c", KILLED, death, "import", path, *AS_BOARD], env=live.environment)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    live.run("import", path, *AS_BOARD)
    assert await live.read("signals.hiring") == []
    live.run("import", board_file(tmp_path, 1, 2, 3, 4, 5), *AS_BOARD)
    assert told(await live.read("signals.hiring")) == ["5/1"]


async def test_a_feed_that_lost_most_of_its_rows_sends_nothing(live: Engine, tmp_path: Path):
    live.run("import", board_file(tmp_path, 1, 2, 3), *AS_BOARD)
    command = [*COMMAND, "import", board_file(tmp_path, 1), *AS_BOARD[:-1]]
    done = processes.run(command, env=live.environment)
    assert (done.returncode, "2 of the 3 rows" in done.stderr) == (1, True), done.stderr
    assert await live.read("signals.hiring") == []
    assert len(await live.read("feeds.seen")) == 4, "three rows, and that the account has been looked at"


async def test_hooks_and_imports_know_of_each_other_and_of_the_time_before_a_kill(live: Engine, tmp_path: Path):
    (tmp_path / "hooks.yaml").write_text(HOOKS)
    live.environment["BOARD_SECRET"] = SECRET
    live.set(HOOKS=str(tmp_path / "hooks.yaml"))

    async def door() -> IngestProcess:
        live.workers.append(made := IngestProcess(tmp_path / "ingest.log", live.environment, free_port()))
        await made.started()
        return made

    def deliver(made: IngestProcess, *jobs: int) -> tuple[int, Any]:
        at = str(int(time.time()))
        signed = f"{at}.{json.dumps(board(*jobs))}".encode()
        signature = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        return post(f"{made.url}/v1/hooks/board", board(*jobs), X_Sig=signature, X_At=at)

    live.run("import", board_file(tmp_path, 1, 2, 3), *AS_BOARD)
    made = await door()
    status, answer = deliver(made, 1, 2, 3, 4)
    assert (status, answer["accepted"]) == (202, 1)
    live.run("import", board_file(tmp_path, 2, 3, 4), *AS_BOARD)
    assert deliver(made, 2, 3, 4)[1]["accepted"] == 0, "what an import changed is known"
    made.process.kill()
    assert made.process.wait(10) == -signal.SIGKILL
    made = await door()
    assert deliver(made, 1, 2, 3, 4)[1]["accepted"] == 1
    status, answer = deliver(made, 4)
    assert (status, answer["accepted"], answer["kept"]) == (202, 0, 1), "a broken feed is kept"
    assert told(await live.read("signals.hiring")) == ["1/1/closed", "1/2", "4/1"]
    done = processes.run([*COMMAND, "dlq", "replay", "--topic", "ingest.dlq", "--yes"], env=live.environment)
    assert done.returncode == 0, done.stderr
    assert "a state of then" in done.stdout + done.stderr
    assert len(await live.read("signals.hiring")) == 3
