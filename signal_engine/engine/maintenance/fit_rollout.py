"""A new fit table, taken over by one partition: the rows that changed, their accounts decided again, in steps."""

from collections.abc import Mapping
from typing import Final

from signal_engine.core.alerting.alert import Alert
from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.reasons import Recorded
from signal_engine.core.flow import Judge, decide, pass_time
from signal_engine.engine.context.engine_context import Means
from signal_engine.engine.partition.account_cache import Known, lists_of
from signal_engine.engine.partition.owned_partition import Partition
from signal_engine.engine.partition.rescore import take_over as take_over_rules
from signal_engine.engine.partition.transaction_builder import Draft
from signal_engine.engine.ports.controls import FIT_VERSION
from signal_engine.engine.ports.transaction import TopicRead
from signal_engine.wire.storage import fit_rows
from signal_engine.wire.storage.in_force import FitInForce

_AT_ONCE: Final = 300
"""Rows a step: so long do the partition's events wait."""


async def take_over(means: Means, partition: Partition, in_force: FitInForce) -> bool:
    """Takes the partition to the fit version in force, version by version; False when it has moved under us.

    Begun anew after a crash it does no harm: a row that is there is written again, and an account that was told is
    not told twice.
    """
    own = partition.at(FIT_VERSION) or 0
    for version in range(own + 1, in_force.version + 1):
        if not await _take_version(means, partition, version, quiet=version in in_force.quiet):
            return False
        means.reached("during_fit_takeover")
        await means.patience.through(lambda v=version: means.fit_changes.drop(partition.number, v))  # type: ignore[misc]
    return True


async def _take_version(means: Means, partition: Partition, version: int, *, quiet: bool) -> bool:
    cursor = 0
    while True:
        read = await means.patience.through(
            lambda c=cursor: means.fit_changes.read(partition.number, version, c, _AT_ONCE)  # type: ignore[misc]
        )
        cursor = read.cursor
        async with partition.lock:
            if not partition.open:
                return False
            draft = await _decided(means, partition, read.rows, quiet=quiet)
            last = [TopicRead(FIT_VERSION, partition.at(FIT_VERSION) or 0, version)] if cursor == 0 else []
            if (last or not draft.empty) and not await partition.commit(draft, *last):
                await means.reading.reposition(partition.read_on())
                return False
        if cursor == 0:
            means.journal.info("fit_taken_over", partition=partition.number, version=version)
            return True


async def _decided(means: Means, partition: Partition, rows: Mapping[str, bytes | None], *, quiet: bool) -> Draft:
    """What a stretch of rows writes: rows, accounts that are alive decided again, their ranks and due times."""
    rules = means.rules
    draft = Draft(rules.judge.policy, rules.config_version, means.topics.alerts)
    known = await partition.load(rows.keys())
    until = max(partition.decided_until, partition.read_until())
    for name, row in rows.items():
        one = known[name]
        take_over_rules(draft, partition, rules, name, one)
        old, one.fit = one.fit, fit_rows.decode(row) if row is not None else None
        draft.write_fit(name, row)
        if one.account.kinds or one.account.since is not None:
            called = _decide_again(draft, name, one, old, max(until, one.account.now), rules.judge)
            if called is not None:
                draft.tell([_recorded(called) if quiet else called])
        draft.rank_anew(name, one.account, lists_of(old), one.fit)
    return draft


def _recorded(called: Alert) -> Alert:
    """An alert of a load that was to call nobody."""
    return called._replace(decision=called.decision._replace(recorded=Recorded.QUIET))


def _decide_again(draft: Draft, name: str, one: Known, old: Fit | None, now: int, judge: Judge) -> Alert | None:
    """Decides an account that is alive under its new fit; what time alone gave before is told under the old one."""
    draft.history.goes_on(name, one.account, now)
    draft.tell(pass_time(one.account, name, now, old, judge))
    alert, _ = decide(one.account, name, now, one.fit, judge)
    draft.write(name, one)
    draft.due(name, one)
    return alert
