"""Where an import writes to: an event file, standard output, Kafka, or nowhere in a dry run."""

import asyncio
import sys
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, NamedTuple, Protocol, TypeVar

import orjson

from signal_engine.adapters.files.import_places import ImportPlace
from signal_engine.adapters.files.text_files import STDIN
from signal_engine.adapters.files.written_whole import written_whole
from signal_engine.adapters.kafka.producer import KafkaProducer
from signal_engine.engine.intake.outcomes import AccountRecord, EventLine
from signal_engine.engine.intake.topic_records import signal_record
from signal_engine.engine.ports.producer import Producer, ToSend
from signal_engine.entrypoints.wiring.connections import event_log, signal_topics
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.settings import Settings

_Answer = TypeVar("_Answer")
KAFKA: Final = "kafka"
_BATCH_EVENTS: Final = 1_000
_FOR_A_REQUEST: Final = 64 * 1024
"""Bytes of a request around its records: the producer must not refuse what the topics accept."""


class Output(Protocol):
    """Takes what the rows of exports become, in order."""

    def event(self, event: EventLine) -> None:
        """Takes an event or outcome."""

    def account(self, record: AccountRecord) -> None:
        """Takes an account."""

    def end_of_row(self, rows: int) -> None:
        """All that the first `rows` rows of the export became has been taken."""


class NoOutput:
    """Of a dry run."""

    def event(self, event: EventLine) -> None:
        """Nothing happens."""

    def account(self, record: AccountRecord) -> None:
        """Nothing happens."""

    def end_of_row(self, rows: int) -> None:
        """Nothing happens."""


class Lines:
    """A file of events, of outcomes, or of accounts."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def event(self, event: EventLine) -> None:
        """Its line."""
        self._file.write(event.line + b"\n")

    def account(self, record: AccountRecord) -> None:
        """Its line."""
        self._file.write(orjson.dumps(record.fields) + b"\n")

    def end_of_row(self, rows: int) -> None:
        """A file needs no place: it appears as a whole."""

    def place(self) -> int:
        """Where the next line begins."""
        return self._file.tell()

    def back_to(self, place: int) -> None:
        """Takes back what was written since."""
        self._file.seek(place)
        self._file.truncate()


class _Sending(NamedTuple):
    producer: Producer
    topics: dict[str, str]
    """Kind -> topic."""


class ToKafka:
    """The topics of signals and outcomes, batch by batch.

    Each batch is acknowledged by all replicas before the place moves past its rows.
    """

    def __init__(self, runner: asyncio.Runner, sending: _Sending) -> None:
        self._runner = runner
        self._sending = sending
        self._waiting: list[ToSend] = []
        self._place: ImportPlace | None = None

    def begin(self, place: ImportPlace) -> None:
        """The rows to come are those of another export."""
        self._place = place

    def event(self, event: EventLine) -> None:
        """Sends it with the next batch."""
        self._waiting.append(signal_record(event, self._sending.topics))

    def account(self, record: AccountRecord) -> None:
        """Never: who asks for Kafka with accounts is refused before."""
        raise NotImplementedError(record)

    def end_of_row(self, rows: int) -> None:
        """Sends a batch that is full."""
        if len(self._waiting) >= _BATCH_EVENTS:
            self._send(rows)

    def end(self, rows: int) -> None:
        """Sends the rest of an export, whose place is then forgotten."""
        self._send(rows)
        if self._place is not None:
            self._place.done()

    def send(self, records: Sequence[ToSend]) -> None:
        """Sends what is no event, once all events are acknowledged."""
        self._send(0)
        self._runner.run(self._sending.producer.send(records))

    def run(self, work: Coroutine[Any, Any, _Answer]) -> _Answer:
        """Runs in the event loop of the connection."""
        return self._runner.run(work)

    def interrupted(self) -> int:
        """Keeps the place; returns its row."""
        if self._place is None:
            return 0
        self._place.save()
        return self._place.rows

    def _send(self, rows: int) -> None:
        if self._waiting:
            self._runner.run(self._sending.producer.send(self._waiting))
            self._waiting = []
        if self._place is not None:
            self._place.reached(rows)


@contextmanager
def lines_to(to: str) -> Iterator[Lines]:
    """A file at path `to`, or standard output. The file is there once all has been written, and not if that fails."""
    if to == STDIN:
        yield Lines(sys.stdout.buffer)
        return
    with written_whole(Path(to)) as file:
        yield Lines(file)


@contextmanager
def kafka_output(settings: Settings, *, outcomes: bool) -> Iterator[ToKafka]:
    """Kafka, connected; with `outcomes` their topic has to be there, too.

    Raises `NoConnection`, `ConfigurationError`, and while it is used what the producer raises.
    """
    with asyncio.Runner() as runner:
        topics = runner.run(signal_topics(settings, outcomes=outcomes))
        largest = topics.largest + _FOR_A_REQUEST
        producer = KafkaProducer(  # readers know events by their ids: one that is there twice counts once
            kafka_connection(settings), event_log(settings), largest, warns_of_duplicates=False
        )
        runner.run(producer.__aenter__())
        try:
            yield ToKafka(runner, _Sending(producer, topics.names))
        finally:
            runner.run(producer.__aexit__(None, None, None))
