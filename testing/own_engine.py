"""An engine on servers of its own, for who starts processes by itself."""

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from testing.engine import Engine
from testing.servers.finding import kafka_server, redis_server

_NO_REDIS: Final = "redis://localhost:1/0"
"""Where nothing listens: what needs no Redis shows it."""


@contextmanager
def own_engine(*, redis: bool = True, prefix: str = "bench.") -> Iterator[Engine]:
    """Kafka, Redis unless it is not wanted, the topics, and a folder; all is gone at the end."""
    with ExitStack() as stack:
        kafka = stack.enter_context(kafka_server())["address"]
        store = stack.enter_context(redis_server())["url"] if redis else _NO_REDIS
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        engine = Engine(kafka, store, prefix, folder)
        engine.run("topics", "create")
        yield engine
