"""Garbage collection: slowly remove accounts of which nothing is left, so that the store holds only live accounts."""

from typing import Final

from signal_engine.core.rules.policy import COLD
from signal_engine.core.score.forgetting import forget
from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.partition.account_cache import lists_of
from signal_engine.engine.partition.open_transaction import open_transaction
from signal_engine.engine.partition.owned_partition import Partition
from signal_engine.wire.storage import state

_BATCH_ACCOUNTS: Final = 200


class GarbageCollection:
    """Scans one partition again and again, a few accounts per call."""

    def __init__(self, context: EngineContext, partition: Partition) -> None:
        self._context = context
        self._partition = partition
        self._cursor = 0

    async def go_on(self) -> int:
        """Check the next few accounts; remove dead ones with their ranks and return their number.

        The publisher would remove their ranks, too, but never reaches accounts far below the end of a full list.
        """
        context, partition = self._context, self._partition
        async with open_transaction(context, partition) as transaction:
            if transaction is None:
                return 0
            scanned = await context.store.accounts(partition.number, self._cursor, _BATCH_ACCOUNTS)
            self._cursor = scanned.cursor
            gone = self._gone(scanned.values, partition.read_until())
            if not gone:
                return 0
            builder = transaction.builder
            for name, one in (await partition.load(gone)).items():
                builder.forget(name, lists_of(one.fit))
            if not await transaction.commit():
                return 0
            partition.known.clear()
            return len(gone)

    def _gone(self, states: dict[str, bytes], until: int) -> list[str]:
        policy = self._context.rules.scoring_context.policy
        gone = []
        for name, stored in states.items():
            account = state.decode(stored)
            if account.level == COLD and forget(account, max(until, account.now), policy):
                gone.append(name)
        return gone
