"""Which Kafka and which Redis the tests use: named ones, else installed ones, else those out of wheels."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from testing.servers import kafka
from testing.servers.kafka import ApacheKafka, Tansu
from testing.servers.redis import RedisServer, ValkeyServer

KAFKA: Final = "SIGNAL_ENGINE_TEST_KAFKA"
"""`HOST:PORT`, or `embedded` for the broker out of the wheel."""
REDIS: Final = "SIGNAL_ENGINE_TEST_REDIS"
"""A URL, or `embedded` for Valkey out of the wheel."""

EMBEDDED: Final = "embedded"


class KafkaServer(NamedTuple):
    """The Kafka of a test run."""

    address: str
    """Its bootstrap server."""
    sasl_address: str
    """Where it asks for the user name and password of `testing.servers.kafka`; empty when it never does."""
    apache: bool
    """Whether it is Apache Kafka, so that it puts its own time on records."""


def what_is_used() -> str:
    """For the head of a test report."""
    return f"Kafka: {_kafka()}; Redis: {_redis()}"


@contextmanager
def kafka_server() -> Iterator[dict[str, str]]:
    """The fields of a `KafkaServer` as text."""
    named = os.environ.get(KAFKA, "")
    if named and named != EMBEDDED:
        yield {"address": named, "sasl_address": "", "apache": "yes"}
    elif not named and kafka.can_run():
        with ApacheKafka() as broker:
            yield {"address": broker.address, "sasl_address": broker.sasl_address, "apache": "yes"}
    else:
        with Tansu() as broker:
            yield {"address": broker.address, "sasl_address": "", "apache": ""}


@contextmanager
def redis_server() -> Iterator[dict[str, str]]:
    """`url`."""
    named = os.environ.get(REDIS, "")
    if named and named != EMBEDDED:
        yield {"url": named}
    else:
        with ValkeyServer() if named or not shutil.which("redis-server") else RedisServer() as server:
            yield {"url": server.url}


def _kafka() -> str:
    named = os.environ.get(KAFKA, "")
    if named and named != EMBEDDED:
        return f"{named} ({KAFKA})"
    if not named and kafka.can_run():
        return f"{ApacheKafka.title} (Java, Maven)"
    return f"{Tansu.title} (wheel)"


def _redis() -> str:
    named = os.environ.get(REDIS, "")
    if named and named != EMBEDDED:
        return f"the one that {REDIS} names"
    installed = shutil.which("redis-server")
    return f"{ValkeyServer.title} (wheel)" if named or not installed else f"{installed}"
