"""The past out of the topics of a real broker: files as `validate` reads them."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from signal_engine.adapters.files.action_files import read_actions
from signal_engine.adapters.files.outcome_files import read_outcomes
from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.past_topics import written_past
from signal_engine.adapters.kafka.topics.cluster import NoConnection, connected
from signal_engine.adapters.kafka.topics.creation import Topic
from signal_engine.core.rules.events import Event
from signal_engine.simulation.planted.files import PlantedFiles, write_planted
from signal_engine.simulation.planted.market import PlantedMarket
from signal_engine.simulation.planted.segments import SEGMENT_ICP, PlantedSegments
from signal_engine.wire.events.decode import decode_lines
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.topics import TopicNames, topic_names
from testing import processes
from testing.servers.finding import KafkaServer

ACTION = {
    "account_id": "a.com",
    "action_id": "0b6f2c9e-64a5-4c1d-9e52-000000000001",
    "action": "claim",
    "at": "2025-02-10T00:00:00Z",
    "by": "a@ours.com",
    "via": "cli",
    "until": "2025-03-10T00:00:00Z",
}
ARRIVED = 1_740_000_000_000
_KEPT = {"retention.ms": "-1"}
"""What arrived in the past would be deleted at the broker's next look."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> PlantedFiles:
    market = PlantedMarket(21, accounts=60, weeks=16, wins=12, losses=4)
    return write_planted(market.told(), tmp_path_factory.mktemp("planted"))


def lines_of(*paths: Path) -> list[bytes]:
    return [line for path in paths for line in path.read_bytes().splitlines()]


async def create(connection: KafkaConnection, names: TopicNames) -> None:
    async with connected(connection) as cluster:
        every = (*names.signals.values(), names.outcomes, names.actions)
        await cluster.create([Topic(name, 2, _KEPT, {}) for name in every], None)


async def fill(
    kafka: KafkaServer, records: list[tuple[str, bytes | None, int]], headers: tuple[tuple[str, bytes], ...] = ()
) -> None:
    """(topic, value, timestamp in ms)."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka.address)
    await producer.start()
    try:
        for number, (topic, value, timestamp) in enumerate(records):
            partition = number % 2
            await producer.send(topic, value, key=b"k", partition=partition, timestamp_ms=timestamp, headers=[*headers])
        await producer.flush()
    finally:
        await producer.stop()


async def test_events_outcomes_and_actions_come_with_when_kafka_got_them(
    kafka: KafkaServer, prefix: str, tmp_path: Path
) -> None:
    connection, names = KafkaConnection(kafka.address), topic_names(prefix)
    await create(connection, names)
    event = {
        "event_id": "e1",
        "account_id": "www.a.com",
        "occurred_at": "2025-02-01T00:00:00Z",
        "topic": "crm",
        "score": 90,
    }
    outcome = {"outcome_id": "o1", "account_id": "a.com", "stage": "won", "at": "2025-03-01T00:00:00Z"}
    await fill(
        kafka,
        [
            (names.signals["intent"], json.dumps(event).encode(), ARRIVED),
            (names.signals["intent"], b"oops", ARRIVED),
            (names.outcomes, json.dumps(outcome, indent=1).encode(), ARRIVED),
            (names.outcomes, None, ARRIVED),
            (names.actions, json.dumps(ACTION).encode(), ARRIVED),
        ],
    )
    past = await written_past(connection, names, tmp_path)
    assert past.rejected == 1
    (read,) = decode_lines(lines_of(*map(Path, past.events)))
    assert isinstance(read.verdict, Event)
    assert (read.verdict.account, read.verdict.kind, read.verdict.event_id) == ("a.com", "intent", "e1")
    assert read.now == ARRIVED
    (told,) = read_outcomes(past.outcomes).outcomes
    assert (told.outcome_id, told.stage) == ("o1", "won")
    (acted,) = read_actions(past.actions, ()).actions
    assert (acted.now, acted.action.action) == (ARRIVED, "claim")


async def test_history_counts_as_when_it_happened_not_as_when_it_was_imported(
    kafka: KafkaServer, prefix: str, tmp_path: Path
) -> None:
    connection, names = KafkaConnection(kafka.address), topic_names(prefix)
    await create(connection, names)
    event = {"event_id": "e1", "account_id": "a.com", "occurred_at": "2025-02-01T00:00:00Z", "topic": "crm", "score": 9}
    await fill(kafka, [(names.signals["intent"], json.dumps(event).encode(), ARRIVED)], (("backfill", b"1"),))
    past = await written_past(connection, names, tmp_path)
    (read,) = decode_lines(lines_of(*map(Path, past.events)))
    assert isinstance(read.verdict, Event)
    assert read.now == read.verdict.occurred_at == parse_instant("2025-02-01T00:00:00Z")


async def test_a_missing_topic_is_said(kafka: KafkaServer, prefix: str, tmp_path: Path) -> None:
    with pytest.raises(NoConnection, match="is missing; create it with `signal-engine topics create`"):
        await written_past(KafkaConnection(kafka.address), topic_names(prefix), tmp_path)


async def run_on_both(
    command: str, kafka: KafkaServer, prefix: str, files: PlantedFiles, *common: object
) -> tuple[dict[str, Any], dict[str, Any]]:
    """What the command says of the files, and of the same in the topics."""
    names = topic_names(prefix)
    await create(KafkaConnection(kafka.address), names)
    events = [json.loads(line) for line in lines_of(files.events)]
    told: list[tuple[str, bytes | None, int]] = [
        (names.signals[one["kind"]], json.dumps(one).encode(), parse_instant(one["occurred_at"])) for one in events
    ]
    told += [(names.outcomes, line, ARRIVED) for line in lines_of(files.outcomes)]
    await fill(kafka, told)
    environment = {
        **os.environ,
        "SIGNAL_ENGINE_KAFKA_BOOTSTRAP_SERVERS": kafka.address,
        "SIGNAL_ENGINE_PREFIX": prefix,
    }
    rules = ["--accounts", files.accounts, "--icp", files.icp, "--scoring", files.scoring, *common, "--json"]
    of_files, of_topics = (
        processes.run([*processes.COMMAND, command, *map(str, [*what, *rules])], env=environment)
        for what in ((files.events, "--outcomes", files.outcomes), ("--kafka",))
    )
    assert (of_files.returncode, of_topics.returncode) == (0, 0), of_topics.stderr
    return json.loads(of_files.stdout), json.loads(of_topics.stdout)


async def test_validate_says_the_same_of_topics_and_of_files(
    kafka: KafkaServer, prefix: str, files: PlantedFiles
) -> None:
    expected, said = await run_on_both("validate", kafka, prefix, files, "--capacity", 8)
    assert said["study"]["won"] > 0
    assert said["groups"].keys() == expected["groups"].keys()
    for name in ("study", "cut", "calls", "precision", "recall", "kinds", "verdict", "summary"):
        assert said[name] == expected[name]


async def test_review_says_the_same_of_topics_and_of_files(kafka: KafkaServer, prefix: str, tmp_path: Path) -> None:
    files = write_planted(PlantedSegments(1, deals=60).told(), tmp_path, icp=SEGMENT_ICP)
    expected, said = await run_on_both("review", kafka, prefix, files)
    assert sum(segment["won"] for icp in said["icps"] for segment in icp["segments"]) > 0
    for name in ("since", "until", "config_version", "icps", "outside", "capacity", "drafts", "next_review"):
        assert said[name] == expected[name], name
