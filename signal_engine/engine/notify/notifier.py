"""The process as a whole: partitions taken and given up, alerts planned, one queue per destination."""

import asyncio
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from signal_engine.core.delivery.ledger import LEASE_MS, RowStatus, doubtful
from signal_engine.core.rules.instants import DAY
from signal_engine.engine.notify.context import NotifyContext
from signal_engine.engine.notify.planning import STEP_RECORDS, plan_records
from signal_engine.engine.notify.queue import DestinationQueue
from signal_engine.engine.notify.starting import head_of, within_topic
from signal_engine.engine.notify.watching.following import MessageFollower
from signal_engine.engine.notify.watching.keeper import ClockKeeper
from signal_engine.engine.ports.delivery.acted_accounts import ActedAccounts
from signal_engine.engine.ports.delivery.alert_topic import AlertReader
from signal_engine.engine.ports.delivery.ledger import LedgerHead, RowChange
from signal_engine.engine.ports.fetched import FetchedRecord
from signal_engine.engine.ports.log_events.delivery import (
    DeliveriesReleased,
    DeliveriesTaken,
    DestinationFailing,
    LedgerMoved,
)

_RELEASE_S: Final = 3.0
"""Seconds that a partition waits for what is being sent before it is given up; its claims hold for the next owner."""
_WATCH_S: Final = 2.0
"""Seconds between looks at what others changed: a ledger that was emptied, a destination that was enabled."""
_KEPT_MS: Final = 30 * DAY
"""For so long a finished delivery stays in the ledger."""
_MOST_PRUNED: Final = 500
_MOST_TAKEN_OVER: Final = 1_000
_TO_BE_SENT: Final[frozenset[RowStatus]] = frozenset({"pending", "for_digest", "sending"})
_REMOVED: Final = "deliveries wait for it, and the routes file does not have it any more"
_NOT_SET_UP: Final = "deliveries wait for it, and what it needs is not set up: the log said what at the start"


class Notifier:
    """Delivers the alerts of the partitions that its group gives it."""

    def __init__(
        self,
        context: NotifyContext,
        reader: AlertReader,
        since: int | None = None,
        acted: ActedAccounts | None = None,
    ) -> None:
        """`since` (ms): where a first start begins; None: at the end. `acted` calls for looks at messages."""
        self._context = context
        self._reader = reader
        self._since = since
        self._acted = acted
        self._heads: dict[int, LedgerHead] = {}
        self._owned: set[int] = set()
        self._queues: Final = {
            name: DestinationQueue(context, name, sender, self._owned) for name, sender in context.senders.items()
        }
        self._keeper: Final = ClockKeeper(context, self._owned)
        self._followers: Final = [
            MessageFollower(context, name, sender, self._owned)
            for name, sender in context.senders.items()
            if sender.capabilities.edits
        ]

    async def run(self) -> None:
        """Run until cancelled, or until something cannot go on."""
        await self._refresh_disabled()
        async with asyncio.TaskGroup() as group:
            for queue in self._queues.values():
                group.create_task(queue.run())
            group.create_task(self._keeper.run())
            for follower in self._followers:
                group.create_task(follower.run())
            if self._acted is not None and self._followers:
                group.create_task(self._acted.run(self._call))
            group.create_task(self._watch())
            await self._reader.run(self._taken, self._given_up, self._take)

    async def _taken(self, partitions: Iterable[int]) -> Mapping[int, int]:
        """Take partitions over: where each is read on from."""
        positions = {}
        for partition in partitions:
            head = await head_of(self._context, self._reader, partition, self._since)
            self._heads[partition] = head
            positions[partition] = head.position
            await self._take_over(partition)
            self._owned.add(partition)
            self._context.event_log.write(DeliveriesTaken(partition=partition, position=head.position))
        self._context.figures.reading = bool(self._owned)
        self._wake()
        return positions

    async def _take_over(self, partition: int) -> None:
        """What a former owner claimed for a receiver that knows deliveries by their id is not waited for."""
        now = self._context.clock()
        for name, sender in self._context.senders.items():
            if not sender.capabilities.idempotent:
                continue
            due = await self._context.ledger.due(partition, name, now + 2 * LEASE_MS, _MOST_TAKEN_OVER)
            claimed = [row for row in due if row.status == "sending" and row.sender != self._context.instance]
            await self._context.ledger.change(partition, [RowChange(row, doubtful(row, now, now)) for row in claimed])

    async def _given_up(self, partitions: Iterable[int]) -> None:
        """Let partitions go: nothing of them is claimed any more, and what is being sent is given a moment."""
        for partition in partitions:
            self._owned.discard(partition)
            if self._heads.pop(partition, None) is not None:
                self._context.event_log.write(DeliveriesReleased(partition=partition))
        self._context.figures.reading = bool(self._owned)
        try:
            async with asyncio.timeout(_RELEASE_S):
                await asyncio.gather(*(queue.idle.wait() for queue in self._queues.values()))
        except TimeoutError:
            return

    async def _take(self, partition: int, records: Sequence[FetchedRecord]) -> int | None:
        """Plan what was fetched; where the partition stands afterwards, by whoever planned it."""
        head = self._heads.get(partition)
        if head is None:
            return None
        if records and records[0].offset < head.position:  # it was read on from there: Kafka may have no such offset
            found = await within_topic(self._context, self._reader, partition, head)
            if self._heads.get(partition) is not head:
                return None
            self._heads[partition] = head = found
        for begin in range(0, len(records), STEP_RECORDS):
            left = [one for one in records[begin : begin + STEP_RECORDS] if one.offset >= head.position]
            if not left:
                continue
            planned = await plan_records(self._context, partition, head, left)
            if self._heads.get(partition) is not head:  # given up or begun anew meanwhile: these records are not its
                return None
            if planned is None:
                return await self._moved(partition)
            self._heads[partition] = head = planned.head
            self._call(planned.went_quiet)
            self._wake()
        return head.position

    async def _moved(self, partition: int) -> int:
        head = await head_of(self._context, self._reader, partition, self._since)
        self._heads[partition] = head
        self._context.event_log.write(LedgerMoved(partition=partition, position=head.position))
        return head.position

    async def _watch(self) -> None:
        """Notice an emptied ledger, and destinations that others disabled or enabled; remove what is old."""
        while True:
            await asyncio.sleep(_WATCH_S)
            await self._refresh_disabled()
            await self._refresh_unsendable()
            for partition in sorted(self._owned):
                if await self._context.ledger.head(partition) is None:
                    self._reader.begin_anew(partition)
                before = self._context.clock() - _KEPT_MS
                await self._context.ledger.prune(partition, before, _MOST_PRUNED)

    async def _refresh_disabled(self) -> None:
        disabled = await self._context.ledger.disabled()
        figures = self._context.figures
        figures.disabled.clear()
        figures.disabled.update({name: one.said for name, one in disabled.items() if name in self._queues})

    async def _refresh_unsendable(self) -> None:
        """Say to which destinations nothing can be sent from here, though deliveries wait for them."""
        waiting: set[str] = set()
        for partition in sorted(self._owned):
            counted = await self._context.ledger.counted(partition)
            waiting |= {one.destination for one in counted if one.status in _TO_BE_SENT}
        waiting -= self._queues.keys()
        failing = self._context.figures.failing
        for name in sorted(waiting - failing.keys()):
            failing[name] = _NOT_SET_UP if name in self._context.routing.destinations else _REMOVED
            self._context.event_log.write(DestinationFailing(destination=name, said=failing[name]))
        for name in failing.keys() - self._queues.keys() - waiting:
            del failing[name]

    def _call(self, accounts: Collection[str]) -> None:
        """Let the messages about accounts be looked at."""
        if accounts:
            for follower in self._followers:
                follower.call(accounts)

    def _wake(self) -> None:
        for queue in self._queues.values():
            queue.wake.set()
