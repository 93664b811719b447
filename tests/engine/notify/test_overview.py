"""An overview of the ledger keeps the newest of each destination and state, however many there are."""

from signal_engine.adapters.memory.deliveries import MemoryLedger
from signal_engine.core.delivery.answering import ActionsSeen
from signal_engine.core.delivery.ledger import DeliveryRow, rows_of
from signal_engine.core.delivery.plan import PlannedDelivery, plan
from signal_engine.engine.notify.overview import NEWEST_KEPT, overview
from signal_engine.engine.ports.delivery.ledger import LedgerHead, NewRow
from tests.core.delivery.scene import ALERT, routing, to

PLAN = plan(ALERT, routing(to("ops")), ActionsSeen(), 0)
MORE = 30


def row(number: int, destination: str) -> DeliveryRow:
    planned = PlannedDelivery(f"{destination}-{number:04}", destination, None, "at_once", 1)
    return rows_of(ALERT, PLAN._replace(deliveries=(planned,)), 1, number)[0]


async def test_rows_beyond_those_kept_are_counted_and_the_newest_stay() -> None:
    ledger = MemoryLedger()
    for partition, destination in enumerate(("ops", "west")):
        await ledger.begin(partition, LedgerHead(0))
        many = NEWEST_KEPT + MORE if destination == "ops" else MORE
        shuffled = sorted(range(many), key=lambda number: number * 7_919 % 1_009)
        await ledger.plan(partition, 0, 1, [NewRow(row(number, destination), b"{}") for number in shuffled])
    found = await overview(ledger)
    assert found.totals.counts == {
        ("ops", ALERT.type, "pending"): NEWEST_KEPT + MORE,
        ("west", ALERT.type, "pending"): MORE,
    }
    kept = [one.made_at for one in found.latest("ops", None, NEWEST_KEPT, administers=True)]
    assert kept == [*reversed(range(MORE, NEWEST_KEPT + MORE))]
    assert [one.made_at for one in found.latest("west", "pending", 5, administers=True)] == [29, 28, 27, 26, 25]
    assert found.latest("west", "sent", 5, administers=True) == []


async def test_a_ledger_that_nobody_began_is_empty() -> None:
    found = await overview(MemoryLedger())
    assert (found.began, found.totals.counts, found.withheld, found.latest(None, None, 9, administers=True)) == (
        False,
        {},
        {},
        [],
    )
