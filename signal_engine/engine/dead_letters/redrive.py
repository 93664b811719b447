"""Letters sent again after a mend: what would become of each, and the record as it is produced.

A record goes back to the topic and partition where it was refused, with key, value and headers as received, and arrives
anew: its timestamp is that of now. What was sent is remembered after delivery. Where the process dies in between, it is
sent once more and the event's id makes the copy a duplicate.

The headers of `engine.ingest.origin` come off. The letter of a record that had been sent on between partitions has
them, and with them the partition would pass over the record as one that it has dealt with; without them it is a
record like any other, and is sent on again if it has to be.
"""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from signal_engine.engine.dead_letters.reader import DeadLetter
from signal_engine.engine.ingest.origin import NAMES
from signal_engine.engine.ports.producer import Producer, ToSend
from signal_engine.engine.ports.redriven import Redriven
from signal_engine.wire.events.decode import Record, decode_records
from signal_engine.wire.events.rejections import Refusal


class RedriveOutcome(StrEnum):
    """What a letter meets when it is sent again."""

    ACCEPTED = "accepted"
    """It is an event now. Whether it is applied, or a duplicate, ignored or expired, shows when it is judged."""
    REFUSED_AGAIN = "refused_again"
    REPLAYED = "replayed"
    """It has been sent again before."""
    TRUNCATED = "truncated"
    """The letter does not hold the value: it cannot be sent."""
    NO_TOPIC = "no_topic"
    """It comes from a topic or partition that this engine does not read."""


class Judged(NamedTuple):
    """One letter and what it would meet."""

    letter: DeadLetter
    outcome: RedriveOutcome
    refusal: Refusal | None = None
    """Why it would be refused again."""


class SignalTopics(NamedTuple):
    """What is read."""

    kinds: Mapping[str, str]
    """Topic -> kind."""
    partitions: int


def outcome_of(letter: DeadLetter, topics: SignalTopics, replayed: Collection[str], now: int, *, again: bool) -> Judged:
    """What becomes of `letter` when it is sent again at `now` (ms); `again` sends also those that were before."""
    kind = topics.kinds.get(letter.place.topic)
    if kind is None or letter.place.partition >= topics.partitions:
        return Judged(letter, RedriveOutcome.NO_TOPIC)
    if letter.name in replayed and not again:
        return Judged(letter, RedriveOutcome.REPLAYED)
    if letter.left_out:
        return Judged(letter, RedriveOutcome.TRUNCATED)
    (verdict,) = decode_records(kind, [Record(letter.value, now, _headers(letter))])
    if isinstance(verdict, Refusal):
        return Judged(letter, RedriveOutcome.REFUSED_AGAIN, verdict)
    return Judged(letter, RedriveOutcome.ACCEPTED)


def as_received(letter: DeadLetter) -> ToSend:
    """The record once more, for the partition where it was refused."""
    topic, partition, _ = letter.place
    return ToSend(topic, partition, letter.key, letter.value, _headers(letter))


async def send_again(
    letters: Sequence[DeadLetter], last_copies: Mapping[str, int], to: Producer, memory: Redriven
) -> None:
    """Sends `letters`, and remembers them when Kafka has them; `last_copies` has the highest offset of each."""
    await to.send([as_received(letter) for letter in letters])
    for partition in sorted({letter.partition for letter in letters}):
        names = [letter.name for letter in letters if letter.partition == partition]
        await memory.note(partition, {name: last_copies[name] for name in names})


def _headers(letter: DeadLetter) -> list[tuple[str, bytes | None]]:
    return [(name, value) for name, value in letter.headers if name not in NAMES]
