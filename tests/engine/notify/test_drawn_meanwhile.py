"""An account that comes into the control group while its alert waits: only hand raises and pinned ones are sent."""

from datetime import timedelta
from typing import Any

import pytest

from signal_engine.core.delivery.holdback import Holdback
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.delivery.response.clocks import ResponseClock
from signal_engine.core.delivery.routes import Routing
from signal_engine.core.rules.instants import HOUR
from tests.core.delivery.scene import DAILY, WEDNESDAY, at, routing, to
from tests.engine.notify.stand import NOON, FakeSender, NotifyStand, alert_at

EVENING = at(WEDNESDAY, 20)
TOMORROW = at(WEDNESDAY.replace(day=3), 9)
DRAW = Holdback(0.5, WEDNESDAY + timedelta(days=1))
_NAMES = [f"a{number}.com" for number in range(40)]
DRAWN = next(name for name in _NAMES if DRAW.has_drawn(name))
OTHER = next(name for name in _NAMES if not DRAW.has_drawn(name))


def a_stand(routes: Routing, now: int) -> NotifyStand:
    """From tomorrow on the account `DRAWN` is in the control group."""
    senders = {"direct": FakeSender(), "ops": FakeSender()}
    return NotifyStand(routes._replace(holdback=(DRAW,)), senders, now=now)


async def sent(stand: NotifyStand, name: str) -> list[str]:
    await stand.deliver(name)
    return sorted(message.alert["account_id"] for _, _, message in stand.senders[name].sent)


async def held_back(stand: NotifyStand) -> list[tuple[str, str | None]]:
    return [
        (row.account, row.said) for row in await stand.rows() if (row.status, row.timing) == ("suppressed", "held_back")
    ]


@pytest.mark.parametrize("route", [to("direct"), to("direct", digest=DAILY)], ids=["hours", "digest"])
async def test_what_waits_for_its_hour_is_not_sent_of_an_account_that_was_drawn_meanwhile(route: Any) -> None:
    stand = a_stand(routing(route), EVENING)
    await stand.plan(alert_at(DRAWN, EVENING), alert_at(OTHER, EVENING))
    assert await sent(stand, "direct") == []
    stand.now = TOMORROW
    await stand.deliver("direct")
    stand.now += HOUR  # what was kept for a digest is gathered first
    assert await sent(stand, "direct") == [OTHER]
    assert await held_back(stand) == [(DRAWN, "the account is in the control group")]


@pytest.mark.parametrize(
    ("more", "goes"),
    [({}, False), ({"type": "hand_raise"}, True), ({"pinned": True}, True)],
    ids=["plain", "hand raise", "pinned"],
)
async def test_a_retry_goes_on_for_hand_raises_and_pinned_accounts_alone(more: dict[str, Any], goes: bool) -> None:
    late = at(WEDNESDAY, 23, 59)
    stand = a_stand(routing(to("ops", sent="always")), late)
    stand.senders["ops"].answers = [Attempt("retry", "it is down")]
    await stand.plan(alert_at(DRAWN, late, **more))
    assert await sent(stand, "ops") == []
    stand.now = TOMORROW
    assert await sent(stand, "ops") == ([DRAWN] if goes else [])
    assert bool(await held_back(stand)) is not goes


@pytest.mark.parametrize(("more", "tells"), [({}, False), ({"pinned": True}, True)], ids=["plain", "pinned"])
async def test_a_clock_of_an_account_that_was_drawn_meanwhile_tells_nobody(more: dict[str, Any], tells: bool) -> None:
    clock = ResponseClock(minutes=7 * 60)
    stand = a_stand(routing(to("direct", clock=clock)), NOON)
    await stand.plan(alert_at(DRAWN, NOON, **more))
    assert await sent(stand, "direct") == [DRAWN]
    stand.now = TOMORROW + HOUR
    await stand.keep_clocks()
    assert bool(stand.context.figures.late) is tells
    assert bool(await held_back(stand)) is not tells
