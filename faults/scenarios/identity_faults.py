"""Topics that are not those whose positions Redis holds: made anew, another cluster's, or from an older disk."""

import asyncio
import shutil
from typing import Final

from aiokafka.admin import AIOKafkaAdminClient

from faults.harness.judge import Judge
from faults.harness.stage import Stage
from faults.scenario import Outcome, Scenario
from testing.servers.kafka import Tansu
from testing.worker import Worker

_REBUILT_WITHIN: Final = 120.0


async def _made_anew(stage: Stage) -> Outcome:
    """A signal topic is deleted and made again under running workers, with as many records as before."""
    await stage.prepare()
    pair = await stage.two()
    await stage.send(600, dirt=False)
    await stage.caught_up()
    topic = stage.topic("hiring")
    admin = AIOKafkaAdminClient(bootstrap_servers=stage.kafka)
    await admin.start()
    try:
        await admin.delete_topics([topic])
        await stage.until(lambda: _gone(admin, topic), 30, "the topic is still there")
    finally:
        await admin.close()
    await stage.command("topics", "create")
    for worker in pair:
        await _ends(stage, worker, "created anew", "is missing")
    await stage.send(900, dirt=False)
    await _ends(stage, stage.start("refused"), "created anew")
    rebuilding = asyncio.create_task(stage.command("rebuild", "--yes", "--json"))
    await stage.until(lambda: _building(stage), 30, "the rebuild does not begin")
    await stage.two()
    await rebuilding
    return Outcome(await Judge(stage, alerts=False, within=_REBUILT_WITHIN).verdict())


async def _gone(admin: AIOKafkaAdminClient, topic: str) -> bool:
    return topic not in await admin.list_topics()


async def _building(stage: Stage) -> bool:
    return (await stage.marks()).building is not None


async def _two_clusters(stage: Stage) -> Outcome:
    """A worker of another Kafka with topics of the same names is started on the same Redis, under load."""
    await stage.prepare()
    feed = stage.feed()
    await stage.two()
    await stage.applying()
    other = await asyncio.to_thread(Tansu().start)
    settings = dict(stage.environment)
    try:
        stage.set(KAFKA_BOOTSTRAP_SERVERS=other.address)
        await stage.command("topics", "create")
        staging = stage.start("staging")
    finally:
        stage.environment = settings
    try:
        await _ends(stage, staging, "this is the Kafka cluster", "created anew")
    finally:
        await asyncio.to_thread(other.stop)
    recovery = await stage.applying()
    await feed.stop()
    return Outcome(await Judge(stage).verdict(), [recovery])


async def _older_disk(stage: Stage) -> Outcome:
    """The broker comes back with an older copy of its disk, first shorter than what was read, then longer again."""
    await stage.prepare()
    kafka = stage.servers.kafka
    for worker in await stage.two():
        await stage.send(300, dirt=False)
        await stage.caught_up()
        await asyncio.to_thread(worker.end)
    kafka.kill()
    copy = kafka.folder / "copy"
    shutil.copytree(kafka.folder / "data", copy)
    await asyncio.to_thread(kafka.again)
    again = await stage.two()
    await stage.send(600, dirt=False)
    await stage.caught_up()
    for worker in again:
        await asyncio.to_thread(worker.end)
    kafka.kill()
    shutil.rmtree(kafka.folder / "data")
    copy.rename(kafka.folder / "data")
    await asyncio.to_thread(kafka.again)
    await _ends(stage, stage.start("one"), "ends at")
    await stage.send(1_500, dirt=False)
    await _ends(stage, stage.start("two"), "has another record", "ends at")
    rebuilding = asyncio.create_task(stage.command("rebuild", "--yes", "--json"))
    await stage.until(lambda: _building(stage), 30, "the rebuild does not begin")
    await stage.two("three", "four")
    await rebuilding
    return Outcome(await Judge(stage, alerts=False, within=_REBUILT_WITHIN).verdict(), faults=2)


async def _ends(stage: Stage, worker: Worker, *words: str) -> None:
    """It ends with exit 2, and says one of `words` and what to do."""

    async def ended() -> bool:
        return worker.process.poll() is not None

    await stage.until(ended, 60, f"a worker goes on although {words[0]}")
    result = worker.log.read_text()
    assert worker.process.returncode == 2, f"exit {worker.process.returncode}: {result[-800:]}"
    assert any(word in result for word in words), f"it should say {words}: {result[-800:]}"
    assert "Traceback" not in result, result[-800:]


SCENARIOS: Final = (
    Scenario(
        name="kafka_topic_made_anew",
        promise="a topic that was deleted and created again stops workers, and new ones, until `rebuild`",
        fault="a signal topic is deleted, created again and filled while workers run",
        play=_made_anew, apache=True, within=400,
    ),
    Scenario(
        name="kafka_two_clusters",
        promise="a worker on another Kafka is refused by a Redis that holds the positions of this one",
        fault="a worker is started on the same Redis with another Kafka, whose topics have the same names",
        play=_two_clusters,
    ),
    Scenario(
        name="kafka_older_disk",
        promise="a broker restored from an older disk is noticed, before and after it has as many records again",
        fault="the broker comes back with an older copy of its data, twice: shorter than what was read, then longer",
        play=_older_disk, apache=True, within=400, short_runs=0,
    ),
)  # fmt: skip
