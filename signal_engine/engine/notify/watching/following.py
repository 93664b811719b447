"""Messages that were sent are kept up to date with what people do, where the receiver lets them be edited."""

import asyncio
from collections.abc import Collection
from typing import Final

from signal_engine.core.alerting.alerts import ENTERED_HOT, NEW_EVIDENCE
from signal_engine.core.delivery.ledger import DeliveryRow, looked_at, no_longer_followed
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.rules.instants import DAY, SECOND
from signal_engine.engine.notify.attempts import message_of
from signal_engine.engine.notify.context import NotifyContext
from signal_engine.engine.notify.watching.calls import LookCalls
from signal_engine.engine.ports.delivery.ledger import RowChange
from signal_engine.engine.ports.delivery.senders import MessageSender
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.messages.since_then import since_then, with_since_then
from signal_engine.wire.messages.to_send import MessageToSend

_LOOK_S: Final = 2.0
_CALLED_S: Final = 0.5
"""Seconds between two looks while accounts are called."""
_ALL_MS: Final = DAY
"""Every message that is followed is to be looked at within this time."""
_MOST_FOLLOWED: Final = 100_000
_OF_HOT_ACCOUNTS: Final = frozenset({ENTERED_HOT, NEW_EVIDENCE})
_MOST_ROWS: Final = 100
"""Rows of one partition that are looked at in one step."""


class MessageFollower:
    """Edits the messages of one destination, of the partitions that this process owns.

    An edit that is repeated, since a process died after it, makes the same message again.
    """

    def __init__(self, context: NotifyContext, name: str, sender: MessageSender, owned: Collection[int]) -> None:
        """`owned` is kept by whoever takes partitions and gives them up."""
        self._context = context
        self._name = name
        self._sender = sender
        self._owned = owned
        self._calls = LookCalls()
        self._called = asyncio.Event()
        self._rests_until = 0
        """The instant (ms) until which the receiver asked to be left alone."""

    def call(self, accounts: Collection[str]) -> None:
        """Look at the messages about `accounts` now: something was written about them."""
        self._calls.call(accounts, self._context.clock())
        self._called.set()

    async def run(self) -> None:
        """Run until cancelled."""
        while True:
            self._called.clear()
            await self.once()
            if self._calls:
                await asyncio.sleep(_CALLED_S)
                continue
            try:
                async with asyncio.timeout(_LOOK_S):
                    await self._called.wait()
            except TimeoutError:
                continue

    async def once(self) -> None:
        """Look at what is to be looked at now; nothing while the receiver asks to be left alone."""
        if self._rests():
            return
        called = self._calls.due(self._context.clock())
        for partition in sorted(self._owned):
            await self._look(partition, called)

    async def _look(self, partition: int, called: Collection[str]) -> None:
        context, now = self._context, self._context.clock()
        rows = await context.ledger.to_look_at(partition, self._name, now, _MOST_ROWS)
        if called:
            every = await context.ledger.to_look_at(partition, self._name, now + _ALL_MS, _MOST_FOLLOWED)
            known = {row.delivery_id for row in rows}
            rows += [row for row in every if row.account in called and row.delivery_id not in known]
        seen = await asyncio.gather(*(context.seen.seen(row.account, now) for row in rows))
        unchanged = []
        for row, of in zip(rows, seen, strict=True):
            quiet = of.quiet and row.type in _OF_HOT_ACCOUNTS
            told = since_then(of.in_force, row.alert_at, context.routing.team, quiet=quiet)
            if told == row.told or self._name in context.figures.disabled:
                if row.look_at is not None and row.look_at <= now:
                    unchanged.append(RowChange(row, looked_at(row, row.told, now)))
                continue
            if self._rests():  # asked for by an edit before: the row is looked at when that is over
                continue
            after = await self._edited(partition, row, told)
            await context.ledger.change(partition, [RowChange(row, after)])
            if after.told == told:
                self._calls.done(row.account)
        await context.ledger.change(partition, unchanged)

    def _rests(self) -> bool:
        return self._context.clock() < self._rests_until

    async def _edited(self, partition: int, row: DeliveryRow, told: str) -> DeliveryRow:
        """The row after its message was made to say `told`; what fails for now is tried at the next look."""
        context = self._context
        message = await message_of(context, partition, row)
        if isinstance(message, str) or row.receiver_id is None:  # its alert cannot be read any more
            return no_longer_followed(row)
        edited = message._replace(content=with_since_then(message.content, told))
        attempt = await self._update(row.receiver_id, edited)
        context.figures.attempts[self._name, attempt.end] += 1
        if attempt.retry_after_s is not None:
            self._rests_until = context.clock() + round(attempt.retry_after_s * SECOND)
        if attempt.end == "failed":
            return no_longer_followed(row)
        return looked_at(row, told if attempt.end == "sent" else row.told, context.clock())

    async def _update(self, receiver_id: str, message: MessageToSend) -> Attempt:
        try:
            return await self._sender.update(receiver_id, message)
        except ConfigurationError as error:
            return Attempt("retry", "; ".join(error.lines))
        except Exception as error:  # noqa: BLE001 (a receiver that breaks its sender must not end the process)
            return Attempt("retry", f"the sender failed ({type(error).__name__})")
