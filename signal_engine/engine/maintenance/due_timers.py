"""Timers: the ends of episodes and cooldowns, and how far the partition has been read."""

from typing import Final

from signal_engine.core.flow import pass_time
from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.partition.account_cache import lists_of
from signal_engine.engine.partition.open_transaction import OpenTransaction, open_transaction
from signal_engine.engine.partition.owned_partition import Partition
from signal_engine.engine.partition.rescore import roll_out_policy
from signal_engine.engine.partition.transaction_builder import TransactionBuilder
from signal_engine.engine.ports.views import READ_UNTIL

_BATCH_ACCOUNTS: Final = 200
_NOTE_INTERVAL_MS: Final = 1_000


class DueTimers:
    """The timers of one partition. Call `tick` about once a second."""

    def __init__(self, context: EngineContext, partition: Partition) -> None:
        self._context = context
        self._partition = partition
        self._said = 0

    async def tick(self) -> bool:
        """Decides the accounts that are due and, once none is left, says how far the partition has been decided; True
        when more are due.

        An account is due only when everything that arrived until then has been read, so that no backlog is overtaken
        by an alert that its events would have prevented. Time is passed to the due instant and no further.
        """
        partition = self._partition
        async with open_transaction(self._context, partition) as transaction:
            if transaction is None:
                return False
            until = partition.read_until()
            due = await self._context.store.due(partition.number, partition.applied_until(), _BATCH_ACCOUNTS)
            builder = await self._decided(transaction, due)
            if len(due) < _BATCH_ACCOUNTS and (due or until >= self._said + _NOTE_INTERVAL_MS):
                builder.views[READ_UNTIL] = str(until).encode()
            if not builder.empty and await transaction.commit():
                self._said = max(self._said, partition.decided_until)
        return len(due) == _BATCH_ACCOUNTS

    async def _decided(self, transaction: OpenTransaction, due: list[tuple[str, int]]) -> TransactionBuilder:
        rules, builder = transaction.rules, transaction.builder
        known = await self._partition.load([name for name, _ in due])
        for name, at in due:
            account, fit = known[name].account, known[name].fit
            if (past := self._partition.past) is not None:
                builder.send(past.apply(account, name, max(at, account.now), fit, rules.scoring_context))
            roll_out_policy(builder, self._partition, rules, name, known[name])
            builder.history.goes_on(name, account, at)
            builder.send(pass_time(account, name, max(at, account.now), fit, rules.scoring_context))
            builder.rank_anew(name, account, lists_of(fit), fit)
            builder.write(name, known[name])
            builder.due(name, known[name])
        return builder
