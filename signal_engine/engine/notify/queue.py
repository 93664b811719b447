"""The queue of one destination: claims what is due, waits for the disk, sends. A slow receiver holds nobody else."""

import asyncio
from typing import Final, NamedTuple

from signal_engine.core.delivery.ledger import GROUPED_MS, LEASE_MS, REQUEST_MS, claimed, given_back
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.delivery.routes import HAND_RAISES
from signal_engine.core.rules.instants import SECOND
from signal_engine.engine.notify.attempts import attempt_delivery
from signal_engine.engine.notify.context import NotifyContext
from signal_engine.engine.notify.pace import Pace
from signal_engine.engine.notify.selecting import AccountPlace, LastMessage, Selected, select
from signal_engine.engine.notify.settling import settle
from signal_engine.engine.ports.delivery.ledger import DisabledDestination, RowChange
from signal_engine.engine.ports.delivery.senders import MessageSender
from signal_engine.engine.ports.log_events.delivery import (
    DestinationDisabled,
    DestinationFailing,
    DestinationRecovered,
)
from signal_engine.engine.ports.store import DISK_TIMEOUT_S

_REFUSALS: Final = 3
"""In a row, after which a destination counts as failing: its channel is gone, or its secret was replaced."""
_POLL_S: Final = 0.5
"""Rows may become due without anybody saying so."""


class _ClaimedRow(NamedTuple):
    """A row that is claimed on disk, and may be sent."""

    partition: int
    selected: Selected


class DestinationQueue:
    """Sends what is due at one destination, of the partitions that this process owns."""

    def __init__(self, context: NotifyContext, name: str, sender: MessageSender, owned: set[int]) -> None:
        """`owned` is kept by whoever takes partitions and gives them up."""
        self._context = context
        self._name = name
        self._sender = sender
        self._owned = owned
        self._recent: dict[AccountPlace, LastMessage] = {}
        self._pace = Pace(sender.capabilities.concurrency)
        self._turn = 0
        self._refused = 0
        self.wake: Final = asyncio.Event()
        self.idle: Final = asyncio.Event()
        """Set while nothing is being sent."""
        self.idle.set()

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            self.wake.clear()
            if await self.once():
                continue
            try:
                async with asyncio.timeout(_POLL_S):
                    await self.wake.wait()
            except TimeoutError:
                continue

    async def once(self) -> bool:
        """Whether there was anything to do."""
        context = self._context
        if self._name in context.figures.disabled or self._pace.rests(context.clock()):
            return False
        claims: list[_ClaimedRow] = []
        worked = False
        for partition in self._in_turn():
            room = self._pace.window - len(claims)
            if room <= 0:
                break
            some, changed = await self._claim(partition, room)
            claims += some
            worked = worked or changed
        if claims:
            self.idle.clear()
            try:
                await self._send(claims)
            finally:
                self.idle.set()
        return worked or bool(claims)

    def _in_turn(self) -> list[int]:
        """The partitions, another one first each time: one with a backlog must not hold the others."""
        self._turn += 1
        owned = sorted(self._owned)
        begin = self._turn % len(owned) if owned else 0
        return owned[begin:] + owned[:begin]

    async def _claim(self, partition: int, room: int) -> tuple[list[_ClaimedRow], bool]:
        """Rows of one partition that are claimed now, and whether anything was changed."""
        context = self._context
        due = await context.ledger.due(partition, self._name, context.clock(), room)
        due += await context.ledger.for_digest(partition, self._name, context.clock(), room)
        if not due:
            return [], False
        pending = [row for row in due if row.status in {"pending", "for_digest"}]
        others = [row for row in due if row.status in {"sending", "uncertain"}]
        selection = await select(context, partition, pending, self._recent, self._sender.capabilities)
        changes = await settle(context, self._sender, others)
        changes += [RowChange(*one) for one in selection.aside]
        sending = [one._replace(row=claimed(one.row, context.instance, context.clock())) for one in selection.send]
        changes += [RowChange(before.row, after.row) for before, after in zip(selection.send, sending, strict=True)]
        context.reached("before_claim")
        written = await context.ledger.change(partition, changes)
        context.reached("after_claim")
        mine = written[len(changes) - len(sending) :]
        return [_ClaimedRow(partition, one) for one, done in zip(sending, mine, strict=True) if done], any(written)

    async def _send(self, claims: list[_ClaimedRow]) -> None:
        await self._on_disk()
        self._context.reached("after_disk")
        gate = asyncio.Semaphore(self._sender.capabilities.concurrency)
        began = self._context.clock()

        async def one(claim: _ClaimedRow) -> bool:
            async with gate:
                return await self._attempt(claim)

        async with asyncio.TaskGroup() as group:
            attempts = [group.create_task(one(claim)) for claim in claims]
        before = self._context.clock() - GROUPED_MS
        self._recent = {place: last for place, last in self._recent.items() if last.at > before}
        self._pace.after(all(task.result() for task in attempts), self._context.clock() - began)

    async def _on_disk(self) -> None:
        """Return once the claims would survive a crash of the store: after one, they say what may have been sent."""
        while True:
            durable = await self._context.ledger.on_disk()
            if durable is None:
                await asyncio.sleep(DISK_TIMEOUT_S)
                return
            if durable:
                return

    async def _attempt(self, claim: _ClaimedRow) -> bool:
        """Whether it was sent."""
        context, row = self._context, claim.selected.row
        now = context.clock()
        ends = row.due or now + LEASE_MS
        if ends - now < REQUEST_MS or self._pace.rests(now) or self._name in context.figures.disabled:
            back = given_back(row, now, max(now, self._pace.until))
            await context.ledger.change(claim.partition, [RowChange(row, back)])
            return False
        attempt = await attempt_delivery(context, self._sender, claim.partition, claim.selected)
        if attempt is not None:
            await self._note(claim.selected, attempt)
        return attempt is not None and attempt.end == "sent"

    def _fails(self, said: str) -> None:
        """Say once that nothing gets through."""
        if self._name not in self._context.figures.failing:
            self._context.figures.failing[self._name] = said
            self._context.event_log.write(DestinationFailing(destination=self._name, said=said))

    async def _note(self, selected: Selected, attempt: Attempt) -> None:
        """What an attempt says of its destination."""
        context, now = self._context, self._context.clock()
        if attempt.end == "disabled":
            await context.ledger.disable(self._name, DisabledDestination(now, attempt.said))
            if self._name not in context.figures.disabled:
                context.figures.disabled[self._name] = attempt.said
                context.event_log.write(DestinationDisabled(destination=self._name, said=attempt.said))
        elif attempt.end in {"retry", "uncertain"}:
            asked = None if attempt.retry_after_s is None else round(attempt.retry_after_s * SECOND)
            if self._pace.failed(now, asked):
                self._fails(f"{attempt.said}, and asks for {asked // SECOND:,} seconds" if asked else attempt.said)
        elif attempt.end == "failed":
            self._pace.answered()
            self._refused += 1
            if self._refused >= _REFUSALS:
                self._fails(attempt.said)
        else:
            self._pace.answered()
            self._refused = 0
            if context.figures.failing.pop(self._name, None) is not None:
                context.event_log.write(DestinationRecovered(destination=self._name))
        if attempt.end != "sent" or selected.row.late:  # an alert never takes the place of one that says it waits
            return
        row, edited = selected.row, attempt.receiver_id in {None, selected.edits}
        place = row.account, row.person
        if selected.edits is None or not edited:
            receiver_id = None if _stays(selected) else attempt.receiver_id
            self._recent[place] = LastMessage(row.delivery_id, receiver_id, now, row.delivery_id)
        else:
            self._recent[place] = self._recent[place]._replace(shows=row.delivery_id)


def _stays(selected: Selected) -> bool:
    """Whether no newer alert may take the place of its message: somebody asks to be called, or it tells of others."""
    return selected.row.type in HAND_RAISES or (selected.summary is not None and selected.summary.many > 0)
