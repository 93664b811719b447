"""What one person got lately, as the processes share it; one that cannot be read begins anew."""

from typing import Final

from signal_engine.core.delivery.flood import PersonalFlow
from signal_engine.core.delivery.ledger import DeliveryRow
from signal_engine.core.delivery.routes import HAND_RAISES
from signal_engine.engine.notify.context import NotifyContext
from signal_engine.engine.ports.delivery.senders import Capabilities
from signal_engine.engine.ports.log_events.delivery import LedgerKeyUnreadable
from signal_engine.wire.storage.deliveries import decode_flow
from signal_engine.wire.storage.documents import UnreadableDocument

_COUNTERS: Final = "deliveries:counter:"
_UNREADABLE: Final = "unreadable:"
"""Begins the name under which the bytes of such a counter are kept."""


async def flow_of(context: NotifyContext, name: str) -> tuple[bytes | None, PersonalFlow]:
    """The counter `name` as it is stored, and what it says.

    What cannot be read counts for nothing, and its bytes are kept apart. A person may get more messages within that
    hour than the guard allows; whoever replaces it goes on counting.
    """
    stored = await context.ledger.counter(name)
    try:
        return stored, decode_flow(stored)
    except UnreadableDocument:
        kept = f"{_UNREADABLE}{name}"
        before = await context.ledger.counter(kept)
        if stored is not None and before != stored and await context.ledger.replace_counter(kept, before, stored):
            context.event_log.write(LedgerKeyUnreadable(key=f"{_COUNTERS}{name}", kept=f"{_COUNTERS}{kept}"))
        return stored, PersonalFlow()


def flow_name(row: DeliveryRow, can: Capabilities) -> str | None:
    """The counter of what the person gets, or of a digest at the destination; None where nothing is counted."""
    if is_kept(row, can):
        return f"digest:{row.destination}:{row.person or ''}"
    if row.person is None or row.type in HAND_RAISES:
        return None
    return f"flow:{row.person}"


def is_kept(row: DeliveryRow, can: Capabilities) -> bool:
    """Whether it is one of a digest for people."""
    return row.timing == "digest" and can.for_people


async def tells_of_others(context: NotifyContext, row: DeliveryRow, can: Capabilities) -> bool:
    """Whether the counter of its person knows it as a message that stands for others: it does not know it for ever."""
    name = flow_name(row, can)
    _, flow = (None, PersonalFlow()) if name is None else await flow_of(context, name)
    return any(one.delivery_id == row.delivery_id for one in flow.summaries)
