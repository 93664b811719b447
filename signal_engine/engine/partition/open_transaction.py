"""One transaction of a partition, from the lock to the answer: whoever makes one writes only what goes into it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property

from signal_engine.engine.context.engine_context import EngineContext, Rules
from signal_engine.engine.partition.owned_partition import Partition
from signal_engine.engine.partition.transaction_builder import TransactionBuilder
from signal_engine.engine.ports.transaction import TopicRead


class OpenTransaction:
    """What the block of `open_transaction` fills."""

    def __init__(self, context: EngineContext, partition: Partition) -> None:
        self._context = context
        self._partition = partition
        self._answer: bool | None = None
        self.reads: list[TopicRead] = []
        """Positions that move with it."""

    @cached_property
    def rules(self) -> Rules:
        """Those in force when it was first asked for them: to be asked before accounts are loaded."""
        return self._context.rules

    @cached_property
    def builder(self) -> TransactionBuilder:
        """Collects what is written, by `rules`."""
        return new_builder(self._context, self.rules)

    @property
    def refused(self) -> bool:
        """Whether the store has refused it: then nothing is written, and the partition's topics are read again."""
        return self._answer is False

    async def commit(self) -> bool:
        """Writes it, once, or nothing where there is nothing; False when it was refused. The block's end does it, too.

        Raises as `Partition.commit` does.
        """
        if self._answer is None:
            empty = not self.reads and ("builder" not in self.__dict__ or self.builder.empty)
            self._answer = empty or await self._partition.commit(self.builder, *self.reads)
            if not self._answer:
                await self._context.reading.reposition(self._partition.read_on())
        return self._answer


@asynccontextmanager
async def open_transaction(context: EngineContext, partition: Partition) -> AsyncIterator[OpenTransaction | None]:
    """Holds the lock of the partition and commits at the end of the block; None where it is no longer ours.

    An exception in the block leaves everything unwritten.
    """
    async with partition.lock:
        if not partition.open:
            yield None
            return
        transaction = OpenTransaction(context, partition)
        yield transaction
        await transaction.commit()


def new_builder(context: EngineContext, rules: Rules) -> TransactionBuilder:
    """An empty one, for what is judged by `rules`."""
    return TransactionBuilder(rules.scoring_context.policy, rules.config_version, context.topics.alerts)
