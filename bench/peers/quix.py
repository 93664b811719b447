"""Quix Streams: six topics as one dataframe, state in RocksDB with its changelog topic on (both are its defaults)."""

from functools import partial, reduce
from typing import Any

from quixstreams import Application, State
from quixstreams.dataframe import StreamingDataFrame

from bench.peers.events import Event, read
from bench.peers.given import Given, Seen
from bench.peers.job import blank, encode

given, seen = Given(), Seen()
job = given.job()
app = Application(
    given.kafka,
    consumer_group=given.group,
    auto_offset_reset="earliest",
    state_dir=given.folder,
    consumer_poll_timeout=0.1,  # six topics are aligned by time: with the default it waits a second where one is short
    loglevel="ERROR",
)
alerts = app.topic(given.alerts, key_serializer="str", value_serializer="bytes")
dead_letters = app.topic(given.dead_letters, key_serializer="str", value_serializer="bytes")


class DeadLetter(bytes):
    """A value that was refused."""


def parsed(kind: str, value: bytes, _key: Any, timestamp: int, _headers: Any) -> tuple[Event | DeadLetter, int]:
    """The event, or the bytes that are none; and when it arrived."""
    event = read(kind, value, timestamp)
    return (event if isinstance(event, Event) else DeadLetter(value)), timestamp


def scoring_context(one: tuple[Event | DeadLetter, int], state: State) -> bytes | None:
    """What there is to tell of an event, if anything."""
    event, arrived = one
    if isinstance(event, DeadLetter):
        seen.refused(job)
        return event
    account = state.get("account") or blank()
    outcome, result = job.decide(account, event, arrived)
    if outcome == "applied":
        state.set("account", account)
    seen.outcome(outcome, event.account, account, job)
    return encode(result) if result is not None else None


def rows(topic: str, kind: str) -> StreamingDataFrame:
    """Events and bytes that are none, of one topic."""
    source = app.topic(topic, key_deserializer="str", value_deserializer="bytes")
    return app.dataframe(source).apply(partial(parsed, kind), metadata=True)


def where_to(result: bytes, _key: Any, _timestamp: int, _headers: Any) -> Any:
    """One stream to two topics: two branches would each get a copy of every value."""
    return dead_letters if isinstance(result, DeadLetter) else alerts


six = reduce(lambda one, other: one.concat(other), [rows(topic, kind) for topic, kind in given.kinds.items()])
six.apply(scoring_context, stateful=True).filter(lambda result: result is not None).to_topic(where_to)

if __name__ == "__main__":
    app.run()
