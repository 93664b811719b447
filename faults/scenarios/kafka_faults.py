"""Kafka restarted, away, short of records, refusing what is produced, or not as it must be at the start."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewPartitions, RecordsToDelete
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from faults.harness.judge import Judge
from faults.harness.stage import Stage, said
from faults.scenario import Outcome, Scenario, Verdict
from testing.servers.kafka import PASSWORD, USER
from testing.worker import Worker


async def _restarted(stage: Stage) -> Outcome:
    """SIGKILL of the broker under load, and a new start with what is on its disk."""
    await stage.prepare()
    feed = stage.feed(rate=100)
    await stage.two()
    recoveries, times = [], stage.some(5, 1)
    for _ in range(times):
        await stage.applying()
        await asyncio.sleep(stage.dice.uniform(1, 3))
        stage.servers.kafka.kill()
        await asyncio.to_thread(stage.servers.kafka.again)
        recoveries.append(await stage.applying(within=90))
    await feed.stop()
    return Outcome(await Judge(stage).verdict(), recoveries, faults=times)


async def _away(stage: Stage) -> Outcome:
    """The broker stops for longer than every timeout; to clients, partitions are without a leader."""
    await stage.prepare()
    feed = stage.feed(rate=100)
    await stage.two()
    await stage.applying()
    stage.servers.kafka.freeze()
    await asyncio.sleep(stage.some(60, 25))
    stage.servers.kafka.thaw()
    recovery = await stage.applying(within=90)
    await feed.stop()
    return Outcome(await Judge(stage).verdict(), [recovery])


async def _retention(stage: Stage) -> Outcome:
    """While no worker runs, the topic's beginning moves past where reading is to go on."""
    await stage.prepare()
    pair = await stage.two()
    await stage.send(500)
    judge = Judge(stage)
    await judge.verdict()
    applied = (await judge.sent()).records
    for worker in pair:
        worker.end()
    stored = await stage.positions()
    place, end = await _unread(stage, stored)
    start, to = stored[place], (stored[place] + end + 1) // 2
    async with _admin(stage) as admin:
        await admin.delete_records({TopicPartition(*place): RecordsToDelete(to)})
    again = await stage.two()
    await stage.caught_up()
    lost = [line for worker in again for line in said(worker, "records_lost")]
    result = {(line["topic"], line["partition"], line["from_offset"], line["to_offset"]) for line in lost}
    assert result == {(*place, start, to)}, f"{result} was reported, {(*place, start, to)} was lost"
    gone = [r for r in applied if (r.topic, r.partition) == place and r.offset < to]
    return Outcome(await Judge(stage, before=gone).verdict(), measured={"deleted_unread": to - start})


async def _unread(stage: Stage, stored: Mapping[tuple[str, int], int]) -> tuple[tuple[str, int], int]:
    """The topic-partition with most unread records among those that had been read, and its end.

    The events of a market come in order of time, and some stretches of it are of one kind: then there may be none yet.
    """
    while True:
        await stage.send(800)
        ends = await stage.ends()
        place = max(ends.keys() & stored.keys(), key=lambda one: ends[one] - stored[one])
        if ends[place] > stored[place]:
            return place, ends[place]


async def _alerts_refused(stage: Stage) -> Outcome:
    """The alerts topic takes no alert, until somebody raises its limit."""
    await stage.prepare()
    async with _admin(stage) as admin:
        await _set(admin, f"{stage.prefix}alerts", {"max.message.bytes": "100"})
    workers = [stage.start("one")]
    feed = stage.feed()

    async def ended() -> bool:
        return workers[0].process.poll() is not None

    await stage.until(ended, 60, "the worker goes on although its alerts are refused")
    code, words = workers[0].process.returncode, workers[0].log.read_text()
    assert code == 1, f"exit {code}\n{stage.log_tails()}"
    assert f"{stage.prefix}alerts" in words, f"it does not say which topic: {words[-300:]}"
    async with _admin(stage) as admin:
        await _set(admin, f"{stage.prefix}alerts", {"max.message.bytes": "1048588"})
    await stage.two()
    await stage.applying()
    await feed.stop()
    return Outcome(await Judge(stage).verdict())


async def _refused_starts(stage: Stage) -> Outcome:
    """What a worker refuses to start with, and what it says."""
    await stage.prepare()
    hiring, intent = stage.topic("hiring"), stage.topic("intent")
    settings = dict(stage.environment)
    await _refuses(stage, 1, "the broker rejected user name or password", **_wrong_password(stage))
    stage.environment = settings
    first = stage.start("one")
    await stage.share([first])
    first.end()
    async with _admin(stage) as admin:
        await admin.create_partitions({intent: NewPartitions(stage.partitions + 1)})
    await _refuses(stage, 2, intent)
    async with _admin(stage) as admin:
        others = [stage.topic(kind) for kind in ("hiring", "funding", "engagement", "technographic", "leadership")]
        await admin.create_partitions({topic: NewPartitions(stage.partitions + 1) for topic in others})
        await admin.create_partitions({f"{stage.prefix}signals.dlq": NewPartitions(stage.partitions + 1)})
    for topic in (f"{stage.prefix}account.actions", f"{stage.prefix}outcomes"):
        await _refuses(stage, 2, f"topic {topic}: has {stage.partitions} partitions")
        async with _admin(stage) as admin:
            await admin.create_partitions({topic: NewPartitions(stage.partitions + 1)})
    await _refuses(stage, 2, f"the signal topics have {stage.partitions + 1} partitions")
    async with _admin(stage) as admin:
        await admin.delete_topics([hiring])
    await _refuses(stage, 2, f"topic {hiring} is missing")
    return Outcome(Verdict(0), faults=6)


async def _refuses(stage: Stage, code: int, words: str, **settings: str) -> None:
    stage.set(**settings)
    worker: Worker = stage.start("refused")

    async def ended() -> bool:
        return worker.process.poll() is not None

    await stage.until(ended, 30, f"a worker starts although {words}")
    result = worker.log.read_text()
    assert worker.process.returncode == code, f"exit {worker.process.returncode}, not {code}: {result[-500:]}"
    assert words in result, f"it should say {words!r}: {result[-500:]}"
    assert "Traceback" not in result, result[-500:]
    assert "wrong-secret" not in result, "a password is in the log"


def _wrong_password(stage: Stage) -> dict[str, str]:
    return {
        "KAFKA_BOOTSTRAP_SERVERS": getattr(stage.servers.kafka, "sasl_address", ""),
        "KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT",
        "KAFKA_SASL_MECHANISM": "PLAIN",
        "KAFKA_SASL_USERNAME": USER,
        "KAFKA_SASL_PASSWORD": f"{PASSWORD}-wrong-secret",
    }


@asynccontextmanager
async def _admin(stage: Stage) -> AsyncIterator[Any]:
    admin = AIOKafkaAdminClient(bootstrap_servers=stage.kafka)
    await admin.start()
    try:
        yield admin
    finally:
        await admin.close()


async def _set(admin: Any, topic: str, settings: dict[str, str]) -> None:
    await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=settings)])


SCENARIOS: Final = (
    Scenario(
        name="kafka_restarted",
        promise="a broker that dies and comes back is waited for; alerts in flight are not lost",
        fault="SIGKILL of the broker under load, 5 times in a run (once in the short form)",
        play=_restarted, runs=2, within=400, apache=True, recovers_from="the broker being back",
    ),
    Scenario(
        name="kafka_away",
        promise="partitions without a leader for longer than every timeout are waited for",
        fault="the broker does not answer for 60 s (25 s in the short form)",
        play=_away, runs=2, within=400, apache=True, recovers_from="the broker going on", short_runs=0,
    ),
    Scenario(
        name="kafka_retention",
        promise="records that retention removed before they were read are reported, from which offset to which",
        fault="a topic's beginning moves past the stored position while no worker runs",
        play=_retention, runs=2, apache=True,
    ),
    Scenario(
        name="kafka_alerts_refused",
        promise="an alert that Kafka refuses stops the worker with a message, and is sent once Kafka accepts it",
        fault="max.message.bytes of the alerts topic is below every alert",
        play=_alerts_refused, apache=True, short_runs=0,
    ),
    Scenario(
        name="kafka_refused_starts",
        promise="a worker says why it does not start: password, partition count, missing topics",
        fault="wrong password; one signal topic, then all, with another number of partitions; a topic missing",
        play=_refused_starts, apache=True,
    ),
)  # fmt: skip
