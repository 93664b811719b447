"""Every process ends within ten seconds of SIGTERM, whatever it waits for: servers that take a connection and say
nothing, and nobody who reads what it says."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from signal_engine.adapters.faust.group import SESSION_TIMEOUT_S
from testing.servers.finding import KafkaServer
from testing.waiting import until
from testing.worker import Worker
from tests.cli.running import CONFIG, ROOT
from tests.live.engine import Engine, engine

WITHIN = 10.0
COMMANDS = {
    "worker": ("worker",),
    "api": ("api",),
    "top": ("top",),
    "rebuild": ("rebuild", "--yes"),
    "fit load": ("fit", "load", "config/accounts.csv", *CONFIG[2:], "--yes"),
    "dlq list": ("dlq", "list"),
    "topics create": ("topics", "create"),
    "sync": ("sync",),
    "sync status": ("sync", "status"),
}


@contextmanager
def mute() -> "Iterator[tuple[str, socket.socket]]":
    """A server that takes connections, reads nothing and says nothing."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listening:
        yield f"127.0.0.1:{listening.getsockname()[1]}", listening


@contextmanager
def started(words: tuple[str, ...], **settings: str) -> "Iterator[subprocess.Popen[bytes]]":
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIGNAL_ENGINE_")}
    environment = {**kept, **{f"SIGNAL_ENGINE_{name}": value for name, value in settings.items()}}
    with subprocess.Popen(
        [sys.executable, "-m", "signal_engine", *words], cwd=ROOT, env=environment, stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def ends_in_time(process: "subprocess.Popen[bytes]") -> int:
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    code = process.wait(WITHIN + 5)
    assert time.monotonic() - began < WITHIN
    return code


@pytest.mark.parametrize("words", COMMANDS.values(), ids=COMMANDS)
def test_while_redis_or_kafka_takes_a_connection_and_says_nothing(words: tuple[str, ...]) -> None:
    with mute() as (address, listening):
        settings = {
            "REDIS_URL": f"redis://{address}/0",
            "KAFKA_BOOTSTRAP_SERVERS": address,
            "API_PORT": "0",
            "SYNC_PORT": "0",
        }
        with started(words, **settings) as process:
            listening.settimeout(30)
            connection, _ = listening.accept()
            with connection:
                code = ends_in_time(process)
            assert code in {0, 1, -signal.SIGTERM}
            assert process.stderr is not None
            assert b"Traceback" not in process.stderr.read()


def test_a_worker_while_kafka_says_nothing(redis_url: str, prefix: str) -> None:
    with mute() as (address, listening):
        settings = {"REDIS_URL": redis_url, "PREFIX": prefix, "KAFKA_BOOTSTRAP_SERVERS": address}
        with started(("worker",), **settings) as process:
            listening.settimeout(30)
            connection, _ = listening.accept()
            with connection:
                assert ends_in_time(process) in {0, 1}


class Piped(Worker):
    """A worker whose log goes through a pipe."""

    def __init__(self, live: Engine) -> None:
        self.log = live.folder / "piped.log"
        with self.log.open("ab") as out:
            self.reader = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=out)
        command = [sys.executable, "-m", "signal_engine", "worker"]
        pipe: IO[bytes] | None = self.reader.stdin
        self.process = subprocess.Popen(command, cwd=ROOT, env=live.environment, stdout=pipe, stderr=pipe)

    def lose_reader(self) -> None:
        assert self.reader.stdin is not None
        self.reader.stdin.close()
        self.reader.kill()
        self.reader.wait()


def test_a_worker_whose_log_nobody_reads_any_more(
    kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path
) -> None:
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=2) as live:
        live.run("topics", "create")
        worker = Piped(live)
        live.workers.append(worker)
        until("it has its partitions", lambda: "partitions_taken" in worker.words(), 60)
        worker.lose_reader()
        assert ends_in_time(worker.process) == 0, "it has left in order"
        again = live.worker()
        until("another one runs", lambda: "worker_started" in again.words(), 60)
        until(
            "it need not wait for a session to end", lambda: "partitions_taken" in again.words(), SESSION_TIMEOUT_S - 2
        )
        assert again.end() == 0
