"""Starting commands: cold, or forked from a process that has imported them (`keep_warm`); spares a second of CPU."""

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final, Protocol

ROOT: Final = Path(__file__).resolve().parents[1]
COMMAND: Final = (sys.executable, "-m", "signal_engine")


class Process(Protocol):
    """What `subprocess.Popen` and a forked process have in common."""

    @property
    def pid(self) -> int: ...

    @property
    def returncode(self) -> int | None:
        """What `poll` or `wait` have said last."""

    def poll(self) -> int | None:
        """Its exit code, negative after a signal; None while it runs."""

    def wait(self, timeout: float | None = None) -> int:
        """Its exit code. Raises `subprocess.TimeoutExpired`."""

    def send_signal(self, sig: int) -> None: ...

    def kill(self) -> None: ...


class Forked:
    """A process that was forked from a warm one: nobody's child here, so its exit code is told on a socket."""

    def __init__(self, words: Sequence[str], reports: socket.socket) -> None:
        self._words, self._reports = words, reports
        self._code: int | None = None
        self.pid = int(self._heard(None))

    @property
    def returncode(self) -> int | None:
        """As `Process`."""
        return self._code

    def poll(self) -> int | None:
        """As `Process`."""
        try:
            return self.wait(0)
        except subprocess.TimeoutExpired:
            return None

    def wait(self, timeout: float | None = None) -> int:
        """As `Process`."""
        if self._code is None:
            self._code = int(self._heard(timeout))
            self._reports.close()
        return self._code

    def send_signal(self, sig: int) -> None:
        """As `Process`."""
        if self.poll() is None:
            os.kill(self.pid, sig)

    def kill(self) -> None:
        """As `Process`."""
        self.send_signal(signal.SIGKILL)

    def _heard(self, timeout: float | None) -> bytes:
        self._reports.settimeout(timeout)
        try:
            heard = self._reports.recv(32)
        except (TimeoutError, BlockingIOError):
            raise subprocess.TimeoutExpired(list(self._words), timeout or 0) from None
        if not heard:
            raise RuntimeError(f"{' '.join(self._words)}: the process that forks has ended")
        return heard


class _Forking:
    """The process that has imported everything; it begins with the first start and ends with us."""

    def __init__(self, modules: Sequence[str]) -> None:
        self._modules = modules
        self._control: socket.socket | None = None

    def start(self, words: Sequence[str], cwd: Path, env: Mapping[str, str], streams: Sequence[int]) -> Forked:
        """Starts `python -m ...` with these standard streams."""
        if self._control is None:
            self._control = self._begin()
        _, _, module, *arguments = words
        asked = {"module": module, "arguments": arguments, "environment": dict(env), "folder": str(cwd)}
        result, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            socket.send_fds(self._control, [json.dumps(asked).encode()], [*streams, theirs.fileno()])
        return Forked(words, result)

    def _begin(self) -> socket.socket:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            process = subprocess.Popen(
                [sys.executable, "-m", "testing.servers.forking", str(theirs.fileno()), *self._modules],
                cwd=ROOT, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()], start_new_session=True,
            )  # fmt: skip

        def end() -> None:
            ours.close()
            process.wait()

        atexit.register(end)
        return ours


_warm: list[_Forking] = []


def keep_warm(*modules: str) -> None:
    """From now on `python -m ...` is forked from a process that has imported these."""
    _warm[:] = [_Forking(modules)]


@contextmanager
def kept_warm(*modules: str) -> Iterator[None]:
    """The same for a while: whoever measures how fast commands start wants them cold."""
    before = [*_warm]
    keep_warm(*modules)
    try:
        yield
    finally:
        _warm[:] = before


def start(words: Sequence[str], *, env: Mapping[str, str], out: IO[bytes], cwd: Path = ROOT) -> Process:
    """Starts a command in a session of its own; all that it says goes to `out`."""
    with Path(os.devnull).open("rb") as nothing:
        return _start(words, cwd, env, nothing, out, out)


def run(
    words: Sequence[str], *, env: Mapping[str, str], cwd: Path = ROOT, stdin: bytes = b"", timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """Runs a command to its end. Raises `subprocess.TimeoutExpired`, and then it has been killed."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        given.write(stdin)
        given.seek(0)
        process = _start(words, cwd, env, given, out, err)
        try:
            code = process.wait(timeout)
        except BaseException:
            process.kill()
            process.wait()
            raise
        out.seek(0)
        err.seek(0)
        return subprocess.CompletedProcess(list(words), code, out.read().decode(), err.read().decode())


def _start(
    words: Sequence[str], cwd: Path, env: Mapping[str, str], given: IO[bytes], out: IO[bytes], err: IO[bytes]
) -> Process:
    if _warm and list(words[:2]) == [sys.executable, "-m"] and _of_python(env) == _of_python(os.environ):
        return _warm[0].start(words, cwd, env, [stream.fileno() for stream in (given, out, err)])
    return subprocess.Popen(words, cwd=cwd, env=dict(env), stdin=given, stdout=out, stderr=err, start_new_session=True)


def _of_python(env: Mapping[str, str]) -> dict[str, str]:
    """What an interpreter looks at when it starts."""
    return {name: value for name, value in env.items() if name.startswith("PYTHON")}
