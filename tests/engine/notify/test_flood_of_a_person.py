"""One person gets six alerts an hour, wherever they reach them; what tells of the others can be read afterwards."""

import pytest

from signal_engine.core.delivery.flood import FLOOD_LIMIT
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.delivery.routes import Condition, Destination
from signal_engine.core.rules.instants import HOUR
from signal_engine.engine.notify.asked import RowFilter, find_rows
from signal_engine.engine.notify.documents import deliveries_document
from signal_engine.engine.notify.overview import overview
from tests.core.delivery.scene import routing, to
from tests.engine.notify.stand import NOON, FakeSender, NotifyStand, alert_at, names

_CHAT = to("direct")._replace(when=(Condition("tier", ("A",)),))
_ROUTES = routing(_CHAT, to("mail"))
ROUTES = _ROUTES._replace(destinations={**_ROUTES.destinations, "mail": Destination("mail", "email", personal=True)})
PLACES = ("direct", "mail")


def stand() -> NotifyStand:
    return NotifyStand(ROUTES, {name: FakeSender() for name in ("direct", "mail", "ops")})


def told(there: NotifyStand) -> list[str]:
    return [account for place in PLACES for account in names(there.senders[place].sent)]


async def deliver(there: NotifyStand) -> None:
    for place in PLACES:
        await there.deliver(place)


async def test_six_an_hour_are_counted_over_all_destinations_and_one_message_tells_of_the_rest() -> None:
    there = stand()
    await there.plan(
        *(alert_at(f"a{number}.com", NOON + number, tier="AB"[number % 2]) for number in range(FLOOD_LIMIT + 4))
    )
    await deliver(there)
    assert len(told(there)) == FLOOD_LIMIT
    there.now += HOUR
    await deliver(there)
    assert len(told(there)) == FLOOD_LIMIT + 1
    grouped = [row for row in await there.rows() if row.status == "grouped"]
    (summary,) = {row.into for row in grouped}
    assert {row.destination for row in grouped} == {"mail"}, "what the message in the chat tells of was to be mailed"
    (row,) = [row for row in await there.rows() if row.delivery_id == summary]
    assert (row.destination, row.status) == ("mail", "sent")
    assert len(grouped) == 3
    found = await find_rows(there.ledger, [0], RowFilter(into=[row.delivery_id]), 9)
    assert {one.row for one in found} == {*grouped}
    (seen,) = await find_rows(there.ledger, [0], RowFilter(delivery_ids=[row.delivery_id]), 9)
    assert seen.tells_of == 3
    glance = await overview(there.ledger)
    now = deliveries_document(glance, "mail", "sent", 50, there.now, administers=False)
    assert {one["delivery_id"]: one["tells_of"] for one in now["deliveries"]}[row.delivery_id] == 3


async def test_hand_raises_pass_at_both() -> None:
    there = stand()
    await there.plan(*(alert_at(f"a{number}.com", NOON, tier="AB"[number % 2]) for number in range(FLOOD_LIMIT)))
    raised = [alert_at("raised.com", NOON, number, type="hand_raise", tier="AB"[number]) for number in range(2)]
    await there.plan(*raised)
    await deliver(there)
    assert told(there).count("raised.com") == 2


async def test_a_dead_receiver_holds_nothing_that_goes_elsewhere() -> None:
    there = stand()
    await there.plan(*(alert_at(f"a{number}.com", NOON, tier="A") for number in range(FLOOD_LIMIT + 2)))
    await deliver(there)
    there.senders["direct"].answers = [Attempt("disabled", "its token was revoked")]
    await there.plan(alert_at("raised.com", NOON, type="hand_raise", tier="A"))
    await deliver(there)
    await there.plan(alert_at("mailed.com", NOON, tier="B"))
    there.now += HOUR
    await deliver(there)
    assert names(there.senders["mail"].sent) == ["mailed.com"]


@pytest.mark.parametrize("value", [b"{", b"[[[1,2]],[]]", b"\xff"])
async def test_a_count_that_cannot_be_read_is_named_once_kept_and_begun_anew(value: bytes) -> None:
    there = stand()
    assert await there.ledger.replace_counter("flow:Ann Roe", None, value)
    await there.plan(*(alert_at(f"a{number}.com", NOON + number, tier="A") for number in range(FLOOD_LIMIT + 3)))
    await deliver(there)
    assert len(told(there)) == FLOOD_LIMIT
    assert await there.ledger.counter("unreadable:flow:Ann Roe") == value
    said = [(level, facts) for level, event, facts in there.said.lines if event == "ledger_key_unreadable"]
    assert said == [
        (
            "error",
            {"key": "deliveries:counter:flow:Ann Roe", "kept": "deliveries:counter:unreadable:flow:Ann Roe"},
        )
    ]
