"""One server for all workers of a test run: the first that needs it starts it, and stops it when nobody uses it."""

import fcntl
import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO


@contextmanager
def once_per_run(
    folder: Path, name: str, server: Callable[[], AbstractContextManager[dict[str, str]]]
) -> Iterator[dict[str, str]]:
    """What `server()` gives, from here or from another process with the same `folder`.

    Every user holds a shared lock. Who started the server waits for the exclusive one before stopping it, and takes
    its description away under that lock; so whoever gets the shared lock and finds a description has a live server.
    """
    described = folder / f"{name}.json"
    with (folder / f"{name}.users").open("w") as users, (folder / f"{name}.starting").open("w") as starting:
        fcntl.flock(starting, fcntl.LOCK_EX)
        fcntl.flock(users, fcntl.LOCK_SH)
        if described.is_file():
            fcntl.flock(starting, fcntl.LOCK_UN)
            yield json.loads(described.read_text())
            return
        with server() as description:
            described.write_text(json.dumps(description))
            fcntl.flock(starting, fcntl.LOCK_UN)
            try:
                yield description
            finally:
                _when_nobody_uses(users)
                described.unlink()


def _when_nobody_uses(users: IO[str]) -> None:
    fcntl.flock(users, fcntl.LOCK_UN)
    fcntl.flock(users, fcntl.LOCK_EX)
