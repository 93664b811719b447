"""Deliveries of which nobody knows whether they arrived: looked up, sent again under their id, or by policy."""

from typing import Final

from signal_engine.core.delivery.ledger import (
    GIVE_UP_MS,
    DeliveryRow,
    doubtful,
    found,
    held_uncertain,
    not_there,
    sent_again,
    unresolved,
)
from signal_engine.engine.notify.context import NotifyContext
from signal_engine.engine.ports.delivery.ledger import RowChange
from signal_engine.engine.ports.delivery.senders import MessageSender
from signal_engine.engine.ports.log_events.delivery import DeliveryUncertain
from signal_engine.wire.config.yaml_files import ConfigurationError

_CLOCKS_DIFFER_MS: Final = 10 * 60 * 1_000
"""Receivers' clocks may differ from ours by so much."""


async def settle(context: NotifyContext, sender: MessageSender, rows: list[DeliveryRow]) -> list[RowChange]:
    """What becomes of rows that are due: `sending` with a claim that has ended, or `uncertain`.

    A receiver that cannot be asked now is not asked for each of them: what is to be sent would wait for that.
    """
    now = context.clock()
    changes = []
    ask_at = now
    for row in rows:
        if row.status == "sending" or ask_at > now:
            after = doubtful(row, now, ask_at)
        else:
            after = await _settled(context, sender, row, now)
            if after.status == "uncertain" and after.due is not None:
                ask_at = after.due
        changes.append(RowChange(row, after))
    return changes


async def _settled(context: NotifyContext, sender: MessageSender, row: DeliveryRow, now: int) -> DeliveryRow:
    can = sender.capabilities
    if can.finds:
        return await _looked_up(context, sender, row, now)
    if can.idempotent:
        return not_there(row, now)
    return _by_policy(context, row, now)


def _by_policy(context: NotifyContext, row: DeliveryRow, now: int) -> DeliveryRow:
    """Nobody can say whether it arrived: the route says which is worse, twice or not at all."""
    resent = row.on_uncertain == "resend"
    context.event_log.write(DeliveryUncertain(delivery_id=row.delivery_id, destination=row.destination, resent=resent))
    if resent:
        context.figures.maybe_twice[row.destination] += 1
        return sent_again(row, now)
    return held_uncertain(row, now)


async def _looked_up(context: NotifyContext, sender: MessageSender, row: DeliveryRow, now: int) -> DeliveryRow:
    person = context.receiver(row.person)
    since = min(row.alert_at, row.made_at) - _CLOCKS_DIFFER_MS
    try:
        looked = await sender.find(row.delivery_id, person, since)
    except ConfigurationError as error:
        return unresolved(row, "; ".join(error.lines), now, context.jitter())
    except Exception as error:  # noqa: BLE001 (a receiver that breaks its sender must not end the process)
        return unresolved(row, f"the sender failed ({type(error).__name__})", now, context.jitter())
    if looked.end == "sent":
        return found(row, looked.receiver_id, now)
    if looked.end == "failed":
        return not_there(row, now)
    if looked.end == "uncertain" or now - (row.first_due_at or row.made_at) > GIVE_UP_MS:
        return _by_policy(context, row, now)
    return unresolved(row, looked.said, now, context.jitter(), looked.retry_after_s)
