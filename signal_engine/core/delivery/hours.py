"""Working hours once more, where a delivery comes late: what could not be sent by day reaches nobody at night."""

from typing import Final

from signal_engine.core.delivery.ledger import DeliveryRow
from signal_engine.core.delivery.plan import Timing
from signal_engine.core.delivery.routes import HAND_RAISES
from signal_engine.core.delivery.team import TeamMember, next_working_instant
from signal_engine.core.rules.instants import MINUTE

_WITHIN_HOURS: Final[frozenset[Timing]] = frozenset({"in_hours", "until_hours", "until_back", "late"})
HELD: Final = "held until working hours begin"
"""Said by a row that waits for them anew."""
_ON_TIME_MS: Final = MINUTE
"""For so long what was planned for an instant within the hours may take to leave."""


def hours_begin(row: DeliveryRow, member: TeamMember | None, now: int) -> int | None:
    """When (ms) the working hours begin for which a row waits that is due at `now` but late; None: it is sent now.

    `member` is whom it is for; None: nobody in particular, who has no hours.
    """
    if member is None or row.timing not in _WITHIN_HOURS or row.type in HAND_RAISES:
        return None
    if row.attempts == 0 and now - (row.due or now) < _ON_TIME_MS:
        return None
    at = next_working_instant(member, now)
    return None if at == now else at
