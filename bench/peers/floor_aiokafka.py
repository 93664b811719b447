"""The floor under any asyncio consumer: aiokafka's getmany, orjson, one addition to a dict. No job at all."""

import asyncio

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from bench.peers.given import Given, Seen


async def main() -> None:
    """Reads until it is ended."""
    given, seen = Given(), Seen()
    totals: dict[str, float] = {}
    consumer = AIOKafkaConsumer(bootstrap_servers=given.kafka, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    consumer.assign([TopicPartition(topic, number) for topic in given.kinds for number in range(given.partitions)])
    while True:
        for records in (await consumer.getmany(timeout_ms=500)).values():
            for record in records:
                try:
                    event = orjson.loads(record.value)
                    account = event["account_id"]
                    totals[account] = totals.get(account, 0.0) + event.get("confidence", 1.0)
                except (ValueError, KeyError, TypeError):
                    continue
            seen.events(len(records))


if __name__ == "__main__":
    asyncio.run(main())
