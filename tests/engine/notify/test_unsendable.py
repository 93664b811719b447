"""What waits for a destination to which nothing here sends is said, and not forgotten."""

from tests.core.delivery.scene import routing, to
from tests.engine.notify.stand import NOON, FakeSender, NotifyStand, alert_at, names


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
