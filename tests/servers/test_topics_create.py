"""`topics create` against the Kafka that was found."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from click.testing import CliRunner, Result

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.topics.cluster import Cluster, connected
from signal_engine.adapters.kafka.topics.creation import SeenTopic
from signal_engine.embedded_servers.server import free_port
from signal_engine.entrypoints.cli import main
from signal_engine.wire.topics import SIGNAL_TOPICS, topic_names
from testing.servers.finding import KafkaServer
from testing.servers.kafka import PASSWORD, USER
from testing.waiting import until
from tests.cli.running import run as run_alone

ROOT = Path(__file__).parents[2]
Create = Callable[..., Result]

TOPICS = len(SIGNAL_TOPICS) + len(topic_names()[1:])


@pytest.fixture
def create(monkeypatch: pytest.MonkeyPatch, prefix: str) -> Create:
    """Runs `topics create` with the settings given (`KAFKA_SECURITY_PROTOCOL="SSL"`) and the test's prefix."""
    for name in [name for name in os.environ if name.startswith("SIGNAL_ENGINE_") and "_TEST_" not in name]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(ROOT)

    def run(*arguments: str, **settings: str) -> Result:
        for name, value in {"PREFIX": prefix, "PARTITIONS": "3", **settings}.items():
            monkeypatch.setenv(f"SIGNAL_ENGINE_{name}", value)
        return CliRunner().invoke(main, ["topics", "create", *arguments], catch_exceptions=False)

    return run


def topics(server: KafkaServer, prefix: str) -> dict[str, SeenTopic]:
    """Those that are there, by the names they have without the prefix."""

    async def ask(cluster: Cluster) -> Mapping[str, SeenTopic]:
        names = topic_names(prefix)
        return await cluster.topics([*names.signals.values(), *names[1:]])

    return {name.removeprefix(prefix): topic for name, topic in _with_cluster(server, ask).items()}


def make(server: KafkaServer, prefix: str, name: str, partitions: int, **settings: str) -> None:
    """A topic that somebody else made; it shows."""

    async def ask() -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=server.address)
        await admin.start()
        dotted = {setting.replace("_", "."): value for setting, value in settings.items()}
        await admin.create_topics([NewTopic(prefix + name, partitions, 1, topic_configs=dotted)])
        await admin.close()

    asyncio.run(ask())
    until(f"topic {name} shows", lambda: name in topics(server, prefix))


def _with_cluster(server: KafkaServer, ask: Callable[[Cluster], Awaitable[Any]]) -> Any:
    async def run() -> Any:
        async with connected(KafkaConnection(server.address)) as cluster:
            return await ask(cluster)

    return asyncio.run(run())


def topics_in(result: Result) -> dict[str, dict[str, Any]]:
    """What `--json` says, by topic."""
    assert result.exit_code == 0, result.output
    return {topic["topic"]: topic for topic in json.loads(result.stdout)["topics"]}


def test_what_is_missing_is_made_and_a_second_time_there_is_nothing_to_do(
    create: Create, kafka: KafkaServer, prefix: str
) -> None:
    first = topics_in(create("--json", KAFKA_BOOTSTRAP_SERVERS=kafka.address))
    assert {topic["state"] for topic in first.values()} == {"created"}
    there = topics(kafka, prefix)
    assert {there[name].partitions for name in SIGNAL_TOPICS.values()} == {3}
    assert there["signals.intent"].settings["message.timestamp.type"] == "LogAppendTime"
    assert there["priority.accounts"].settings["cleanup.policy"] == "compact"
    second = topics_in(create("--json", KAFKA_BOOTSTRAP_SERVERS=kafka.address))
    assert {topic["state"] for topic in second.values()} == {"ok"}
    assert list(second) == list(first)


def test_people_get_a_table(create: Create, kafka: KafkaServer, prefix: str) -> None:
    made = create(KAFKA_BOOTSTRAP_SERVERS=kafka.address)
    assert (made.exit_code, made.stderr) == (0, "")
    assert f"{prefix}signals.dlq" in made.stdout
    assert made.stdout.count("created") == TOPICS


def test_a_topic_that_differs_is_told_and_left_as_it_is(create: Create, kafka: KafkaServer, prefix: str) -> None:
    make(kafka, prefix, "signals.intent", 3, message_timestamp_type="CreateTime", retention_ms="1000")
    made = create("--json", KAFKA_BOOTSTRAP_SERVERS=kafka.address)
    topic = topics_in(made)[f"{prefix}signals.intent"]
    assert topic["state"] == "differs"
    assert {it["setting"]: it["found"] for it in topic["differences"]} == {
        "message.timestamp.type": "CreateTime",
        "retention.ms": "1000",
    }
    assert f"warning: {prefix}signals.intent: message.timestamp.type is CreateTime, not LogAppendTime: " in made.stderr
    assert topics(kafka, prefix)["signals.intent"].settings["retention.ms"] == "1000"
    table = create(KAFKA_BOOTSTRAP_SERVERS=kafka.address).stdout
    assert "differs" in table
    assert "LogAppendTime" in table


def test_missing_signal_topics_take_the_partitions_of_those_that_are_there(
    create: Create, kafka: KafkaServer, prefix: str
) -> None:
    make(kafka, prefix, "signals.hiring", 5)
    made = create("--json", KAFKA_BOOTSTRAP_SERVERS=kafka.address)
    assert topics_in(made)[f"{prefix}signals.intent"]["partitions"] == 5
    assert "signal topics have 5 partitions; SIGNAL_ENGINE_PARTITIONS (3) is not used" in made.stderr


def test_different_partitions_are_refused_before_anything_is_made(
    create: Create, kafka: KafkaServer, prefix: str
) -> None:
    make(kafka, prefix, "signals.hiring", 5)
    make(kafka, prefix, "signals.intent", 4)
    refused = create(KAFKA_BOOTSTRAP_SERVERS=kafka.address)
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert "must have the same number of partitions" in refused.stderr
    assert f"{prefix}signals.hiring 5" in refused.stderr
    assert set(topics(kafka, prefix)) == {"signals.hiring", "signals.intent"}


def test_two_at_once_do_not_disturb_each_other(create: Create, kafka: KafkaServer, prefix: str) -> None:
    create("--help", KAFKA_BOOTSTRAP_SERVERS=kafka.address)  # sets the environment
    with ThreadPoolExecutor() as pool:
        both = list(pool.map(lambda _: run_alone("topics", "create", "--json"), range(2)))
    assert [(ran.code, ran.err) for ran in both] == [(0, "")] * 2
    assert len(topics(kafka, prefix)) == TOPICS


def test_signal_topics_put_kafkas_time_on_records(create: Create, apache_kafka: KafkaServer, prefix: str) -> None:
    async def there_and_back() -> int:
        topic = f"{prefix}signals.intent"
        async with AIOKafkaProducer(bootstrap_servers=apache_kafka.address) as producer:
            await producer.send_and_wait(topic, b"{}", timestamp_ms=1)
        async with AIOKafkaConsumer(
            topic, bootstrap_servers=apache_kafka.address, auto_offset_reset="earliest"
        ) as consumer:
            return int((await asyncio.wait_for(consumer.getone(), 15)).timestamp_type)

    assert create(KAFKA_BOOTSTRAP_SERVERS=apache_kafka.address).exit_code == 0
    assert asyncio.run(there_and_back()) == 1


def test_the_brokers_word_is_passed_on(create: Create, apache_kafka: KafkaServer) -> None:
    failed = create("--replication-factor", "3", KAFKA_BOOTSTRAP_SERVERS=apache_kafka.address)
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert "signals.intent cannot be created: " in failed.stderr
    assert "replication factor" in failed.stderr.lower()


def test_with_the_right_password_it_works_and_with_a_wrong_one_it_says_so(
    create: Create, apache_kafka: KafkaServer
) -> None:
    if not apache_kafka.sasl_address:
        pytest.skip("this Kafka asks nobody for a password")
    sasl = {
        "KAFKA_BOOTSTRAP_SERVERS": apache_kafka.sasl_address,
        "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "KAFKA_SASL_USERNAME": USER,
    }
    assert create(**sasl, KAFKA_SASL_PASSWORD=PASSWORD).exit_code == 0
    failed = create(**sasl, KAFKA_SASL_PASSWORD="s3cret")
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert "the broker rejected user name or password" in failed.stderr
    assert "s3cret" not in failed.stderr
    mechanism = create(**sasl, KAFKA_SASL_PASSWORD="s3cret", KAFKA_SASL_MECHANISM="SCRAM-SHA-512")
    assert mechanism.exit_code == 1
    assert "the broker does not support this SASL mechanism" in mechanism.stderr


def test_without_a_password_where_one_is_asked_for_the_protocol_is_named(
    create: Create, apache_kafka: KafkaServer
) -> None:
    if not apache_kafka.sasl_address:
        pytest.skip("this Kafka asks nobody for a password")
    failed = create(KAFKA_BOOTSTRAP_SERVERS=apache_kafka.sasl_address)
    assert failed.exit_code == 1
    assert "perhaps it needs another SIGNAL_ENGINE_KAFKA_SECURITY_PROTOCOL than PLAINTEXT" in failed.stderr


def test_tls_where_there_is_none_is_told(create: Create, kafka: KafkaServer) -> None:
    failed = create(KAFKA_BOOTSTRAP_SERVERS=kafka.address, KAFKA_SECURITY_PROTOCOL="SSL")
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert "SIGNAL_ENGINE_KAFKA_SECURITY_PROTOCOL" in failed.stderr
    assert failed.stderr.count("\n") == 1


def test_a_kafka_that_is_not_there_is_told_in_one_line(create: Create) -> None:
    failed = create(KAFKA_BOOTSTRAP_SERVERS=f"127.0.0.1:{free_port()}")
    assert (failed.exit_code, failed.stdout) == (1, "")
    assert failed.stderr.startswith("error: Kafka does not answer: 127.0.0.1:")
    assert failed.stderr.endswith("connection refused; nothing is listening there\n")
    assert failed.stderr.count("\n") == 1


def test_certificates_that_cannot_be_read_are_a_wrong_configuration(create: Create, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    for path in (tmp_path / "ca.pem", tmp_path / "missing.pem"):
        failed = create(KAFKA_SECURITY_PROTOCOL="SSL", KAFKA_SSL_CAFILE=str(path))
        assert (failed.exit_code, failed.stdout) == (2, "")
        assert failed.stderr.startswith(f"error: {path}: cannot be used as certificates: ")
