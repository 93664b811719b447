"""What asks for an answer, or tells of others, stays as it was sent: no newer alert of the account takes its place."""

import pytest

from signal_engine.core.alerting.alerts import HAND_RAISE, INBOUND, AlertType
from signal_engine.core.delivery.flood import FLOOD_LIMIT
from signal_engine.core.delivery.ledger import GROUPED_MS
from signal_engine.core.delivery.routes import DigestTime
from signal_engine.core.rules.instants import HOUR, MINUTE, SECOND
from tests.core.delivery.scene import WEDNESDAY, at, routing, to
from tests.engine.notify.stand import NOON, PLAIN, FakeSender, NotifyStand, alert_at, names

EDITS = PLAIN._replace(edits=True)


def editing(**route: object) -> NotifyStand:
    return NotifyStand(routing(to("direct", **route)), {"direct": FakeSender(EDITS), "ops": FakeSender()})


async def more_of(stand: NotifyStand, account: str) -> None:
    """A newer alert of the account, 30 seconds after its last message, and all that becomes of it."""
    stand.now += 30 * SECOND
    await stand.plan(alert_at(account, stand.now, 9, type="new_evidence"))
    await stand.deliver("direct")


@pytest.mark.parametrize("type_", [HAND_RAISE, INBOUND])
async def test_a_hand_raise_stays_and_what_comes_after_it_is_a_message_of_its_own(type_: AlertType) -> None:
    stand = editing()
    await stand.plan(alert_at("acme.com", NOON, type=type_))
    await stand.deliver("direct")
    await more_of(stand, "acme.com")
    assert len(stand.senders["direct"].sent) == 1  # a second one would come at once upon the first
    stand.now = NOON + GROUPED_MS
    await stand.deliver("direct")
    assert [one.alert["type"] for _, _, one in stand.senders["direct"].sent] == [type_, "new_evidence"]
    assert stand.senders["direct"].edited == []


async def test_a_message_that_counts_others_stays() -> None:
    stand = editing()
    await stand.plan(*(alert_at(f"a{number}.com", NOON + number) for number in range(FLOOD_LIMIT + 4)))
    await stand.deliver("direct")
    (waiting,) = [row for row in await stand.rows() if row.status == "pending"]
    stand.now = NOON + HOUR + SECOND
    await stand.deliver("direct")
    await more_of(stand, waiting.account)
    stand.now += GROUPED_MS
    await stand.deliver("direct")
    assert stand.senders["direct"].edited == []
    assert names(stand.senders["direct"].sent)[-2:] == [waiting.account] * 2


async def test_what_was_kept_for_a_digest_stays() -> None:
    stand = editing(digest=DigestTime(13 * 60))
    await stand.plan(alert_at("acme.com", NOON), alert_at("other.com", NOON + 1))
    stand.now = at(WEDNESDAY, 13)
    await stand.deliver("direct")
    stand.now += MINUTE
    await stand.deliver("direct")
    ((_, _, told),) = stand.senders["direct"].sent
    stand.routes = routing(to("direct"))
    stand.context.routing = stand.routes
    await more_of(stand, told.alert["account_id"])
    stand.now += GROUPED_MS
    await stand.deliver("direct")
    assert stand.senders["direct"].edited == []
    assert len(stand.senders["direct"].sent) == 2


async def test_whom_a_newer_alert_can_no_longer_join_is_forgotten() -> None:
    stand = editing()
    for number in range(3):
        await stand.plan(alert_at(f"a{number}.com", stand.now))
        await stand.deliver("direct")
        stand.now += GROUPED_MS
    assert [account for account, _ in stand.queue("direct")._recent] == ["a2.com"]
