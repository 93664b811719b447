"""`ingest` dies, and Kafka is away from it: what it has answered for is in Kafka, once for the engine."""

import asyncio
import json
import signal
import time
from typing import Final

from faults.harness.stage import Stage
from faults.scenario import Outcome, Scenario, Verdict
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from testing.engine import OUTCOMES
from testing.ingest import IngestProcess, Senders
from testing.servers.process import free_port

_ANSWER_WITHIN_S: Final = 8.0
"""Seconds in which every request is answered, also while Kafka is away."""


def _door(stage: Stage, port: int) -> IngestProcess:
    stage.workers.append(door := IngestProcess(stage.folder / "ingest.log", stage.environment, port))
    return door


async def _killed(stage: Stage) -> Outcome:
    """SIGKILL at random instants under load, and a new start on the same port."""
    await stage.prepare()
    port = free_port()
    door = _door(stage, port)
    await door.started()
    senders = Senders(door.url)
    senders.start()
    recoveries, kills = [], stage.some(100, 5)
    for _ in range(kills):
        await asyncio.sleep(stage.dice.uniform(0, 1.5))
        door.end(signal.SIGKILL)
        began = time.monotonic()
        door = _door(stage, port)
        await door.started()
        recoveries.append(round(time.monotonic() - began, 2))
    await senders.end()
    verdict = await _verdict(stage, senders)
    assert senders.statuses.get(202), f"nothing was accepted: {senders.statuses}"
    assert door.end() == 0, "SIGTERM ends it in order"
    return Outcome(verdict, recoveries, faults=kills, measured={"answers": senders.statuses})


async def _kafka_away(stage: Stage) -> Outcome:
    """The broker stops in the middle of requests, for longer than their timeout, and goes on."""
    await stage.prepare()
    door = _door(stage, free_port())
    await door.started()
    senders = Senders(door.url)
    senders.start()
    times = stage.some(10, 2)
    for _ in range(times):
        await asyncio.sleep(stage.dice.uniform(0.5, 2))
        before = senders.statuses.get(503, 0)
        began = time.monotonic()
        stage.servers.kafka.freeze()

        async def told(before: int = before) -> bool:
            return senders.statuses.get(503, 0) > before

        await stage.until(told, _ANSWER_WITHIN_S, "nobody was told that Kafka is away")
        assert time.monotonic() - began < _ANSWER_WITHIN_S
        await asyncio.sleep(stage.dice.uniform(0, 8))
        stage.servers.kafka.thaw()
        await door.started()  # it is ready again
    await senders.end()
    return Outcome(await _verdict(stage, senders), faults=times, measured={"answers": senders.statuses})


async def _verdict(stage: Stage, senders: Senders) -> Verdict:
    """What was answered for is in Kafka, and the engine counts each event once."""
    records = await stage.read("signals.engagement")
    there = [json.loads(record.value)["event_id"] for record in records]
    lost = len(senders.accepted - set(there))
    stage.start("one")
    await stage.caught_up()
    counts = await stage.counts()
    once = sum(counts[outcome] for outcome in OUTCOMES) - counts["duplicate"]
    differs = []
    if strangers := set(there) - senders.given:
        differs.append(f"{len(strangers)} events that nobody sent")
    if once != len(set(there)):
        differs.append(f"{once} events counted, {len(set(there))} are there")
    partition_of = partitioner(stage.partitions)
    if misplaced := sum(record.partition != partition_of(record.key.decode()) for record in records):
        differs.append(f"{misplaced} on another partition than their account's")
    if counts["rejected"]:
        differs.append(f"{counts['rejected']} rejected")
    return Verdict(len(records), lost, max(0, once - len(set(there))), 0, tuple(differs))


SCENARIOS: Final = (
    Scenario(
        name="ingest_killed",
        promise="every event that `ingest` answered for is in Kafka, once after deduplication",
        fault="SIGKILL of `ingest` at random instants under load, 100 in a run (5 in the short form)",
        play=_killed, within=900, recovers_from="the kill until it takes events",
    ),
    Scenario(
        name="ingest_without_kafka",
        promise="while Kafka is away `ingest` answers 503 within 8 s, and loses nothing that it answered for",
        fault="the broker stops in the middle of requests, 10 times in a run (2 in the short form), and goes on",
        play=_kafka_away, within=600,
    ),
)  # fmt: skip
