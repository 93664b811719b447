"""How long it takes from the append of an event until its account's state can be read, and until its alert can.

Probes are demo requests of accounts never seen before, in the midst of the load, which is fed at a pace: a tenth, half
and nine tenths of the worker's capacity. The append is the time that Kafka puts on the record; the bare round trip is a
consumer in a process of its own that reads the same topics at the same pace and does nothing with them.
"""

import asyncio
import math
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from bench.live.contenders import RunningOurs
from bench.live.ground import Field, probe_name
from bench.live.loads import events
from bench.live.measuring import Failed, begin
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.connecting.keys import Keys
from signal_engine.wire.instants import format_instant
from testing.processes import ROOT

KIND: Final = "engagement"
PROBE_INTERVAL_S: Final = 0.05
"""Seconds."""
_POLL_INTERVAL_S: Final = 0.001
WARM_UP: Final = 99_999
"""A seed that no probe's number is."""
_SETTLE: Final = 3.0
"""Seconds at a pace before probes count."""
_WAITS: Final = 60.0
"""Seconds after the last probe within which everything must have come."""


class Behind(Exception):
    """A worker that does not keep up with the pace."""


Seen = dict[str, float]
"""Account -> when its probe was seen (s since 1970)."""
Probing = set[str]
"""Accounts whose probe is on its way, or there."""


def percentiles(waits: Sequence[float]) -> dict[str, float]:
    """p50, p99 in ms, and how many."""
    ordered = sorted(waits)
    at = [ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)] * 1000 for share in (0.5, 0.99)]
    return {"p50_ms": at[0], "p99_ms": at[1], "probes": len(ordered)}


def latency(field: Field, capacity: float, seconds: float, shares: Sequence[float] = (0.1, 0.5, 0.9)) -> dict[str, Any]:
    """Share of capacity -> what was waited for -> p50 and p99 in ms. The field is prepared and not fed."""
    field.start_anew("latency")
    running = RunningOurs(field)
    found: dict[str, Any] = {"capacity": capacity, "seconds": seconds, "at": {}}
    number = 0
    _new_records(field, 1_000, WARM_UP)
    try:
        _warm_up(field, running)
        for share in shares:
            probes = range(number, number + int(seconds / PROBE_INTERVAL_S))
            number = probes.stop
            _new_records(field, round(share * capacity * (seconds + 2 * _SETTLE)), number)
            try:
                found["at"][f"{share:g}"] = asyncio.run(_ours(field, share * capacity, seconds, probes))
            except Behind as error:  # the worker is slower than it was when its capacity was measured
                found["at"][f"{share:g}"] = {"pace": share * capacity, "behind": str(error)}
            if not running.alive():
                raise Failed(running.said())
    finally:
        running.end()
    for share in shares:
        probes = range(number, number + int(seconds / PROBE_INTERVAL_S))
        number = probes.stop
        bare = asyncio.run(_bare(field, share * capacity, seconds, probes))
        found["at"][f"{share:g}"]["bare"] = bare
    return found


def _new_records(field: Field, many: int, seed: int) -> None:
    """What will be fed: events that were never fed before, since one seen twice costs less."""
    field.write(field.records, events(field.load, many, field.partitions, field.now, seed))


def _warm_up(field: Field, running: RunningOurs) -> None:
    """Returns when every partition works."""
    subprocess.run(field.feeder(None, "500", "2"), cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    begin(running)


async def _ours(field: Field, pace: float, seconds: float, probes: range) -> dict[str, Any]:
    alerts: dict[str, tuple[float, float]] = {}
    states: Seen = {}
    probing = Probing()
    async with _reader(field, [f"{field.live.prefix}alerts"]) as result, Channel(field.live.redis_url) as channel:
        watching = [
            asyncio.create_task(_watch_alerts(result, alerts)),
            asyncio.create_task(_watch_states(field, channel, probing, states)),
        ]
        try:
            appended = await _probe(field, pace, seconds, probes, probing)
            deadline = time.monotonic() + _WAITS
            while not (appended.keys() <= states.keys() and appended.keys() <= alerts.keys()):
                for task in watching:
                    if task.done():
                        task.result()
                if time.monotonic() > deadline:
                    missing = [len(appended.keys() - there.keys()) for there in (states, alerts)]
                    raise Behind(
                        f"{_WAITS:g} s after the last of {len(appended)} probes, {missing[0]} states and {missing[1]} "
                        "alerts had not come"
                    )
                await asyncio.sleep(0.05)
        finally:
            for task in watching:
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task
    # What was sent when, is the time that the alert has in Kafka; before that, nearly all is the wait for the disk.
    disk = [max(0.0, alerts[name][0] - states[name]) for name in appended]
    return {
        "pace": pace,
        "state": percentiles([states[name] - at for name, at in appended.items()]),
        "alert": percentiles([alerts[name][1] - at for name, at in appended.items()]),
        "of which disk": percentiles(disk),
        "alert without disk": percentiles(
            [alerts[name][1] - at - waited for (name, at), waited in zip(appended.items(), disk, strict=True)]
        ),
    }


async def _bare(field: Field, pace: float, seconds: float, probes: range) -> dict[str, float]:
    seen: Seen = {}
    topics = [field.live.topic(kind) for kind in field.load.kinds]
    command = [sys.executable, "-m", "bench.live.bare_reader", field.ground.kafka, str(field.partitions), *topics]
    reader = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.PIPE)
    assert reader.stdout is not None
    watching = asyncio.create_task(_watch_bare(reader.stdout, seen))
    try:
        await asyncio.wait_for(_until(lambda: "ready" in seen), _WAITS)
        appended = await _probe(field, pace, seconds, probes, Probing())
        await asyncio.wait_for(_until(lambda: appended.keys() <= seen.keys()), _WAITS)
    finally:
        reader.kill()
        await reader.wait()
        await watching
    return percentiles([seen[name] - at for name, at in appended.items()])


async def _until(holds: Callable[[], bool]) -> None:
    while not holds():  # noqa: ASYNC110 (of another process)
        await asyncio.sleep(0.02)


async def _probe(field: Field, pace: float, seconds: float, probes: range, probing: Probing) -> dict[str, float]:
    """Feeds at `pace` events a second, a probe every so often among them: account -> append (s since 1970)."""
    appended: dict[str, float] = {}
    partition_of = partitioner(field.partitions)
    command = field.feeder(None, str(pace), str(seconds + 2 * _SETTLE))
    feeder = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=asyncio.subprocess.DEVNULL)
    async with AIOKafkaProducer(bootstrap_servers=field.ground.kafka, acks="all") as producer:
        try:
            await asyncio.sleep(_SETTLE)
            started = time.perf_counter()
            for passed, number in enumerate(probes):
                await asyncio.sleep(started + passed * PROBE_INTERVAL_S - time.perf_counter())
                account = probe_name(number)
                value = demo_request(account)
                probing.add(account)  # before it is sent: it can be seen before its sender hears that it was taken
                place = await producer.send_and_wait(
                    field.live.topic(KIND), value, account.encode(), partition_of(account)
                )
                appended[account] = place.timestamp / 1000
        finally:
            if feeder.returncode is None:
                await feeder.wait()
    if feeder.returncode:
        raise Failed("the feeder failed")
    return appended


def demo_request(account: str) -> bytes:
    """An event that raises a hand."""
    at = format_instant(time.time_ns() // 1_000_000 - 1000)
    result = {"event_id": f"probe-{account}", "account_id": account, "occurred_at": at, "activity": "demo_request"}
    return orjson.dumps(result)


async def _watch_alerts(result: AIOKafkaConsumer, seen: dict[str, tuple[float, float]]) -> None:
    while True:
        for records in (await result.getmany(timeout_ms=100)).values():
            now = time.time()
            for record in records:
                seen.setdefault(record.key.decode(), (record.timestamp / 1000, now))


async def _watch_states(field: Field, channel: Channel, probing: Probing, seen: Seen) -> None:
    """Asks again and again for the probes whose state has not been seen."""
    partition_of = partitioner(field.partitions)
    while True:
        open_ = [name for name in probing if name not in seen]
        if open_:
            keys = [Keys.of(field.live.prefix, 0, partition_of(name)).states for name in open_]
            there = await channel.calls([("HEXISTS", key, name) for key, name in zip(keys, open_, strict=True)])
            now = time.time()
            seen.update({name: now for name, is_there in zip(open_, there, strict=True) if is_there})
        await asyncio.sleep(_POLL_INTERVAL_S)


async def _watch_bare(lines: asyncio.StreamReader, seen: Seen) -> None:
    while line := await lines.readline():
        name, at = line.decode().split()
        seen[name] = float(at)


@asynccontextmanager
async def _reader(field: Field, topics: Sequence[str]) -> AsyncIterator[AIOKafkaConsumer]:
    """A consumer that stands at the ends of all partitions of `topics`."""
    consumer = AIOKafkaConsumer(bootstrap_servers=field.ground.kafka, fetch_max_wait_ms=50)
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for topic in topics for number in range(field.partitions)]
        consumer.assign(places)
        await consumer.seek_to_end(*places)
        yield consumer
    finally:
        await consumer.stop()
