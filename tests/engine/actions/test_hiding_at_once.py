"""The tail of actions, the publisher, the outbox and a rebuild: what a person hides is hidden before its turn."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from signal_engine.core.actions.action import AccountAction, ActionName
from signal_engine.core.actions.in_force import NOTHING, InForce
from signal_engine.core.fit.icp import Fit
from signal_engine.engine.actions import seen_actions
from signal_engine.engine.actions.overlay import overlay_of
from signal_engine.engine.actions.seen_actions import SeenActions, hidden_last
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.ports.transaction import Outbox
from signal_engine.engine.publishing.publisher import Publisher
from signal_engine.engine.publishing.removals import remove_hidden
from signal_engine.engine.publishing.withholding import withhold_hidden
from signal_engine.engine.read_model.account_view import AccountView
from signal_engine.wire.actions.record import write_action
from signal_engine.wire.storage import actions as stored_actions
from signal_engine.wire.storage.in_force import FitInForce
from tests.build import ACME, T0, fit, fit_decision
from tests.engine.actions.tail import FakeTail
from tests.engine.stand import TOPICS, Rec, Stand, event_bytes, fetch, until

BOTH = Fit(ACME, (fit_decision(fit=90.0, icp="a"), fit_decision(fit=70.0, icp="b")))


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_actions, "_TIDY_S", 0.01)


class Hiding:
    """A partition with a hot account, its publisher, and the tail of actions."""

    def __init__(self) -> None:
        self.stand = Stand()
        self.stand.context.takes_actions = True
        self.stand.context.inputs = (*self.stand.context.kinds, TOPICS.actions)
        self.stand.context.partitions = 2
        self.tail = FakeTail()
        self.seen = SeenActions(self.stand.context, self.tail)
        self.publisher = Publisher(self.stand.context, 1)
        self.number = 0

    async def begin(self, who: Fit | None = None) -> "Hiding":
        await self.stand.fits(who or fit())
        self.stand.context.fit = FitInForce(1, T0, 1, (), ())
        self.partition = await self.stand.partition()
        assert await process_batch(self.stand.context, self.partition, fetch(Rec(0, T0, event_bytes()))) == []
        return self

    def record(self, action: ActionName, **more: Any) -> Rec:
        self.number += 1
        account = more.pop("account", ACME)
        told = AccountAction(account, str(UUID(int=self.number)), action, T0, "dana@example.com", "cli", **more)
        return Rec(self.number - 1, T0 + self.number, write_action(told))

    @asynccontextmanager
    async def tailing(self) -> AsyncIterator[None]:
        running = asyncio.create_task(self.seen.run())
        await self.seen.take(0)
        await until(lambda: self.tail.take is not None)
        try:
            yield
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    async def sees(self, *records: Rec) -> None:
        """The tail hands them over; returns when the publisher would have been woken."""
        assert self.tail.take is not None
        before = await hidden_last(self.stand.memory)
        self.stand.now += 1
        await self.tail.take(0, records)
        await until(lambda: self.stand.server.overlays.get(("", 0, -1), {}).get("changed") != before)

    async def listed(self, name: str = "all") -> list[str]:
        self.stand.now += 60_000
        await self.publisher.poll(self.stand.now)
        found = await self.stand.controls.served(name)
        return [] if found is None else [entry["account_id"] for entry in json.loads(found)["entries"]]

    def recorded(self) -> list[tuple[str, Any]]:
        return [(one["type"], one["recorded"]) for one in map(json.loads, self.stand.data().feed)]


async def test_what_the_tail_sees_is_off_the_list_before_its_turn_and_its_place_is_kept() -> None:
    hiding = await Hiding().begin()
    assert await hiding.listed() == [ACME]
    async with hiding.tailing():
        await hiding.sees(hiding.record("kill"))
        assert await hiding.listed() == []
        assert hiding.stand.data().ranks["all"].keys() == {ACME}, "the bound is left to the action's own turn"
        await hiding.sees(hiding.record("restore"))
        assert await hiding.listed() == [ACME]


async def test_a_claim_that_was_seen_is_named_on_the_list() -> None:
    hiding = await Hiding().begin()
    async with hiding.tailing():
        await hiding.sees(hiding.record("claim", until=T0 + 10**9))
        assert await hiding.listed() == [ACME]
        entry = json.loads(await hiding.stand.controls.served("all") or b"")["entries"][0]
        assert entry["claimed_by"] == "dana@example.com"


async def test_who_asks_for_the_account_sees_what_is_not_applied_yet() -> None:
    hiding = await Hiding().begin()
    view = AccountView(hiding.stand.memory, hiding.stand.controls, hiding.stand.context.partition_of)

    async def in_force() -> InForce:
        loaded = await view.load(ACME)
        return stored_actions.decode(loaded.actions[0]).in_force

    async with hiding.tailing():
        assert await in_force() == NOTHING
        await hiding.sees(hiding.record("kill"), hiding.record("claim", until=T0 + 10**9))
        seen = await in_force()
        assert seen.hidden == "killed"
        assert seen.claim is not None
        assert seen.claim.by == "dana@example.com"


async def test_what_was_applied_leaves_the_overlay_and_hides_by_itself() -> None:
    hiding = await Hiding().begin()
    async with hiding.tailing():
        kill = hiding.record("kill")
        await hiding.sees(kill)
        fetched = fetch(kill, topic=TOPICS.actions, start=0)
        assert await process_batch(hiding.stand.context, hiding.partition, fetched) == []
        await until(lambda: not hiding.stand.server.overlays[("", 0, 0)])
        assert await hiding.listed() == []


async def test_what_is_no_action_of_this_partition_hides_nobody() -> None:
    hiding = await Hiding().begin()
    async with hiding.tailing():
        elsewhere = hiding.record("kill", account="xeno.com")
        await hiding.sees(Rec(7, T0, b"oops"), elsewhere, hiding.record("kill"))
        found = await overlay_of(hiding.stand.memory, [0, 1], T0 + 99)
        assert found.keys() == {ACME}


async def test_the_tail_begins_where_actions_have_been_applied_and_ends_with_the_partition() -> None:
    hiding = await Hiding().begin()
    fetched = fetch(hiding.record("kill"), hiding.record("restore"), topic=TOPICS.actions, start=0)
    assert await process_batch(hiding.stand.context, hiding.partition, fetched) == []
    await hiding.seen.take(0)
    assert hiding.tail.following == {0: 2}
    hiding.seen.release(0)
    assert hiding.tail.following == {}


@pytest.mark.parametrize("applied", [False, True])
async def test_an_alert_of_a_hidden_account_is_recorded_and_not_sent(applied: bool) -> None:
    hiding = await Hiding().begin()
    store, context = hiding.stand.memory, hiding.stand.context
    assert hiding.recorded() == [("entered_hot", None)]
    async with hiding.tailing():
        kill = hiding.record("kill")
        if applied:
            fetched = fetch(kill, topic=TOPICS.actions, start=0)
            assert await process_batch(context, hiding.partition, fetched) == []
        else:
            await hiding.sees(kill)
        waiting = await store.waiting(0, Outbox.ALERTS, 10)
        for _ in range(2):  # killed before it was removed: the same again
            assert await withhold_hidden(context, hiding.partition, waiting) == []
        assert hiding.recorded() == [("entered_hot", "killed")]
        history = await store.history(0, ACME, [])
        assert [json.loads(one)["recorded"] for one in history.alerts] == ["killed"]
        assert await store.waiting(0, Outbox.ALERTS, 10) == []


async def test_an_alert_of_an_account_that_nobody_hid_may_be_sent() -> None:
    hiding = await Hiding().begin()
    fetched = fetch(hiding.record("claim", until=T0 + 10**9), topic=TOPICS.actions, start=0)
    assert await process_batch(hiding.stand.context, hiding.partition, fetched) == []
    waiting = await hiding.stand.memory.waiting(0, Outbox.ALERTS, 10)
    assert await withhold_hidden(hiding.stand.context, hiding.partition, waiting) == waiting


async def test_an_alert_by_an_icp_for_which_the_account_was_killed_is_not_sent() -> None:
    hiding = await Hiding().begin(BOTH)
    fetched = fetch(hiding.record("kill", icp="b"), topic=TOPICS.actions, start=0)
    assert await process_batch(hiding.stand.context, hiding.partition, fetched) == []
    waiting = await hiding.stand.memory.waiting(0, Outbox.ALERTS, 10)
    assert await withhold_hidden(hiding.stand.context, hiding.partition, waiting) == waiting, "it is by ICP a"
    fetched = fetch(hiding.record("kill", icp="a"), topic=TOPICS.actions, start=1)
    assert await process_batch(hiding.stand.context, hiding.partition, fetched) == []
    assert await withhold_hidden(hiding.stand.context, hiding.partition, waiting) == []


async def test_while_another_generation_is_built_only_removals_are_published() -> None:
    hiding = await Hiding().begin()
    assert await hiding.listed() == [ACME]
    context, store, controls = hiding.stand.context, hiding.stand.memory, hiding.stand.controls
    before = json.loads(await controls.served("all") or b"")
    async with hiding.tailing():
        assert await remove_hidden(context, store, controls) == 0
        await hiding.sees(hiding.record("claim", until=T0 + 10**9))
        assert await remove_hidden(context, store, controls) == 0
        await hiding.sees(hiding.record("do_not_contact"))
        assert await remove_hidden(context, store, controls) == 1
        assert await remove_hidden(context, store, controls) == 0, "it is safe to repeat"
    after = json.loads(await controls.served("all") or b"")
    assert (after["entries"], after["generated_at"]) == ([], before["generated_at"])
    assert after["version"] > before["version"]
    (record,) = hiding.stand.producer.to(TOPICS.lists)
    assert json.loads(record.value or b"") == after
    (tombstone,) = hiding.stand.producer.to(TOPICS.accounts)
    assert (tombstone.key, tombstone.value) == (f"all/{ACME}".encode(), None)


async def test_what_an_owner_left_who_died_before_forgetting_it_is_forgotten_by_the_next() -> None:
    hiding = await Hiding().begin()
    kill, later = hiding.record("kill"), hiding.record("claim", until=T0 + 10**9, account="b.com")
    hiding.stand.context.partition_of = lambda _: 0
    async with hiding.tailing():
        await hiding.sees(kill, later)
    fetched = fetch(kill, topic=TOPICS.actions, start=0)
    assert await process_batch(hiding.stand.context, hiding.partition, fetched) == []
    assert (await hiding.stand.memory.overlay(0)).keys() == {ACME, "b.com"}
    await SeenActions(hiding.stand.context, hiding.tail).take(0)
    assert (await hiding.stand.memory.overlay(0)).keys() == {"b.com"}, "that has not had its turn"


async def test_what_the_store_has_lost_with_its_last_second_hides_again() -> None:
    hiding = await Hiding().begin()
    async with hiding.tailing():
        await hiding.sees(hiding.record("kill"))
        hiding.stand.server.overlays.clear()
        await until(lambda: ACME in hiding.stand.server.overlays.get(("", 0, 0), {}))
        assert await hiding.listed() == []
