"""The ledger at a glance, for readers of a page: one look at all rows, of which the newest few are kept."""

from collections import Counter
from collections.abc import Iterable, Mapping
from heapq import heappush, heappushpop
from typing import Final, NamedTuple, TypeAlias

from signal_engine.core.delivery.hours import HELD
from signal_engine.core.delivery.ledger import DeliveryRow, RowStatus
from signal_engine.core.delivery.plan import Timing
from signal_engine.engine.notify.asked import LedgerTotals, totals
from signal_engine.engine.ports.delivery.ledger import Ledger

NEWEST_KEPT: Final = 200
"""Deliveries of each destination and state that an overview has; whoever asks for more reads the ledger."""
_WAITS: Final[Mapping[Timing, str]] = {
    "until_hours": "held until the person's working hours",
    "until_back": "held until the person is back",
    "digest": "kept for the digest of its route",
}
_Newest: TypeAlias = list[tuple[int, str, DeliveryRow]]


class Withheld(NamedTuple):
    """Deliveries that were not sent as messages of their own, or wait, and why."""

    destination: str
    status: RowStatus
    why: str


class LedgerOverview(NamedTuple):
    """What a page of deliveries shows."""

    totals: LedgerTotals
    withheld: dict[Withheld, int]
    newest: dict[tuple[str, RowStatus, bool], _Newest]
    """(destination, status, whether the account is held back) -> up to `NEWEST_KEPT` rows that changed last."""
    told: Mapping[str, int]
    """Delivery -> how many others its message tells of."""
    began: bool
    """Whether a process ever delivered."""

    def latest(self, destination: str | None, status: str | None, most: int, *, administers: bool) -> list[DeliveryRow]:
        """The rows that changed last, newest first; of one destination, in one state, where these are given.

        `most` is at most `NEWEST_KEPT`. Who is in a control group is seen only by who `administers`; how many are not
        told of, by everybody.
        """
        found: Iterable[tuple[int, str, DeliveryRow]] = (
            one
            for (to, state, held), rows in self.newest.items()
            if destination in {None, to} and status in {None, state} and (administers or not held)
            for one in rows
        )
        return [row for *_, row in sorted(found, key=lambda one: one[:2], reverse=True)[:most]]


async def overview(ledger: Ledger) -> LedgerOverview:
    """The ledger as it is now. Raises `StoreTrouble`."""
    withheld: Counter[Withheld] = Counter()
    newest: dict[tuple[str, RowStatus, bool], _Newest] = {}
    told: Counter[str] = Counter()

    def look(row: DeliveryRow) -> None:
        if (why := _why_not_sent(row)) is not None:
            withheld[Withheld(row.destination, row.status, why)] += 1
        if row.into is not None:
            told[row.into] += 1
        kept = newest.setdefault((row.destination, row.status, row.timing == "held_back"), [])
        one = (row.changed_at, row.delivery_id, row)
        if len(kept) < NEWEST_KEPT:
            heappush(kept, one)
        else:
            heappushpop(kept, one)

    partitions = await ledger.partitions()
    counted = await totals(ledger, partitions, look)
    return LedgerOverview(counted, dict(withheld), newest, told, bool(partitions))


def _why_not_sent(row: DeliveryRow) -> str | None:
    """Why a delivery is withheld; None where it was sent, was tried, or is about to be."""
    if row.status in {"suppressed", "grouped", "overdue"} or (row.status == "waiting" and row.late):
        return row.said or row.status
    if row.status == "for_digest" or (row.status == "pending" and (row.attempts == 0 or row.said == HELD)):
        return row.said or _WAITS.get(row.timing)
    return None
