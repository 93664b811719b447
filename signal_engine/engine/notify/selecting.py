"""Which of the rows that are due are sent now: those that wait, are grouped, or are one too many are set aside."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from signal_engine.core.actions.in_force import Hiding
from signal_engine.core.delivery.answering import ActionsSeen, present
from signal_engine.core.delivery.flood import (
    AskedDelivery,
    FlowDecision,
    Summary,
    gathered,
    guarded,
    withdrawn,
)
from signal_engine.core.delivery.hours import HELD, hours_begin
from signal_engine.core.delivery.ledger import (
    GROUPED_MS,
    WAITS_FOR_MORE,
    DeliveryRow,
    drawn,
    grouped,
    put_off,
    suppressed,
)
from signal_engine.core.delivery.response.running import response_of
from signal_engine.core.delivery.routes import HAND_RAISES
from signal_engine.core.rules.instants import MINUTE, SECOND
from signal_engine.engine.notify.context import NotifyContext
from signal_engine.engine.notify.flows import flow_name, flow_of, is_kept, tells_of_others
from signal_engine.engine.ports.delivery.senders import Capabilities
from signal_engine.wire.delivery.alert_reading import UnreadableAlert, read_alert, routed
from signal_engine.wire.storage.deliveries import encode_flow

_FRESH_MS: Final = MINUTE
"""An alert that is younger than this is told of as the engine decided it: what people do is applied there first."""
_SURELY_MS: Final = 10 * SECOND
"""By so much sooner what came with the first message of an account is looked at again, while it can still be edited."""
_COUNTS_OTHERS: Final = "waits: many alerts within an hour"
"""Said by a row whose message is to count others: it is never grouped, or nothing would tell of those."""
_HIDDEN: Final[Mapping[Hiding, str]] = {
    "do_not_contact": "the account is not to be contacted any more",
    "killed": "the account was killed meanwhile",
    "snoozed": "the account was snoozed meanwhile",
    "disposition": "the account was answered meanwhile",
}


_SENT: Final = FlowDecision("send")
"""What becomes of a delivery that nobody counts."""


class LastMessage(NamedTuple):
    """The last message about an account at a destination."""

    delivery_id: str
    receiver_id: str | None
    """By which it is edited; None: it stays as it is."""
    at: int
    """ms."""
    shows: str
    """The delivery whose alert it shows: another one, once it was brought up to date."""


AccountPlace = tuple[str, str | None]
"""Account and person at one destination."""


class Selected(NamedTuple):
    """A row that is to be sent, as it is stored."""

    row: DeliveryRow
    summary: Summary | None = None
    """What else its message tells of."""
    edits: str | None = None
    """The receiver's id of the message that it replaces."""
    into: str | None = None
    """The delivery that sent that message."""
    instead_of: str | None = None
    """The delivery whose alert that message shows until now."""
    tells_own: bool = True
    """False: its account was drawn or hidden, and its message tells of the others alone."""


class Selection(NamedTuple):
    """What becomes of rows that are due."""

    send: list[Selected]
    aside: list[tuple[DeliveryRow, DeliveryRow]]
    """(as stored, as it is to be): not sent now."""


async def select(
    context: NotifyContext,
    partition: int,
    rows: Sequence[DeliveryRow],
    recent: dict[AccountPlace, LastMessage],
    can: Capabilities,
) -> Selection:
    """Sort out pending rows of one partition and destination, due at the context's clock."""
    now = context.clock()
    selection = Selection([], [])
    left = []
    untold: set[str] = set()
    withheld = await asyncio.gather(*(_withheld(context, partition, row, now) for row in rows))
    for row, instead in zip(rows, withheld, strict=True):
        if instead is not None and await _withdrawn(context, row, can):
            selection.aside.append((row, instead))
        else:
            left.append(row)
            if instead is not None:
                untold.add(row.delivery_id)
    left = await _within_hours(context, left, can, now, selection)
    if can.for_people:
        left = _grouped(left, recent, can, now, selection)
    await _guard(context, left, can, now, selection)
    send = [one._replace(tells_own=one.row.delivery_id not in untold) for one in selection.send]
    return selection._replace(send=send)


async def _withheld(context: NotifyContext, partition: int, row: DeliveryRow, now: int) -> DeliveryRow | None:
    """What a row becomes that is not to be sent any more, since its account was drawn or people acted; None: it is."""
    if await _is_drawn(context, partition, row, now):
        return drawn(row, now)
    why = await _answered(context, row, now)
    return None if why is None else suppressed(row, why, now)


async def _is_drawn(context: NotifyContext, partition: int, row: DeliveryRow, now: int) -> bool:
    """Whether the account has come into the control group; its alert, which says whether it is pinned, is read then."""
    if row.type in HAND_RAISES or context.routing.holds_back(row.account, now, pinned=False) is None:
        return False
    (stored,) = await context.ledger.alerts(partition, [row.delivery_id])
    alert = UnreadableAlert(()) if stored is None else read_alert(stored)
    return isinstance(alert, UnreadableAlert) or context.routing.tells_nobody_of(routed(alert), now)


async def _answered(context: NotifyContext, row: DeliveryRow, now: int) -> str | None:
    """Why a row that has waited is not to be sent any more, by what people did meanwhile; None: it is."""
    if now - row.alert_at < _FRESH_MS and not row.late:
        return None
    seen = await context.seen.seen(row.account, now)
    if row.late:
        return _responded(row, seen, now)
    if seen.hidden is not None and (row.type not in HAND_RAISES or seen.hidden == "do_not_contact"):
        return _HIDDEN[seen.hidden]
    member = None if row.person is None else context.routing.team.named(row.person)
    if member is None or row.type in HAND_RAISES:
        return None
    if seen.is_muted(member, now):
        return "the person muted the account meanwhile"
    return "somebody else claimed the account meanwhile" if _is_others(context, row, seen, now) else None


def _is_others(context: NotifyContext, row: DeliveryRow, seen: ActionsSeen, now: int) -> bool:
    """Whether another of the people has claimed the account since its alert: two would call."""
    claim = seen.in_force.claim
    if claim is None or claim.at <= row.alert_at:
        return False
    holder = present(context.routing.team, claim.by, now, [], None)
    return holder is not None and holder.name != row.person


def _responded(row: DeliveryRow, seen: ActionsSeen, now: int) -> str | None:
    """Why nobody is to be told any more that an alert waits."""
    was = response_of(row, seen, now)
    waits = None if was is None else was.waits
    return None if waits is not None and row.late.startswith(waits[0]) else "somebody responded meanwhile"


async def _withdrawn(context: NotifyContext, row: DeliveryRow, can: Capabilities) -> bool:
    """Whether the row may go without others losing the message that tells of them, too."""
    name = flow_name(row, can)
    while name is not None:
        stored, flow = await flow_of(context, name)
        left = withdrawn(flow, row.delivery_id)
        if left is None:
            return False
        if left == flow or await context.ledger.replace_counter(name, stored, encode_flow(left)):
            break
    return True


async def _within_hours(
    context: NotifyContext, rows: Sequence[DeliveryRow], can: Capabilities, now: int, selection: Selection
) -> list[DeliveryRow]:
    """Those that are sent now; what an outage made late waits for working hours anew, and has 24 hours from then on."""
    left = []
    for row in rows:
        begin = hours_begin(row, None if row.person is None else context.routing.team.named(row.person), now)
        if begin is None or await tells_of_others(context, row, can):
            left.append(row)
        else:
            held = put_off(row._replace(first_due_at=None), begin, HELD, now)
            selection.aside.append((row, held))
    return left


def _grouped(
    rows: Sequence[DeliveryRow],
    recent: dict[AccountPlace, LastMessage],
    can: Capabilities,
    now: int,
    selection: Selection,
) -> list[DeliveryRow]:
    """Those that are sent as messages of their own; the others replace one, wait, or are told by a newer one."""
    by_account: dict[AccountPlace, list[DeliveryRow]] = {}
    alone = []
    for row in rows:
        own = row.type in HAND_RAISES or row.timing == "digest" or row.late
        if own or row.attempts or row.said == _COUNTS_OTHERS:
            alone.append(row)
        else:
            by_account.setdefault((row.account, row.person), []).append(row)
    for place, those in by_account.items():
        waited = [row for row in those if row.said == WAITS_FOR_MORE]
        those.sort(key=lambda row: row.alert_at)
        last = recent.get(place)
        if last is not None and now - last.at < GROUPED_MS:
            if can.edits and last.receiver_id is not None:
                *older, newest = those
                selection.send.append(
                    Selected(newest, edits=last.receiver_id, into=last.delivery_id, instead_of=last.shows)
                )
                selection.aside.extend((row, _told_by(row, newest, now)) for row in older)
            else:
                until = last.at + GROUPED_MS
                selection.aside.extend((row, put_off(row, until, WAITS_FOR_MORE, now)) for row in those)
        elif waited:
            *older, newest = those
            alone.append(newest)
            selection.aside.extend((row, _told_by(row, newest, now)) for row in older)
        else:
            first, *others = those
            alone.append(first)
            until = now + (GROUPED_MS - _SURELY_MS if can.edits else GROUPED_MS)
            selection.aside.extend((row, put_off(row, until, WAITS_FOR_MORE, now)) for row in others)
    return alone


def _told_by(row: DeliveryRow, newer: DeliveryRow, now: int) -> DeliveryRow:
    return grouped(row, newer.delivery_id, "a newer message about the account tells of it", now)


async def _guard(
    context: NotifyContext, rows: Sequence[DeliveryRow], can: Capabilities, now: int, selection: Selection
) -> None:
    """The flood guard of each person; what was kept for a digest becomes one message."""
    by_flow: dict[str, list[DeliveryRow]] = {}
    for row in rows:
        if (name := flow_name(row, can)) is not None:
            by_flow.setdefault(name, []).append(row)
    decisions: dict[str, FlowDecision] = {}
    for name, those in by_flow.items():
        decisions |= await _decided(context, name, those, can, now)
    for row in rows:
        kept = is_kept(row, can)
        decision = decisions.get(row.delivery_id, _SENT)
        if decision.does == "send":
            selection.send.append(Selected(row, decision.summary))
        elif decision.does == "wait":
            why = "gathers what was kept for the digest" if kept else _COUNTS_OTHERS
            selection.aside.append((row, put_off(row, decision.until or now, why, now)))
        else:
            why = "one message tells of the digest" if kept else "many alerts within an hour: one message counts them"
            selection.aside.append((row, grouped(row, decision.into or "", why, now)))


async def _decided(
    context: NotifyContext, name: str, rows: Sequence[DeliveryRow], can: Capabilities, now: int
) -> dict[str, FlowDecision]:
    """Delivery -> what becomes of it. What the person gets is read and written once for all of them."""
    while True:
        stored, flow = await flow_of(context, name)
        decisions = {}
        unreached = {*context.figures.disabled, *context.figures.failing}
        for row in rows:
            asked = AskedDelivery(row.delivery_id, _tells(row), row.account, row.destination)
            if is_kept(row, can):
                flow, decisions[row.delivery_id] = gathered(flow, asked, now)
            else:
                flow, decisions[row.delivery_id] = guarded(flow, asked, now, unreached)
        if await context.ledger.replace_counter(name, stored, encode_flow(flow)):
            return decisions


def _tells(row: DeliveryRow) -> str:
    """What the person learns by it: the same of each delivery of an alert."""
    return f"{row.alert_id} {row.late}" if row.late else row.alert_id
