"""Routes records out of a batch: misrouted records and dead letters.

No record is too large for that. Copies have additional headers for their origin and dead letters for their reason, and
topic settings can change, so a broker may reject one for its size; then it is sent with less content.
"""

from collections.abc import Sequence

from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.dead_letters.writer import dead_letter
from signal_engine.engine.ingest.origin import rerouted
from signal_engine.engine.ingest.triage import Misrouted
from signal_engine.engine.ports.fetched import FetchedRecord
from signal_engine.engine.ports.log_events.partitions import DeadLetterTruncated
from signal_engine.engine.ports.producer import TooLarge, ToSend
from signal_engine.engine.ports.transaction import TopicPartition
from signal_engine.wire.events.rejections import Refusal

Refused = tuple[FetchedRecord, Refusal]

_DOES_NOT_FIT = Refusal("too_large", "with the headers for its origin, the record is larger than its topic allows")


async def reroute(context: EngineContext, here: TopicPartition, misrouted: Sequence[Misrouted]) -> list[Refused]:
    """Send records to the right partitions; return those that Kafka rejects once it has the others."""
    copies = [(one, _copy(context, here, one)) for one in misrouted]
    try:
        await context.producer.send([copy for _, copy in copies])
    except TooLarge:
        refused = []
        for one, copy in copies:  # records already sent are sent twice, which their origin shows
            try:
                await context.producer.send([copy])
            except TooLarge:
                refused.append((one.record, _DOES_NOT_FIT))
        return refused
    return []


def _copy(context: EngineContext, here: TopicPartition, one: Misrouted) -> ToSend:
    epoch = context.epoch if one.by_alias else ""
    return rerouted(one.record, here, one.partition, one.account, one.arrived, one.copy, epoch)


async def send_dead_letters(context: EngineContext, here: TopicPartition, refused: Sequence[Refused]) -> None:
    """Send dead letters; return once Kafka has them. Raises `TooLarge` if Kafka rejects even the reason alone."""
    at, topic = context.clock(), context.topics.dead_letters
    ordered = sorted(refused, key=lambda pair: pair[0].offset)
    dead_letters = [dead_letter(*pair, here, at, topic, context.largest_dead_letter) for pair in ordered]
    try:
        await context.producer.send(dead_letters)
    except TooLarge:
        context.event_log.write(DeadLetterTruncated(topic=here.topic, partition=here.partition))
        for pair, written in zip(ordered, dead_letters, strict=True):
            try:
                await context.producer.send([written])
            except TooLarge:
                await context.producer.send([dead_letter(*pair, here, at, topic, 0)])
