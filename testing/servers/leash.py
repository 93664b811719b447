"""Runs a server that ends when whoever started it does, however that ends. Started as a script, not imported:
`leash.py SECONDS FOLDER COMMAND...`.

Standard input is a pipe whose other end the parent holds; it is closed also when the parent is killed. The server is
then ended, by force after so many seconds, and its folder removed.
"""

import os
import shutil
import signal
import subprocess
import sys
import threading


def main(grace: float, folder: str, command: list[str]) -> int:
    """The server's exit code, negative after a signal."""
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL)
    signal.signal(signal.SIGTERM, lambda *_: server.terminate())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    orphaned = threading.Event()

    def end_with_parent() -> None:
        while os.read(0, 64):
            pass
        orphaned.set()
        server.terminate()
        try:
            server.wait(grace)
        except subprocess.TimeoutExpired:
            server.kill()

    threading.Thread(target=end_with_parent, daemon=True).start()
    code = server.wait()
    if orphaned.is_set():
        shutil.rmtree(folder, ignore_errors=True)
    return code


if __name__ == "__main__":
    os._exit(main(float(sys.argv[1]), sys.argv[2], sys.argv[3:]) & 0xFF)  # the thread may read for ever
