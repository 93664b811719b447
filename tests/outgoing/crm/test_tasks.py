"""Tasks in CRMs: one an alert for the person whom it is for, whatever is not answered or dies on the way."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC
from typing import Any, NamedTuple
from uuid import UUID

import orjson
import pytest

from signal_engine.adapters.memory.sync_ledger import MemorySyncLedger
from signal_engine.adapters.outgoing.crm.hubspot_tasks import HubSpotTasks
from signal_engine.adapters.outgoing.crm.salesforce_tasks import SalesforceTasks
from signal_engine.core.actions.action import AccountAction, ActionName
from signal_engine.core.delivery.team import Team
from signal_engine.core.rules.instants import DAY, HOUR, MINUTE
from signal_engine.engine.ports.history import Dated
from signal_engine.engine.ports.producer import ToSend
from signal_engine.engine.ports.store import Store
from signal_engine.engine.sync.following import confirm
from signal_engine.engine.sync.sink import SinkTrouble, SyncRun
from signal_engine.engine.sync.tasks import TaskSink
from signal_engine.wire.actions.record import write_action
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.messages.content import MessageContext
from signal_engine.wire.sync.ledger_rows import LedgerRow
from testing.crm.hubspot import HubSpotShaped
from testing.crm.salesforce import SalesforceShaped
from tests.core.delivery.scene import ANN, BO
from tests.engine.notify.stand import alert_at
from tests.outgoing.crm.stands import CrmStand, change, hubspot, left, salesforce

TEAM = Team({"ann roe": ANN, "bo lind": BO})
Shaped = HubSpotShaped | SalesforceShaped


class _Fed:
    """A store with other alerts."""

    def __init__(self, store: Store, alerts: list[dict[str, Any]]) -> None:
        self._store, self._alerts = store, alerts

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    async def feed(self, partition: int, since: int, limit: int) -> list[Dated]:
        found = [Dated(parse_instant(one["at"]), orjson.dumps(one)) for one in self._alerts if partition == 0]
        return [one for one in found if one.at >= since][:limit]


class TaskStand(NamedTuple):
    """A CRM with one matched account, and the sink of tasks."""

    crm: Shaped
    stand: CrmStand
    sink: TaskSink
    account: str
    alerts: list[dict[str, Any]]

    async def run(self, *, dry: bool = False) -> SyncRun:
        run = SyncRun(self.stand.market.now, True, dry)
        opened = await self.stand.opened()
        fed: Any = _Fed(opened.store, self.alerts)
        market = replace(opened, store=fed)
        await self.sink.sync(market, run)
        return run

    def alert(self, minutes: int = 0, **more: Any) -> None:
        self.alerts.append(
            alert_at(more.pop("account", self.account), self.stand.market.now + minutes * MINUTE, **more)
        )


@asynccontextmanager
async def tasked(which: str) -> AsyncIterator[TaskStand]:
    opened: Any = hubspot() if which == "hubspot" else salesforce()
    async with opened as (crm, stand, client):
        system = HubSpotTasks(client) if which == "hubspot" else SalesforceTasks(client)
        listed = await (await stand.opened()).listed("all") or ()
        account = next(one["account_id"] for one in listed if one["relation"] == "prospect")
        if isinstance(crm, HubSpotShaped):
            crm.add("1", domain=account)
            crm.owners = [{"id": "7", "email": "Ann@Example.com"}, {"id": "8", "email": "other@example.com"}]
        else:
            crm.accounts["1"] = {"Website": account}
            crm.users = {"ann@example.com": "7"}
        await system.set_up()
        assert not await system.is_missing()
        await stand.ledger.note({account: LedgerRow("matched", "1", 0).encode()})
        ledger = MemorySyncLedger(stand.market.server, "", "crm.tasks")
        sink = TaskSink(
            "crm.tasks", ledger, stand.ledger, system, {"hand_raise", "entered_hot"}, TEAM, MessageContext(UTC)
        )
        await confirm(ledger, stand.market.now - HOUR)
        yield TaskStand(crm, stand, sink, account, [])


@pytest.fixture(params=["hubspot", "salesforce"])
async def there(request: pytest.FixtureRequest) -> AsyncIterator[TaskStand]:
    async with tasked(request.param) as made:
        yield made


async def test_each_alert_gets_one_task_for_its_person(there: TaskStand) -> None:
    there.alert(type="hand_raise")
    there.alert(1)
    there.alert(2, type="new_evidence")
    assert (await there.run()).counts == {"task": 2, "written": 2}
    assert (await there.run()).counts == {"made": 2}
    urgent, other = there.crm.tasks.values()
    if isinstance(there.crm, HubSpotShaped):
        assert (urgent["company"], urgent["hubspot_owner_id"], urgent["hs_task_priority"]) == ("1", "7", "HIGH")
        assert urgent["hs_task_subject"].startswith("Inbound: Acme")
        assert other["se_alert_id"] == there.alerts[1]["alert_id"]
        assert "Why now" in urgent["hs_task_body"]
    else:
        assert (urgent["WhatId"], urgent["OwnerId"], urgent["Priority"]) == ("1", "7", "High")
        assert urgent["Subject"].startswith("Inbound: Acme")
        assert other["SE_Alert_Id__c"] == there.alerts[1]["alert_id"]
        assert "Why now" in urgent["Description"]


async def test_what_nobody_answered_is_looked_up_and_not_made_again(there: TaskStand) -> None:
    there.alert()
    there.crm.hangs_up = 1
    assert (await there.run()).counts == {"task": 1, "uncertain": 1}
    assert (await there.run()).counts == {"uncertain": 1}, "a search may not see it yet"
    there.stand.market.now += 6 * MINUTE
    assert (await there.run()).counts == {"found": 1}
    assert len(there.crm.tasks) == 1


async def test_a_task_in_salesforce_is_due_on_the_day_that_its_person_has() -> None:
    async with tasked("salesforce") as there:
        there.stand.market.now = parse_instant("2026-07-01T22:30:00Z")
        there.alert(type="hand_raise")
        await confirm(there.sink.ledger, 0)
        await there.run()
        assert [one["ActivityDate"] for one in there.crm.tasks.values()] == ["2026-07-02"], (
            "an hour later, at half past one in Berlin"
        )


class Killed(Exception):
    pass


@pytest.mark.parametrize("step", ["before_task", "after_task"])
async def test_a_run_that_dies_makes_none_twice(there: TaskStand, step: str) -> None:
    def die(reached: str) -> None:
        if reached == step:
            raise Killed

    there.alert()
    there.sink.reached = die
    with pytest.raises(Killed):
        await there.run()
    there.sink.reached = lambda _: None
    there.stand.market.now += 6 * MINUTE
    await there.run()
    there.stand.market.now += 6 * MINUTE
    await there.run()
    assert len(there.crm.tasks) == 1


async def test_a_dry_run_shows_them_and_makes_none(there: TaskStand) -> None:
    there.alert()
    run = await there.run(dry=True)
    assert [(one.what, one.account, one.fields["for"]) for one in run.shown] == [("task", there.account, "Ann Roe")]
    assert there.crm.tasks == {}
    assert (await there.run()).counts["written"] == 1


@pytest.mark.parametrize(
    ("more", "counted"),
    [
        ({"sdr": "Bo Lind"}, "no_owner"),
        ({"sdr": "Nobody Known"}, "for_nobody"),
        ({"audience": "triage"}, "for_nobody"),
        ({"account": "unmatched.com"}, "unmatched"),
    ],
)
async def test_who_cannot_get_one_is_counted(there: TaskStand, more: dict[str, Any], counted: str) -> None:
    there.alert(**more)
    assert (await there.run()).counts == {counted: 1}
    assert there.crm.tasks == {}


async def test_alerts_from_before_or_a_day_old_get_none(there: TaskStand) -> None:
    there.alert(-61)
    there.alert()
    there.stand.market.now += DAY + 1
    assert (await there.run()).counts == {}


async def test_what_is_refused_is_not_tried_again(there: TaskStand) -> None:
    if isinstance(there.crm, HubSpotShaped):
        there.crm.task_properties.discard("se_alert_id")
    else:
        there.crm.task_fields.discard("SE_Alert_Id__c")
    there.alert()
    run = await there.run()
    assert (run.counts["failed"], len(run.notes)) == (1, 1)
    assert (await there.run()).counts == {"refused": 1}


async def test_a_crm_that_asks_to_wait_gets_it_at_the_next_run() -> None:
    async with tasked("hubspot") as there:
        there.alert()
        await there.sink._know({"ann@example.com"}, there.stand.market.now)
        there.crm.busy = 1
        with pytest.raises(SinkTrouble, match="429"):
            await there.run()
        assert (await there.run()).counts == {"task": 1, "written": 1}


async def test_the_call_budget_holds_for_tasks(there: TaskStand) -> None:
    there.alert()
    there.stand.calls.calls_per_day = 1
    with pytest.raises(SinkTrouble, match="used up"):
        await there.run()
    assert there.crm.tasks == {}


@pytest.mark.parametrize(
    ("action", "more"),
    [
        ("kill", {"reason": "too small"}),
        ("do_not_contact", {"reason": "they asked"}),
        ("snooze", {"until": 10**13}),
        ("disposition", {"outcome": "not_now", "until": 10**13}),
    ],
    ids=["kill", "do_not_contact", "snooze", "disposition"],
)
async def test_who_was_hidden_since_the_alert_gets_none(action: ActionName, more: dict[str, Any]) -> None:
    async with tasked("hubspot") as there:
        there.alert()
        market = there.stand.market
        act = AccountAction(there.account, str(UUID(int=1)), action, market.now, ANN.email, "cli", **more)
        await market.actions.write([ToSend("account.actions", 0, there.account.encode(), write_action(act))])
        assert (await there.run()).counts == {"hidden": 1}
        assert there.crm.tasks == {}


async def test_who_fits_no_more_or_has_left_gets_none_and_who_is_back_does() -> None:
    async with tasked("hubspot") as there:
        there.alert()
        await change(there.stand, there.account, suppressed=True)
        assert (await there.run()).counts == {"hidden": 1}
        await left(there.stand, there.account)
        assert (await there.run()).counts == {"hidden": 1}
        await change(there.stand, there.account)
        assert (await there.run()).counts == {"task": 1, "written": 1}


async def test_what_was_begun_before_is_not_made_again_for_a_hidden_account() -> None:
    async with tasked("hubspot") as there:
        there.alert()
        there.sink.reached = _dies
        with pytest.raises(Killed):
            await there.run()
        there.sink.reached = lambda _: None
        there.stand.market.now += 6 * MINUTE
        await change(there.stand, there.account, suppressed=True)
        assert (await there.run()).counts == {"hidden": 1}
        assert there.crm.tasks == {}


def _dies(_: str) -> None:
    raise Killed


def questions(there: TaskStand) -> int:
    return sum("owners" in call or "query" in call for call in there.crm.calls)


async def test_who_is_no_user_is_asked_for_once_an_hour_and_who_left_is_noticed(there: TaskStand) -> None:
    crm = there.crm

    def are_users(*, known: bool) -> None:
        if isinstance(crm, HubSpotShaped):
            crm.owners = [{"id": "7", "email": "ann@example.com"}] if known else []
        else:
            crm.users = {"ann@example.com": "7"} if known else {}

    are_users(known=False)
    there.alert()
    crm.calls.clear()
    for _ in range(3):
        assert (await there.run()).counts == {"no_owner": 1}
    assert questions(there) == 1, "a run a minute for a day would be 1,440 calls"
    there.stand.market.now += HOUR
    are_users(known=True)
    assert (await there.run()).counts["written"] == 1
    are_users(known=False)
    there.alert()
    there.stand.market.now += HOUR
    assert (await there.run()).counts["no_owner"] == 1
