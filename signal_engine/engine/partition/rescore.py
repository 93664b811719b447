"""Another scoring file, rolled out by one partition: levels decided once, what is stored re-ranked."""

from collections.abc import AsyncIterator, Collection
from typing import Final

from signal_engine.core.flow import apply_new_policy
from signal_engine.engine.context.engine_context import EngineContext, Rules
from signal_engine.engine.partition.account_cache import CachedAccount, lists_of
from signal_engine.engine.partition.open_transaction import open_transaction
from signal_engine.engine.partition.owned_partition import Partition
from signal_engine.engine.partition.transaction_builder import TransactionBuilder
from signal_engine.engine.ports.controls import SCORING_SEQUENCE
from signal_engine.engine.ports.log_events.partitions import ScoringRolledOut
from signal_engine.engine.ports.transaction import TopicRead

_BATCH_ACCOUNTS: Final = 300


async def rescore(context: EngineContext, partition: Partition) -> bool:
    """Takes every account of the partition to the rules in force, once; False when it has moved under us.

    Each is rolled down, then up, at the instant up to which the partition had been decided by the rules before; the
    alerts of that are recorded, not sent. What is due later, also while no worker ran, is decided by the new rules and
    sent. First come the accounts of the fit table, which can be on lists or due; then the others that are alive, since
    their levels run on, too. Begun anew after a crash it does no harm: an account that has been taken over stays as it
    is.
    """
    rules = context.rules
    async for names, in_table in _account_batches(context, partition):
        if not await _roll_out(context, partition, rules, names, in_table=in_table):
            return False
    async with open_transaction(context, partition) as transaction:
        if transaction is None or context.rules is not rules:
            return False
        transaction.reads.append(TopicRead(SCORING_SEQUENCE, partition.at(SCORING_SEQUENCE) or 0, rules.sequence))
        if not await transaction.commit():
            return False
        partition.rolled_out.clear()
    context.event_log.write(ScoringRolledOut(partition=partition.number, config_version=rules.config_version))
    return True


async def _account_batches(context: EngineContext, partition: Partition) -> AsyncIterator[tuple[Collection[str], bool]]:
    """The partition's accounts, a few at a time, and whether they are of the fit table."""
    number, cursor = partition.number, 0
    while True:
        rows = await context.fit_changes.applied(number, cursor, _BATCH_ACCOUNTS)
        yield rows.rows.keys(), True
        if (cursor := rows.cursor) == 0:
            break
    while True:
        scanned = await context.store.accounts(number, cursor, _BATCH_ACCOUNTS)
        yield scanned.values.keys(), False
        if (cursor := scanned.cursor) == 0:
            break


async def _roll_out(
    context: EngineContext, partition: Partition, rules: Rules, names: Collection[str], *, in_table: bool
) -> bool:
    async with open_transaction(context, partition) as transaction:
        if transaction is None or context.rules is not rules:
            return False
        builder = transaction.builder
        for name, one in (await partition.load(names)).items():
            if in_table or one.fit is None:
                roll_out_policy(builder, partition, rules, name, one)
                if one.fit is not None:
                    builder.rank_anew(name, one.account, lists_of(one.fit), one.fit)
    return not transaction.refused


def roll_out_policy(
    builder: TransactionBuilder, partition: Partition, rules: Rules, name: str, one: CachedAccount
) -> None:
    """Takes one account to the rules in force, unless it has been taken, or its partition has.

    To be called before an account is judged: else a signal that comes while its partition is being taken over would
    call somebody for what the rules changed.
    """
    if partition.at(SCORING_SEQUENCE) == rules.sequence or name in partition.rolled_out or name in builder.rolled_out:
        return
    account = one.account
    builder.rolled_out.add(name)
    if account.kinds or account.since is not None:
        now = max(partition.decided_until, account.now)
        builder.history.goes_on(name, account, now)
        builder.send(apply_new_policy(account, name, now, one.fit, rules.scoring_context))
        builder.write(name, one)
        builder.due(name, one)
