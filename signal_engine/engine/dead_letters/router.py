"""What does not stay with a batch, on its way out: records for other partitions, and dead letters.

No record is too large to get there. A broker can refuse any of them for its size, for a copy has the headers of its
origin more and a letter those of its reason, and settings of topics change while we run; then they go with less.
"""

from collections.abc import Sequence

from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.dead_letters.writer import dead_letter
from signal_engine.engine.ingest.origin import rerouted
from signal_engine.engine.ingest.triage import Misrouted
from signal_engine.engine.ports.fetched import FetchedRecord
from signal_engine.engine.ports.log_events.partitions import DeadLetterTruncated
from signal_engine.engine.ports.producer import TooLarge
from signal_engine.engine.ports.transaction import TopicPartition
from signal_engine.wire.events.rejections import Refusal

Refused = tuple[FetchedRecord, Refusal]

_DOES_NOT_FIT = Refusal("too_large", "with the headers that name its origin, the record is larger than its topic takes")


async def reroute(context: EngineContext, here: TopicPartition, misrouted: Sequence[Misrouted]) -> list[Refused]:
    """Sends records to the partitions they belong to; returns, when Kafka has them, those that it will not have."""
    copies = [(one, rerouted(one.record, here, one.partition, one.account, one.arrived, one.copy)) for one in misrouted]
    try:
        await context.producer.send([copy for _, copy in copies])
    except TooLarge:
        refused = []
        for one, copy in copies:  # those that went before are there twice, which their origin shows
            try:
                await context.producer.send([copy])
            except TooLarge:
                refused.append((one.record, _DOES_NOT_FIT))
        return refused
    return []


async def send_letters(context: EngineContext, here: TopicPartition, refused: Sequence[Refused]) -> None:
    """Sends dead letters; returns when Kafka has them. Raises `TooLarge` when it takes not even the reason."""
    at, topic = context.clock(), context.topics.dead_letters
    ordered = sorted(refused, key=lambda pair: pair[0].offset)
    letters = [dead_letter(*pair, here, at, topic, context.largest_dead_letter) for pair in ordered]
    try:
        await context.producer.send(letters)
    except TooLarge:
        context.event_log.write(DeadLetterTruncated(topic=here.topic, partition=here.partition))
        for pair, letter in zip(ordered, letters, strict=True):
            try:
                await context.producer.send([letter])
            except TooLarge:
                await context.producer.send([dead_letter(*pair, here, at, topic, 0)])
