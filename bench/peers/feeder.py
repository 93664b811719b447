"""Puts records on Kafka, flat out or at a pace: librdkafka, because the feeding must not take the time it measures.

    python -m bench.peers.feeder KAFKA FILE [EVENTS_PER_SECOND SECONDS]

FILE holds pickled lists of (topic, partition, key, value), one after the other. At a pace it begins again at the end.
"""

import pickle
import sys
import time
from collections.abc import Iterator
from itertools import chain, count
from pathlib import Path

from confluent_kafka import Producer

Record = tuple[str, int, bytes, bytes]


def records(path: Path) -> Iterator[Record]:
    """The records of a file, in order."""
    with path.open("rb") as file:
        while True:
            try:
                yield from pickle.load(file)
            except EOFError:
                return


class Feeder:
    """A producer that waits when its queue is full, and remembers what was not taken."""

    def __init__(self, kafka: str) -> None:
        settings = {"bootstrap.servers": kafka, "linger.ms": 5, "acks": "all"}
        room = {"queue.buffering.max.messages": 500_000, "queue.buffering.max.kbytes": 1_000_000}
        self.producer = Producer(settings | room)
        self.lost: list[object] = []
        self.sent = 0

    def send(self, record: Record) -> None:
        """Hands over one record."""
        topic, partition, key, value = record
        while True:
            try:
                self.producer.produce(topic, value, key, partition, on_delivery=self._taken)
            except BufferError:
                self.producer.poll(0.1)
            else:
                self.sent += 1
                return

    def _taken(self, error: object, _message: object) -> None:
        if error is not None:
            self.lost.append(error)


def flat_out(feeder: Feeder, path: Path) -> None:
    """All of a file."""
    for record in records(path):
        feeder.send(record)
        if feeder.sent % 1000 == 0:
            feeder.producer.poll(0)


def at_a_pace(feeder: Feeder, path: Path, pace: float, seconds: float) -> None:
    """`pace` events a second for so many seconds."""
    feed = chain.from_iterable(records(path) for _ in count())
    started = time.perf_counter()
    while (passed := time.perf_counter() - started) < seconds:
        while feeder.sent < passed * pace:
            feeder.send(next(feed))
        feeder.producer.poll(0)
        time.sleep(0.001)


def main() -> None:
    """Feeds, says `fed N`, and fails when a record was not taken."""
    feeder, path = Feeder(sys.argv[1]), Path(sys.argv[2])
    if len(sys.argv) > 3:
        at_a_pace(feeder, path, float(sys.argv[3]), float(sys.argv[4]))
    else:
        flat_out(feeder, path)
    feeder.producer.flush()
    if feeder.lost:
        raise SystemExit(f"{len(feeder.lost)} records were not taken: {feeder.lost[0]}")
    sys.stdout.write(f"fed {feeder.sent}\n")


if __name__ == "__main__":
    main()
