"""Records as other producers send them: compressed, far too much in little, damaged on disk, and told to be copies."""

import struct
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from faults.harness.feeding import records
from faults.harness.judge import FORGED, Judge
from faults.harness.stage import Stage, said
from faults.harness.watching import Memory
from faults.scenario import Outcome, Scenario
from faults.scenarios.redis_faults import MEMORY
from testing.records import ToProduce
from tests.kafka.raw_batches import send_packed

CODECS: Final = ("gzip", "snappy", "lz4", "zstd")
_MB: Final = bytes(1_000_000)
_BODY: Final = 61
"""The place in a batch at which its records begin."""
_FAR: Final = 9_999_999_999_999
"""The year 2286, in ms."""

Poison = Callable[[Stage, str], Awaitable[int]]
"""Puts into partition 0 of a topic what nobody can read; the offset behind it."""


async def _compressed(stage: Stage) -> Outcome:
    """The same market, compressed by one codec after another."""
    await stage.prepare()
    await stage.two()
    for codec in CODECS:
        await stage.feed(rate=1_000, many=stage.some(5_000, 500), codec=codec).ended()
    return Outcome(await Judge(stage).verdict(), faults=len(CODECS))


async def _bomb(stage: Stage, topic: str) -> int:
    many = stage.some(600, 100)
    return many + await send_packed(stage.kafka, topic, 0, "zstd", [_MB] * many)


async def _damaged(stage: Stage, topic: str) -> int:
    """One byte of a batch changes on the broker's disk."""
    made = [one.value or b"" for one in records(stage.next(50), stage.partitions)]
    end = len(made) + await send_packed(stage.kafka, topic, 0, "lz4", made)
    log: Path = stage.servers.kafka.folder / "data" / f"{topic}-0" / f"{0:020}.log"
    with log.open("r+b") as file:
        (first,) = struct.unpack(">q", file.read(8))
        assert first == 0, "the first batch is not the first"
        file.seek(_BODY)
        (byte,) = file.read(1)
        file.seek(_BODY)
        file.write(bytes([byte ^ 0xFF]))
    return end


async def _poisoned(stage: Stage, poison: Poison) -> Outcome:
    """It comes first in one topic-partition, and ordinary load behind it and beside it."""
    await stage.prepare()
    topic = stage.topic("intent")
    end = await poison(stage, topic)
    pair = await stage.two()
    async with Memory(lambda: pair) as memory:
        feed = stage.feed()
        paused: list[dict[str, Any]] = []

        async def is_paused() -> bool:
            paused[:] = [line for worker in pair for line in said(worker, "topic_paused")]
            return bool(paused)

        await stage.until(is_paused, 60, "nothing is paused")
        where = {(line["topic"], line["partition"], line["offset"]) for line in paused}
        assert where == {(topic, 0, 0)}, f"{where} was paused"
        assert paused[0]["advice"].endswith(f"dlq resume {topic}/0 --skip-to {end}"), paused[0]["advice"]
        for number in range(stage.partitions):
            await stage.applying([number])
        listed = await stage.command("dlq", "list")
        assert "cannot be read" in " ".join(listed.split()), listed
        await stage.command("dlq", "resume", f"{topic}/0", "--skip-to", str(end))
        await feed.stop()
        await stage.caught_up()
    assert memory.highest_mb < MEMORY, f"a worker had {memory.highest_mb:.0f} MB"
    admin = AIOKafkaAdminClient(bootstrap_servers=stage.kafka)
    await admin.start()
    try:
        await admin.delete_records({TopicPartition(topic, 0): RecordsToDelete(end)})  # the judge cannot read it either
    finally:
        await admin.close()
    return Outcome(await Judge(stage).verdict(), measured={"most_MB": round(memory.highest_mb)})


async def _forged(stage: Stage) -> Outcome:
    """Strangers tell that their records are copies, among true ones: records that are on a wrong partition."""
    await stage.prepare()
    await stage.two()
    forged = true = 0
    for _ in range(stage.some(20, 3)):
        lies = [one for made in records(stage.next(40), stage.partitions) for one in [_declared_a_copy(stage, made)]]
        await stage.send_these(lies)
        misrouted = [
            one._replace(partition=(one.partition + 1) % stage.partitions)
            for one in records(stage.next(40), stage.partitions)
        ]
        await stage.send_these(misrouted)
        forged, true = forged + len(lies), true + len(misrouted)
    verdict = await Judge(stage, levels=False, alerts=False).verdict()  # who is sent on comes later than it arrived
    counts = await stage.counts()
    assert counts["origins_disbelieved"] == forged, f"{counts['origins_disbelieved']} of {forged} were not believed"
    assert counts["copies_passed_over"] == 0, f"{counts['copies_passed_over']} of {true} were passed over"
    return Outcome(verdict, faults=forged)


def _declared_a_copy(stage: Stage, one: ToProduce) -> ToProduce:
    other = (one.partition + 1) % stage.partitions
    topic, offset, timestamp = stage.dice.choice(
        [
            (stage.topic(one.kind), 10**12, 1),
            (stage.topic(one.kind), 0, _FAR),
            (f"{stage.prefix}of.others", 0, 1),
        ]
    )
    result = {"topic": topic, "partition": other, "offset": offset, "timestamp": timestamp}
    headers = [(f"origin.{name}", str(value).encode()) for name, value in result.items()]
    return one._replace(headers=((FORGED, b"1"), *headers))


async def _with_a_bomb(stage: Stage) -> Outcome:
    return await _poisoned(stage, _bomb)


async def _with_damage(stage: Stage) -> Outcome:
    return await _poisoned(stage, _damaged)


SCENARIOS: Final = (
    Scenario(
        name="compressed",
        promise="records compressed by any codec of Kafka are read as any others",
        fault="none: gzip, snappy, lz4 and zstd, one after another",
        play=_compressed,
    ),
    Scenario(
        name="bomb",
        promise="a batch that unpacks to too much pauses its topic-partition alone, by name; memory stays bounded",
        fault="600 MB in a batch of some KB (100 MB in the short form), skipped by `dlq resume --skip-to`",
        play=_with_a_bomb, apache=True,
    ),
    Scenario(
        name="damaged_batch",
        promise="a batch that is damaged on the broker's disk pauses its topic-partition alone, by name",
        fault="one byte of a batch changes on disk; skipped by `dlq resume --skip-to`",
        play=_with_damage, apache=True,
    ),
    Scenario(
        name="forged_origins",
        promise="forged copies make nothing vanish, and count as ordinary records",
        fault="`origin.*` headers with impossible offsets, topics and times, among records that are rerouted",
        play=_forged,
    ),
)  # fmt: skip
