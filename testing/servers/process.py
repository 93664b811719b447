"""A server process: ready when started, gone when stopped, killed with whoever started it."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

LOOPBACK: Final = "127.0.0.1"
GRACE: Final = 5.0
"""Seconds between asking a server to end and ending it."""

_SUPERVISE: Final = Path(__file__).with_name("leash.py")
_POLL_INTERVAL_S: Final = 0.02
_PORTS_TRIED: Final = 3
_QUOTED_LINES: Final = 8


class ServerFailed(RuntimeError):
    """A server that did not start, ended, or is not installed; the message ends with the last it said."""


class ServerProcess(ABC):
    """One server on a free loopback port, in a temporary folder. Use as a context, or `start` and `stop`."""

    title: str
    """As people know it."""
    deadline: float = 20.0
    """Seconds in which a client must be able to talk to it."""

    def __init__(self) -> None:
        self.port = 0
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def command(self) -> Sequence[str]:
        """The program and its arguments. Raises `ServerFailed` when it is not installed."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether a client can talk to this very server, not to another one on the same port. Must not raise."""

    def prepare(self) -> None:  # noqa: B027 (most servers find nothing)
        """Lays out what the server finds in `folder` when it starts on `port`. Raises `ServerFailed`."""

    @property
    def address(self) -> str:
        """`127.0.0.1:PORT`."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def folder(self) -> Path:
        """Its temporary folder and working directory, while it runs."""
        if self._folder is None:
            raise ServerFailed(f"{self.title} is not running")
        return self._folder

    def start(self) -> Self:
        """Returns when it answers. Raises `ServerFailed`, and then nothing is left behind."""
        self._folder = Path(tempfile.mkdtemp(prefix="signal-engine-"))
        try:
            self._begin()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Asks it to end, ends it when it does not, and removes its folder. May be called twice."""
        self._end()
        folder, self._folder = self._folder, None
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)

    def exit_code(self) -> int | None:
        """None while it runs, and when it was never started."""
        return None if self._process is None else self._process.poll()

    def last_words(self) -> str:
        """The last lines it wrote, to put behind a message."""
        log = self.folder / "output.log"
        lines = log.read_text("utf-8", "replace").splitlines() if log.is_file() else []
        return "".join(f"\n  {line}" for line in lines[-_QUOTED_LINES:])

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _begin(self) -> None:
        for _ in range(_PORTS_TRIED):  # somebody may take a free port between our finding it and using it
            self._end()
            self.port = free_port()
            self.prepare()
            self._launch()
            if self._ready():
                return
        raise ServerFailed(f"{self.title} ended at once{self.last_words()}")

    def _launch(self) -> None:
        with (self.folder / "output.log").open("wb") as log:
            self._process = subprocess.Popen(  # a session of its own: Ctrl-C is for us
                [sys.executable, "-IS", str(_SUPERVISE), str(GRACE), str(self.folder), *self.command()],
                stdin=subprocess.PIPE, stdout=log, stderr=subprocess.STDOUT, cwd=self.folder, start_new_session=True,
            )  # fmt: skip

    def _ready(self) -> bool:
        """False when it ended. Raises `ServerFailed` past the deadline."""
        until = time.monotonic() + self.deadline
        while self._process is not None and self._process.poll() is None:
            if self.answers():
                return True
            if time.monotonic() > until:
                raise ServerFailed(f"{self.title} did not answer within {self.deadline:g} s{self.last_words()}")
            time.sleep(_POLL_INTERVAL_S)
        return False

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return
        process.stdin.close()
        try:
            process.wait(2 * GRACE)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def free_port(*but: int) -> int:
    """A TCP port of the loopback interface that is free now, none of `but`, which are given out but not yet used."""
    while True:
        with socket.socket() as listener:
            listener.bind((LOOPBACK, 0))
            port = int(listener.getsockname()[1])
        if port not in but:
            return port
