"""The bare end of a round trip: a consumer that says when it got which probe, and does nothing else with records.

python -m bench.live.bare_reader KAFKA PARTITIONS TOPIC...
"""

import asyncio
import sys
import time

from aiokafka import AIOKafkaConsumer, TopicPartition

PROBES = b"probe-"


async def main() -> None:
    """Says `ready`, then a line a probe, until it is ended."""
    kafka, partitions, *topics = sys.argv[1:]
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka)
    await consumer.start()
    places = [TopicPartition(topic, number) for topic in topics for number in range(int(partitions))]
    consumer.assign(places)
    await consumer.seek_to_end(*places)
    _say(["ready"], time.time())
    while True:
        fetched = await consumer.getmany(timeout_ms=1000)
        now = time.time()
        _say([r.key.decode() for records in fetched.values() for r in records if r.key.startswith(PROBES)], now)


def _say(names: list[str], at: float) -> None:
    if names:
        sys.stdout.write("".join(f"{name} {at:.6f}\n" for name in names))
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
