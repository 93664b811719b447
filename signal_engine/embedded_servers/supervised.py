"""A supervised process: it ends with this one, however this one ends. Its log is in a temporary folder."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from signal_engine.core.errors import SignalEngineError

_GRACE_PERIOD_S: Final = 5.0
"""Seconds between SIGTERM and SIGKILL."""
_SUPERVISE: Final = Path(__file__).with_name("supervise.py")
_QUOTED_LINES: Final = 8


class ServerFailed(SignalEngineError, RuntimeError):
    """A process did not start, has ended or is not installed; the message ends with its last output."""


class SupervisedProcess(ABC):
    """One supervised process: it ends when we do, however we end.

    Use as a context, or `start` and `stop`; both block.
    """

    title: str
    """As people know it."""

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def folder(self) -> Path:
        """Its temporary folder and working directory, while it runs."""
        if self._folder is None:
            raise ServerFailed(f"{self.title} is not running")
        return self._folder

    @abstractmethod
    def command(self) -> Sequence[str]:
        """The program and its arguments. Raises `ServerFailed` when it is not installed."""

    def environment(self) -> Mapping[str, str] | None:
        """Its environment; None: ours."""
        return None

    def start(self) -> Self:
        """Starts it. Raises `ServerFailed`, and then nothing is left behind."""
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
        """None while it runs, and when it was never started; above 128 after a signal."""
        return None if self._process is None else self._process.poll()

    def last_words(self) -> str:
        """The last lines it wrote, to put behind a message; empty when it wrote none."""
        log = self.folder / "output.log"
        lines = log.read_text("utf-8", "replace").splitlines() if log.is_file() else []
        return "".join(f"\n  {line}" for line in lines[-_QUOTED_LINES:])

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _begin(self) -> None:
        self._launch()

    def _launch(self) -> None:
        with (self.folder / "output.log").open("wb") as log:
            # A session of its own: Ctrl-C is for us, and we then stop it when we no longer need it.
            self._process = subprocess.Popen(  # noqa: S603 (our own command)
                [sys.executable, "-IS", str(_SUPERVISE), str(_GRACE_PERIOD_S), str(self.folder), *self.command()],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                env=self.environment(),
                start_new_session=True,
            )

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return
        process.stdin.close()
        try:
            process.wait(2 * _GRACE_PERIOD_S)
        except subprocess.TimeoutExpired:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
