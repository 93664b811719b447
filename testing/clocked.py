"""A command whose clock is ahead: `python -m testing.clocked FILE MODULE WORDS...`, by the seconds in FILE.

The file may change while it runs. The monotonic clock stays, as on a real machine.
"""

import os
import runpy
import sys
import time
from pathlib import Path
from typing import Final

_POLL_INTERVAL_S: Final = 0.05
"""Seconds between two looks at the file."""


def shift(file: Path) -> None:
    """Moves this process's clock by what `file` says; before anything has taken the functions of `time` by name."""
    real, real_ns, seen = time.time, time.time_ns, {"at": -1.0, "ahead": 0.0}

    def ahead() -> float:
        now = time.monotonic()
        if now - seen["at"] > _POLL_INTERVAL_S:
            seen.update(at=now, ahead=float(file.read_text()))
        return seen["ahead"]

    time.time = lambda: real() + ahead()
    time.time_ns = lambda: real_ns() + round(ahead() * 1e9)


def put_ahead(file: Path, seconds: float) -> None:
    """Says how far ahead the clock is from now on; whoever looks finds the earlier number or this one, whole."""
    written = file.with_name(f"{file.name}.new")
    written.write_text(str(seconds))
    written.replace(file)


def main() -> None:
    """Runs the module with the words, as `python -m` does."""
    file, module, *words = sys.argv[1:]
    os.environ["AIOKAFKA_NO_EXTENSIONS"] = "1"  # the compiled one stamps records by the machine's clock
    shift(Path(file))
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
