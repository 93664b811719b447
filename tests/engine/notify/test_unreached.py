"""Alerts that reached nobody for whom they were meant, counted once each, and those that nothing here can send."""

from collections.abc import Mapping
from typing import Any

from signal_engine.core.delivery.routes import Routing
from signal_engine.engine.notify.asked import UnreachedAlerts, totals
from signal_engine.engine.notify.documents import stats_document
from tests.core.delivery.scene import routing, to
from tests.engine.notify.stand import NOON, FakeSender, NotifyStand, alert_at, names

NOBODYS: Mapping[str, Any] = {"sdr": None, "owner": None}


def stand_of(routes: Routing) -> NotifyStand:
    return NotifyStand(routes, {name: FakeSender() for name in ("direct", "ops", "west")})


async def test_alerts_of_accounts_that_nobody_has_are_counted_with_what_mends_it() -> None:
    stand = stand_of(routing(to("direct", "west", "ops")))
    known, unknown = alert_at("acme.com", NOON), alert_at("who.com", NOON, sdr="Nobody Known")
    nobodys = [alert_at("beta.com", NOON, number, **NOBODYS) for number in (1, 2)]
    await stand.plan(known, *nobodys, alert_at("gamma.com", NOON, **NOBODYS), unknown)
    for name in stand.senders:
        await stand.deliver(name)
    assert "sent" in await stand.statuses()
    assert stand.context.figures.unreached == {"unassigned": 3, "unknown": 1}
    said = [facts for _, event, facts in stand.said.lines if event == "alert_reached_nobody"]
    assert [facts["why"] for facts in said] == ["unassigned"] * 3 + ["unknown"]
    assert {facts["alert_id"] for facts in said[:2]} == {one["alert_id"] for one in nobodys}
    found = await totals(stand.ledger, [0])
    assert found.unreached == {"unassigned": UnreachedAlerts(3, 2), "unknown": UnreachedAlerts(1, 1)}
    first, second = stats_document(found)["unreached"]
    assert (first["why"], first["alerts"], first["accounts"]) == ("unassigned", 3, 2)
    assert "routes assign" in first["mended_by"]
    assert (second["why"], "`people`" in second["mended_by"]) == ("unknown", True)


async def test_a_record_that_comes_twice_is_counted_once() -> None:
    stand = stand_of(routing(to("direct")))
    alert = alert_at("beta.com", NOON, **NOBODYS)
    await stand.plan(alert)
    await stand.plan(alert)
    assert (await totals(stand.ledger, [0])).unreached == {"unassigned": UnreachedAlerts(1, 1)}


async def test_nothing_is_counted_where_a_route_means_no_person() -> None:
    stand = stand_of(routing(to("west")))
    await stand.plan(alert_at("beta.com", NOON, **NOBODYS))
    assert stand.context.figures.unreached == {}
    assert stats_document(await totals(stand.ledger, [0]))["unreached"] == []


async def test_what_waits_for_a_destination_that_is_gone_from_the_file_is_said_until_it_is_back() -> None:
    stand = NotifyStand(routing(to("ops", sent="always")), {"ops": FakeSender()})
    await stand.plan(alert_at("acme.com", NOON))
    ops, stand.senders = stand.senders, {"west": FakeSender()}
    routes = routing(to("west", sent="always"))
    stand.routes = routes._replace(destinations={"west": routes.destinations["west"]})
    stand.start()
    await stand.take()
    for _ in range(2):
        await stand.notifier._refresh_unsendable()
    assert [*stand.context.figures.failing] == ["ops"]
    assert "the routes file does not have it any more" in stand.context.figures.failing["ops"]
    assert stand.said.words.count("destination_failing") == 1
    stand.senders = ops
    stand.start()
    await stand.take()
    await stand.notifier._refresh_unsendable()
    assert stand.context.figures.failing == {}
    await stand.deliver()
    assert names(ops["ops"].sent) == ["acme.com"]


async def test_what_waits_for_a_destination_that_is_not_set_up_is_said_until_nothing_does() -> None:
    stand = NotifyStand(routing(to("west", sent="always")), {"ops": FakeSender()})
    await stand.plan(alert_at("acme.com", NOON))
    await stand.notifier._refresh_unsendable()
    assert "is not set up" in stand.context.figures.failing["west"]
    await stand.notifier._given_up([0])
    await stand.notifier._refresh_unsendable()
    assert stand.context.figures.failing == {}, "another process says it now"
