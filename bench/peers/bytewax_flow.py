"""Bytewax: one worker, state of every account snapshotted by its recovery store at the interval that the bench says.

python -m bytewax.run bench.peers.bytewax_flow:flow -r FOLDER -s SECONDS -b 0
"""

from collections.abc import Iterable
from typing import Any

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSinkMessage, KafkaSourceMessage
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow

from bench.peers.events import Event, read
from bench.peers.given import Given, Seen
from bench.peers.job import State, blank, encode

given, seen = Given(), Seen()
job = given.job()
TriagedEvent = tuple[Event, int]


def parsed(
    batch: list[KafkaSourceMessage[bytes, bytes]],
) -> Iterable[tuple[str, TriagedEvent] | KafkaSinkMessage[Any, Any]]:
    """Events keyed by account, and dead letters."""
    made: list[Any] = []
    for message in batch:
        arrived = message.timestamp[1] if message.timestamp else 0
        event = read(given.kinds[message.topic or ""], message.value, arrived)
        if isinstance(event, Event):
            made.append((event.account, (event, arrived)))
        else:
            headers = [("dlq.reason", event.encode())]
            made.append(KafkaSinkMessage(message.key, message.value, given.dead_letters, headers))
            seen.refused(job)
    return made


def scoring_context(state: State | None, one: TriagedEvent) -> tuple[State, Iterable[KafkaSinkMessage[bytes, bytes]]]:
    """The account's state after an event, and what there is to tell."""
    event, arrived = one
    state = state or blank()
    outcome, result = job.decide(state, event, arrived)
    seen.outcome(outcome, event.account, state, job)
    return state, () if result is None else (KafkaSinkMessage(event.account.encode(), encode(result), given.alerts),)


flow = Dataflow("signals")
source = kop.input("events", flow, brokers=[given.kafka], topics=list(given.kinds), batch_size=1000)
rows = op.branch(
    "valid?", op.flat_map_batch("parse", source.oks, parsed), lambda row: not isinstance(row, KafkaSinkMessage)
)
judged = op.key_rm("told", op.stateful_flat_map("judge", rows.trues, scoring_context))
kop.output("out", op.merge("to tell", judged, rows.falses), brokers=[given.kafka], topic=None)
