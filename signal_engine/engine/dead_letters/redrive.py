"""Redrive dead letters after a fix: the outcome of each, and the record to produce.

A record goes back to the topic and partition where it was rejected, with key, value and headers as received; its
timestamp is new. It is remembered after delivery. If the process dies in between, it is sent once more, and the event
id makes the copy a duplicate.

The headers of `engine.ingest.origin` are removed. A rerouted record has them, and its partition would skip the record
as already processed; without them it is an ordinary record, and is rerouted again if necessary.
"""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from signal_engine.engine.dead_letters.reader import DeadLetter
from signal_engine.engine.ingest.origin import NAMES
from signal_engine.engine.ports.producer import Producer, ToSend
from signal_engine.engine.ports.redriven import Redriven
from signal_engine.wire.events.decode import SignalRecord, decode_records
from signal_engine.wire.events.rejections import Refusal


class RedriveOutcome(StrEnum):
    """What happens to a dead letter when it is redriven."""

    ACCEPTED = "accepted"
    """It is valid now. Whether it is applied, duplicate, ignored or expired is decided on arrival."""
    REFUSED_AGAIN = "refused_again"
    REPLAYED = "replayed"
    """It was redriven before."""
    TRUNCATED = "truncated"
    """The dead letter lacks the value, so it cannot be sent."""
    NO_TOPIC = "no_topic"
    """It comes from a topic or partition that this engine does not read."""


class Judged(NamedTuple):
    """A dead letter and its outcome."""

    dead_letter: DeadLetter
    outcome: RedriveOutcome
    refusal: Refusal | None = None
    """Why it would be rejected again."""


class SignalTopics(NamedTuple):
    """The signal topics that this engine reads."""

    kinds: Mapping[str, str]
    """Topic -> kind."""
    partitions: int


def outcome_of(
    dead_letter: DeadLetter, topics: SignalTopics, replayed: Collection[str], now: int, *, again: bool
) -> Judged:
    """The outcome of `dead_letter` if redriven at `now` (ms); `again` includes those redriven before."""
    kind = topics.kinds.get(dead_letter.place.topic)
    if kind is None or dead_letter.place.partition >= topics.partitions:
        return Judged(dead_letter, RedriveOutcome.NO_TOPIC)
    if dead_letter.name in replayed and not again:
        return Judged(dead_letter, RedriveOutcome.REPLAYED)
    if dead_letter.left_out:
        return Judged(dead_letter, RedriveOutcome.TRUNCATED)
    (verdict,) = decode_records(kind, [SignalRecord(dead_letter.value, now, _headers(dead_letter))])
    if isinstance(verdict, Refusal):
        return Judged(dead_letter, RedriveOutcome.REFUSED_AGAIN, verdict)
    return Judged(dead_letter, RedriveOutcome.ACCEPTED)


def as_received(dead_letter: DeadLetter) -> ToSend:
    """The record as received, addressed to the partition where it was rejected."""
    topic, partition, _ = dead_letter.place
    return ToSend(topic, partition, dead_letter.key, dead_letter.value, _headers(dead_letter))


async def redrive(
    dead_letters: Sequence[DeadLetter], last_copies: Mapping[str, int], to: Producer, memory: Redriven
) -> None:
    """Send `dead_letters` and remember them once Kafka has them; `last_copies` has the highest offset of each."""
    await to.send([as_received(dead_letter) for dead_letter in dead_letters])
    for partition in sorted({dead_letter.partition for dead_letter in dead_letters}):
        names = [dead_letter.name for dead_letter in dead_letters if dead_letter.partition == partition]
        await memory.note(partition, {name: last_copies[name] for name in names})


def _headers(dead_letter: DeadLetter) -> list[tuple[str, bytes | None]]:
    return [(name, value) for name, value in dead_letter.headers if name not in NAMES]
