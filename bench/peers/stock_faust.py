"""Faust as its documentation writes it: one agent over six topics, one table with its changelog in Kafka.

The table is in memory (Faust's default store), which is its fastest one.
"""

import sys
from typing import Any

import faust

from bench.peers.events import read
from bench.peers.given import Given, Seen
from bench.peers.job import blank, encode

given, seen = Given(), Seen()
job = given.job()

app = faust.App(
    given.group,
    broker=f"kafka://{given.kafka}",
    consumer_auto_offset_reset="earliest",
    topic_partitions=given.partitions,
    topic_disable_leader=True,
    producer_linger=0.02,  # s; with its default of 0 every change of the table is a request of its own
    datadir=given.folder,
)
events = app.topic(*given.kinds, key_serializer="raw", value_serializer="raw")
alerts = app.topic(given.alerts, key_serializer="raw", value_serializer="raw")
dead_letters = app.topic(given.dead_letters, key_serializer="raw", value_serializer="raw")
accounts = app.Table("accounts", partitions=given.partitions)


@app.agent(events)
async def scoring_context(stream: Any) -> None:
    """The whole job, one event at a time."""
    async for record in stream.events():
        message = record.message
        arrived = int(message.timestamp * 1000)
        event = read(given.kinds[message.topic], message.value, arrived)
        if isinstance(event, str):
            await dead_letters.send(key=message.key, value=message.value, headers={"dlq.reason": event.encode()})
            seen.refused(job)
            continue
        state = accounts.get(event.account) or blank()
        outcome, result = job.decide(state, event, arrived)
        if outcome == "applied":
            accounts[event.account] = state
        if result is not None:
            await alerts.send(key=event.account.encode(), value=encode(result))
        seen.outcome(outcome, event.account, state, job)


if __name__ == "__main__":
    sys.argv[1:] = ["worker", "--without-web", "--loglevel", "ERROR"]
    app.main()
