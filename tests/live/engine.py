"""The live engine as its users drive it: commands, processes, topics, and the documented keys. Nothing of the package
is called but the reading of counters, which no command tells yet."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import UnknownError

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.generations import RedisGenerations
from signal_engine.adapters.redis.transactions.store import RedisStore
from signal_engine.engine.ports.store import Marks
from tests.live.feed import Produced, ToProduce

KINDS = ("intent", "hiring", "funding", "engagement", "technographic", "leadership")
OUTCOMES = ("applied", "duplicate", "ignored", "expired", "rejected")
ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "signal_engine"]
CRASHING = [sys.executable, "-m", "tests.live.crashing"]
CLOCKED = [sys.executable, "-m", "tests.live.clocked"]


class Worker:
    """One worker process, its log in a file."""

    def __init__(
        self, engine: "Engine", name: str, crash: tuple[str, int] | None = None, ahead: int | None = None
    ) -> None:
        self.log = engine.folder / f"{name}.log"
        command = [*COMMAND, "worker"] if crash is None else [*CRASHING, crash[0], str(crash[1])]
        if ahead is not None:
            command = [*CLOCKED, str(ahead)]
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=engine.environment, stdout=out, stderr=out, start_new_session=True
            )

    def said(self) -> list[dict[str, Any]]:
        """The lines of its log."""
        read = []
        for line in self.log.read_text().splitlines():
            try:
                read.append(json.loads(line))
            except ValueError:
                read.append({"event": "not_json", "line": line})
        return read

    def words(self) -> list[str]:
        """What it said, a word each."""
        return [line["event"] for line in self.said()]

    def send(self, number: int) -> None:
        """Sends a signal."""
        os.kill(self.process.pid, number)

    def end(self, number: int = signal.SIGTERM, within: float = 15) -> int:
        """Its exit code after a signal."""
        if self.process.poll() is None:
            self.send(number)
        return self.process.wait(within)


class Engine:
    """One engine of its own on shared servers: a prefix, a group, its own files."""

    def __init__(self, kafka: str, redis_url: str, prefix: str, folder: Path, partitions: int = 4) -> None:
        self.kafka, self.redis_url, self.prefix, self.folder, self.partitions = (
            kafka, redis_url, prefix, folder, partitions,
        )  # fmt: skip
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SIGNAL_ENGINE_", "COV_"))}
        self.environment = kept | {
            "SIGNAL_ENGINE_KAFKA_BOOTSTRAP_SERVERS": kafka,
            "SIGNAL_ENGINE_REDIS_URL": redis_url,
            "SIGNAL_ENGINE_PREFIX": prefix,
            "SIGNAL_ENGINE_GROUP": f"{prefix}group",
            "SIGNAL_ENGINE_PARTITIONS": str(partitions),
            "SIGNAL_ENGINE_PUBLISH_SECONDS": "0.5",
            "SIGNAL_ENGINE_LOG": "json",
        }
        self.workers: list[Worker] = []

    def run(self, *words: str, code: int = 0) -> str:
        """What a command prints."""
        done = subprocess.run(
            [*COMMAND, *words], check=False, env=self.environment, capture_output=True, text=True, timeout=120
        )
        assert done.returncode == code, (words, done.returncode, done.stderr[-2000:])
        return done.stdout

    def worker(self, crash: tuple[str, int] | None = None, ahead: int | None = None) -> Worker:
        """Starts a worker; with `crash`, one that kills itself when it reaches a point for the given time; with
        `ahead`, one whose clock is so many seconds ahead."""
        self.workers.append(Worker(self, f"worker-{len(self.workers)}", crash, ahead))
        return self.workers[-1]

    def set(self, **variables: str) -> None:
        """Settings of the workers and commands to come."""
        self.environment |= {f"SIGNAL_ENGINE_{name}": value for name, value in variables.items()}

    def topic(self, kind: str) -> str:
        """The topic of a kind."""
        return f"{self.prefix}signals.{kind}"

    async def make_topics_of_create_time(self) -> None:
        """Signal topics on which a producer's timestamps stand."""
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka)
        await admin.start()
        try:
            settings = {"message.timestamp.type": "CreateTime", "retention.ms": "-1"}
            topics = [NewTopic(self.topic(kind), self.partitions, 1, topic_configs=settings) for kind in KINDS]
            await admin.create_topics(topics)
        finally:
            await admin.close()

    async def produce(self, records: Sequence[ToProduce]) -> list[Produced]:
        """Produces in order; returns where each record is, with the timestamp it has there."""
        producer = await self._producer()
        try:
            sent = [
                await producer.send(
                    self.topic(r.kind), r.value, r.key, r.partition, r.timestamp, headers=list(r.headers)
                )
                for r in records
            ]
            places = await asyncio.gather(*sent)
        finally:
            await producer.stop()
        return [
            Produced(r, place.offset, r.timestamp if place.timestamp_type == 0 and r.timestamp else place.timestamp)
            for r, place in zip(records, places, strict=True)
        ]

    async def _producer(self) -> AIOKafkaProducer:
        """One that does not repeat itself, where the broker gives producer ids (the one out of the wheel does not)."""
        for idempotent in (True, False):
            producer = AIOKafkaProducer(
                bootstrap_servers=self.kafka, enable_idempotence=idempotent, acks="all", linger_ms=5
            )
            try:
                await producer.start()
            except UnknownError:
                await producer.stop()
            else:
                return producer
        raise AssertionError("the broker takes no producer")

    async def read(self, topic: str) -> list[Any]:
        """Every record of a topic."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.kafka, isolation_level="read_committed")
        await consumer.start()
        try:
            name = self.prefix + topic
            places = [TopicPartition(name, number) for number in await _partitions(consumer, name)]
            consumer.assign(places)
            await consumer.seek_to_beginning(*places)
            ends, records = await consumer.end_offsets(places), []
            while any([await consumer.position(place) < ends[place] for place in places]):
                for batch in (await consumer.getmany(timeout_ms=200)).values():
                    records += batch
            return records
        finally:
            await consumer.stop()

    async def ends(self) -> dict[tuple[str, int], int]:
        """Topic, partition -> end, of the signal topics."""
        consumer = AIOKafkaConsumer(bootstrap_servers=self.kafka)
        await consumer.start()
        try:
            places = [TopicPartition(self.topic(k), n) for k in KINDS for n in range(self.partitions)]
            return {(p.topic, p.partition): end for p, end in (await consumer.end_offsets(places)).items()}
        finally:
            await consumer.stop()

    async def positions(self) -> dict[tuple[str, int], int]:
        """Topic, partition -> how far it has been applied."""
        async with self.store() as store:
            heads = [await store.positions(number) for number in range(self.partitions)]
        return {(t, n): at for n, head in enumerate(heads) for t, at in head.topics.items()}

    async def counts(self) -> Counter[str]:
        """Counter -> sum over partitions."""
        total: Counter[str] = Counter()
        async with self.store() as store:
            for number in range(self.partitions):
                total.update(await store.counts(number))
        return total

    async def list(self, name: str = "all") -> dict[str, Any] | None:
        """The list as it is served."""
        async with Channel(self.redis_url) as channel:
            found = await channel.call("GET", f"{self.prefix}list:{name}")
        return json.loads(found) if found else None

    @asynccontextmanager
    async def store(self) -> AsyncIterator[RedisStore]:
        """The store of the generation that workers work on."""
        async with Channel(self.redis_url) as channel:
            marks = await RedisGenerations(channel, self.prefix).marks()
            yield RedisStore(channel, self.prefix, marks.worked_on or 0)

    async def marks(self) -> Marks:
        """Which generations there are."""
        async with Channel(self.redis_url) as channel:
            return await RedisGenerations(channel, self.prefix).marks()

    async def has_caught_up(self) -> bool:
        """Whether every signal topic has been applied to its end, records sent on included."""
        ends, positions = await self.ends(), await self.positions()
        return all(positions.get(place, 0) >= end for place, end in ends.items())

    async def caught_up(self, within: float = 90) -> None:
        """Waits for that."""
        await self.until(self.has_caught_up, within, "the engine has not caught up")

    async def lists(self) -> dict[str, dict[str, Any]]:
        """Every list as it is served now."""
        found = {name: await self.list(name) for name in ("all", "b2b", "grown-up")}
        return {name: one for name, one in found.items() if one is not None}

    async def complete(self, at: int, within: float = 30) -> None:
        """Waits until all partitions have been read up to `at` (ms)."""

        async def read() -> bool:
            async with self.store() as store:
                views = [(await store.views(number, ["read_until"]))[0] for number in range(self.partitions)]
            return all(view is not None and int(view) >= at for view in views)

        await self.until(read, within, "the topics have not been read to their ends")

    async def until(self, holds: Callable[[], Awaitable[bool]], within: float, what: str) -> None:
        """Waits until `holds`; says what the workers said when it does not."""
        deadline = time.monotonic() + within
        while not await holds():
            if time.monotonic() > deadline:
                raise AssertionError(f"{what} within {within} s\n{self.told()}")
            await asyncio.sleep(0.1)

    def told(self) -> str:
        """What the workers said last, but for what they sent."""
        return "\n".join(
            f"{worker.log.name}: " + "\n".join([str(line) for line in worker.said() if line["event"] != "sent"][-40:])
            for worker in self.workers
        )

    async def holds(self, check: Callable[[], Awaitable[None]], within: float = 20) -> None:
        """Waits until `check` raises nothing: what was read is published a moment later."""
        deadline = time.monotonic() + within
        while True:
            try:
                await check()
            except (AssertionError, KeyError) as error:
                if time.monotonic() > deadline:
                    raise AssertionError(f"not within {within} s\n{self.told()}") from error
            else:
                return
            await asyncio.sleep(0.2)

    async def agrees(self, compare: Callable[[dict[str, dict[str, Any]]], None], within: float = 20) -> None:
        """Waits until the lists that are served pass `compare`."""

        async def check() -> None:
            compare(await self.lists())

        await self.holds(check, within)


@contextmanager
def engine(kafka: str, redis_url: str, prefix: str, folder: Path, partitions: int = 4) -> Iterator[Engine]:
    """An engine whose workers are gone at the end, however that comes."""
    made = Engine(kafka, redis_url, prefix, folder, partitions)
    try:
        yield made
    finally:
        for worker in made.workers:
            if worker.process.poll() is None:
                worker.process.kill()
            worker.process.wait(10)


async def _partitions(consumer: AIOKafkaConsumer, topic: str) -> list[int]:
    await consumer._client.force_metadata_update()
    await consumer.topics()
    return sorted(consumer.partitions_for_topic(topic) or ())
