"""Signals that end a process, and the deadline by which it has ended, whatever hangs.

A clean shutdown can wait for ever: for a broker that does not answer, a blocked reader of stderr, or a thread that
Python joins at exit. A forced exit loses nothing (it is the same as a kill), so after `GRACE_PERIOD_S` a separate
thread ends the process; if not even a thread can run, the kernel does, by SIGALRM.
"""

import asyncio
import os
import select
import signal
import threading
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from typing import Final, NoReturn

GRACE_PERIOD_S: Final = 9.0
"""Seconds from the first signal to the hard end: the contract says that every process ends within ten."""
_EXIT_CODE: Final = 1
"""Exit code of a process that had to be ended by force."""
_ENDING: Final = (signal.SIGTERM, signal.SIGINT)
_KERNEL_AFTER_S: Final = 0.5
"""Seconds after `GRACE_PERIOD_S`."""
_STDERR: Final = 2
_PIPE_BYTES: Final = 4_096
"""Bytes that a pipe which can be written to takes without waiting (PIPE_BUF)."""


class Deadline:
    """Ends this process some seconds after it was armed, whatever its threads and loops do.

    `line` gives the last line on stderr, which is omitted if nobody reads it.
    """

    def __init__(self, line: Callable[[], str] | None = None, grace: float = GRACE_PERIOD_S) -> None:
        self._line = line or _plain(grace)
        self._grace = grace
        self._armed, self._arm = os.pipe()
        os.set_blocking(self._arm, False)
        threading.Thread(target=self._wait, name="shutdown-deadline", daemon=True).start()

    def arm(self) -> None:
        """Begins to count; a second time changes nothing. Safe in a signal handler: it takes no lock."""
        with suppress(BlockingIOError):
            os.write(self._arm, b"!")
        if not any(signal.getitimer(signal.ITIMER_REAL)):
            signal.setitimer(signal.ITIMER_REAL, self._grace + _KERNEL_AFTER_S)

    def _wait(self) -> NoReturn:
        os.read(self._armed, 1)
        time.sleep(self._grace)
        _write_without_waiting(self._line())
        os._exit(_EXIT_CODE)


@contextmanager
def on_stop_signal(
    handler: Callable[[signal.Signals], object], deadline: Deadline, arming: Collection[signal.Signals] = _ENDING
) -> Iterator[None]:
    """Calls `handler` in the running loop for every SIGTERM and Ctrl-C; those of `arming` arm the deadline at once.

    At once, because a loop that hangs calls nobody. To be entered in the main thread.
    """
    loop = asyncio.get_running_loop()
    for number in _ENDING:
        loop.add_signal_handler(number, handler, number)
        if number in arming:
            # In the place of asyncio's handler, which does nothing: what wakes the loop stays. It also makes a write
            # that waits for a reader come back to Python for a moment, which asyncio's does not.
            signal.signal(number, lambda *_: deadline.arm())
    try:
        yield
    finally:
        for number in _ENDING:
            loop.remove_signal_handler(number)


def _plain(grace: float) -> Callable[[], str]:
    return lambda: f"error: shutdown took longer than {grace:g} s; process ended by force"


def _write_without_waiting(line: str) -> None:
    poll = select.poll()
    poll.register(_STDERR, select.POLLOUT)
    if any(events & select.POLLOUT for _, events in poll.poll(0)):
        with suppress(OSError):
            os.write(_STDERR, f"{line}\n".encode()[:_PIPE_BYTES])
