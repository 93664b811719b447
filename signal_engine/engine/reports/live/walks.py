"""What a report goes through of one partition, batch by batch, each account once."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

import orjson

from signal_engine.core.actions.in_force import InForce
from signal_engine.core.alerting.alerts import COOLED
from signal_engine.core.alerting.hand_raises import HandRaiseSeen
from signal_engine.core.delivery.holdback import NO_CONTROL_GROUP, ControlGroup
from signal_engine.core.fit.icp import Fit
from signal_engine.core.rules.aliases import NO_ALIASES, Aliases
from signal_engine.core.rules.policy import COLD
from signal_engine.engine.actions.inheriting import PartitionOf
from signal_engine.engine.outcomes.of_accounts import outcomes_of
from signal_engine.engine.partition.account_cache import read
from signal_engine.engine.ports.fit_changes import FitChanges
from signal_engine.engine.ports.history import FEED_KEPT
from signal_engine.engine.ports.store import Store
from signal_engine.engine.read_model.account_view import withheld
from signal_engine.engine.reports.live.lacks import CUT_ALERTS, CUT_RAISES, LAST_ACTIVITY
from signal_engine.engine.reports.misses.reporting import NOTHING_BESIDE, AlertSeen, Beside, ReportBuilder
from signal_engine.engine.reports.misses.watcher import HAND_RAISES_OF
from signal_engine.wire.output.models import Alert
from signal_engine.wire.storage import hand_raises
from signal_engine.wire.storage import outcomes as stored_outcomes

_BATCH_ACCOUNTS: Final = 200
"""Accounts read at once: decoding them takes some milliseconds, during which nobody else is answered."""
ReadActivity = Callable[[Sequence[str]], Awaitable[Mapping[str, int]]]
"""Reads when (ms) sales were last active at accounts, of which that is known; raises `StoreTrouble`."""
Batch = Mapping[str, Beside]
"""Accounts to look at, each with its hand raises or outcomes where a report goes by those. It can be empty."""


@dataclass(frozen=True, slots=True)
class PartitionWalks:
    """One partition at `now` (ms); what it does not know is added to `lacks`. Every walk may raise `StoreTrouble`."""

    store: Store
    fit_changes: FitChanges
    number: int
    now: int
    lacks: list[str]
    aliases: Aliases = NO_ALIASES
    """By which outcomes are resolved."""
    partition_of: PartitionOf | None = None
    """Where the outcomes of aliases are; needed where there are some."""
    activity: ReadActivity | None = None
    """Without it, nobody knows when sales were last active."""
    group: ControlGroup = NO_CONTROL_GROUP
    """Whose alerts nobody was told of."""

    def of(self, builder: ReportBuilder, over: Mapping[str, InForce]) -> AsyncIterator[Batch]:
        """The batches that a report looks at; `over` is what was seen of actions that are not applied yet."""
        if builder.walk == "table":
            return self._table(builder)
        if builder.walk == "acted":
            return self._acted(over)
        if builder.walk == "outcomes":
            return self._outcomes()
        if builder.walk == "alerts":
            return self._alerts()
        return self._raises() if builder.walk == "raises" else self.states()

    async def _table(self, builder: ReportBuilder) -> AsyncIterator[Batch]:
        seen: set[str] = set()
        cursor, more = 0, True
        while more:
            cursor, rows = await self.fit_changes.applied(self.number, cursor, _BATCH_ACCOUNTS)
            new = _each_once(rows, seen)
            fits = ((name, _fit(rows[name])) for name in new)
            yield plain(name for name, fit in fits if fit is not None and builder.wants(fit))
            more = bool(cursor)

    async def states(self) -> AsyncIterator[Batch]:
        """The accounts with signals that may be warm, hot or pinned: a level never rises by itself."""
        seen: set[str] = set()
        cursor, more = 0, True
        while more:
            cursor, states = await self.store.accounts(self.number, cursor, _BATCH_ACCOUNTS)
            new = ((name, read(states[name], None).account) for name in _each_once(states, seen))
            yield plain(name for name, account in new if account.level != COLD or account.hand_raise)
            more = bool(cursor)

    async def _acted(self, over: Mapping[str, InForce]) -> AsyncIterator[Batch]:
        seen: set[str] = set()
        cursor, more = 0, True
        while more:
            cursor, acted = await self.store.acted(self.number, cursor, _BATCH_ACCOUNTS)
            yield plain(_each_once(acted, seen))
            more = bool(cursor)
        yield plain(_each_once(over, seen))

    async def _raises(self) -> AsyncIterator[Batch]:
        """The hand raises of an account in the order in which they arrived."""
        kept = await self.store.raises(self.number, self.now - HAND_RAISES_OF, FEED_KEPT)
        if len(kept) == FEED_KEPT and (cut := CUT_RAISES.format(FEED_KEPT)) not in self.lacks:
            self.lacks.append(cut)
        found: dict[str, list[HandRaiseSeen]] = {}
        for seen in sorted((hand_raises.decode(one.record) for one in kept), key=_arrival):
            found.setdefault(seen.account, []).append(seen)
        names = iter(found)
        while some := [*islice(names, _BATCH_ACCOUNTS)]:
            yield {name: Beside(found[name]) for name in some}

    async def _alerts(self) -> AsyncIterator[Batch]:
        """The alerts of an account that people were told of, oldest first."""
        kept = await self.store.feed(self.number, self.now - HAND_RAISES_OF, FEED_KEPT)
        if len(kept) == FEED_KEPT and (cut := CUT_ALERTS.format(FEED_KEPT)) not in self.lacks:
            self.lacks.append(cut)
        found: dict[str, list[AlertSeen]] = {}
        for dated in reversed(kept):
            alert: Alert = orjson.loads(dated.record)
            told = alert.get("recorded") is None and not withheld(alert, alert["account_id"], self.group)
            if told and alert["type"] != COOLED and dated.at <= self.now:
                found.setdefault(alert["account_id"], []).append(
                    AlertSeen(alert["account_id"], alert["type"], dated.at)
                )
        names = iter(found)
        while some := [*islice(names, _BATCH_ACCOUNTS)]:
            active = {} if self.activity is None else await self.activity(some)
            if active and LAST_ACTIVITY not in self.lacks:
                self.lacks.append(LAST_ACTIVITY)
            yield {name: Beside(alerts=found[name], active_at=active.get(name)) for name in some}

    async def _outcomes(self) -> AsyncIterator[Batch]:
        """Of an account that comes twice, what was read first counts. An alias comes with its account alone."""
        named = self.aliases.named()
        seen: set[str] = set()
        cursor, more = 0, True
        while more:
            cursor, values = await self.store.with_outcomes(self.number, cursor, _BATCH_ACCOUNTS)
            alone = (name for name in values if name not in named and self.aliases.latest(name) == name)
            new = [*_each_once(alone, seen)]
            yield {name: Beside(outcomes=stored_outcomes.decode(values[name])) for name in new}
            more = bool(cursor)
        if (partition_of := self.partition_of) is None:
            return
        owners = (name for name in named if partition_of(name) == self.number)
        while some := [*islice(owners, _BATCH_ACCOUNTS)]:
            found = await outcomes_of(self.store, partition_of, self.aliases, some)
            yield {name: Beside(outcomes=told) for name, told in found.items()}


def _arrival(seen: HandRaiseSeen) -> tuple[int, str]:
    return seen.now, seen.event_id


def _fit(row: bytes | None) -> Fit | None:
    return None if row is None else read(None, row).fit


def plain(names: Iterable[str]) -> Batch:
    """These accounts, with nothing beside them."""
    return dict.fromkeys(names, NOTHING_BESIDE)


def _each_once(names: Iterable[str], seen: set[str]) -> Iterator[str]:
    """Those that are not among `seen`, which then has them: a scan can give an account twice."""
    for name in names:
        if name not in seen:
            seen.add(name)
            yield name
