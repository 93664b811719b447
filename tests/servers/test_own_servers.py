"""Servers that tests start: they answer, end with whoever started them, and say why when they do not start."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import redis

from testing.servers import process
from testing.servers.kafka import Tansu, cluster_id
from testing.servers.process import ServerFailed, ServerProcess, free_port
from testing.servers.redis import ValkeyServer
from testing.waiting import listens, until

PARENT = """
import sys
from testing.servers.redis import ValkeyServer
with ValkeyServer() as server:
    print(server.port, server.folder, flush=True)
    sys.stdin.read()
"""


def test_valkey_answers_and_is_gone_afterwards() -> None:
    with ValkeyServer() as server, redis.Redis.from_url(server.url) as client:
        port, folder = server.port, server.folder
        assert client.ping()
        assert client.config_get("appendonly")["appendonly"] == "yes"
    assert not listens(port)
    assert not folder.exists()


def test_the_broker_says_its_name_and_nobody_does_where_nobody_listens() -> None:
    with Tansu() as server:
        assert cluster_id(server.address) == server.folder.name
    assert cluster_id(server.address) is None


def test_a_server_ends_with_whoever_started_it_however_that_ends() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        port, folder = parent.stdout.readline().split()
        assert listens(int(port))
        parent.send_signal(signal.SIGKILL)
    until("the port is closed", lambda: not listens(int(port)))
    until("the folder is gone", lambda: not Path(folder).exists())


class _Line(ServerProcess):
    title = "the test's server"
    deadline = 10.0

    def __init__(self, line: str) -> None:
        super().__init__()
        self.line = line

    def command(self) -> Sequence[str]:
        return [sys.executable, "-c", self.line]

    def answers(self) -> bool:
        return False


def test_one_that_ends_at_once_is_told_with_its_last_words() -> None:
    server = _Line("raise SystemExit('the disk is full')")
    with pytest.raises(ServerFailed, match=r"the test's server ended at once\n  the disk is full"):
        server.start()
    with pytest.raises(ServerFailed, match="is not running"):
        _ = server.folder


def test_one_that_does_not_answer_is_ended_at_the_deadline(tmp_path: Path) -> None:
    server = _Line(f"import os, signal; open('{tmp_path}/pid', 'w').write(str(os.getpid())); signal.pause()")
    server.deadline = 0.5
    with pytest.raises(ServerFailed, match=r"did not answer within 0\.5 s"):
        server.start()
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_port_that_somebody_took_is_left_to_him(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports = iter([taken.getsockname()[1], free_port()])
        monkeypatch.setattr(process, "free_port", lambda: next(ports))
        with ValkeyServer() as started:
            assert started.port != taken.getsockname()[1]


def test_a_port_that_is_given_out_already_is_not_given_out_again(monkeypatch: pytest.MonkeyPatch) -> None:
    ports = iter([4101, 4101, 4102])

    class Listener(socket.socket):
        def bind(self, address: object) -> None: ...

        def getsockname(self) -> tuple[str, int]:
            return "127.0.0.1", next(ports)

    monkeypatch.setattr(socket, "socket", Listener)
    assert free_port(4101, 4100) == 4102
