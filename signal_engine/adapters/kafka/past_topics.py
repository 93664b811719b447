"""The past as the topics have it: events, outcomes and actions as files, as `validate` reads them; accounts loads."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import orjson

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.topics.cluster import NoConnection, connected
from signal_engine.adapters.kafka.topics.creation import SeenTopic
from signal_engine.adapters.kafka.whole_topic import WholeTopic
from signal_engine.core.rules.events import Event
from signal_engine.engine.ports.fetched import FetchedRecord
from signal_engine.engine.ports.loaded_accounts import DatedRecord
from signal_engine.wire.events.decode import decoder
from signal_engine.wire.events.event_lines import event_line
from signal_engine.wire.instants import format_instant
from signal_engine.wire.topics import TopicNames

_EVENTS: Final = "events-{}.jsonl"


class PastFiles(NamedTuple):
    """Where the past is."""

    events: tuple[str, ...]
    """One file per kind."""
    outcomes: str
    actions: str
    rejected: int
    """Records of signal topics that are no events; they are in no file."""


async def written_past(connection: KafkaConnection, topics: TopicNames, folder: Path) -> PastFiles:
    """Writes all that the signal topics, `outcomes` and `account.actions` hold now to files in `folder`.

    An event arrived when Kafka got it: the record's timestamp is its `received_at`. History counts as when it happened,
    for Kafka got it on the day of an import. Raises `NoConnection`, also for a
    topic that is missing.
    """
    seen = await _seen(connection, [*topics.signals.values(), topics.outcomes, topics.actions])

    async def write(topic: str, path: Path, line: Callable[[FetchedRecord], bytes | None]) -> int:
        passed_over = 0
        with path.open("wb") as file:
            async with WholeTopic(connection, topic, range(seen[topic].partitions)) as whole:
                async for batch in whole.read():
                    lines = [line(record) for record in batch.records]
                    passed_over += lines.count(None)
                    file.writelines(one + b"\n" for one in lines if one is not None)
        return passed_over

    rejected, events = 0, []
    for kind, topic in topics.signals.items():
        path = folder / _EVENTS.format(kind)
        rejected += await write(topic, path, _event_lines(kind))
        events.append(str(path))
    outcomes, actions = folder / "outcomes.jsonl", folder / "actions.jsonl"
    await write(topics.outcomes, outcomes, _one_line)
    await write(topics.actions, actions, _action_line)
    return PastFiles(tuple(events), str(outcomes), str(actions), rejected)


async def loaded_records(connection: KafkaConnection, topics: TopicNames) -> list[DatedRecord]:
    """The rows of all accounts loads, held in memory: those of `fit.history`, and what only `fit.accounts` has.

    A row that both have comes twice. Raises `NoConnection`, also for a topic that is missing.
    """
    names = [topics.fit_history, topics.fit_accounts]
    seen = await _seen(connection, names)
    records: list[DatedRecord] = []
    for name in names:
        async with WholeTopic(connection, name, range(seen[name].partitions), committed=True) as whole:
            async for batch in whole.read():
                records += [
                    DatedRecord(one.timestamp, one.key.decode("utf-8", "replace"), one.value)
                    for one in batch.records
                    if one.key is not None
                ]
    return records


async def _seen(connection: KafkaConnection, names: Sequence[str]) -> Mapping[str, SeenTopic]:
    async with connected(connection) as cluster:
        seen = await cluster.topics(names)
    if missing := [name for name in names if name not in seen]:
        raise NoConnection(f"topic {missing[0]} is missing; create it with `signal-engine topics create`")
    return seen


def _event_lines(kind: str) -> Callable[[FetchedRecord], bytes | None]:
    decode = decoder(kind)

    def line(record: FetchedRecord) -> bytes | None:
        event = decode(record.value, record.timestamp, record.headers)
        if not isinstance(event, Event):
            return None
        return event_line(event, event.occurred_at if event.backfill else record.timestamp)

    return line


def _one_line(record: FetchedRecord) -> bytes | None:
    """The value as it is, on one line; None for a deletion."""
    return None if record.value is None else b" ".join(record.value.splitlines())


def _action_line(record: FetchedRecord) -> bytes | None:
    """The action, applied when Kafka got it; as it is where it is no JSON object, for the reader to refuse."""
    if record.value is None:
        return None
    try:
        document = orjson.loads(record.value)
    except orjson.JSONDecodeError:
        return _one_line(record)
    if not isinstance(document, dict):
        return _one_line(record)
    return orjson.dumps({**document, "received_at": format_instant(record.timestamp)})
