"""One worker process of the engine, its log in a file."""

import json
import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from testing import processes
from testing.processes import COMMAND


class Worker:
    """One worker process, its log in a file."""

    process: processes.Process

    def __init__(self, log: Path, environment: Mapping[str, str], command: Sequence[str] = ()) -> None:
        """`command` starts another worker than `signal-engine worker`."""
        self.log = log
        with log.open("ab") as out:
            self.process = processes.start(command or [*COMMAND, "worker"], env=environment, out=out)

    def said(self) -> list[dict[str, Any]]:
        """The lines of its log."""
        read = []
        for line in self.log.read_text().splitlines():
            try:
                read.append(json.loads(line))
            except ValueError:
                read.append({"event": "not_json", "line": line})
        return read

    def words(self) -> list[str]:
        """What it said, a word each."""
        return [line["event"] for line in self.said()]

    def send(self, number: int) -> None:
        """Sends a signal."""
        os.kill(self.process.pid, number)

    def end(self, number: int = signal.SIGTERM, within: float = 15) -> int:
        """Its exit code after a signal."""
        if self.process.poll() is None:
            self.send(number)
        return self.process.wait(within)
