"""After a kill, or a Redis that lost everything: every alert arrives, and none twice where the receiver can tell."""

import pytest

from signal_engine.core.delivery.ledger import LEASE_MS
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.rules.instants import DAY, HOUR, MINUTE, SECOND
from signal_engine.engine.ports.delivery.senders import Capabilities
from tests.core.delivery.scene import routing, to
from tests.engine.notify.stand import NOON, PLAIN, FakeSender, NotifyStand, alert_at, names

FINDS = PLAIN._replace(finds=True)
IDEMPOTENT = PLAIN._replace(idempotent=True)


class Killed(Exception):
    pass


async def killed_at(step: str, can: Capabilities, type_: str = "entered_hot", **more: object) -> NotifyStand:
    """A process that died at a step of its only delivery, and another one that has taken over."""
    stand = NotifyStand(senders={"ops": FakeSender(can)}, **more)  # type: ignore[arg-type]
    stand.add(alert_at("acme.com", NOON, type=type_))
    stand.reader.group_is_known = True

    def die(reached: str) -> None:
        if reached == step:
            raise Killed

    stand.context.reached = die
    try:
        await stand.take()
        await stand.notifier._take(0, stand.records)
        await stand.deliver()
    except (Killed, ExceptionGroup):
        pass
    else:
        raise AssertionError(f"it never came to {step}")
    stand.senders["ops"].has = {one for one, _, _ in stand.senders["ops"].sent}
    stand.start("two")
    await stand.take()
    head = await stand.ledger.head(0)
    assert head is not None
    await stand.notifier._take(0, stand.records[head.position :])
    return stand


STEPS = (
    "before_plan", "after_plan", "before_claim", "after_claim", "after_disk", "before_send", "after_send",
    "after_record",
)  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
async def test_a_receiver_that_can_look_has_it_once(step: str) -> None:
    stand = await killed_at(step, FINDS)
    stand.now += LEASE_MS
    await stand.deliver()
    assert await stand.statuses() == ["sent"]
    assert names(stand.senders["ops"].sent) == ["acme.com"]


@pytest.mark.parametrize("step", STEPS)
async def test_a_receiver_that_knows_ids_gets_the_same_one_at_once(step: str) -> None:
    stand = await killed_at(step, IDEMPOTENT)
    await stand.deliver()
    assert await stand.statuses() == ["sent"]
    assert len({one for one, _, _ in stand.senders["ops"].sent}) == 1
    assert (await stand.rows())[0].maybe_twice == 0


async def test_a_claim_is_not_touched_before_its_owner_must_be_done() -> None:
    stand = await killed_at("before_send", FINDS)
    stand.now += LEASE_MS - 1
    await stand.deliver()
    assert await stand.statuses() == ["sending"]


async def killed_again_and_again(step: str, can: Capabilities, days_between: int = 0) -> NotifyStand:
    """A hundred lives of a process that died at a step of its only delivery, each after the claim of the last."""
    stand = await killed_at(step, can)
    for life in range(99):
        stand.now += LEASE_MS + days_between * DAY

        def die(reached: str) -> None:
            if reached == step:
                raise Killed

        stand.context.reached = die
        with pytest.raises((Killed, ExceptionGroup)):
            await stand.deliver()
        stand.start(f"life {life}")
        await stand.take()
    stand.now += LEASE_MS
    return stand


@pytest.mark.parametrize("can", [FINDS, IDEMPOTENT], ids=["finds", "knows ids"])
@pytest.mark.parametrize("step", ["after_claim", "after_disk", "before_send"])
async def test_a_hundred_kills_are_no_failures_of_the_receiver(step: str, can: Capabilities) -> None:
    stand = await killed_again_and_again(step, can)
    stand.context.jitter = lambda: 0.999
    stand.senders["ops"].answers = [Attempt("retry", "the receiver answered 503")]
    await stand.deliver()
    (row,) = await stand.rows()
    assert (row.status, row.attempts) == ("pending", 1)
    assert row.due is not None
    assert row.due - stand.now <= 10 * SECOND, "the first pause"
    stand.now = row.due
    await stand.deliver()
    assert await stand.statuses() == ["sent"]


async def test_what_was_cut_short_for_days_is_tried_twice_before_it_is_given_up() -> None:
    stand = await killed_again_and_again("before_send", IDEMPOTENT, days_between=1)
    stand.senders["ops"].answers = [Attempt("retry", "the receiver answered 503")]
    await stand.deliver()
    assert await stand.statuses() == ["pending"]
    stand.now += HOUR
    await stand.deliver()
    assert await stand.statuses() == ["sent"]


async def test_others_hold_it_and_send_a_hand_raise_again() -> None:
    held = await killed_at("after_send", PLAIN)
    held.now += LEASE_MS
    await held.deliver()
    assert await held.statuses() == ["uncertain"]
    assert len(held.senders["ops"].sent) == 1
    again = await killed_at("after_send", PLAIN, "hand_raise")
    again.now += LEASE_MS
    await again.deliver()
    (row,) = await again.rows()
    assert (row.status, row.maybe_twice) == ("sent", 1)
    assert again.context.figures.maybe_twice["ops"] == 1


async def test_a_route_says_what_becomes_of_what_is_uncertain() -> None:
    stand = await killed_at("before_send", PLAIN, routes=routing(to("ops", sent="always", on_uncertain="resend")))
    stand.now += LEASE_MS
    await stand.deliver()
    assert await stand.statuses() == ["sent"]
    stand = await killed_at(
        "before_send", PLAIN, "hand_raise", routes=routing(to("ops", sent="always", on_uncertain="hold"))
    )
    stand.now += LEASE_MS
    await stand.deliver()
    assert await stand.statuses() == ["uncertain"]


async def unanswered(can: Capabilities, type_: str = "entered_hot") -> NotifyStand:
    """A receiver that hung up before it answered."""
    stand = NotifyStand(senders={"ops": FakeSender(can)})
    stand.senders["ops"].answers = [Attempt("uncertain", "no answer within 15 seconds")]
    await stand.plan(alert_at("acme.com", NOON, type=type_))
    await stand.deliver()
    assert await stand.statuses() == ["uncertain"]
    stand.now += HOUR
    return stand


@pytest.mark.parametrize("arrived", [True, False])
async def test_what_nobody_answered_is_looked_for_before_it_is_sent_again(arrived: bool) -> None:
    stand = await unanswered(FINDS)
    (row,) = await stand.rows()
    stand.senders["ops"].has = {row.delivery_id} if arrived else set()
    await stand.deliver()
    assert await stand.statuses() == ["sent"]
    assert len(stand.senders["ops"].sent) == (not arrived)


@pytest.mark.parametrize(
    ("looks", "type_", "status", "sent"),
    [
        (Attempt("uncertain", "missing_scope"), "entered_hot", "uncertain", 0),
        (Attempt("uncertain", "missing_scope"), "hand_raise", "sent", 1),
        (Attempt("retry", "busy"), "hand_raise", "uncertain", 0),
    ],
)
async def test_where_nobody_can_look_the_route_decides(looks: Attempt, type_: str, status: str, sent: int) -> None:
    stand = await unanswered(FINDS, type_)
    stand.senders["ops"].looks = looks
    await stand.deliver()
    (row,) = await stand.rows()
    assert (row.status, len(stand.senders["ops"].sent)) == (status, sent)
    if looks.end == "retry":
        assert row.due is not None
        assert row.due > stand.now
        stand.now += DAY
        await stand.deliver()
        (row,) = await stand.rows()
        assert (row.status, row.maybe_twice) == ("sent", 1), "it was looked for in vain for a day"


@pytest.mark.parametrize(
    ("looks", "pause"),
    [(Attempt("retry", "busy", retry_after_s=600), 10 * MINUTE), (ZeroDivisionError(), 5 * SECOND)],
)
async def test_a_look_that_fails_is_made_again_when_the_receiver_allows_it(
    looks: Attempt | Exception, pause: int
) -> None:
    stand = await unanswered(FINDS, "hand_raise")
    stand.senders["ops"].looks = looks
    await stand.deliver()
    (row,) = await stand.rows()
    assert (row.status, row.due) == ("uncertain", stand.now + pause)


async def test_a_receiver_that_cannot_be_asked_is_asked_for_one_of_many() -> None:
    stand = NotifyStand(senders={"ops": FakeSender(FINDS)})
    ops = stand.senders["ops"]
    ops.answers = [Attempt("uncertain", "no answer within 15 seconds")] * 2
    ops.looks = Attempt("retry", "busy")
    await stand.plan(*(alert_at(f"a{number}.com", NOON) for number in range(2)))
    await stand.deliver()
    stand.now += HOUR
    await stand.deliver()
    rows = await stand.rows()
    assert sorted(row.attempts for row in rows) == [1, 2], "one was looked for"
    assert {row.due for row in rows} == {stand.now + 5 * SECOND}
    ops.looks = None
    stand.now += 5 * SECOND
    await stand.deliver()
    assert await stand.statuses() == ["sent"] * 2


async def test_what_was_sent_while_somebody_else_took_over_counts_as_sent() -> None:
    stand = NotifyStand()
    await stand.plan(alert_at("acme.com", NOON))

    def taken_over(step: str) -> None:
        if step == "after_send":
            (row,) = stand.ledger.by_partition[0].rows.values()
            stand.ledger.by_partition[0].rows[row.delivery_id] = row._replace(
                status="uncertain", revision=row.revision + 1
            )

    stand.context.reached = taken_over
    await stand.deliver()
    assert await stand.statuses() == ["sent"]
    assert len(stand.senders["ops"].sent) == 1


async def test_without_ledger_but_with_offsets_a_day_is_looked_at_again() -> None:
    stand = NotifyStand(senders={"ops": FakeSender(FINDS)})
    old, late = alert_at("old.com", NOON - DAY - HOUR), alert_at("late.com", NOON - HOUR)
    stand.add(old, late, alert_at("last.com", NOON), alert_at("new.com", NOON))
    stand.reader.committed = 3
    await stand.take()
    head = await stand.ledger.head(0)
    assert head == (1, 3)
    assert "ledger_lost" in stand.said.words
    await stand.notifier._take(0, stand.records[1:])
    by_account = {row.account: row for row in await stand.rows()}
    assert {name: row.status for name, row in by_account.items()} == {
        "late.com": "uncertain", "last.com": "uncertain", "new.com": "pending",
    }  # fmt: skip
    stand.senders["ops"].has = {by_account["late.com"].delivery_id}
    await stand.deliver()
    assert sorted(names(stand.senders["ops"].sent)) == ["last.com", "new.com"]
    assert await stand.statuses() == ["sent"] * 3


async def test_a_ledger_that_is_emptied_meanwhile_is_noticed() -> None:
    stand = NotifyStand(senders={"ops": FakeSender(FINDS)})
    await stand.plan(alert_at("acme.com", NOON))
    await stand.deliver()
    stand.senders["ops"].has = {one for one, _, _ in stand.senders["ops"].sent}
    stand.ledger.by_partition.clear()
    stand.reader.committed = 1
    position = await stand.plan(alert_at("beta.com", NOON))
    assert position == 0, "it goes back for what was lost"
    await stand.notifier._take(0, stand.records)
    await stand.deliver()
    assert names(stand.senders["ops"].sent) == ["acme.com", "beta.com"]


@pytest.mark.parametrize(("since", "known", "position"), [(None, False, 2), (NOON, False, 1), (None, True, 0)])
async def test_a_first_start_is_at_the_end_or_where_it_is_told(since: int | None, known: bool, position: int) -> None:
    stand = NotifyStand(routing(to("ops")))
    stand.add(alert_at("old.com", NOON - HOUR), alert_at("acme.com", NOON))
    stand.reader.group_is_known = known
    stand.notifier._since = since
    assert await stand.notifier._taken([0]) == {0: position}


async def test_somebody_who_planned_meanwhile_is_followed() -> None:
    stand = NotifyStand()
    await stand.plan(alert_at("acme.com", NOON))
    stand.add(alert_at("beta.com", NOON), alert_at("gamma.com", NOON))
    assert await stand.ledger.plan(0, 1, 2, [])
    assert await stand.notifier._take(0, stand.records[1:]) == 2
    assert "ledger_moved" in stand.said.words
