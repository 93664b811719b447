"""One transaction of a partition, from lock to commit, so that callers only write its content."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property

from signal_engine.engine.context.engine_context import EngineContext, Rules
from signal_engine.engine.partition.owned_partition import Partition
from signal_engine.engine.partition.transaction_builder import TransactionBuilder
from signal_engine.engine.ports.transaction import TopicRead


class OpenTransaction:
    """The transaction that the block of `open_transaction` fills."""

    def __init__(self, context: EngineContext, partition: Partition) -> None:
        self._context = context
        self._partition = partition
        self._answer: bool | None = None
        self.reads: list[TopicRead] = []
        """Positions that it commits."""

    @cached_property
    def rules(self) -> Rules:
        """The rules in force when first accessed, which must be before accounts are loaded."""
        return self._context.rules

    @cached_property
    def builder(self) -> TransactionBuilder:
        """Collects what is written, by `rules`."""
        return new_builder(self._context, self.rules)

    @property
    def refused(self) -> bool:
        """Whether it conflicted: then nothing is written, and the partition's topics are read again."""
        return self._answer is False

    async def commit(self) -> bool:
        """Write it once, if it has content; return False on a conflict. The end of the block does it, too.

        Raises what `Partition.commit` raises.
        """
        if self._answer is None:
            empty = not self.reads and ("builder" not in self.__dict__ or self.builder.empty)
            self._answer = empty or await self._partition.commit(self.builder, *self.reads)
            if not self._answer:
                await self._context.reading.reposition(self._partition.read_on())
        return self._answer


@asynccontextmanager
async def open_transaction(context: EngineContext, partition: Partition) -> AsyncIterator[OpenTransaction | None]:
    """Hold the partition's lock and commit at the end of the block; yields None if the partition is no longer ours.

    After an exception in the block nothing is written.
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
