"""Run a process that ends with its parent, however the parent ends. Started as a script, not imported.

Standard input is a pipe whose other end only the parent holds: the system closes it also when the parent is killed
with SIGKILL, and reading it then ends. The process is ended and its folder removed. (PR_SET_PDEATHSIG would be Linux
only, and is sent when the *thread* that started the server ends.)
"""

import os
import shutil
import signal
import subprocess
import sys
import threading

_GRACE = float(sys.argv[1])
"""Seconds between SIGTERM and SIGKILL."""
_FOLDER = sys.argv[2]


def main() -> int:
    """`supervise.py GRACE_PERIOD_S FOLDER COMMAND...`: its exit code, negative after a signal."""
    server = subprocess.Popen(sys.argv[3:], stdin=subprocess.DEVNULL)  # noqa: S603 (what `supervised.py` says)
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    let_go = threading.Event()
    threading.Thread(target=_end_with_parent, args=(server, let_go), daemon=True).start()
    code = server.wait()
    if let_go.is_set():
        shutil.rmtree(_FOLDER, ignore_errors=True)
    return code


def _end_with_parent(server: "subprocess.Popen[bytes]", let_go: threading.Event) -> None:
    while os.read(0, 64):
        pass
    let_go.set()
    server.terminate()
    try:
        server.wait(_GRACE)
    except subprocess.TimeoutExpired:
        server.kill()


if __name__ == "__main__":
    os._exit(main() & 0xFF)  # without waiting for the thread, which may read for ever
