"""A ledger in which everything has happened that a page of deliveries tells of."""

from signal_engine.core.delivery.answering import ActionsSeen
from signal_engine.core.delivery.ledger import (
    DeliveryRow,
    attempted,
    claimed,
    grouped,
    rows_of,
    sent_again,
)
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.delivery.plan import PlannedDelivery, Timing, plan
from signal_engine.core.rules.instants import HOUR, MINUTE
from signal_engine.engine.ports.delivery.ledger import DisabledDestination, Ledger, LedgerHead, NewRow, RowChange
from tests.core.delivery.scene import ALERT, routing, to

_PLAN = plan(ALERT, routing(to("ops")), ActionsSeen(), 0)
GONE = "Slack: account_inactive"


async def fill(ledger: Ledger, now: int, said: str = "HTTP 400: invalid_payload") -> None:
    """Deliveries to `direct`, `ops` (which `said` what is wrong) and `west`, which is disabled."""
    await ledger.begin(0, LedgerHead(0))
    alert = ALERT._replace(account="hollobrand.nl")

    def row(delivery_id: str, to: str, timing: Timing = "at_once", person: str | None = None) -> DeliveryRow:
        at = {"muted": None, "held_back": None, "until_hours": now + HOUR, "digest": now + HOUR}.get(timing, now)
        planned = PlannedDelivery(delivery_id, to, person, timing, at)
        return rows_of(alert, _PLAN._replace(deliveries=(planned,)), now - HOUR, now - HOUR)[0]

    sent, refused, resting = row("d-sent", "direct", person="Ann Roe"), row("d-refused", "ops"), row("d-rests", "west")
    more = row("d-more", "direct", person="Ann Roe")
    rows = [
        sent,
        refused,
        resting,
        more,
        row("d-held", "direct", "until_hours", "Ann Roe"),
        row("d-muted", "direct", "muted", "Bo Lind"),
        row("d-held-back", "direct", "held_back", "Ann Roe"),
        row("d-digest", "ops", "digest"),
    ]
    assert await ledger.plan(0, 0, 1, [NewRow(one, b"{}") for one in rows])

    async def move(before: DeliveryRow, after: DeliveryRow) -> DeliveryRow:
        assert await ledger.change(0, [RowChange(before, after)]) == [True]
        return after

    sending = await move(sent, claimed(sent, "me", now - 5 * MINUTE))
    again = await move(sending, sent_again(sending, now - 4 * MINUTE))
    await move(again, attempted(again, Attempt("sent", "Slack took it", "D1/2"), now - 3 * MINUTE, 0.0))
    sending = await move(refused, claimed(refused, "me", now - 2 * MINUTE))
    await move(sending, attempted(sending, Attempt("failed", said), now - MINUTE, 0.0))
    sending = await move(resting, claimed(resting, "me", now - 2 * MINUTE))
    await move(sending, attempted(sending, Attempt("disabled", GONE), now - MINUTE, 0.0))
    await move(more, grouped(more, "d-sent", "another message of the account tells of it", now - MINUTE))
    await ledger.disable("west", DisabledDestination(now - MINUTE, GONE))
