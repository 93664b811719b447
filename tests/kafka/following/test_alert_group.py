"""A partition that could not be taken is taken again, and read from where its ledger says."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError, KafkaError

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.delivering.alert_group import AlertGroup, _Listener
from signal_engine.adapters.kafka.records.skipping import SkippingConsumer
from tests.engine.stand import Said

PLACE = TopicPartition("alerts", 3)


class Client:
    """A consumer that has one partition, and notes where it was told to read."""

    def __init__(self) -> None:
        self.positions: dict[Any, int] = {}

    def assignment(self) -> set[Any]:
        return {PLACE}

    def seek(self, place: Any, offset: int) -> None:
        self.positions[place] = offset

    async def commit(self, offsets: Mapping[Any, int]) -> None: ...

    async def getmany(self, **_: Any) -> dict[Any, Any]:
        return {}


class Taker:
    """Takes partitions once Kafka answers."""

    def __init__(self, failures: int) -> None:
        self.failures = failures

    async def taken(self, partitions: Iterable[int]) -> dict[int, int]:
        if self.failures:
            self.failures -= 1
            raise KafkaConnectionError
        return dict.fromkeys(partitions, 7)

    async def given_up(self, partitions: Iterable[int]) -> None: ...


def group_of(failures: int) -> tuple[AlertGroup, Client, Any]:
    group, client, taker = (
        AlertGroup(KafkaConnection("127.0.0.1:9"), "alerts", "g", "", Said()),
        Client(),
        Taker(failures),
    )
    return group, client, _Listener(client, "alerts", taker.taken, taker.given_up, group._again)


async def take(partition: int, records: Any) -> int | None:
    raise AssertionError("nothing was fetched")


async def test_what_kafka_hindered_while_partitions_were_handed_out_is_made_up_for() -> None:
    group, client, listener = group_of(failures=1)
    await listener.on_partitions_assigned({PLACE})
    assert client.positions == {}
    await group._read(client, SkippingConsumer(), listener, take)
    assert client.positions == {PLACE: 7}


async def test_what_goes_on_hindering_ends_the_connection() -> None:
    group, client, listener = group_of(failures=2)
    await listener.on_partitions_assigned({PLACE})
    with pytest.raises(KafkaError):
        await group._read(client, SkippingConsumer(), listener, take)
