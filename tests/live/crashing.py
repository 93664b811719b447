"""A worker that kills itself at a named point: `python -m tests.live.crashing POINT TIMES`.

The points are those that `EngineContext.reached` is told of. SIGKILL: nothing is flushed, said or released.
"""

import os
import signal
import sys
from typing import Any

from signal_engine.entrypoints.cli import main
from signal_engine.entrypoints.commands import worker as worker_command


def _crash_at(point: str, times: int) -> None:
    left = times
    make = worker_command._context

    def reached(name: str) -> None:
        nonlocal left
        if name == point:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    def with_crash(*arguments: Any) -> Any:
        context = make(*arguments)
        context.reached = reached
        return context

    worker_command._context = with_crash


if __name__ == "__main__":
    _crash_at(sys.argv[1], int(sys.argv[2]))
    main(["worker"], prog_name="signal-engine")
