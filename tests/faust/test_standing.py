"""A new assignment, also of partitions that stay, begins at the group's offsets: nothing of it counts before a seek."""

from aiokafka import AIOKafkaConsumer, TopicPartition

from signal_engine.adapters.faust.standing import Standing

PLACE, OTHER = TopicPartition("t", 0), TopicPartition("t", 1)


async def test_a_position_holds_for_the_assignment_in_which_it_was_set() -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers="127.0.0.1:1")
    standing = Standing()
    try:
        assert not standing.holds(consumer, PLACE), "nothing is assigned"
        for _ in range(2):  # a rebalance assigns again what stays
            consumer.assign([PLACE, OTHER])
            assert not standing.holds(consumer, PLACE)
            consumer._subscription.seek(PLACE, 7)  # what `consumer.seek` comes to
            standing.note(consumer, PLACE)
            assert standing.holds(consumer, PLACE)
            assert not standing.holds(consumer, OTHER)
        consumer.assign([OTHER])
        assert not standing.holds(consumer, PLACE), "it has gone"
    finally:
        await consumer.stop()
