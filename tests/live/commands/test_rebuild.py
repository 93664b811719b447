"""`rebuild` without a worker: what it says and asks. Nothing is read."""

import json
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from testing import processes
from testing.processes import COMMAND
from testing.servers.finding import KafkaServer
from tests.live.engine import Engine, engine
from tests.live.judging import icp_files


@pytest.fixture
def bare(kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path) -> Iterator[Engine]:
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=2) as made:
        yield made


def said(live: Engine, *words: str, code: int = 0) -> Any:
    done = processes.run([*COMMAND, "rebuild", *words], env=live.environment, timeout=60)
    assert done.returncode == code, done.stderr
    return done


def test_topics_must_be_there(bare: Engine) -> None:
    result = said(bare, "--yes", code=2).stderr
    assert f"topic {bare.topic('intent')} is missing; create it with `signal-engine topics create`" in result


async def test_it_asks_begins_is_followed_and_given_up(bare: Engine) -> None:
    bare.run("topics", "create")
    accounts = bare.folder / "accounts.csv"
    accounts.write_text("domain,name\nstripe.com,Stripe\n")
    bare.run("fit", "load", str(accounts), *icp_files(bare.folder), "--yes")
    asks = said(bare, code=2).stderr
    assert "reads 0 records of 6 topics again" in asks
    assert "use --yes" in asks
    assert "no rebuild is running" in said(bare, "--give-up", code=1).stderr
    assert (await bare.marks()).building is None

    assert "has started" in said(bare, "--yes", "--no-wait").stdout
    marks = await bare.marks()
    assert marks.building is not None
    assert (marks.served, marks.building.needs_fit, marks.building.moved) == (0, False, False)
    again = said(bare, "--no-wait", "--json")
    assert "Following the rebuild that started at" in again.stderr
    assert json.loads(again.stdout)["generation"] == marks.building.generation
    decided = json.loads(bare.run("fit", "show", "stripe.com", "--json"))
    assert (decided["fit_version"], decided["known"]) == (1, True), "of the view that is being built"

    assert json.loads(said(bare, "--give-up", "--json").stdout)["state"] == "given_up"
    assert (await bare.marks())[:2] == (0, None)


async def test_what_is_going_on_is_left_going_on(bare: Engine) -> None:
    bare.run("topics", "create")
    following = subprocess.Popen(  # noqa: ASYNC220 (nothing else runs here)
        [*COMMAND, "rebuild", "--yes"], env=bare.environment, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL
    )
    assert following.stderr is not None
    heard, deadline = b"", Timer(60, following.kill)
    deadline.start()
    while b"is `signal-engine worker` running?" not in heard:
        line = following.stderr.readline()
        assert line, f"it ended, or said nothing of the kind within a minute: {heard.decode()}"
        heard += line
    deadline.cancel()
    following.send_signal(signal.SIGINT)
    _, rest = following.communicate(timeout=60)
    assert following.returncode == 1
    assert b"the workers continue it" in rest
    assert b"Traceback" not in rest
    assert (await bare.marks()).building is not None
    assert "No view is served" in said(bare, "--give-up").stderr
    assert (await bare.marks())[:2] == (None, None)
