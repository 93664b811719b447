"""Clocks of alerts: who is told that nobody responds, once each, whichever process looks."""

import asyncio
from collections.abc import Collection
from typing import Final

from signal_engine.core.delivery.answering import ActionsSeen
from signal_engine.core.delivery.ledger import DeliveryRow, drawn, suppressed
from signal_engine.core.delivery.response.lateness import Lateness
from signal_engine.core.delivery.response.running import CLOCKS, Watched, ended, late_rows, looked, response_of
from signal_engine.core.delivery.routes import RoutedAlert
from signal_engine.engine.notify.context import NotifyContext
from signal_engine.engine.ports.delivery.ledger import NewRow, RowChange
from signal_engine.engine.ports.log_events.delivery import AlertLate
from signal_engine.wire.delivery.alert_reading import UnreadableAlert, read_alert, routed

_LOOK_S: Final = 1.0
_MOST_ROWS: Final = 100
"""Clocks of one partition that are looked at in one step."""


class ClockKeeper:
    """Looks at the clocks that are due, of the partitions that this process owns.

    What a look makes of a clock, and the deliveries that tell of it, are one step of the ledger, and it names the
    revision that was looked at: of two processes that look, one writes.
    """

    def __init__(self, context: NotifyContext, owned: Collection[int]) -> None:
        """`owned` is kept by whoever takes partitions and gives them up."""
        self._context = context
        self._owned = owned

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            await self.once()
            await asyncio.sleep(_LOOK_S)

    async def once(self) -> None:
        """Look at what is due now."""
        for partition in sorted(self._owned):
            for row in await self._context.ledger.due(partition, CLOCKS, self._context.clock(), _MOST_ROWS):
                await self._look(partition, row)

    async def _look(self, partition: int, row: DeliveryRow) -> None:
        context, now = self._context, self._context.clock()
        (stored,) = await context.ledger.alerts(partition, [row.delivery_id])
        alert = UnreadableAlert(("is not in the ledger any more",)) if stored is None else read_alert(stored)
        if stored is None or isinstance(alert, UnreadableAlert):
            gone = ended(row, "overdue", "its alert cannot be read, and nobody is told", now)
            await context.ledger.change(partition, [RowChange(row, gone)])
            return
        asked, routing = routed(alert), context.routing
        if routing.tells_nobody_of(asked, now):
            await context.ledger.change(partition, [RowChange(row, drawn(row, now))])
            return
        clock = routing.routes[routing.taken_by(asked)].clock_of(row.type)
        if clock is None:
            stopped = suppressed(row, "its route has no clock any more", now)
            await context.ledger.change(partition, [RowChange(row, stopped)])
            return
        seen = await context.seen.seen(row.account, now)
        member = None if row.person is None else routing.team.named(row.person)
        watched = Watched(clock, response_of(row, seen, now), member, routing.team, seen.read_at)
        after, late = looked(row, watched, now)
        if late is None:
            await context.ledger.change(partition, [RowChange(row, after)])
            return
        await self._tell(partition, RowChange(row, after), late, asked, stored, _silent(late, row, seen, context))

    async def _tell(
        self,
        partition: int,
        change: RowChange,
        late: Lateness,
        asked: RoutedAlert,
        stored: bytes,
        silent: str | None,
    ) -> None:
        context, row = self._context, change.before
        made = late_rows(row, late, asked, context.routing, silent, context.clock())
        context.reached("before_late")
        if not await context.ledger.add_with(partition, change, [NewRow(one, stored) for one in made]):
            return
        context.reached("after_late")
        context.figures.late[late.phase, late.to] += 1
        context.event_log.write(AlertLate(alert_id=row.alert_id, phase=late.phase, to=late.to, person=late.name))


def _silent(late: Lateness, row: DeliveryRow, seen: ActionsSeen, context: NotifyContext) -> str | None:
    """Who has not responded: whom the alert was for, or who has claimed the account."""
    if late.phase == "claim" or seen.claimed_by is None:
        return row.person
    member = context.routing.team.named(seen.claimed_by)
    return seen.claimed_by if member is None else member.name
