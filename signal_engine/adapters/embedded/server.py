"""A server process that is started, ready, and gone afterwards, whatever happens to us."""

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
from types import TracebackType
from typing import Final, Self

LOOPBACK: Final = "127.0.0.1"

_LEASH: Final = Path(__file__).with_name("leash.py")
_GRACE: Final = 5.0
_LOOK_AGAIN: Final = 0.02
_PORTS_TRIED: Final = 3
_LINES_TOLD: Final = 8


class ServerFailed(RuntimeError):
    """A server that did not start or is not installed; the message ends with the last it said."""


class EmbeddedServer(ABC):
    """One server on a free loopback port, in a temporary folder. Use as a context, or `start` and `stop`.

    Blocks while it starts and stops: call it through `asyncio.to_thread` where an event loop runs.
    """

    title: str
    """As people know it."""
    deadline: float = 20.0
    """Seconds in which a client must be able to talk to it."""

    def __init__(self) -> None:
        self.port = 0
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def folder(self) -> Path:
        """Its temporary folder, while it runs."""
        if self._folder is None:
            raise ServerFailed(f"{self.title} is not running")
        return self._folder

    @property
    def address(self) -> str:
        """`127.0.0.1:PORT`."""
        return f"{LOOPBACK}:{self.port}"

    @abstractmethod
    def command(self) -> Sequence[str]:
        """The program and its arguments, for `folder` and `port`. Raises `ServerFailed` when it is not installed."""

    def prepare(self) -> None:  # noqa: B027 (most servers need nothing)
        """Lays out what the server finds in `folder` when it starts on `port`. Raises `ServerFailed`."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether a client can talk to this very server, not to another one on the same port. Must not raise."""

    def start(self) -> Self:
        """Starts it and waits until it answers. Raises `ServerFailed`, and then nothing is left behind."""
        self._folder = Path(tempfile.mkdtemp(prefix="signal-engine-"))
        try:
            self._start_on_a_free_port()
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

    def last_words(self) -> str:
        """The last lines it wrote, to put behind a message; empty when it wrote none."""
        log = self.folder / "output.log"
        lines = log.read_text("utf-8", "replace").splitlines() if log.is_file() else []
        return "".join(f"\n  {line}" for line in lines[-_LINES_TOLD:])

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _start_on_a_free_port(self) -> None:
        for _ in range(_PORTS_TRIED):  # somebody may take a free port between our finding it and using it
            self._end()
            self.port = free_port()
            self.prepare()
            self._launch()
            if self._ready():
                return
        raise ServerFailed(f"{self.title} ended at once{self.last_words()}")

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return
        process.stdin.close()
        try:
            process.wait(2 * _GRACE)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _launch(self) -> None:
        with (self.folder / "output.log").open("wb") as log:
            # A session of its own: Ctrl-C is for us, and we then stop the server when we no longer need it.
            self._process = subprocess.Popen(  # noqa: S603 (our own command)
                [sys.executable, "-IS", str(_LEASH), str(_GRACE), str(self.folder), *self.command()],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                start_new_session=True,
            )

    def _ready(self) -> bool:
        """False when it ended. Raises `ServerFailed` past the deadline."""
        until = time.monotonic() + self.deadline
        while self._process is not None and self._process.poll() is None:
            if self.answers():
                return True
            if time.monotonic() > until:
                raise ServerFailed(f"{self.title} did not answer within {self.deadline:g} s{self.last_words()}")
            time.sleep(_LOOK_AGAIN)
        return False


def free_port() -> int:
    """A TCP port of the loopback interface that is free now."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        return int(listener.getsockname()[1])
