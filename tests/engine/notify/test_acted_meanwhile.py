"""What people do about an account while its alert waits: who muted it, or whom another spared it, is told nothing."""

import pytest

from signal_engine.core.actions.in_force import InForce, StandingAction
from signal_engine.core.delivery.answering import ActionsSeen
from signal_engine.core.delivery.flood import FLOOD_LIMIT
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.rules.instants import HOUR, MINUTE
from tests.core.delivery.scene import DAILY, WEDNESDAY, at, routing, to
from tests.engine.notify.stand import NOON, FakeSender, NotifyStand, alert_at, names

EVENING = at(WEDNESDAY, 20)
MUTED = ActionsSeen(None, {"ann@example.com": NOON + 14 * 24 * HOUR})


def personal(now: int = NOON) -> NotifyStand:
    return NotifyStand(routing(to("direct")), {"direct": FakeSender(), "ops": FakeSender()}, now=now)


def accounts(stand: NotifyStand) -> list[str]:
    return names(stand.senders["direct"].sent)


@pytest.mark.parametrize("waits_for", ["the digest", "another attempt", "room in the hour"])
async def test_whatever_an_alert_waits_for_who_mutes_the_account_meanwhile_is_told_nothing(waits_for: str) -> None:
    routes = routing(to("direct", digest=DAILY) if waits_for == "the digest" else to("direct"))
    stand = NotifyStand(routes, {"direct": FakeSender(), "ops": FakeSender()})
    first = FLOOD_LIMIT if waits_for == "room in the hour" else 0
    await stand.plan(*(alert_at(f"a{number}.com", NOON + number) for number in range(first)))
    await stand.deliver("direct")
    if waits_for == "another attempt":
        stand.senders["direct"].answers = [Attempt("retry", "it is down")]
    await stand.plan(alert_at("muted.com", NOON))
    await stand.deliver("direct")
    assert "muted.com" not in accounts(stand)
    stand.seen.of["muted.com"] = MUTED
    stand.now += 2 * 24 * HOUR
    for _ in range(2):
        await stand.deliver("direct")
        stand.now += MINUTE
    assert "muted.com" not in accounts(stand)
    (row,) = [row for row in await stand.rows() if row.account == "muted.com"]
    assert (row.status, row.said) == ("suppressed", "the person muted the account meanwhile")


@pytest.mark.parametrize(
    ("by", "claimed_at", "type_", "goes"),
    [
        ("bo@example.com", EVENING + 1, "entered_hot", False),
        ("ann@example.com", EVENING + 1, "entered_hot", True),
        ("bo@example.com", EVENING - 1, "entered_hot", True),
        ("nobody@example.com", EVENING + 1, "entered_hot", True),
        ("bo@example.com", EVENING + 1, "hand_raise", True),
    ],
    ids=["by another", "by the person", "before the alert, for which they stand in", "by a stranger", "a hand raise"],
)
async def test_what_another_claimed_while_its_alert_waits_is_not_told_to_a_second_person(
    by: str, claimed_at: int, type_: str, goes: bool
) -> None:
    stand = personal(now=EVENING)
    stand.senders["direct"].answers = [Attempt("retry", "it is down")]
    await stand.plan(alert_at("acme.com", EVENING, type=type_))
    await stand.deliver("direct")
    claim = StandingAction(by, claimed_at)
    stand.seen.of["acme.com"] = ActionsSeen(by, in_force=InForce(claim=claim))
    stand.now = at(WEDNESDAY.replace(day=3), 8)
    for _ in range(2):
        await stand.deliver("direct")
        stand.now += MINUTE
    assert accounts(stand) == ["acme.com"] * goes
    (row,) = await stand.rows()
    assert row.said == ("it took it" if goes else "somebody else claimed the account meanwhile")


async def test_a_hand_raise_that_waits_goes_to_who_muted_the_account_meanwhile() -> None:
    """Nobody else was asked, and it needs an answer."""
    stand = personal()
    stand.senders["direct"].answers = [Attempt("retry", "it is down")]
    await stand.plan(alert_at("acme.com", NOON, type="hand_raise"))
    await stand.deliver("direct")
    stand.seen.of["acme.com"] = MUTED
    stand.now += HOUR
    await stand.deliver("direct")
    assert accounts(stand) == ["acme.com"]
