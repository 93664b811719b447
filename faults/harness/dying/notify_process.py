"""A `notify` that dies at a named step of a delivery: `python -m faults.harness.dying.notify_process STEP TIMES`.

SIGKILL when the step is reached for that time; the steps are those that `NotifyContext.reached` is told of, and any
other word is none.
"""

import os
import signal
import sys

from signal_engine.entrypoints.commands.delivery.delivering import deliver


def main() -> None:
    """As the module says."""
    step, left = sys.argv[1], int(sys.argv[2])

    def reached(now: str) -> None:
        nonlocal left
        if now == step:
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    deliver(None, reached)


if __name__ == "__main__":
    main()
