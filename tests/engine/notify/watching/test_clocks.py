"""Clocks in the process: the manager is told once, then the backup, whichever process looks and wherever one dies."""

import pytest

from signal_engine.core.actions.action import AccountAction, ActionName
from signal_engine.core.actions.in_force import InForce, StandingAction
from signal_engine.core.actions.log import LoggedAction
from signal_engine.core.delivery.answering import ActionsSeen
from signal_engine.core.delivery.ledger import LEASE_MS
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.delivery.response.clocks import ResponseClock
from signal_engine.core.delivery.response.running import CLOCKS
from signal_engine.core.delivery.routes import Routing
from signal_engine.core.rules.instants import DAY, HOUR, MINUTE, SECOND
from tests.core.delivery.scene import ANN, BO, routing, to
from tests.engine.notify.stand import NOON, PLAIN, FakeSender, NotifyStand, alert_at
from tests.wire.delivery.alerts import an_alert

FINDS = PLAIN._replace(finds=True)
KIM = BO._replace(name="Kim Yu", email="kim@example.com", zone=ANN.zone)
QUARTER = ResponseClock(minutes=15)


def timed(*, manager: str | None = "Kim Yu", backup: str | None = "Bo Lind") -> Routing:
    people = (ANN._replace(manager=manager, backup=backup), BO._replace(zone=ANN.zone), KIM)
    return routing(to("direct", clock=QUARTER), people=people)


def a_stand(routes: Routing) -> NotifyStand:
    return NotifyStand(routes, {"direct": FakeSender(FINDS), "ops": FakeSender()})


@pytest.fixture
async def stand() -> NotifyStand:
    """Ann was told of acme.com at noon."""
    stand = a_stand(timed())
    await stand.plan(alert_at("acme.com", NOON))
    await stand.deliver("direct")
    return stand


async def after(stand: NotifyStand, ms: int) -> None:
    stand.now = NOON + ms
    await stand.keep_clocks()
    await stand.deliver("direct")
    await stand.deliver("ops")


def told(stand: NotifyStand, to: str = "direct") -> list[str | None]:
    return [person for _, person, _ in stand.senders[to].sent]


def did(stand: NotifyStand, action: ActionName, ms: int, in_force: InForce = InForce()) -> None:  # noqa: B008
    now = NOON + ms
    taken = (*stand.seen.of.get("acme.com", ActionsSeen()).taken, _done(action, now))
    claimed = in_force.claim.by if in_force.claim is not None else None
    stand.seen.of["acme.com"] = ActionsSeen(claimed, in_force=in_force, taken=taken)


def _done(action: ActionName, now: int) -> LoggedAction:
    return LoggedAction(now, AccountAction("acme.com", f"{action}-{now}", action, now, "ann@example.com", "cli"))


async def test_the_manager_is_told_once_then_the_backup_once(stand: NotifyStand) -> None:
    assert told(stand) == ["Ann Roe"]
    await after(stand, 14 * MINUTE)
    assert told(stand) == ["Ann Roe"]
    for ms in (15 * MINUTE, 16 * MINUTE):
        await after(stand, ms)
        assert told(stand) == ["Ann Roe", "Kim Yu"]
    for ms in (30 * MINUTE, 31 * MINUTE, HOUR, DAY, 2 * DAY):
        await after(stand, ms)
        assert told(stand) == ["Ann Roe", "Kim Yu", "Bo Lind"]
    await after(stand, 4 * DAY)
    clock = next(row for row in await stand.rows() if row.destination == CLOCKS)
    assert (clock.status, clock.said) == ("overdue", "nobody has claimed it; told: manager, backup")
    assert dict(stand.context.figures.late) == {("claim", "manager"): 1, ("claim", "backup"): 1}
    said = [facts["person"] for _, what, facts in stand.said.lines if what == "alert_late"]
    assert said == ["Kim Yu", "Bo Lind"]


async def test_the_message_says_who_since_when_and_why(stand: NotifyStand) -> None:
    await after(stand, 15 * MINUTE)
    message = stand.senders["direct"].sent[1][2]
    facts = {fact.label: fact.text for fact in message.content.facts}
    assert message.content.headline == "Unclaimed: Acme (acme.com, tier A)"
    assert facts["Waits"] == (
        "Ann Roe was asked, and nobody has claimed the account since Wed 2 Dec 11:00 UTC"
    )  # fmt: skip
    assert facts["Why now"]
    assert next(iter(facts)) == "Waits"


@pytest.mark.parametrize("action", ["disposition", "snooze", "kill", "do_not_contact"])
async def test_an_answer_ends_it(stand: NotifyStand, action: ActionName) -> None:
    did(stand, action, MINUTE)
    for ms in (15 * MINUTE, 30 * MINUTE, HOUR):
        await after(stand, ms)
    assert told(stand) == ["Ann Roe"]
    assert sorted(await stand.statuses()) == ["answered", "sent"]


async def test_after_a_claim_the_touch_is_waited_for(stand: NotifyStand) -> None:
    did(stand, "claim", MINUTE, InForce(claim=StandingAction("bo@example.com", NOON + MINUTE)))
    await after(stand, 15 * MINUTE)
    assert told(stand) == ["Ann Roe"]
    await after(stand, 16 * MINUTE)
    assert told(stand) == ["Ann Roe", "Kim Yu"]
    message = stand.senders["direct"].sent[1][2]
    assert message.content.facts[0].text == (
        "Bo Lind claimed the account on Wed 2 Dec 11:01 UTC, and has not been in touch"
    )  # fmt: skip
    assert message.content.label == "No contact"
    stand.seen.of["acme.com"] = stand.seen.of["acme.com"]._replace(active_at=NOON + 20 * MINUTE)
    await after(stand, HOUR)
    assert told(stand) == ["Ann Roe", "Kim Yu"]
    assert sorted(await stand.statuses()) == ["answered", "sent", "sent"]


async def test_without_manager_and_backup_the_fallback_is_told_and_it_says_so() -> None:
    stand = a_stand(timed(manager=None, backup=None))
    await stand.plan(alert_at("acme.com", NOON))
    await stand.deliver("direct")
    for ms in (15 * MINUTE, 30 * MINUTE, HOUR):
        await after(stand, ms)
    assert told(stand) == ["Ann Roe"]
    ((_, person, message),) = stand.senders["ops"].sent
    assert person is None
    assert message.content.facts[0].text.endswith(
        "it comes here because Ann Roe has neither manager nor backup who can be reached"
    )
    assert dict(stand.context.figures.late) == {("claim", "fallback"): 1}


async def test_what_waits_for_hours_is_not_told_once_somebody_responded() -> None:
    stand = a_stand(timed())
    evening = NOON + 5 * HOUR + 45 * MINUTE  # the rest of the hours is the clock's
    stand.now = evening
    await stand.plan(alert_at("acme.com", evening))
    await stand.deliver("direct")
    await after(stand, evening - NOON + 15 * MINUTE)
    assert told(stand) == ["Ann Roe"], "the manager works no more today"
    did(stand, "claim", 10 * HOUR)
    await after(stand, 20 * HOUR + MINUTE)
    assert told(stand) == ["Ann Roe"]
    (late,) = [row for row in await stand.rows() if row.late and row.destination == "direct"]
    assert (late.status, late.said) == ("suppressed", "somebody responded meanwhile")


async def test_one_that_tells_is_not_replaced_by_an_alert_of_the_account(stand: NotifyStand) -> None:
    stand.senders["direct"].capabilities = FINDS._replace(edits=True)
    await after(stand, 15 * MINUTE)
    await stand.plan(alert_at("acme.com", stand.now, 1, sdr="Kim Yu"))
    await stand.deliver("direct")
    assert told(stand) == ["Ann Roe", "Kim Yu", "Kim Yu"]
    assert stand.senders["direct"].edited == []


async def test_of_two_processes_that_look_one_tells(stand: NotifyStand) -> None:
    stand.now = NOON + 15 * MINUTE
    one, reached = stand.notifier._keeper, []

    def other_first(step: str) -> None:
        if step == "before_late" and not reached:
            reached.append(step)
            (row,) = [row for row in stand.ledger.by_partition[0].rows.values() if row.destination == CLOCKS]
            stand.ledger.by_partition[0].rows[row.delivery_id] = row._replace(revision=row.revision + 1, due=None)

    stand.context.reached = other_first
    await one.once()
    assert [row.late for row in await stand.rows() if row.timing == "late"] == []
    assert dict(stand.context.figures.late) == {}


class Killed(Exception):
    pass


@pytest.mark.parametrize(
    "step", ["before_late", "after_late", "before_claim", "after_claim", "after_disk", "before_send", "after_send"]
)
async def test_a_process_that_dies_leaves_it_to_the_next_one_and_nobody_is_told_twice(
    stand: NotifyStand, step: str
) -> None:
    def die(reached: str) -> None:
        if reached == step:
            raise Killed

    stand.context.reached = die
    with pytest.raises((Killed, ExceptionGroup)):
        await after(stand, 15 * MINUTE)
    stand.senders["direct"].has = {one for one, _, _ in stand.senders["direct"].sent}
    stand.start("two")
    await stand.take()
    await after(stand, 15 * MINUTE + SECOND)
    await after(stand, 15 * MINUTE + SECOND + LEASE_MS)
    assert told(stand) == ["Ann Roe", "Kim Yu"]
    await after(stand, 40 * MINUTE)
    assert told(stand) == ["Ann Roe", "Kim Yu", "Bo Lind"]


async def test_where_nobody_can_tell_whether_it_arrived_it_is_not_told_again(stand: NotifyStand) -> None:
    stand.senders["direct"].capabilities = PLAIN
    stand.senders["direct"].answers = [Attempt("uncertain", "no answer")]
    for ms in (15 * MINUTE, 16 * MINUTE, 20 * MINUTE):
        await after(stand, ms)
    assert told(stand) == ["Ann Roe"]
    (late,) = [row for row in await stand.rows() if row.timing == "late"]
    assert (late.status, late.due) == ("uncertain", None)


async def test_a_route_that_lost_its_clock_stops_it(stand: NotifyStand) -> None:
    stand.routes = routing(to("direct"))
    stand.start("two")
    await stand.take()
    await after(stand, HOUR)
    (clock,) = [row for row in await stand.rows() if row.destination == CLOCKS]
    assert (clock.status, clock.said) == ("suppressed", "its route has no clock any more")


async def test_a_clock_whose_alert_is_gone_ends_and_says_so(stand: NotifyStand) -> None:
    stand.ledger.by_partition[0].alerts.clear()
    await after(stand, HOUR)
    (clock,) = [row for row in await stand.rows() if row.destination == CLOCKS]
    assert (clock.status, clock.said) == ("overdue", "its alert cannot be read, and nobody is told")


async def test_what_is_planned_again_after_a_loss_begins_no_clock() -> None:
    stand = a_stand(timed())
    stand.add(alert_at("acme.com", NOON))
    stand.reader.committed, stand.reader.group_is_known = 1, True
    await stand.take()
    await stand.notifier._take(0, stand.records)
    assert [row.destination for row in await stand.rows()] == ["direct"]


async def test_an_alert_of_a_day_that_calendars_hardly_reach_holds_no_other_one() -> None:
    """Whoever can write into the topic can date an alert so; the longest clock must not run off the calendar."""
    stand = a_stand(routing(to("direct", clock=ResponseClock(days=999)), people=(ANN._replace(manager="Kim Yu"), KIM)))
    last, beyond = (an_alert(account_id=f"a{year}.com", at=f"{year}-12-31T12:00:00Z") for year in (8999, 9998))
    await stand.plan(last, beyond, alert_at("acme.com", stand.now))
    await stand.keep_clocks()
    assert sorted({row.account for row in await stand.rows()}) == ["a8999.com", "acme.com"]
