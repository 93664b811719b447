"""What time alone does: episodes that end, cooldowns that end, and how far the partition has been read."""

from typing import Final

from signal_engine.core.flow import pass_time
from signal_engine.engine.context.engine_context import Means
from signal_engine.engine.partition.account_cache import lists_of
from signal_engine.engine.partition.owned_partition import READ_UNTIL, Partition
from signal_engine.engine.partition.rescore import take_over
from signal_engine.engine.partition.transaction_builder import Draft

_AT_ONCE: Final = 200
_SAID_EVERY: Final = 1_000


class Timers:
    """The timers of one partition. `tick` is to be called about once a second."""

    def __init__(self, means: Means, partition: Partition) -> None:
        self._means = means
        self._partition = partition
        self._said = 0

    async def tick(self) -> bool:
        """Decides the accounts that are due and, once none is left, says how far the partition has been decided; True
        when more are due.

        An account is due only when everything that arrived until then has been read, so that no backlog is overtaken
        by an alert that its events would have prevented. Time is passed to the due instant and no further.
        """
        partition = self._partition
        async with partition.lock:
            if not partition.open:
                return False
            until = partition.read_until()
            store = self._means.store
            due = await self._means.patience.through(lambda: store.due(partition.number, until, _AT_ONCE))
            draft = await self._decided(due)
            if len(due) < _AT_ONCE and (due or until >= self._said + _SAID_EVERY):
                draft.views[READ_UNTIL] = str(until).encode()
            if not draft.empty:
                if await partition.commit(draft):
                    self._said = max(self._said, partition.decided_until)
                else:
                    await self._means.reading.reposition(partition.read_on())
        return len(due) == _AT_ONCE

    async def _decided(self, due: list[tuple[str, int]]) -> Draft:
        rules = self._means.rules
        draft = Draft(rules.judge.policy, rules.config_version, self._means.topics.alerts)
        known = await self._partition.load([name for name, _ in due])
        for name, at in due:
            account, fit = known[name].account, known[name].fit
            if (past := self._partition.past) is not None:
                draft.tell(past.take_up(account, name, max(at, account.now), fit, rules.judge))
            take_over(draft, self._partition, rules, name, known[name])
            draft.history.goes_on(name, account, at)
            draft.tell(pass_time(account, name, max(at, account.now), fit, rules.judge))
            draft.rank_anew(name, account, lists_of(fit), fit)
            draft.write(name, known[name])
            draft.due(name, known[name])
        return draft
