"""What an outage made late does not reach anybody outside their working hours, and is not given up for that."""

import pytest

from signal_engine.adapters.outgoing.senders import FOR_NOBODY
from signal_engine.core.alerting.alerts import HAND_RAISE
from signal_engine.core.delivery.flood import FLOOD_LIMIT
from signal_engine.core.delivery.hours import HELD
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.rules.instants import MINUTE
from signal_engine.engine.notify.overview import Withheld, overview
from tests.core.delivery.scene import ANN, BO, WEDNESDAY, at, routing, to
from tests.engine.notify.stand import FakeSender, NotifyStand, alert_at, names

LAST_MINUTE, NIGHT = at(WEDNESDAY, 17, 59), at(WEDNESDAY, 23)
MORNING = at(WEDNESDAY.replace(day=3), 8)
LATER = Attempt("retry", "the receiver answered 503")


def at_last_minute(answer: Attempt, **route: object) -> NotifyStand:
    """Of Ann, in Berlin, whose receiver says this to the first message."""
    stand = NotifyStand(routing(to("direct", **route)), {"direct": FakeSender(), "ops": FakeSender()}, now=LAST_MINUTE)
    stand.senders["direct"].answers = [answer]
    return stand


async def night_and_morning(stand: NotifyStand) -> tuple[list[str], list[str]]:
    """The accounts that were told of at night, and by the morning."""
    stand.now = NIGHT
    await stand.deliver("direct")
    at_night = names(stand.senders["direct"].sent)
    stand.now = MORNING
    await stand.deliver("direct")
    return at_night, names(stand.senders["direct"].sent)


async def test_what_failed_by_day_is_tried_again_in_the_morning_for_24_hours_from_then_on() -> None:
    stand = at_last_minute(LATER)
    await stand.plan(alert_at("acme.com", LAST_MINUTE))
    await stand.deliver("direct")
    stand.now = NIGHT
    await stand.deliver("direct")
    (row,) = await stand.rows()
    assert (row.status, row.due, row.first_due_at, row.said) == (
        "pending", MORNING, None, HELD,
    )  # fmt: skip
    notes = (await stand.ledger.notes(0))["direct"].last
    assert (notes.last_error_at, notes.last_error) == (LAST_MINUTE, LATER.said), "to wait is no error"
    assert (await overview(stand.ledger)).withheld == {Withheld("direct", "pending", HELD): 1}
    assert await night_and_morning(stand) == ([], ["acme.com"])


async def test_what_waited_for_a_disabled_destination_does_not_come_in_the_night_in_which_it_is_mended() -> None:
    stand = at_last_minute(Attempt("disabled", "the token was revoked"))
    await stand.plan(alert_at("acme.com", LAST_MINUTE))
    await stand.deliver("direct")
    await stand.plan(alert_at("beta.com", LAST_MINUTE))
    assert await stand.ledger.enable("direct")
    await stand.notifier._refresh_disabled()
    at_night, by_morning = await night_and_morning(stand)
    assert (at_night, sorted(by_morning)) == ([], ["acme.com", "beta.com"])


@pytest.mark.parametrize(("successor", "reached"), [("Bo Lind", ("direct", "Bo Lind")), (None, ("ops", None))])
async def test_what_outlasts_somebodys_last_day_goes_to_whoever_comes_after_them(
    successor: str | None, reached: tuple[str, str | None]
) -> None:
    ann = ANN._replace(leaves=WEDNESDAY, successor=successor)
    stand = at_last_minute(LATER, sent="always")
    stand.context.routing = routing(to("direct", sent="always"), people=(ann, BO))
    await stand.plan(alert_at("acme.com", LAST_MINUTE))
    await stand.deliver("direct")
    stand.now = MORNING
    if successor is None:
        stand.senders["direct"].answers = [FOR_NOBODY]
    await stand.deliver("direct")
    await stand.deliver("ops")
    assert [(name, one[1]) for name in stand.senders for one in stand.senders[name].sent] == [reached]


@pytest.mark.parametrize(("route", "more"), [({"sent": "always"}, {}), ({}, {"type": HAND_RAISE})])
async def test_what_never_waits_for_hours_does_not_begin_to(route: dict[str, object], more: dict[str, str]) -> None:
    stand = at_last_minute(LATER, **route)
    await stand.plan(alert_at("acme.com", LAST_MINUTE, **more))
    await stand.deliver("direct")
    assert await night_and_morning(stand) == (["acme.com"], ["acme.com"])


async def test_a_message_that_counts_others_is_not_held_until_nobody_knows_of_them() -> None:
    stand = at_last_minute(LATER)
    stand.senders["direct"].answers = []
    await stand.plan(*(alert_at(f"a{number}.com", LAST_MINUTE) for number in range(FLOOD_LIMIT + 3)))
    await stand.deliver("direct")
    stand.senders["direct"].answers = [LATER]
    for _ in range(2):
        stand.now += 61 * MINUTE
        await stand.deliver("direct")
    told = stand.senders["direct"].sent[-1][2]
    assert [fact.label for fact in told.content.facts][-1] == "2 more, see the list"
