"""Deals of a CRM as outcomes: opened, won, lost, reopened. Each has an id, so that what is read twice counts once."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final, Literal, NamedTuple, Protocol

import orjson

from signal_engine.engine.sync.ledger import SyncLedger
from signal_engine.wire.outcomes.record import AccountOutcome
from signal_engine.wire.storage.documents import reading
from signal_engine.wire.sync.ledger_rows import MEND_LEDGER


class CrmDeal(NamedTuple):
    """A deal as a CRM has it now. Instants in ms."""

    deal_id: str
    account: str
    opened_at: int
    changed_at: int
    closed_at: int | None = None
    """As the CRM says: the day on which it was, or is to be, closed."""
    ended: Literal["won", "lost"] | None = None
    """None: it is open."""
    stage_name: str | None = None


class DealsPage(NamedTuple):
    """Some deals, and how many were left out because their company is no account."""

    deals: Sequence[CrmDeal]
    of_nobody: int
    changed_until: int
    """The latest change (ms) of any of them; 0: there is none."""


class DealSource(Protocol):
    """Where deals are read. Raises `SinkTrouble`."""

    def deals(self, since: int) -> AsyncIterator[DealsPage]:
        """The deals that changed at `since` (ms) or later."""


class ToldDeal(NamedTuple):
    """What was told of a deal: a CRM says how it stands, and not what it was."""

    ended: Literal["won", "lost"] | None = None
    """None: nothing, or that it was opened again."""
    reopened: int = 0
    """How often it was opened again."""
    reopened_at: int = 0
    """When (ms) it last was."""

    def encode(self) -> bytes:
        """As JSON."""
        return orjson.dumps(tuple(self))

    @classmethod
    def decode(cls, value: bytes | None) -> "ToldDeal":
        """From JSON. Raises `UnreadableDocument`."""
        if value is None:
            return _NOTHING_TOLD
        with reading("what was told of a deal", MEND_LEDGER):
            return cls(*orjson.loads(value)[:3])

    def after(self, deal: CrmDeal) -> "ToldDeal":
        """What is told once `deal` is, too."""
        if self.ended is not None and deal.ended != self.ended:  # also where it has ended otherwise by now
            return ToldDeal(deal.ended, self.reopened + 1, deal.changed_at)
        return self._replace(ended=deal.ended)


_NOTHING_TOLD: Final = ToldDeal()


def outcomes_of(deal: CrmDeal, source: str, told: ToldDeal = _NOTHING_TOLD) -> list[AccountOutcome]:
    """That it was opened, and how it ended, if it did; that it was opened again, if it had ended by what was `told`.

    CRMs let people write any day of closing: one before the opening, or still to come, is not when it was closed.
    """
    opened = AccountOutcome(
        deal.account,
        f"{source}:{deal.deal_id}:opened",
        "opened",
        deal.opened_at,
        opportunity_id=deal.deal_id,
        opened_at=deal.opened_at,
        source=source,
    )
    made, after = [opened], told.after(deal)
    if after.reopened > told.reopened:
        again_id = f"{source}:{deal.deal_id}:reopened:{after.reopened}"
        at = max(deal.changed_at, deal.opened_at)
        made.append(opened._replace(outcome_id=again_id, stage="reopened", at=at, stage_name=deal.stage_name))
    if deal.ended is not None:
        closed = deal.changed_at if deal.closed_at is None else min(deal.closed_at, deal.changed_at)
        again = f":{after.reopened + 1}" if after.reopened else ""
        ended_id = f"{source}:{deal.deal_id}:{deal.ended}{again}"
        at = max(closed, deal.opened_at, after.reopened_at + 1)
        made.append(opened._replace(outcome_id=ended_id, stage=deal.ended, at=at, stage_name=deal.stage_name))
    return made


class TellingDeals:
    """Deals of one CRM as outcomes, with a ledger of those that have ended: `ToldDeal` by the id of the deal."""

    def __init__(self, ledger: SyncLedger, source: str) -> None:
        self._ledger, self._source = ledger, source

    async def outcomes(self, deals: Sequence[CrmDeal]) -> tuple[list[AccountOutcome], dict[str, bytes | None]]:
        """The outcomes of some deals, and the rows to note once they are in Kafka: what is told twice counts once.

        Raises `StoreTrouble`, `UnreadableDocument`.
        """
        rows = await self._ledger.rows([one.deal_id for one in deals]) if deals else []
        made: list[AccountOutcome] = []
        changed: dict[str, bytes | None] = {}
        for deal, row in zip(deals, rows, strict=True):
            told = ToldDeal.decode(row)
            made += outcomes_of(deal, self._source, told)
            if (after := told.after(deal)) != told:
                changed[deal.deal_id] = after.encode()
        return made, changed

    async def note(self, changed: Mapping[str, bytes | None]) -> None:
        """Keep what was told. Raises `StoreTrouble`."""
        await self._ledger.note(changed)
