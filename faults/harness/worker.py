"""A worker that dies or stops at a named point, or whose clock is wrong: `python -m faults.harness.worker '{...}'`.

    {"die": ["before_commit", 3]}    SIGKILL when the point is reached for the third time: nothing is flushed or said
    {"stop": ["before_commit", 3]}   SIGSTOP then; whoever started it sends SIGCONT
    {"clock": "FILE"}              its clock is ahead by the seconds in FILE, which may change while it runs
    {"fetch": 20}                  records a fetch at most, so that a feed makes many batches

The points are those that `EngineContext.reached` is told of. Everything else is the command `worker`.
"""

import json
import os
import signal
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from testing.clocked import shift


def main() -> None:
    """Runs a worker with what the first argument says."""
    how: dict[str, Any] = json.loads(sys.argv[1])
    if "clock" in how:  # before anything has taken the functions of `time` by name
        shift(Path(how["clock"]))
    from signal_engine.adapters.faust import group  # noqa: PLC0415 (as above)
    from signal_engine.entrypoints.cli import main as signal_engine  # noqa: PLC0415
    from signal_engine.entrypoints.commands import worker as worker_command  # noqa: PLC0415

    command: Any = worker_command

    if "fetch" in how:
        group.RECORDS_PER_FETCH = how["fetch"]  # type: ignore[misc]
    make = command._context  # noqa: SLF001
    reached = at_points(how)

    def with_points(*arguments: Any) -> Any:
        context = make(*arguments)
        context.reached = reached
        return context

    command._context = with_points  # noqa: SLF001
    signal_engine(["worker"], prog_name="signal-engine")


_SIGNALS: Final = {"die": signal.SIGKILL, "stop": signal.SIGSTOP}


class _At:
    """A signal to ourselves when a point is reached for the given time."""

    def __init__(self, point: str, times: int, number: signal.Signals) -> None:
        self._point, self._left, self._number = point, times, number

    def reached(self, point: str) -> None:
        if point == self._point:
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), self._number)


def at_points(how: Mapping[str, Any]) -> Callable[[str], None]:
    """What sends this process the signals that `how` says, at the points that it names."""
    at = [_At(how[word][0], how[word][1], number) for word, number in _SIGNALS.items() if word in how]

    def reached(point: str) -> None:
        for one in at:
            one.reached(point)

    return reached


if __name__ == "__main__":
    main()
