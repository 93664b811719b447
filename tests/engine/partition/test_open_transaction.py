"""One transaction from the lock to the answer: who makes one has nothing else to think of."""

import pytest

from signal_engine.engine.partition.open_transaction import open_transaction
from signal_engine.engine.partition.owned_partition import Partition
from signal_engine.engine.ports.transaction import TopicRead, Transaction
from signal_engine.engine.ports.views import READ_UNTIL
from tests.engine.stand import INTENT, TOPICS, Stand


@pytest.fixture
def stand() -> Stand:
    return Stand()


@pytest.fixture
async def partition(stand: Stand) -> Partition:
    return await stand.partition()


async def test_what_was_collected_is_written_at_the_end_of_the_block(stand: Stand, partition: Partition) -> None:
    async with open_transaction(stand.context, partition) as transaction:
        assert transaction is not None
        assert partition.lock.locked()
        transaction.builder.views[READ_UNTIL] = b"7"
        transaction.reads.append(TopicRead(INTENT, 0, 5))
        assert stand.data().counter == 0
    assert not transaction.refused
    assert (stand.data().views, stand.data().topics, stand.data().counter) == ({READ_UNTIL: b"7"}, {INTENT: 5}, 1)
    assert not partition.lock.locked()
    assert stand.reading.repositioned == []


async def test_where_nothing_was_collected_nothing_is_written(stand: Stand, partition: Partition) -> None:
    async with open_transaction(stand.context, partition) as transaction:
        assert transaction is not None
        assert transaction.builder.empty
    assert (transaction.refused, stand.data().counter) == (False, 0)


async def test_one_that_was_committed_in_the_block_is_not_committed_again(stand: Stand, partition: Partition) -> None:
    async with open_transaction(stand.context, partition) as transaction:
        assert transaction is not None
        transaction.builder.views[READ_UNTIL] = b"7"
        assert await transaction.commit()
        assert await transaction.commit()
    assert stand.data().counter == 1


async def test_one_that_is_refused_has_all_topics_read_again(stand: Stand, partition: Partition) -> None:
    await stand.memory.apply(Transaction(partition=0, counter=0, reads=[TopicRead(INTENT, 0, 3)]))
    async with open_transaction(stand.context, partition) as transaction:
        assert transaction is not None
        transaction.builder.views[READ_UNTIL] = b"7"
    assert transaction.refused
    assert stand.data().views == {}
    assert {one.topic: one.offset for one in stand.reading.repositioned} == {
        topic: 3 if topic == INTENT else None for topic in TOPICS.signals.values()
    }


async def test_an_error_in_the_block_leaves_everything_unwritten(stand: Stand, partition: Partition) -> None:
    async def failing() -> None:
        async with open_transaction(stand.context, partition) as transaction:
            assert transaction is not None
            transaction.builder.views[READ_UNTIL] = b"7"
            raise ValueError("our own")

    with pytest.raises(ValueError, match="our own"):
        await failing()
    assert stand.data().counter == 0
    assert not partition.lock.locked()


async def test_a_partition_that_was_released_has_none(stand: Stand, partition: Partition) -> None:
    partition.open = False
    async with open_transaction(stand.context, partition) as transaction:
        assert transaction is None
    assert stand.data().counter == 0
