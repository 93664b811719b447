"""One attempt at one claimed row, from its alert to what the ledger says of it afterwards."""

import asyncio
from collections.abc import Sequence
from typing import Final

from signal_engine.core.delivery.flood import Summary
from signal_engine.core.delivery.ledger import (
    DeliveryRow,
    attempted,
    followed,
    for_fallback,
    found,
    given_up,
    grouped,
    no_longer_followed,
)
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.engine.notify.context import NotifyContext
from signal_engine.engine.notify.selecting import Selected
from signal_engine.engine.ports.delivery.alert_topic import WhyItFits
from signal_engine.engine.ports.delivery.ledger import NewRow, RowChange
from signal_engine.engine.ports.delivery.senders import MessageSender
from signal_engine.engine.ports.log_events.delivery import DeliveryGivenUp
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.delivery.alert_reading import UnreadableAlert, read_alert
from signal_engine.wire.messages.late import LateAlert
from signal_engine.wire.messages.to_send import Composing, MessageToSend

_WRITES: Final = 5
"""Times that a delivery is noted as sent while somebody else changes its row."""


async def attempt_delivery(
    context: NotifyContext, sender: MessageSender, partition: int, selected: Selected
) -> Attempt | None:
    """Send a claimed row and write down how it ended; None where no message could be made of its alert."""
    row = selected.row
    message = await message_of(context, partition, row, selected.summary, tells_own=selected.tells_own)
    if isinstance(message, str):
        await _write(context, partition, row, given_up(row, message, context.clock()))
        return None
    context.reached("before_send")
    attempt, edited = await _attempt(context, sender, selected, message)
    context.reached("after_send")
    now = context.clock()
    context.figures.attempts[row.destination, attempt.end] += 1
    if edited and selected.into is not None:
        after = grouped(row, selected.into, "the message about the account was brought up to date", now)
        await _let_go(context, partition, selected.instead_of)
    else:
        after = attempted(row, attempt, now, context.jitter())
    receiver_id = selected.edits if edited else attempt.receiver_id
    alone = selected.summary is None or not selected.summary.many  # what a summary told of is not known any more
    if attempt.end == "sent" and sender.capabilities.edits and receiver_id is not None and alone:
        after = followed(after, receiver_id, now)
    if attempt.knows_person or not await _told_to_fallback(context, partition, RowChange(row, after)):
        await _write(context, partition, row, after)
    context.reached("after_record")
    return attempt


async def _told_to_fallback(context: NotifyContext, partition: int, change: RowChange) -> bool:
    """Write the end of a row down whose receiver does not know the person, and let the fallback have it, in one step.

    A delivery of the alert that the fallback has already stays. False where the row is another one meanwhile.
    """
    (alert,) = await context.ledger.alerts(partition, [change.before.delivery_id])
    if alert is None:
        return False
    made = for_fallback(change.before, context.routing.fallback(), change.after.changed_at)
    there = await context.ledger.rows(partition, [one.delivery_id for one in made])
    if not await context.ledger.add_with(partition, change, [NewRow(one, alert) for one in made]):
        return False
    _note(context, change.after)
    for alert_id in {one.alert_id for one, was in zip(made, there, strict=True) if was is None and one.unreached}:
        context.say_unreached(alert_id, "not_found")
    return True


async def _let_go(context: NotifyContext, partition: int, delivery_id: str | None) -> None:
    """The message of the row shows another alert now, whose row follows it."""
    for _ in range(_WRITES):
        (there,) = [None] if delivery_id is None else await context.ledger.rows(partition, [delivery_id])
        if there is None or there.look_at is None:
            return
        if (await context.ledger.change(partition, [RowChange(there, no_longer_followed(there))]))[0]:
            return


async def message_of(
    context: NotifyContext,
    partition: int,
    row: DeliveryRow,
    summary: Summary | None = None,
    *,
    tells_own: bool = True,
) -> MessageToSend | str:
    """The message of a row, with what else it tells of (and that alone without `tells_own`); else why there is none."""
    (stored,) = await context.ledger.alerts(partition, [row.delivery_id])
    if stored is None:
        return "its alert is not in the ledger any more"
    alert = read_alert(stored)
    if isinstance(alert, UnreadableAlert):
        return f"its alert cannot be read: {alert.problems[0]}"
    icp, version = alert["icp"], alert["icp_version"]
    why = WhyItFits()
    if icp is not None and version is not None:
        why = await context.seen.why_it_fits(row.account, icp, version)
    if summary is not None:
        summary = summary._replace(accounts=await _still_named(context, summary.accounts))
    try:
        return context.compose(Composing(alert, row.person, row.delivery_id, summary, _late(row), tells_own), why)
    except Exception as error:  # noqa: BLE001 (one alert that breaks a renderer must not hold the others)
        return f"no message can be made of its alert ({type(error).__name__})"


async def _still_named(context: NotifyContext, accounts: Sequence[str]) -> tuple[str, ...]:
    """Those of the accounts of a summary that may be named now: some were hidden or drawn since they joined it."""
    now = context.clock()
    seen = await asyncio.gather(*(context.seen.seen(account, now) for account in accounts))
    return tuple(
        account
        for account, one in zip(accounts, seen, strict=True)
        if one.hidden is None and context.routing.holds_back(account, now, pinned=False) is None
    )


def _late(row: DeliveryRow) -> LateAlert | None:
    """What the row tells beyond its alert."""
    if not row.late or row.since is None:
        return None
    phase, _, to = row.late.partition("/")
    return LateAlert("claim" if phase == "claim" else "touch", row.since, row.silent, to == "fallback")


async def _attempt(
    context: NotifyContext, sender: MessageSender, selected: Selected, message: MessageToSend
) -> tuple[Attempt, bool]:
    """How it ended, and whether an earlier message was replaced."""
    row = selected.row
    person = context.receiver(row.person)
    try:
        if selected.edits is not None:
            attempt = await sender.update(selected.edits, message)
            if attempt.end != "failed":
                return attempt, attempt.end == "sent"
        return await sender.send(message, person), False
    except ConfigurationError as error:
        return Attempt("retry", "; ".join(error.lines)), False
    except Exception as error:  # noqa: BLE001 (a receiver that breaks its sender must not hold the others)
        return Attempt("retry", f"the sender failed ({type(error).__name__})"), False


async def _write(context: NotifyContext, partition: int, row: DeliveryRow, after: DeliveryRow) -> None:
    """Write the end down. What was sent was sent, also where somebody else has taken the row over meanwhile."""
    if (await context.ledger.change(partition, [RowChange(row, after)]))[0]:
        _note(context, after)
        return
    for _ in range(_WRITES):
        (there,) = await context.ledger.rows(partition, [row.delivery_id])
        if there is None or there.is_finished or after.status != "sent":
            return
        over = found(there, after.receiver_id, after.changed_at)._replace(look_at=after.look_at)
        if (await context.ledger.change(partition, [RowChange(there, over)]))[0]:
            _note(context, over)
            return


def _note(context: NotifyContext, after: DeliveryRow) -> None:
    figures = context.figures
    if after.status == "sent":
        figures.last_success[after.destination, after.type] = after.changed_at
    elif after.said is not None:
        figures.last_error[after.destination, after.type] = after.changed_at
    if after.is_finished:
        figures.ends[after.destination, after.type, after.status] += 1
    if after.status in {"failed", "given_up"}:
        context.event_log.write(
            DeliveryGivenUp(
                delivery_id=after.delivery_id, destination=after.destination, said=after.said or after.status
            )
        )
