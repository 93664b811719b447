"""The private names of Faust, mode and aiokafka that the adapters use or override: an upgrade that moves one of them
fails here, by name, and not in the night."""

import inspect
import re
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import faust
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.errors import kafka_errors
from faust.app.base import BootStrategy
from faust.transport.drivers import aiokafka as driver
from faust.types.tuples import ConsumerMessage
from mode.threads import WorkerThread

from signal_engine.adapters.faust.app import BatchSchema, KafkaConsumersOnly, SignalApp, signal_app
from signal_engine.adapters.faust.consumer import BatchConsumer, BatchTransport
from signal_engine.adapters.faust.consumer_thread import BatchConsumerThread, LeavableThread
from signal_engine.adapters.faust.group import FencedInstanceIdError, Membership
from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.records import batches, records
from tests.engine.stand import TOPICS, Said

ROOT = Path(__file__).resolve().parents[2]
MEASURED = {"faust-streaming": "0.15.3", "mode-streaming": "0.7.1", "aiokafka": "0.14.0"}
PLACE = TopicPartition("topic", 0)


@pytest.mark.parametrize(("package", "wanted"), MEASURED.items())
def test_the_versions_are_the_ones_that_were_measured_exactly(package: str, wanted: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert f"{package}=={wanted}" in project["dependencies"]
    for lock in ("requirements.lock", "requirements-run.lock"):
        locked = re.findall(rf"^{package}==(\S+)", (ROOT / lock).read_text(), re.MULTILINE)
        assert locked == [wanted], lock
    assert version(package) == wanted, "installed is something else"


OVERRIDDEN = [
    # where, name, its parameters
    (faust.App, "_create_directories", ["self"]),
    (faust.Schema, "compile", ["self", "app", "on_key_decode_error", "on_value_decode_error", "default_propagate"]),
    (driver.Consumer, "_new_consumer_thread", ["self"]),
    (driver.Consumer, "getmany", ["self", "timeout"]),
    (driver.Consumer, "seek_to_committed", ["self"]),
    (driver.Consumer, "ack", ["self", "message"]),
    (driver.Consumer, "commit", ["self", "topics", "start_new_transaction"]),
    (driver.Consumer, "verify_all_partitions_active", ["self"]),
    (driver.Consumer, "_add_gap", ["self", "tp", "offset_from", "offset_to"]),
    (driver.AIOKafkaConsumerThread, "_create_worker_consumer", ["self", "transport"]),
    (
        driver.AIOKafkaConsumerThread, "_fetch_records",
        ["self", "consumer", "active_partitions", "timeout", "max_records"],
    ),
    (driver.AIOKafkaConsumerThread, "_commit", ["self", "offsets"]),
    (WorkerThread, "run", ["self"]),
    (WorkerThread, "stop", ["self"]),
    (fetcher.PartitionRecords, "_consumer_record", ["self", "tp", "record"]),
    (fetcher.PartitionRecords, "_unpack_records", ["self"]),
    (fetcher.FetchResult, "getall", ["self", "max_records"]),
]  # fmt: skip
USED = [
    (driver.Consumer, "_wait_next_records", ["self", "timeout"]),
    (driver.Consumer, "assignment", ["self"]),
    (driver.AIOKafkaConsumerThread, "call_thread", ["self", "fun", "args", "kwargs"]),
    (driver.AIOKafkaConsumerThread, "commit", ["self", "offsets"]),
    (driver.AIOKafkaConsumerThread, "_ensure_consumer", ["self"]),
    (driver.Transport, "__init__", ["self", "args", "kwargs"]),
    (WorkerThread, "__init__", ["self", "service", "kwargs"]),
    (faust.App, "maybe_start", ["self"]),
    (faust.App, "stop", ["self"]),
    (Fetcher, "fetched_records", ["self", "partitions", "timeout", "max_records"]),
    (AIOKafkaConsumer, "pause", ["self", "partitions"]),
    (AIOKafkaConsumer, "resume", ["self", "partitions"]),
    (AIOKafkaConsumer, "seek", ["self", "partition", "offset"]),
    (AIOKafkaConsumer, "beginning_offsets", ["self", "partitions"]),
    (AIOKafkaConsumer, "end_offsets", ["self", "partitions"]),
    (AIOKafkaConsumer, "partitions_for_topic", ["self", "topic"]),
]


@pytest.mark.parametrize(("where", "name", "parameters"), OVERRIDDEN + USED, ids=lambda it: getattr(it, "__name__", it))
def test_what_is_overridden_or_used_takes_what_it_took(where: Any, name: str, parameters: list[str]) -> None:
    assert list(inspect.signature(getattr(where, name)).parameters) == parameters


@pytest.mark.parametrize(
    ("ours", "theirs", "overridden"),
    [
        (SignalApp, faust.App, {"BootStrategy", "_create_directories"}),
        (BatchSchema, faust.Schema, {"compile"}),
        (KafkaConsumersOnly, BootStrategy, {"enable_kafka_producer", "enable_web"}),
        (BatchTransport, driver.Transport, {"Consumer"}),
        (BatchConsumer, driver.Consumer, {name for where, name, _ in OVERRIDDEN if where is driver.Consumer}),
        (
            BatchConsumerThread,
            driver.AIOKafkaConsumerThread,
            {"Worker", *(name for where, name, _ in OVERRIDDEN if where is driver.AIOKafkaConsumerThread)},
        ),
        (LeavableThread, WorkerThread, {"run", "stop"}),
        (records._PlainRecords, records._PlainRecords.__mro__[1], {"_consumer_record", "_unpack_records"}),
        (records._BoundedResult, records._BoundedResult.__mro__[1], {"getall"}),
    ],
    ids=lambda it: it.__name__ if isinstance(it, type) else "",
)
def test_nothing_else_is_overridden_by_chance(ours: Any, theirs: Any, overridden: set[str]) -> None:
    """A name of ours that an upgrade takes for itself."""
    own = {name for name in vars(ours) if not _of_every_class(name)}
    assert {name for name in own if hasattr(theirs, name)} == overridden


def _of_every_class(name: str) -> bool:
    """Names that Python and mode give to each class."""
    return name.startswith("__") or name in {"logger", "_abc_impl"}


async def test_the_names_of_instances_are_there_and_ours_are_not_among_theirs() -> None:
    async with an_app() as app:
        stock = driver.Transport([app.conf.broker[0]], app).create_consumer(
            callback=_callback, on_partitions_revoked=_callback, on_partitions_assigned=_callback
        )
        ours = app.consumer
        for one in (stock, ours):
            one._thread.thread_loop.close()  # it has a loop before it has a thread
        assert isinstance(ours, BatchConsumer)
        assert isinstance(ours._thread, BatchConsumerThread)
        for name in ("_read_offset", "_unacked_messages", "flow_active", "transport", "app"):
            assert hasattr(stock, name), name
        for name in ("_consumer", "thread_loop", "parent_loop", "consumer", "app", "log"):
            assert hasattr(stock._thread, name), name
        stock._thread._assignor = None  # is made with the consumer
        for mine, its in ((ours, stock), (ours._thread, stock._thread)):
            new = vars(mine).keys() - vars(its).keys() - _made_on_demand(its)
            assert not {name for name in new if hasattr(its, name)}, "a name of ours that Faust has taken"


def _made_on_demand(of: Any) -> set[str]:
    """Attributes that the class knows and an instance gets when it is first asked."""
    return {name for name in dir(type(of)) if not name.startswith("__")}


async def test_a_message_is_made_of_what_it_was_made_of() -> None:
    names = list(inspect.signature(ConsumerMessage.__init__).parameters)[1:]
    assert names == [
        "topic", "partition", "offset", "timestamp", "timestamp_type", "headers", "key", "value", "checksum",
        "serialized_key_size", "serialized_value_size", "tp", "time_in", "time_out", "time_total", "generation_id",
    ]  # fmt: skip


async def test_an_app_tells_when_and_why_it_crashed() -> None:
    async with an_app() as app:
        assert not app._crashed.is_set()
        assert app.crash_reason is None
        reason = ZeroDivisionError("why")
        await app.crash(reason)
        assert app._crashed.is_set()
        assert app.crash_reason is reason


async def test_what_is_known_of_a_topic_partition_is_where_it_was() -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers="127.0.0.1:1", **_options())
    try:
        consumer.assign([PLACE])
        state = consumer._subscription.subscription.assignment.state_value(PLACE)
        assert (state.lso, state.highwater, state.timestamp, state.has_valid_position) == (None, None, None, False)
        state.seek(7)  # what `consumer.seek` comes to
        assert (state.has_valid_position, state.position) == (True, 7)
        assert consumer._max_poll_records == _options()["max_poll_records"]
        assert consumer._subscription.fetcher_idle_time >= 0
        with consumer._subscription.fetch_context():
            assert consumer._subscription._fetch_count == 1
        with pytest.raises(ZeroDivisionError), consumer._subscription.fetch_context():
            raise ZeroDivisionError
        assert consumer._subscription._fetch_count == 1, "what it forgets when a fetch raises"
    finally:
        await consumer.stop()


async def test_a_fetcher_knows_what_it_has_fetched_ahead_and_who_waits_for_it() -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers="127.0.0.1:1", **_options())
    assert consumer._fetcher is None, "made when it starts"
    made = Fetcher(consumer._client, consumer._subscription)
    try:
        assert (len(made._records), len(made._fetch_waiters)) == (0, 0)
        assert made._max_partition_fetch_bytes > 0
        assert (made._fetch_min_bytes, made._fetch_max_wait_ms) == (1, 500)
        waiter = made._create_fetch_waiter()
        assert made._fetch_waiters == {waiter}
        made._notify(waiter)
        await waiter
    finally:
        await made.close()
        await consumer.stop()


async def test_aiokafka_makes_its_records_by_the_class_that_is_replaced() -> None:
    assert fetcher.PartitionRecords is records._PlainRecords
    assert "PartitionRecords(" in inspect.getsource(Fetcher._proc_fetch_request), "looked up when it is used"
    assert fetcher.FetchResult is records._BoundedResult
    assert fetcher.MemoryRecords is batches.KeptRecords
    for made in ("FetchResult(", "MemoryRecords("):
        assert made in inspect.getsource(Fetcher._proc_fetch_request), "looked up when it is used"
    assert "is FetchResult" in inspect.getsource(Fetcher.fetched_records)
    plain = records.PlainDeserializer()
    made = fetcher.PartitionRecords(PLACE, None, None, 0, None, plain, check_crcs=True, isolation_level=1)
    assert made._value_deserializer is plain
    record = type("Record", (), {"offset": 3, "timestamp": 5, "timestamp_type": 1, "key": b"k", "value": b"v"})()
    record.headers = [("h", b"1")]
    assert made._consumer_record(PLACE, record) == (3, 5, 1, b"k", b"v", (("h", b"1"),))
    record.checksum = None
    others = fetcher.PartitionRecords(PLACE, None, None, 0, None, None, check_crcs=True, isolation_level=1)
    assert others._consumer_record(PLACE, record).topic == "topic", "another consumer gets aiokafka's own records"


def test_the_error_that_aiokafka_does_not_know_is_found_by_its_number() -> None:
    assert kafka_errors[82] is FencedInstanceIdError


async def _callback(*_: Any) -> None: ...


def _options() -> dict[str, Any]:
    options = membership().consumer_options()
    return {name: value for name, value in options.items() if name not in {"bootstrap_servers", "group_id"}}


def membership(servers: str = "127.0.0.1:1", group: str = "pins") -> Membership:
    return Membership(KafkaConnection(servers), group)


@asynccontextmanager
async def an_app() -> AsyncIterator[Any]:
    """An app that is not started."""
    member = membership()
    app = signal_app(member, TOPICS, _callback)
    app.transport = BatchTransport(app, member, None, Said())  # type: ignore[arg-type]
    yield app
