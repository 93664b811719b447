"""From a record to what a receiver has: planned once, written before it is sent, retried, refused, given up."""

import pytest

from signal_engine.core.delivery.ledger import LEASE_MS
from signal_engine.core.delivery.outcomes import Attempt, by_slack_error
from signal_engine.core.rules.instants import HOUR, MINUTE, SECOND
from signal_engine.engine.notify.asked import FoundRow, retry_rows
from signal_engine.wire.config.yaml_files import ConfigurationError
from tests.core.delivery.scene import DAILY, routing, to
from tests.engine.notify.stand import NOON, PLAIN, FakeSender, NotifyStand, alert_at, names

RETRY = Attempt("retry", "the receiver answered 503")


async def test_an_alert_is_planned_and_sent_once() -> None:
    stand = NotifyStand()
    assert await stand.plan(alert_at("acme.com", NOON)) == 1
    await stand.deliver()
    (row,) = await stand.rows()
    assert (row.status, row.receiver_id, row.attempts) == ("sent", "r-1", 1)
    assert names(stand.senders["ops"].sent) == ["acme.com"]
    assert stand.reached == [
        "before_plan", "after_plan", "before_claim", "after_claim",
        "after_disk", "before_send", "after_send", "after_record",
    ]  # fmt: skip


async def test_a_record_that_comes_twice_is_one_delivery() -> None:
    stand = NotifyStand()
    alert = alert_at("acme.com", NOON)
    await stand.plan(alert, alert)
    await stand.deliver()
    await stand.plan(alert)
    await stand.deliver()
    assert len(stand.senders["ops"].sent) == 1


async def test_what_is_no_alert_is_told_and_holds_nobody() -> None:
    stand = NotifyStand()
    assert await stand.plan(b"\xff no alert", alert_at("acme.com", NOON)) == 2
    await stand.deliver()
    assert names(stand.senders["ops"].sent) == ["acme.com"]
    assert stand.context.figures.unreadable == 1
    ((level, _, facts),) = [line for line in stand.said.lines if line[1] == "alert_unreadable"]
    assert (level, facts["offset"], facts["problem"]) == ("error", 0, "is not one JSON document")


async def test_what_the_engine_did_not_send_is_not_delivered() -> None:
    stand = NotifyStand()
    await stand.plan(alert_at("acme.com", NOON, recorded="snoozed"))
    assert await stand.rows() == []
    assert stand.context.figures.not_for_people == 1


async def test_a_failure_that_may_pass_is_tried_again_after_its_pause() -> None:
    stand = NotifyStand()
    stand.senders["ops"].answers = [RETRY]
    await stand.plan(alert_at("acme.com", NOON))
    await stand.deliver()
    (row,) = await stand.rows()
    assert (row.status, row.due, row.said) == ("pending", NOON + 5 * SECOND, "the receiver answered 503")
    stand.now += 5 * SECOND - 1
    await stand.deliver()
    assert stand.senders["ops"].sent == []
    stand.now += 1
    await stand.deliver()
    assert await stand.statuses() == ["sent"]


async def test_what_the_receiver_asks_to_wait_holds_the_whole_destination() -> None:
    stand = NotifyStand()
    stand.senders["ops"].answers = [RETRY._replace(retry_after_s=120)]
    await stand.plan(alert_at("acme.com", NOON))
    await stand.deliver()
    await stand.plan(alert_at("beta.com", NOON))
    stand.now += 119 * SECOND
    await stand.deliver()
    assert stand.senders["ops"].sent == []
    stand.now += SECOND
    await stand.deliver()
    assert sorted(names(stand.senders["ops"].sent)) == ["acme.com", "beta.com"]


async def test_a_receiver_that_asks_for_a_long_rest_is_said_to_fail_until_it_takes_something() -> None:
    stand = NotifyStand()
    stand.senders["ops"].answers = [RETRY._replace(retry_after_s=3_600)]
    await stand.plan(alert_at("acme.com", NOON))
    await stand.deliver()
    assert stand.context.figures.failing == {"ops": "the receiver answered 503, and asks for 3,600 seconds"}
    stand.now += HOUR
    await stand.deliver()
    assert (await stand.statuses(), stand.context.figures.failing) == (["sent"], {})


async def test_what_waited_for_days_while_its_destination_was_disabled_has_a_day_from_then_on() -> None:
    stand = NotifyStand()
    stand.senders["ops"].answers = [Attempt("disabled", "the receiver answered 410")]
    await stand.plan(alert_at("acme.com", NOON))
    await stand.deliver()
    await stand.plan(alert_at("beta.com", NOON))
    stand.now += 72 * HOUR
    assert await stand.ledger.enable("ops")
    await stand.notifier._refresh_disabled()
    stand.senders["ops"].answers = [RETRY] * 4
    for _ in range(5):
        await stand.deliver()
        stand.now += MINUTE
    assert await stand.statuses() == ["sent", "sent"]


async def test_after_24_hours_it_is_given_up_and_told() -> None:
    stand = NotifyStand()
    stand.senders["ops"].answers = [RETRY] * 1_000
    await stand.plan(alert_at("acme.com", NOON))
    while await stand.statuses() == ["pending"]:
        await stand.deliver()
        stand.now += 30 * MINUTE
    assert await stand.statuses() == ["given_up"]
    assert 24 * HOUR - 31 * MINUTE <= stand.now - NOON <= 25 * HOUR
    assert "delivery_given_up" in stand.said.words


async def test_a_refusal_is_final_and_holds_nobody() -> None:
    stand = NotifyStand()
    stand.senders["ops"].answers = [Attempt("failed", "the receiver answered 400")]
    await stand.plan(alert_at("acme.com", NOON), alert_at("beta.com", NOON))
    await stand.deliver()
    assert await stand.statuses() == ["failed", "sent"]


@pytest.mark.parametrize("fault", [ConfigurationError(["destinations.ops: cannot be read"]), ZeroDivisionError()])
async def test_a_sender_that_breaks_is_tried_again(fault: Exception) -> None:
    stand = NotifyStand()
    stand.senders["ops"].answers = [fault]
    await stand.plan(alert_at("acme.com", NOON))
    await stand.deliver()
    assert await stand.statuses() == ["pending"]
    stand.now += MINUTE
    await stand.deliver()
    assert await stand.statuses() == ["sent"]


async def test_a_destination_that_is_gone_gets_nothing_more_until_it_is_enabled() -> None:
    stand = NotifyStand()
    stand.senders["ops"].answers = [Attempt("disabled", "the receiver answered 410: it is gone for good")]
    await stand.plan(alert_at("acme.com", NOON))
    await stand.deliver()
    await stand.plan(alert_at("beta.com", NOON))
    stand.now += HOUR
    await stand.deliver()
    assert await stand.statuses() == ["pending", "pending"]
    assert stand.context.figures.disabled == {"ops": "the receiver answered 410: it is gone for good"}
    assert next(line for line in stand.said.lines if line[0] == "error")[1] == "destination_disabled"
    assert await stand.ledger.enable("ops")
    await stand.notifier._refresh_disabled()
    await stand.deliver()
    assert await stand.statuses() == ["sent", "sent"]


async def test_a_receiver_that_is_down_is_asked_less_and_less_and_said_once() -> None:
    stand = NotifyStand()
    ops = stand.senders["ops"]
    ops.answers = [RETRY] * 500
    await stand.plan(*(alert_at(f"a{number}.com", NOON) for number in range(100)))
    for _ in range(600):
        await stand.deliver()
        stand.now += SECOND
    tried = 500 - len(ops.answers)
    assert 5 <= tried <= 40, "once a minute at last, with a few at once"
    assert stand.said.words.count("destination_failing") == 1
    ops.answers = []
    for _ in range(7_200):
        await stand.deliver()
        stand.now += SECOND
    assert await stand.statuses() == ["sent"] * 100
    assert stand.said.words.count("destination_recovered") == 1


async def test_a_destination_that_refuses_message_after_message_is_said_to_fail() -> None:
    stand = NotifyStand()
    ops = stand.senders["ops"]
    ops.answers = [Attempt("failed", "Slack answered channel_not_found")] * 5
    await stand.plan(*(alert_at(f"a{number}.com", NOON) for number in range(5)))
    await stand.deliver()
    assert await stand.statuses() == ["failed"] * 5
    assert stand.context.figures.failing == {"ops": "Slack answered channel_not_found"}
    assert stand.said.words.count("destination_failing") == 1
    await stand.plan(alert_at("beta.com", NOON))
    await stand.deliver()
    assert stand.context.figures.failing == {}
    assert stand.said.words.count("destination_recovered") == 1


@pytest.mark.parametrize("type_", ["entered_hot", "hand_raise"])
async def test_what_a_receiver_cannot_bring_to_a_person_goes_to_the_fallback_once(type_: str) -> None:
    stand = NotifyStand(routing(to("direct")), {"direct": FakeSender(), "ops": FakeSender()})
    stand.senders["direct"].answers = [by_slack_error("users_not_found")] * 2
    await stand.plan(alert_at("acme.com", NOON, type=type_))
    for _ in range(2):
        await stand.deliver("direct")
        await stand.deliver("ops")
        (failed,) = [row for row in await stand.rows() if row.destination == "direct"]
        assert (failed.status, failed.said) == ("failed", "Slack answered users_not_found")
        (told,) = [row for row in await stand.rows() if row.destination == "ops"]
        assert (told.status, told.person, told.timing) == ("sent", None, "fallback")
        await retry_rows(stand.ledger, [FoundRow(0, failed)], stand.now)
    assert names(stand.senders["ops"].sent) == ["acme.com"]
    assert stand.said.words.count("delivery_given_up") == 2
    assert stand.context.figures.unreached == {"not_found": 1}
    ((level, _, facts),) = [line for line in stand.said.lines if line[1] == "alert_reached_nobody"]
    assert (level, facts["why"]) == ("warning", "not_found")


async def test_a_dead_receiver_holds_no_other() -> None:
    both = routing(to("ops", "west", sent="always"))
    stand = NotifyStand(both, {"ops": FakeSender(), "west": FakeSender()})
    stand.senders["ops"].answers = [RETRY] * 100
    await stand.plan(*(alert_at(f"a{number}.com", NOON) for number in range(20)))
    await stand.deliver("ops")
    await stand.deliver("west")
    assert len(stand.senders["west"].sent) == 20


async def test_a_claim_without_time_for_a_request_goes_back() -> None:
    stand = NotifyStand()

    async def slow() -> bool:
        stand.now += LEASE_MS
        return True

    stand.ledger.on_disk = slow  # type: ignore[method-assign]
    await stand.plan(alert_at("acme.com", NOON))
    assert await stand.queue().once()
    (row,) = await stand.rows()
    assert (row.status, row.attempts) == ("pending", 0)
    assert stand.senders["ops"].sent == []


async def test_what_is_kept_for_a_digest_is_one_message_when_it_is_due() -> None:
    stand = NotifyStand(routing(to("ops", digest=DAILY)))
    await stand.plan(*(alert_at(f"a{number}.com", NOON + number) for number in range(3)))
    assert await stand.statuses() == ["for_digest"] * 3
    (first, *_) = await stand.rows()
    assert first.due is not None
    stand.now = first.due - 1
    await stand.deliver()
    assert await stand.statuses() == ["for_digest"] * 3
    stand.now = first.due
    await stand.deliver()
    assert await stand.statuses() == ["grouped", "grouped", "pending"]
    stand.now += MINUTE
    await stand.deliver()
    assert await stand.statuses() == ["grouped", "grouped", "sent"]
    ((_, _, sent),) = stand.senders["ops"].sent
    (more,) = [fact.text for fact in sent.content.facts if fact.label == "2 more, see the list"]
    assert {sent.alert["account_id"], *more.split(", ")} == {"a0.com", "a1.com", "a2.com"}


async def test_a_system_gets_each_alert_of_a_digest() -> None:
    can = PLAIN._replace(for_people=False)
    stand = NotifyStand(routing(to("ops", digest=DAILY)), {"ops": FakeSender(can)})
    await stand.plan(*(alert_at(f"a{number}.com", NOON) for number in range(3)))
    stand.now += 48 * HOUR
    await stand.deliver()
    assert await stand.statuses() == ["sent"] * 3
