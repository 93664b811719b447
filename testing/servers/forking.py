"""Starts Python programs that take long to import: imports them once, and forks a process for each start.

`python -m testing.servers.forking SOCKET MODULE...`. The socket is a file descriptor; a start is a JSON object with
`module`, `arguments`, `environment` and `folder`, and with it the three standard streams and a socket on which the
process id is told, and the exit code when there is one. It ends when nobody holds the other end.
"""

import gc
import importlib
import json
import os
import runpy
import signal
import socket
import sys
import threading
from contextlib import suppress
from typing import Any

_MAX_MESSAGE_BYTES = 1 << 18


def serve(control: socket.socket) -> dict[str, Any]:
    """Returns in each process that is to become a program, with what was asked for."""
    signal.signal(signal.SIGCHLD, _reap)
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, _MAX_MESSAGE_BYTES, 4)
        if not message:
            os._exit(0)
        if os.fork() == 0:
            control.close()
            _become_one_that_waits(socket.socket(fileno=descriptors.pop()), descriptors)
            return dict(json.loads(message))
        for descriptor in descriptors:
            os.close(descriptor)


def _reap(*_: object) -> None:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _become_one_that_waits(result: socket.socket, streams: list[int]) -> None:
    """Returns in the program's process; this one waits for its end and ends."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    pid = os.fork()
    if pid == 0:
        result.close()
        os.setsid()
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        os.closerange(3, max(streams) + 1)
        return
    os.closerange(0, 3)
    for stream in streams:
        os.close(stream)
    with suppress(BrokenPipeError):  # nobody wants to know any more
        result.send(str(pid).encode())
        _, status = os.waitpid(pid, 0)
        result.send(str(os.waitstatus_to_exitcode(status)).encode())
    os._exit(0)


def become(asked: dict[str, Any]) -> None:
    """Runs the program that was asked for in this process."""
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = [asked["module"], *asked["arguments"]]
    sys.orig_argv = [sys.executable, "-m", *sys.argv]  # a program may start over by it
    sys.stdin = sys.__stdin__ = os.fdopen(0, encoding="utf-8", closefd=False)  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = os.fdopen(1, "w", encoding="utf-8", closefd=False)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = os.fdopen(  # type: ignore[misc]
        2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False
    )
    runpy.run_module(asked["module"], run_name="__main__", alter_sys=True)


def main() -> None:
    """Imports the modules, and serves."""
    control = socket.socket(fileno=int(sys.argv[1]))
    for module in sys.argv[2:]:
        importlib.import_module(module)
    if threading.active_count() > 1:
        raise SystemExit("a module has started a thread: nothing can be forked")
    gc.freeze()  # what is there already is copied by no process that looks for garbage
    become(serve(control))


if __name__ == "__main__":
    main()
