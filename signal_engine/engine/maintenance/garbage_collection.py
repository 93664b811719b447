"""The slow sweep: accounts of which nothing is left are removed, so that the store holds the market that is alive."""

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
    """Goes round and round one partition, a few accounts a call."""

    def __init__(self, context: EngineContext, partition: Partition) -> None:
        self._context = context
        self._partition = partition
        self._cursor = 0

    async def go_on(self) -> int:
        """Looks at the next few accounts; returns how many were removed, with their places on lists.

        Whoever publishes would take them out, too, but never gets to who stands far below the end of a full list.
        """
        context, partition = self._context, self._partition
        async with open_transaction(context, partition) as transaction:
            if transaction is None:
                return 0
            scanned = await context.store.accounts(partition.number, self._cursor, _BATCH_ACCOUNTS)
            self._cursor = scanned.cursor
            gone = self._gone(scanned.states, partition.read_until())
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
