"""A worker whose clock is wrong: `python -m tests.live.clocked SECONDS`, ahead of everybody else's."""

import sys
import time


def _set_ahead(seconds: int) -> None:
    now, now_ns = time.time, time.time_ns
    time.time = lambda: now() + seconds
    time.time_ns = lambda: now_ns() + seconds * 1_000_000_000


if __name__ == "__main__":
    _set_ahead(int(sys.argv[1]))
    from signal_engine.entrypoints.cli import main

    main(["worker"], prog_name="signal-engine")
