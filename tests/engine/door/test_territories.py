"""Assignments by territory: whom they are written for, for how long they stay, and that two processes write one."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from signal_engine.core.delivery.routes import Routing
from signal_engine.core.delivery.territories import Territory
from signal_engine.core.fit.icp import Fit
from signal_engine.core.rules.predicates import predicates
from signal_engine.engine.door.check import Terms
from signal_engine.engine.door.door import Admitted, Door
from signal_engine.engine.door.territories import wanted_assignments
from signal_engine.engine.door.wanted import WantedAction
from tests.build import DAY, T0, fit_decision
from tests.core.delivery.scene import ANN, BO, routing, to
from tests.engine.door.test_check import SAM
from tests.engine.door.test_door import Kafka, RulesSource

CHASED, OWN, IGNORED = "a.com", "b.com", "c.com"
FITS = {
    CHASED: Fit(CHASED, (fit_decision(icp="saas"),)),
    OWN: Fit(OWN, (fit_decision(icp="saas"),), sdr="Bo Lind"),
    IGNORED: Fit(IGNORED, (fit_decision(icp="saas", decision="ignore"),)),
}
ROWS = {account: {"country": "Canada"} for account in (CHASED, OWN, IGNORED, "in-no-table.com")}
WEST = Territory(predicates({"country": {"in": ["Canada"]}}, ("when",)), ("Ann Roe", "Bo Lind"))
RULES = routing(to("west"))._replace(territories=(WEST,))


def at_door(kafka: Kafka, now: int) -> Door:
    return Door(RulesSource(FITS), kafka, kafka, "account.actions", Terms(), lambda: now)


async def wanted(kafka: Kafka, now: int = T0, rules: Routing = RULES) -> list[WantedAction]:
    return [*(await wanted_assignments(at_door(kafka, now), ROWS, rules, SAM, "cli", now)).wanted]


async def written(kafka: Kafka, now: int = T0, rules: Routing = RULES) -> list[Any]:
    """What became of it."""
    door = at_door(kafka, now)
    return await door.write(await door.check(await wanted(kafka, now, rules)))


async def test_an_account_that_is_chased_and_has_no_sdr_gets_somebody_for_ninety_days() -> None:
    kafka = Kafka()
    (told,) = await written(kafka)
    assert isinstance(told, Admitted)
    action = told.action
    assert (action.account, action.action, action.by, action.via) == (CHASED, "assign", SAM, "cli")
    assert action.assignee in {ANN.email, BO.email}
    assert (action.until, action.reason) == (None, "by territory: number 1 of the routes file")
    assert await wanted(kafka, T0 + 89 * DAY) == [], "it stays"


async def test_after_ninety_days_it_is_decided_anew_and_until_then_whoever_joins_changes_nothing() -> None:
    kafka = Kafka()
    (first,) = await written(kafka)
    other = BO if first.action.assignee == ANN.email else ANN
    alone = RULES._replace(territories=(WEST._replace(pool=(other.name,)),))
    assert await wanted(kafka, T0 + 89 * DAY, alone) == []
    (again,) = await written(kafka, T0 + 91 * DAY, alone)
    assert again.action.assignee == other.email
    assert again.action.action_id != first.action.action_id


async def test_an_account_that_no_territory_takes_or_whose_pool_has_left_is_told_of() -> None:
    gone = [one._replace(leaves=date(2020, 1, 1)) for one in (ANN, BO)]
    for rules in (
        RULES._replace(territories=(WEST._replace(when=predicates({"country": "France"}, ("when",))),)),
        routing(to("west"), people=(gone[0], gone[1]))._replace(territories=(WEST,)),
    ):
        kafka = Kafka()
        found = await wanted_assignments(at_door(kafka, T0), ROWS, rules, SAM, "cli", T0)
        assert (found.wanted, found.nobody) == ([], [CHASED])
    await written(kafka)
    assert (await wanted_assignments(at_door(kafka, T0), ROWS, RULES, SAM, "cli", T0)).nobody == []


async def test_two_processes_at_once_write_the_same_action() -> None:
    kafka = Kafka()
    one, other = await wanted(kafka), await wanted(kafka)
    assert one == other
    assert len({found.action_id for found in (*one, *other)}) == 1


async def test_what_a_person_assigned_stays_for_ever_and_one_who_left_for_nobody_does_not() -> None:
    kafka = Kafka()
    by_hand = WantedAction(CHASED, "assign", SAM, "cli", "5c1d2a0e-8f6b-4e0b-9d5c-3a7b1f2e4d22", assignee=ANN.email)
    await at_door(kafka, T0).act(by_hand)
    assert await wanted(kafka, T0 + 900 * DAY) == []
    yesterday = (datetime.fromtimestamp(T0 / 1000, UTC) - timedelta(days=1)).date()
    gone = routing(to("west"), people=(ANN._replace(leaves=yesterday), BO))._replace(territories=(WEST,))
    assert [one.assignee for one in await wanted(kafka, T0, gone)] == [BO.email]
    succeeded = routing(to("west"), people=(ANN._replace(leaves=yesterday, successor="Bo Lind"), BO))
    assert await wanted(kafka, T0, succeeded._replace(territories=(WEST,))) == [], "the successor has it already"
