"""The floor under any librdkafka consumer: confluent-kafka's consume, orjson, one addition to a dict. No job at all."""

import orjson
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

from bench.peers.given import Given, Seen


def main() -> None:
    """Reads until it is ended."""
    given, seen = Given(), Seen()
    totals: dict[str, float] = {}
    consumer = Consumer({"bootstrap.servers": given.kafka, "group.id": given.group, "enable.auto.commit": False})
    consumer.assign(
        [TopicPartition(t, number, OFFSET_BEGINNING) for t in given.kinds for number in range(given.partitions)]
    )
    while True:
        records = consumer.consume(1000, 0.5)
        for record in records:
            try:
                event = orjson.loads(record.value())
                account = event["account_id"]
                totals[account] = totals.get(account, 0.0) + event.get("confidence", 1.0)
            except (ValueError, KeyError, TypeError):
                continue
        seen.events(len(records))


if __name__ == "__main__":
    main()
