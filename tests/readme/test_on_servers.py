"""The part of README.md that needs Kafka and Redis: each command as it is written, on the servers of the tests."""

import asyncio
import json
import os
import pty
import re
import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from testing.engine import Engine, ending
from testing.records import ToProduce
from testing.servers.finding import KafkaServer
from testing.waiting import until
from tests.readme.commands import COMMAND, ROOT, of_live, put_files

ACCOUNT = "quillmarsh-systems.com"
_EVENT = b'{"event_id": "1", "account_id": "localhost", "occurred_at": "2026-01-01T00:00:00Z", "title": "VP Sales"}'
REJECTED = ToProduce("hiring", 3, b"localhost", _EVENT, None)
PLACE = "signals.hiring/3/0"
WITHIN = 60.0
"""Seconds that a worker on a busy machine may take until what it read can be seen."""


class Expected(NamedTuple):
    """What a command does."""

    begins: str
    says: str = ""
    """In what it prints."""
    code: int = 0
    later: bool = False
    """Whether that takes a moment, and asking again does no harm."""
    runs_on: bool = False
    """Whether it runs until it is ended."""
    options: str = ""
    """What --json adds to it, where docs/contract.md says which keys that prints."""


EXPECTED = [
    Expected("export "),
    Expected(f"{COMMAND} config show", "SIGNAL_ENGINE_KAFKA_BOOTSTRAP_SERVERS", options="--json"),
    Expected(f"{COMMAND} topics create", "signals.engagement", options="--json"),
    Expected(f"{COMMAND} fit load", "enter", options="--dry-run --json"),
    Expected(f"{COMMAND} fit show", "chase", options="--json"),
    Expected(f"{COMMAND} worker", runs_on=True),
    Expected("echo "),
    Expected(f"{COMMAND} top", "Quillmarsh", later=True),
    Expected(f"{COMMAND} explain", "Quillmarsh"),
    Expected("kcat -C", '"type":"hand_raise"', later=True),
    Expected(f"{COMMAND} api", runs_on=True),
    Expected("curl ", f'"account_id":"{ACCOUNT}"', later=True),
    Expected(f"{COMMAND} dlq list", f"{PLACE}", later=True, options="--json"),
    Expected(f"{COMMAND} dlq show", '"account_id": "localhost"', options="--json"),
    Expected(f"{COMMAND} dlq replay --reason account --dry-run", PLACE, options="--json"),
    Expected(f"{COMMAND} dlq replay --reason account", PLACE),
    Expected(f"{COMMAND} dlq resume", "is not paused"),
    Expected(f"{COMMAND} dlq resume", "is not paused"),
    Expected(f"{COMMAND} rebuild", "served"),
    Expected(f"{COMMAND} rebuild --give-up", "no rebuild is running", code=1),
]
"""In the order of README: a command that is added there is added here."""


def keys_in_the_contract(command: str) -> set[str]:
    """What the row of a command in docs/contract.md says that --json prints at the top."""
    page = (ROOT / "docs" / "contract.md").read_text("utf-8").partition("## 5. Command line")[2]
    words = command.removeprefix(f"{COMMAND} ").split()[:2]
    row = next(line for line in page.splitlines() if re.match(rf"\| `{' '.join(words)}\b", line))
    printed = re.sub(r"\(.*?\)", "", row.split(" | ")[2].partition("`: ")[0] + "`")
    return set(re.findall("`([a-z0-9_]+)`", printed))


class Follower:
    """Somebody who follows README, with other addresses and topics of their own."""

    def __init__(self, live: Engine, folder: Path) -> None:
        self.live = live
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        # README says where the servers are, and leaves the number of partitions as it is.
        said = {f"SIGNAL_ENGINE_{name}" for name in ("KAFKA_BOOTSTRAP_SERVERS", "REDIS_URL", "PARTITIONS")}
        self._environment = {name: value for name, value in live.environment.items() if name not in said}
        self._environment["SIGNAL_ENGINE_API_PORT"] = str(port)
        self._differs = {
            "redis://localhost:6379/0": live.redis_url,
            "localhost:9092": live.kafka,
            "localhost:8080": f"localhost:{port}",
            "-t signals.": f"-t {live.prefix}signals.",
            "-t alerts": f"-t {live.prefix}alerts",
            "signals.hiring/3/1712": PLACE,
            "--skip-to 812": "--skip-to 1",
        }
        self._export = self._as_here(of_live()[0])

    def _as_here(self, command: str) -> str:
        for written, here in self._differs.items():
            command = command.replace(written, here)
        return command

    def run(self, command: str) -> tuple[int, str]:
        """Exit code and all that it prints; whatever it asks is answered with yes, as at a terminal."""
        person, terminal = pty.openpty()
        try:
            os.write(person, b"y\n")
            done = subprocess.run(
                ["bash", "-c", f"{self._export}\n{self._as_here(command)}"],
                cwd=self._folder,
                env=self._environment,
                stdin=terminal,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=120,
                check=False,
            )
        finally:
            os.close(person)
            os.close(terminal)
        return done.returncode, done.stdout

    @contextmanager
    def running(self, command: str) -> Iterator[None]:
        """Runs it until the context ends; it has to leave in order then."""
        log = self._folder / f"{command.rpartition(' ')[2]}.log"
        shell = ["bash", "-c", f"{self._export}\nexec {self._as_here(command)}"]
        with log.open("wb") as out:
            process = subprocess.Popen(shell, cwd=self._folder, env=self._environment, stdout=out, stderr=out)
        try:
            yield
            process.send_signal(signal.SIGTERM)
            assert process.wait(15) == 0, log.read_text()[-2_000:]
        finally:
            process.kill()
            process.wait(10)


@pytest.fixture
def reader(kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path) -> Iterator[Follower]:
    if shutil.which("kcat") is None:
        pytest.skip("needs kcat (.ci/servers installs it)")
    folder = tmp_path / "project"
    folder.mkdir()
    put_files(folder)
    with ending(Engine(kafka.address, redis_url, prefix, tmp_path)) as live:
        yield Follower(live, folder)


def test_each_command_does_what_readme_says_of_it(reader: Follower) -> None:
    """In order: what one leaves behind is what the next one needs."""
    with ExitStack() as stack:
        for command, expected in zip(of_live(), EXPECTED, strict=True):
            assert command.startswith(expected.begins)
            if expected.runs_on:
                stack.enter_context(reader.running(command))
                continue
            if command.startswith(f"{COMMAND} dlq list"):
                asyncio.run(reader.live.produce([REJECTED]))
            seen: list[tuple[int, str]] = []

            def done(command: str = command, expected: Expected = expected, seen: list[tuple[int, str]] = seen) -> bool:
                code, said = reader.run(command)
                seen.append((code, said))
                return code == expected.code and expected.says in said

            if expected.later:
                until(f"{command}\n{seen}", done, WITHIN)
            else:
                assert done(), (command, seen)
            if expected.options:
                code, result = reader.run(f"{command} {expected.options} 2>/dev/null")
                assert (code, json.loads(result).keys()) == (0, keys_in_the_contract(command)), command
