"""A server process for the lifetime of this one: start it, wait until it answers, stop it with us."""

import socket
import time
from abc import abstractmethod
from typing import Final

from signal_engine.embedded_servers.supervised import ServerFailed, SupervisedProcess

__all__ = ["LOOPBACK", "EmbeddedServer", "ServerFailed", "free_port"]

LOOPBACK: Final = "127.0.0.1"

_RECHECK_S: Final = 0.02
_PORTS_TRIED: Final = 3


class EmbeddedServer(SupervisedProcess):
    """One server on a free loopback port, in a temporary folder. A context manager; or call `start` and `stop`.

    Blocks while it starts and stops: use `asyncio.to_thread` in an event loop.
    """

    deadline: float = 20.0
    """Seconds until a client must get an answer."""

    def __init__(self) -> None:
        super().__init__()
        self.port = 0

    @property
    def address(self) -> str:
        """`127.0.0.1:PORT`."""
        return f"{LOOPBACK}:{self.port}"

    def prepare(self) -> None:
        """Prepare `folder` for the server's start on `port`. Raises `ServerFailed`."""

    @abstractmethod
    def answers(self) -> bool:
        """Whether a client can talk to this very server, not to another one on the same port. Must not raise."""

    def _begin(self) -> None:
        """Starts it on a free port and waits until it answers."""
        for _ in range(_PORTS_TRIED):  # somebody may take a free port between our finding it and using it
            self._end()
            self.port = free_port()
            self.prepare()
            self._launch()
            if self._ready():
                return
        raise ServerFailed(f"{self.title} ended at once{self.last_words()}")

    def _ready(self) -> bool:
        """False when it ended. Raises `ServerFailed` past the deadline."""
        until = time.monotonic() + self.deadline
        while self._process is not None and self._process.poll() is None:
            if self.answers():
                return True
            if time.monotonic() > until:
                raise ServerFailed(f"{self.title} did not answer within {self.deadline:g} s{self.last_words()}")
            time.sleep(_RECHECK_S)
        return False


def free_port() -> int:
    """A TCP port of the loopback interface that is free now."""
    with socket.socket() as listener:
        listener.bind((LOOPBACK, 0))
        return int(listener.getsockname()[1])
