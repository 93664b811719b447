"""Topics that are not those whose positions the store holds are found: by their ids, or by the record read last."""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic, RecordsToDelete
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.records.records import PlainDeserializer
from signal_engine.adapters.kafka.topics import identity as module
from signal_engine.adapters.kafka.topics.cluster import Cluster, SeenCluster, connected
from signal_engine.adapters.kafka.topics.identity import KafkaIdentity
from signal_engine.adapters.memory.controls import MemoryControls
from signal_engine.adapters.memory.server import MemoryServer
from signal_engine.engine.ingest.topic_identity import TopicsReplaced, check_value, last_record
from signal_engine.engine.ports.controls import TOPICS
from signal_engine.engine.ports.transaction import Positions
from signal_engine.wire.storage.in_force import TopicsInForce
from testing.servers.finding import KafkaServer
from testing.servers.kafka import Tansu
from tests.engine.stand import Rec, Said
from tests.kafka.raw_batches import send_packed

PARTITIONS = 2


@dataclass
class Stand:
    """Two topics, and what the store holds of them."""

    address: str
    names: list[str]
    controls: MemoryControls = field(default_factory=lambda: MemoryControls(MemoryServer()))
    said: Said = field(default_factory=Said)

    @property
    def identity(self) -> KafkaIdentity:
        return KafkaIdentity(KafkaConnection(self.address), self.controls, self.names, self.said)

    async def make(self, partitions: int = PARTITIONS, settings: dict[str, str] | None = None) -> None:
        async with admin(self.address) as client:
            await client.create_topics([NewTopic(name, partitions, 1, topic_configs=settings) for name in self.names])

    async def make_anew(self) -> None:
        async with admin(self.address) as client:
            await client.delete_topics(self.names)
            deadline = asyncio.get_running_loop().time() + 20
            while set(self.names) & set(await client.list_topics()):
                assert asyncio.get_running_loop().time() < deadline
                await asyncio.sleep(0.05)
        await self.make()

    async def send(self, *values: bytes, headers: tuple[tuple[str, bytes], ...] = ()) -> None:
        async with AIOKafkaProducer(bootstrap_servers=self.address) as producer:
            for value in values:
                for name in self.names:
                    await producer.send_and_wait(name, value, b"key", partition=0, headers=list(headers))

    async def read(self) -> dict[int, Positions]:
        """What a worker that has read all of partition 0 stores."""
        places = [TopicPartition(name, 0) for name in self.names]
        positions, last = {}, {}
        async with AIOKafkaConsumer(bootstrap_servers=self.address, auto_offset_reset="earliest") as client:
            client.assign(places)
            ends = await client.end_offsets(places)
            for place in places:
                while positions.get(place.topic, 0) < ends[place]:
                    for record in (await client.getmany(place, timeout_ms=500)).get(place, ()):
                        positions[place.topic] = record.offset + 1
                        last[place.topic] = last_record(record)
        return {0: Positions(7, positions, {}, last)}


class admin:  # noqa: N801 (reads as a function)
    def __init__(self, address: str) -> None:
        self._client = AIOKafkaAdminClient(bootstrap_servers=address)

    async def __aenter__(self) -> Any:
        await self._client.start()
        return self._client

    async def __aexit__(self, *_: object) -> None:
        await self._client.close()


@pytest.fixture
async def stand(apache_kafka: KafkaServer, prefix: str) -> Stand:
    stand = Stand(apache_kafka.address, [f"{prefix}signals.hiring", f"{prefix}signals.intent"])
    await stand.make()
    await stand.send(b"1", b"2", b"3", headers=(("a", b""), ("b", b"x")))
    return stand


@pytest.fixture
def no_ids(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From when it is called, as with a broker that tells no ids."""

    def begin() -> None:
        ids = Cluster.ids

        async def none(cluster: Cluster, names: Any) -> SeenCluster:
            seen = await ids(cluster, names)
            return seen._replace(ids=dict.fromkeys(seen.ids, ""))

        monkeypatch.setattr(Cluster, "ids", none)

    return begin


async def test_what_is_stored_names_the_cluster_and_every_topic(stand: Stand) -> None:
    """Once they were stored as empty text, and every test was green."""
    await stand.identity.check({})
    stored = TopicsInForce.decode(await stand.controls.read(TOPICS) or b"")
    assert stored.partitions == PARTITIONS
    assert sorted(stored.ids) == stand.names
    assert len({UUID(topic_id) for topic_id in stored.ids.values()}) == len(stand.names)
    assert len(stored.cluster) > 10


async def test_what_was_stored_before_ids_were_known_is_completed(stand: Stand) -> None:
    before = TopicsInForce(PARTITIONS, dict.fromkeys(stand.names, ""))
    await stand.controls.replace(TOPICS, None, b'{"partitions":2,"ids":{"%s":""}}' % stand.names[0].encode())
    assert TopicsInForce.decode(await stand.controls.read(TOPICS) or b"").cluster == before.cluster == ""
    await stand.identity.check({})
    stored = TopicsInForce.decode(await stand.controls.read(TOPICS) or b"")
    assert all(stored.ids[name] for name in stand.names)
    assert stored.cluster


async def test_the_same_topics_are_let_in_again_and_again(stand: Stand, no_ids: Callable[[], None]) -> None:
    positions = await stand.read()
    await stand.identity.check(positions)
    await stand.send(b"4")
    await stand.identity.check(positions)
    no_ids()
    await stand.identity.check(positions)
    assert stand.said.words == []


async def test_a_topic_that_was_made_anew_is_found_by_its_id(stand: Stand) -> None:
    positions = await stand.read()
    await stand.identity.check(positions)
    await stand.make_anew()
    await stand.send(b"1", b"2", b"3", headers=(("a", b""), ("b", b"x")))
    with pytest.raises(TopicsReplaced, match="was created anew") as caught:
        await stand.identity.check(positions)
    assert "rebuild" in str(caught.value)
    with pytest.raises(TopicsReplaced):
        await stand.identity.check({})


async def test_a_topic_that_was_made_anew_is_found_by_its_record_where_brokers_tell_no_ids(
    stand: Stand, no_ids: Callable[[], None]
) -> None:
    """As many records lie there as before, so that the positions are as good as ever."""
    no_ids()
    positions = await stand.read()
    await stand.identity.check(positions)
    await stand.make_anew()
    await stand.send(b"1", b"2", b"other", b"4")
    with pytest.raises(TopicsReplaced, match=rf"{stand.names[0]}/0 has another record at 2 .*rebuild") as caught:
        await stand.identity.check(positions)
    assert len(caught.value.lines) == 1 + len(stand.names)


async def test_a_topic_that_ends_below_its_position_is_found(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    """As with a broker that came back from an older disk: cluster and topic have the ids that they had."""
    monkeypatch.setattr(module, "_END_TIMEOUT_S", 0.3)
    stored = (await stand.read())[0]
    name = stand.names[0]
    with pytest.raises(TopicsReplaced, match=rf"{name}/0 ends at 3, and the stored position is 9.*rebuild"):
        await stand.identity.check({0: stored._replace(topics={name: 9})})


async def test_a_record_past_its_retention_leaves_it_to_the_ids_and_the_log_says_so(stand: Stand) -> None:
    positions = await stand.read()
    async with admin(stand.address) as client:
        await client.delete_records({TopicPartition(stand.names[0], 0): RecordsToDelete(before_offset=3)})
    await stand.identity.check(positions)
    ((_, what, facts),) = stand.said.lines
    assert (what, facts["topic"], facts["offset"]) == ("record_not_verified", stand.names[0], 2)


async def test_a_record_that_cannot_be_read_holds_up_no_other_comparison(
    stand: Stand, no_ids: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    no_ids()
    positions = await stand.read()
    await stand.make_anew()
    unreadable, other = stand.names
    monkeypatch.setattr(module, "PlainDeserializer", partial(PlainDeserializer, max_bytes=100))
    await send_packed(stand.address, unreadable, 0, "gzip", [bytes(1_000)] * 3)
    await send_packed(stand.address, other, 0, None, [b"7", b"8", b"9"])
    with pytest.raises(TopicsReplaced, match=f"^topic {other}/0 has another record at 2 "):
        await stand.identity.check(positions)
    ((_, what, facts),) = stand.said.lines
    assert (what, facts["topic"]) == ("record_not_verified", unreadable)
    assert "it decompresses to more than" in str(facts["why"])


@pytest.fixture
def staging() -> Iterator[str]:
    """Another Kafka."""
    with Tansu() as broker:
        yield broker.address


async def test_another_cluster_on_the_same_store_is_found(staging: str, stand: Stand) -> None:
    """A staging worker on production's Redis mixed two markets: topics of the same names, and as many records."""
    positions = await stand.read()
    await stand.identity.check(positions)
    there = Stand(staging, stand.names, stand.controls)
    await there.make()
    await there.send(b"1", b"2", b"others'", b"4")
    with pytest.raises(TopicsReplaced, match=r"this is the Kafka cluster .*but the stored positions are of") as caught:
        await there.identity.check(positions)
    assert "rebuild" in str(caught.value)


async def test_another_number_of_partitions_is_found(stand: Stand) -> None:
    await stand.controls.replace(TOPICS, None, TopicsInForce(3, {}).encode())
    with pytest.raises(TopicsReplaced, match="2 partitions"):
        await stand.identity.check({})


async def test_a_missing_topic_is_told(stand: Stand) -> None:
    other = Stand(stand.address, [*stand.names, f"{stand.names[0]}.missing"], stand.controls)
    with pytest.raises(TopicsReplaced, match="missing is missing"):
        await other.identity.check({})


async def test_a_kafka_that_does_not_answer_is_said_and_nothing_is_compared() -> None:
    stand = Stand("127.0.0.1:1", ["signals.intent"])
    await stand.identity.check({0: Positions(1, {"signals.intent": 5}, {})})
    assert stand.said.words == ["topics_not_verified"]


async def test_a_change_of_the_topics_is_noticed(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_ASK_INTERVAL_S", 0.05)
    identity = stand.identity
    await identity.check({})
    watching = asyncio.create_task(identity.changed())
    done, _ = await asyncio.wait([watching], timeout=0.5)
    assert not done, "nothing has changed"
    await stand.make_anew()
    await asyncio.wait_for(watching, 10)
    with pytest.raises(TopicsReplaced):
        await identity.check({})


async def test_a_broker_that_knows_no_ids_gives_empty_ones(
    apache_kafka: KafkaServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with connected(KafkaConnection(apache_kafka.address)) as cluster:

        async def unknown(request: Any) -> Any:
            raise NotImplementedError

        assert callable(cluster._admin._send_request), (
            "a private name that is used: an upgrade that moves it fails here"
        )
        monkeypatch.setattr(cluster._admin, "_send_request", unknown)
        monkeypatch.setattr(cluster, "id", lambda: asyncio.sleep(0, "cluster"))
        assert await cluster.ids(["a"]) == SeenCluster("cluster", {"a": ""}, {})


names = st.text(max_size=3)
values = st.none() | st.binary(max_size=3)
contents = st.tuples(values, values, st.lists(st.tuples(names, values), max_size=3))


@given(one=contents, other=contents)
def test_two_records_have_one_check_value_only_when_they_are_the_same(one: Any, other: Any) -> None:
    made = [Rec(0, 0, value, key, tuple(headers)) for key, value, headers in (one, other)]
    assert (check_value(made[0]) == check_value(made[1])) == (one == other)


def test_a_check_value_is_the_same_for_ever() -> None:
    """It is stored: another way to take it would refuse every topic."""
    record = Rec(5, 6, b"value", b"key", (("a", None), ("b", b"")))
    assert last_record(record) == (5, 6, "fa12c6c8d58c0660")
