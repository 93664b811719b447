"""Look up and create topics of a Kafka cluster. Every failure is a `NoConnection` that says why."""

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, Final, NamedTuple, NoReturn

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.connecting.failures import words
from signal_engine.adapters.kafka.topics.creation import SeenTopic, Topic
from signal_engine.adapters.kafka.topics.metadata import TopicIds, epochs, ids
from signal_engine.core.errors import SignalEngineError

_TIMEOUT_S: Final = 10.0
_VISIBLE_TIMEOUT_S: Final = 10.0
"""Seconds for a new topic to appear in the metadata."""

_APPEARED_POLL_S: Final = 5.0
_BROKERS_OWN: Final = -1


class NoConnection(SignalEngineError):
    """Kafka is unreachable, rejects us, or does not answer; the message says which and why."""

    def __init__(self, said: str, public: str | None = None) -> None:
        """`public`: what anybody may know of it, where `said` names servers."""
        super().__init__(said)
        self.public = public


@contextmanager
def as_no_connection(protocol: str) -> Iterator[None]:
    """Turn exceptions of aiokafka's clients into `NoConnection`."""
    try:
        yield
    except (KafkaError, TimeoutError, OSError) as error:
        raise NoConnection(f"Kafka does not answer: {words(error, protocol)}") from None


class SeenCluster(NamedTuple):
    """The identity of a cluster and its topics."""

    cluster: str
    """Cluster id; empty if the cluster has none."""
    ids: dict[str, str]
    """Topic -> id, for existing topics."""
    leaders: dict[tuple[str, int], tuple[int, int]]
    """(topic, partition) -> (leader, epoch); changes when a broker comes back."""


class Cluster:
    """A connected cluster; see `connected`."""

    def __init__(self, admin: Any) -> None:
        self._admin = admin

    async def id(self) -> str | None:
        """The cluster's id."""
        cluster_id: str | None = (await self._admin.describe_cluster())["cluster_id"]
        return cluster_id

    async def ids(self, names: Iterable[str]) -> SeenCluster:
        """The identity of cluster and topics; ids are empty if the broker reports none."""
        wanted = list(names)
        try:
            response = await self._admin._send_request(TopicIds(wanted))  # noqa: SLF001 (pinned by a test)
        except NotImplementedError:
            return SeenCluster(await self.id() or "", dict.fromkeys(wanted, ""), {})
        return SeenCluster(response.cluster_id or "", ids(response), epochs(response))

    async def topics(self, names: Iterable[str]) -> dict[str, SeenTopic]:
        """The existing topics among `names`."""
        # Ask for all topics: naming a missing one would create it on brokers that create topics automatically.
        described = {topic["topic"]: topic for topic in await self._admin.describe_topics()}
        there = [name for name in names if name in described]
        settings = await self._settings(there) if there else {}
        return {name: SeenTopic(name, len(described[name]["partitions"]), settings.get(name, {})) for name in there}

    async def create(self, topics: Iterable[Topic], replication: int | None) -> None:
        """Create `topics` and wait until they appear. Existing ones stay as they are.

        `replication` is the number of replicas; None: the brokers' default. Raises `NoConnection`.
        """
        made = list(topics)
        new = [
            NewTopic(topic.name, topic.partitions, *_copies(replication), {**topic.must, **topic.made_with})
            for topic in made
        ]
        for name, code, message in (await self._admin.create_topics(new)).topic_errors:
            if code not in {0, TopicAlreadyExistsError.errno}:
                raise NoConnection(f"topic {name} cannot be created: {message or for_code(code).description}")
        async with asyncio.timeout(_VISIBLE_TIMEOUT_S):
            while len(await self.topics(topic.name for topic in made)) < len(made):  # noqa: ASYNC110 (brokers do not call)
                await asyncio.sleep(0.05)

    async def _settings(self, names: Iterable[str]) -> dict[str, dict[str, str | None]]:
        # Ask for all settings of a topic: Tansu closes the connection if some are named.
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        settings: dict[str, dict[str, str | None]] = {}
        for answer in await self._admin.describe_configs(resources):
            for code, message, _, name, entries in answer.resources:
                if code:
                    raise NoConnection(f"topic {name} cannot be inspected: {message or for_code(code).description}")
                settings[name] = {entry[0]: entry[1] for entry in entries}
        return settings


@asynccontextmanager
async def connected(connection: KafkaConnection, timeout: float = _TIMEOUT_S) -> AsyncIterator[Cluster]:  # noqa: ASYNC109 (of one answer, not of the block)
    """Connect to a cluster; each answer may take at most `timeout` seconds.

    Raises `NoConnection`, also for failures inside the block, and `UnusableCertificates`.
    """
    options = connection.options()
    with _listening() as said:
        admin = AIOKafkaAdminClient(**options, request_timeout_ms=round(timeout * 1000))
        try:
            await admin.start()
            yield Cluster(admin)
        except (KafkaError, TimeoutError, OSError, ValueError) as error:
            _fail(connection, said, error)
        finally:
            await admin.close()


async def appeared(connection: KafkaConnection, topic: str) -> None:
    """Return once `topic` is there; an unreachable cluster is waited for."""
    while True:
        with suppress(NoConnection):
            async with connected(connection) as cluster:
                if await cluster.topics([topic]):
                    return
        await asyncio.sleep(_APPEARED_POLL_S)


def cluster_id(servers: str) -> str | None:
    """The id of the cluster at `servers`; None if it does not answer. Blocks: not for use in an event loop."""

    async def ask() -> str | None:
        async with connected(KafkaConnection(servers), timeout=2.0) as cluster:
            return await cluster.id()

    try:
        return asyncio.run(ask())
    except NoConnection:
        return None


def _copies(replication: int | None) -> tuple[int, Mapping[int, list[int]] | None]:
    # aiokafka wants an assignment beside -1, and an empty one says nothing.
    return (_BROKERS_OWN, {}) if replication is None else (replication, None)


@contextmanager
def _listening() -> Iterator[list[tuple[str, BaseException]]]:
    """Capture what aiokafka logs when a server fails: it reports the reason nowhere else."""
    said: list[tuple[str, BaseException]] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            match record.args:
                case (host, port, BaseException() as error):
                    said.append((f"{host}:{port}", error))
                case (node, BaseException() as error):
                    said.append((f"broker {node}", error))

    logger, ear = logging.getLogger("aiokafka"), Ear()
    propagate = logger.propagate
    logger.addHandler(ear)
    logger.propagate = False
    try:
        yield said
    finally:
        logger.removeHandler(ear)
        logger.propagate = propagate


def _fail(connection: KafkaConnection, said: list[tuple[str, BaseException]], error: Exception) -> NoReturn:
    distinct = dict.fromkeys(f"{where}: {words(why, connection.protocol)}" for where, why in said)
    reasons = "; ".join(distinct) or f"{connection.servers}: {words(error, connection.protocol)}"
    raise NoConnection(f"Kafka does not answer: {reasons}", "Kafka does not answer; see the log") from None
