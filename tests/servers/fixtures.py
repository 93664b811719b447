"""Fixtures that give Kafka and Redis to any test; a plugin of the whole suite (`tests/conftest.py`).

The servers start when the first test asks for them, once a run. Tests share them, so each takes a `prefix` of its own.
"""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from testing.servers.finding import KafkaServer, kafka_server, redis_server, what_is_used
from testing.servers.shared import once_per_run


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Says which servers tests use. (`pytest_report_header` is silent under -q, which is how this suite runs.)"""
    if (reporter := session.config.pluginmanager.get_plugin("terminalreporter")) is not None:
        reporter.write_line(what_is_used())


@pytest.fixture(scope="session")
def _run_folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run share, and no other run."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if hasattr(request.config, "workerinput") else own


@pytest.fixture(scope="session")
def kafka(_run_folder: Path) -> Iterator[KafkaServer]:
    """A Kafka that can be reached."""
    with once_per_run(_run_folder, "kafka", kafka_server) as result:
        yield KafkaServer(result["address"], result["sasl_address"], bool(result["apache"]))


@pytest.fixture(scope="session")
def apache_kafka(kafka: KafkaServer) -> KafkaServer:
    """A Kafka that puts its own time on records where the topic says so."""
    if not kafka.apache:
        pytest.skip("needs Apache Kafka (Java and Maven, or SIGNAL_ENGINE_TEST_KAFKA)")
    return kafka


@pytest.fixture(scope="session")
def redis_url(_run_folder: Path) -> Iterator[str]:
    """The URL of a Redis or Valkey that can be reached, with AOF when we started it."""
    with once_per_run(_run_folder, "redis", redis_server) as result:
        yield result["url"]


@pytest.fixture
def prefix() -> str:
    """What a test puts before its topics and keys: nobody else does."""
    return f"t{uuid.uuid4().hex[:12]}."
