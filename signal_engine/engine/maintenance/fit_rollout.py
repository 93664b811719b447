"""Roll out a new fit table in one partition: store changed rows and decide their accounts again, in batches."""

from collections.abc import Mapping
from typing import Final

from signal_engine.core.alerting.alert import Alert
from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.reasons import Recorded
from signal_engine.core.flow import ScoringContext, decide, pass_time
from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.partition.account_cache import CachedAccount, lists_of
from signal_engine.engine.partition.open_transaction import OpenTransaction, open_transaction
from signal_engine.engine.partition.owned_partition import Partition
from signal_engine.engine.partition.rescore import roll_out_policy
from signal_engine.engine.partition.transaction_builder import TransactionBuilder
from signal_engine.engine.ports.controls import FIT_VERSION
from signal_engine.engine.ports.log_events.partitions import FitRolledOut
from signal_engine.engine.ports.transaction import TopicRead
from signal_engine.wire.storage import fit_rows
from signal_engine.wire.storage.in_force import FitInForce

_BATCH_ACCOUNTS: Final = 300
"""Rows per transaction, for which the partition's events wait."""


async def roll_out_fit(context: EngineContext, partition: Partition, in_force: FitInForce) -> bool:
    """Roll the fit version in force out, version by version; return False on a conflict.

    Safe to repeat after a crash: rows are written again, and no alert is sent twice. A version with a load holds all
    that those before it changed: it is rolled out at once, quietly if one of them was to be quiet.
    """
    own = partition.at(FIT_VERSION) or 0
    versions = range(own + 1, in_force.version + 1)
    for version in versions if in_force.load is None else versions[-1:]:
        quiet = any(one in in_force.quiet for one in (versions if in_force.load is not None else [version]))
        if not await _take_version(context, partition, version, quiet=quiet):
            return False
        context.reached("during_fit_takeover")
    for version in versions:
        await context.fit_changes.drop(partition.number, version)
    return True


async def _take_version(context: EngineContext, partition: Partition, version: int, *, quiet: bool) -> bool:
    cursor = 0
    while True:
        read = await context.fit_changes.read(partition.number, version, cursor, _BATCH_ACCOUNTS)
        cursor = read.cursor
        async with open_transaction(context, partition) as transaction:
            if transaction is None:
                return False
            await _decide(transaction, partition, read.rows, quiet=quiet)
            if cursor == 0:
                transaction.reads.append(TopicRead(FIT_VERSION, partition.at(FIT_VERSION) or 0, version))
        if transaction.refused:
            return False
        if cursor == 0:
            context.event_log.write(FitRolledOut(partition=partition.number, fit_version=version))
            return True


async def _decide(
    transaction: OpenTransaction, partition: Partition, rows: Mapping[str, bytes | None], *, quiet: bool
) -> None:
    """Adds what a batch of rows writes: rows, accounts that are alive decided again, their ranks and due times."""
    rules, builder = transaction.rules, transaction.builder
    known = await partition.load(rows.keys())
    until = max(partition.decided_until, partition.read_until())
    for name, row in rows.items():
        one = known[name]
        roll_out_policy(builder, partition, rules, name, one)
        old = one.fit
        one.refit(name, fit_rows.decode(row) if row is not None else None)
        builder.write_fit(name, row)
        if one.account.kinds or one.account.since is not None:
            called = _decide_again(builder, name, one, old, max(until, one.account.now), rules.scoring_context)
            if called is not None:
                builder.send([_recorded(called) if quiet else called])
        builder.rank_anew(name, one.account, lists_of(old), one.fit)


def _recorded(called: Alert) -> Alert:
    """An alert of a load that was to call nobody."""
    return called._replace(decision=called.decision._replace(recorded=Recorded.QUIET))


def _decide_again(
    builder: TransactionBuilder,
    name: str,
    one: CachedAccount,
    old: Fit | None,
    now: int,
    scoring_context: ScoringContext,
) -> Alert | None:
    """Decides an account that is alive under its new fit; what time alone gave before is told under the old one."""
    builder.history.goes_on(name, one.account, now)
    builder.send(pass_time(one.account, name, now, old, scoring_context))
    alert, _ = decide(one.account, name, now, one.fit, scoring_context)
    builder.write(name, one)
    builder.due(name, one)
    return alert
