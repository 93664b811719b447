"""A `do_not_contact` of a parent in another partition: its children leave lists and alerts at once, and come back."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from signal_engine.core.actions.action import AccountAction, ActionName
from signal_engine.core.actions.in_force import InForce
from signal_engine.core.actions.log import LoggedAction
from signal_engine.core.fit.icp import Fit
from signal_engine.engine.actions.inheriting import inherited
from signal_engine.engine.actions.overlay import UNSEEN
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.ports.controls import FIT_VERSION
from signal_engine.engine.ports.transaction import Outbox, TopicRead, Transaction
from signal_engine.engine.publishing.publisher import Publisher
from signal_engine.engine.publishing.removals import remove_hidden
from signal_engine.engine.publishing.withholding import withhold_hidden
from signal_engine.engine.read_model.account_view import AccountView
from signal_engine.wire.storage import actions as stored_actions
from signal_engine.wire.storage.in_force import FitInForce
from tests.build import ACME, T0, fit
from tests.engine.actions.test_hiding_at_once import Hiding
from tests.engine.stand import TOPICS, fetch

PARENT, GROUP = "xeno.com", "xylo.com"
"""Of the other partition."""


class Family(Hiding):
    """A hot account whose parent, and the parent's parent, are of another partition."""

    async def begin(self, who: Fit | None = None) -> "Family":
        await super().begin(who or fit(parent=PARENT))
        await self.stand.fits(fit(account=PARENT, parent=GROUP), fit(account=GROUP), partition=1)
        self.publisher = Publisher(self.stand.context, 2)
        self.other = await self.stand.partition(1)
        self.offset = 0
        return self

    async def applied(self, action: ActionName, account: str = PARENT) -> None:
        record = self.record(action, account=account)
        fetched = fetch(replace(record, offset=self.offset), topic=TOPICS.actions, partition=1, start=self.offset)
        assert await process_batch(self.stand.context, self.other, fetched) == []
        self.offset += 1

    async def noticed(self, action: ActionName, account: str = PARENT) -> None:
        """By the owner of the other partition, which has not applied it yet."""
        then = UNSEEN.then(self.offset, LoggedAction(T0, _told(action, account)))
        await self.stand.memory.put_overlay(1, {account: then.encode()})

    async def in_force(self) -> InForce:
        view = AccountView(self.stand.memory, self.stand.controls, self.stand.context.partition_of)
        return stored_actions.decode((await view.load(ACME)).actions[0]).in_force


def _told(action: ActionName, account: str) -> AccountAction:
    return AccountAction(account, str(UUID(int=99)), action, T0, "dana@example.com", "cli")


@pytest.mark.parametrize("account", [PARENT, GROUP])
@pytest.mark.parametrize("applied", [True, False])
async def test_a_child_leaves_its_lists_and_comes_back_when_it_is_lifted(account: str, applied: bool) -> None:
    family = await Family().begin()
    assert await family.listed() == [ACME]
    await (family.applied if applied else family.noticed)("do_not_contact", account)
    assert await family.listed() == []
    told = (await family.in_force()).do_not_contact
    assert told is not None
    assert (told.inherited_from, told.by) == (account, "dana@example.com")
    assert family.stand.data().ranks["all"].keys() == {ACME}, "it comes back without its own turn"
    if not applied:
        await family.stand.memory.put_overlay(1, {account: None})
        await family.applied("do_not_contact", account)
    await family.applied("lift", account)
    assert await family.listed() == [ACME]
    assert (await family.in_force()).do_not_contact is None


async def test_other_actions_of_a_parent_concern_nobody_else() -> None:
    family = await Family().begin()
    await family.applied("kill")
    assert await family.listed() == [ACME]
    assert (await family.in_force()) == InForce()


async def test_what_somebody_decided_about_the_child_itself_stays_and_is_told_first() -> None:
    family = await Family().begin()
    await family.applied("do_not_contact")
    own = fetch(family.record("do_not_contact"), topic=TOPICS.actions, start=0)
    assert await process_batch(family.stand.context, family.partition, own) == []
    told = (await family.in_force()).do_not_contact
    assert told is not None
    assert told.inherited_from is None
    await family.applied("lift")
    assert await family.listed() == [], "its own is in force"


@pytest.mark.parametrize("applied", [True, False])
async def test_an_alert_of_a_child_that_waits_is_recorded_and_not_sent(applied: bool) -> None:
    family = await Family().begin()
    store, context = family.stand.memory, family.stand.context
    waiting = await store.waiting(0, Outbox.ALERTS, 10)
    assert await withhold_hidden(context, family.partition, waiting) == waiting
    await (family.applied if applied else family.noticed)("do_not_contact")
    assert await withhold_hidden(context, family.partition, waiting) == []
    assert family.recorded() == [("entered_hot", "do_not_contact")]


async def test_while_another_generation_is_built_a_child_leaves_the_lists_that_are_served() -> None:
    family = await Family().begin()
    assert await family.listed() == [ACME]
    context, store, controls = family.stand.context, family.stand.memory, family.stand.controls
    assert await remove_hidden(context, store, controls) == 0
    await family.noticed("do_not_contact")
    assert await remove_hidden(context, store, controls) == 1
    assert json.loads(await controls.served("all") or b"")["entries"] == []


async def test_accounts_without_a_parent_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    family = await Family().begin()

    async def never(*_: Any, **__: Any) -> Any:
        raise AssertionError("the store was asked")

    monkeypatch.setattr(family.stand.memory, "load", never)
    assert await inherited(family.stand.memory, lambda _: 0, {ACME: fit(), "b.com": None}, T0) == {}


async def test_parents_in_a_circle_are_asked_once() -> None:
    family = await Family().begin()
    await family.stand.fits(fit(account="b.com", parent=ACME), fit(parent="b.com"))
    fits = {ACME: fit(parent="b.com")}
    assert await inherited(family.stand.memory, family.stand.context.partition_of, fits, T0) == {}


@pytest.mark.parametrize("how", ["applied", "noticed"])
async def test_while_a_fit_table_rolls_out_a_child_leaves_the_lists(how: str) -> None:
    family = await Family().begin()
    counter = (await family.stand.memory.positions(1)).counter
    reads = [TopicRead(FIT_VERSION, 0, 1)]
    await family.stand.memory.apply(Transaction(partition=1, counter=counter, reads=reads))
    assert await family.listed() == [ACME]
    family.stand.context.fit = FitInForce(2, T0, 1, (), ())
    await getattr(family, how)("do_not_contact")
    assert await family.listed() == []
