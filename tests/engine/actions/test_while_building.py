"""A live engine that builds a generation: its tail hides accounts on the lists of the one that is served."""

import asyncio
import json
from collections.abc import Collection
from typing import Any
from uuid import UUID

import pytest

from signal_engine.adapters.memory.store import MemoryGenerations, MemoryStore
from signal_engine.core.actions.action import AccountAction
from signal_engine.engine.actions import seen_actions
from signal_engine.engine.actions.overlay import overlay_of
from signal_engine.engine.actions.seen_actions import SeenActions
from signal_engine.engine.ports.store import Damage, Damaged
from signal_engine.engine.ports.transaction import TopicRead, Transaction
from signal_engine.engine.worker import live_engine, publication, rebuild
from signal_engine.engine.worker.live_engine import LiveEngine
from signal_engine.wire.actions.record import write_action
from tests.build import ACME, T0, fit
from tests.engine.actions.tail import FakeTail
from tests.engine.stand import INTENT, TOPICS, Rec, event_bytes, fetch, until
from tests.engine.worker.restart import NEW, Restart
from tests.engine.worker.test_live import load


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for where, name in (
        (live_engine, "_TICK_S"),
        (rebuild, "_RECHECK_S"),
        (rebuild, "HIDING_POLL_S"),
        (publication, "HIDING_POLL_S"),
        (seen_actions, "_TIDY_S"),
    ):
        monkeypatch.setattr(where, name, 0.01)


READERS_OF = {"states": ["load"], "head": ["positions"], "overlay": ["overlay", "put_overlay"]}


async def building(made: Restart, tail: FakeTail, **ends: list[int]) -> LiveEngine:
    """A live engine on a generation that is not served before INTENT has been read to its end."""
    await made.begin({INTENT: [2, 0], TOPICS.actions: ends.get("actions", [0, 0])})
    made.stand.reading.behind.add(INTENT)
    context = await made.context()
    context.takes_actions, context.inputs = True, (*context.kinds, TOPICS.actions)
    engine = LiveEngine(context, made.looks, 0.01, None, [SeenActions(context, tail)])
    await engine.start()
    await engine.take([0, 1])
    await until(lambda: tail.following.keys() == {0, 1} and tail.take is not None)
    return engine


async def is_served(made: Restart, engine: LiveEngine) -> None:
    await made.applied(
        engine,
        fetch(Rec(0, T0 + 1, event_bytes(at=T0 + 1)), Rec(1, T0 + 1, event_bytes("intent", T0 + 1, "b.com"))),
    )
    made.stand.reading.behind.clear()
    await until(lambda: made.stand.server.served.get("") == NEW)


async def test_a_served_generation_that_cannot_be_read_at_all_does_not_end_the_one_that_replaces_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made, tail = Restart(), FakeTail()
    await load(made.stand, fit(), fit(account="b.com"))
    await made.served()
    damaged(monkeypatch, READERS_OF)
    engine = await building(made, tail)
    failed = asyncio.ensure_future(engine.failed())
    try:
        assert tail.take is not None
        kill = AccountAction(ACME, str(UUID(int=1)), "kill", T0 + 5, "dana@example.com", "cli")
        await tail.take(0, [Rec(0, T0 + 5, write_action(kill))])
        await is_served(made, engine)
        assert not failed.done()
        assert (await overlay_of(made.generations.store(NEW), [0, 1], T0 + 6)).keys() == {ACME}
    finally:
        failed.cancel()
        await engine.stop()


@pytest.mark.parametrize("emptied", [False, True])
async def test_who_was_hidden_while_a_generation_was_built_is_hidden_in_it_before_its_turn(emptied: bool) -> None:
    made, tail = Restart(), FakeTail()
    if not emptied:
        await load(made.stand, fit(), fit(account="b.com"))
        await made.served()
    engine = await building(made, tail)
    try:
        assert tail.take is not None
        kill = AccountAction(ACME, str(UUID(int=1)), "kill", T0 + 5, "dana@example.com", "cli")
        await tail.take(0, [Rec(0, T0 + 5, write_action(kill))])
        await is_served(made, engine)
        assert tail.following.keys() == {0, 1}
        store = made.generations.store(NEW)
        assert (await store.positions(0)).topics.get(TOPICS.actions, 0) == 0, "it has not had its turn"
        assert (await overlay_of(store, [0, 1], T0 + 6)).keys() == {ACME}
    finally:
        await engine.stop()


async def test_the_tail_begins_where_either_generation_needs_it() -> None:
    made, tail = Restart(), FakeTail()
    await load(made.stand, fit(), fit(account="b.com"))
    await made.served()
    store = made.generations.store(0)
    counter = (await store.positions(0)).counter
    await store.apply(Transaction(partition=0, counter=counter, reads=[TopicRead(TOPICS.actions, 0, 7)]))
    engine = await building(made, tail, actions=[5, 3])
    try:
        assert tail.following == {0: 5, 1: 0}, "what is before the ends is applied before it is served"
    finally:
        await engine.stop()


def damaged(monkeypatch: pytest.MonkeyPatch, parts: Collection[str]) -> None:
    """Makes the generation that is served unreadable in these parts, in every partition."""
    bare = MemoryGenerations.store

    async def unreadable(partition: int, *_: Any, **__: Any) -> None:
        raise Damaged(partition, [Damage(one, "WRONGTYPE") for one in sorted(parts)])

    def store(self: MemoryGenerations, number: int) -> MemoryStore:
        found = bare(self, number)
        if number == 0:
            for part in parts:
                for method in READERS_OF[part]:
                    setattr(found, method, unreadable)
        return found

    monkeypatch.setattr(MemoryGenerations, "store", store)


@pytest.mark.parametrize("parts", [(), ("states",), ("head",), ("head", "states")], ids="+".join)
async def test_who_is_hidden_while_a_generation_is_built_leaves_the_served_list_and_not_the_new_one(
    parts: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, tail = Restart(), FakeTail()
    await load(made.stand, fit(), fit(account="b.com"))
    await made.served()
    damaged(monkeypatch, parts)
    entries: Any = [{"account_id": ACME, "icp": "saas", "rank": 1}, {"account_id": "b.com", "icp": "saas", "rank": 2}]
    listed = json.dumps({"list": "all", "version": 7, "entries": entries}).encode()
    await made.generations.controls(0).serve("all", 7, listed)
    await made.begin({INTENT: [2, 0], TOPICS.actions: [0, 0]})
    made.stand.reading.behind.add(INTENT)
    context = await made.context()
    context.takes_actions, context.inputs = True, (*context.kinds, TOPICS.actions)
    engine = LiveEngine(context, made.looks, 0.01, None, [SeenActions(context, tail)])
    await engine.start()
    try:
        await engine.take([0, 1])
        await until(lambda: tail.following.keys() == {0, 1} and tail.take is not None)
        assert tail.take is not None
        kill = AccountAction(ACME, str(UUID(int=1)), "kill", T0, "dana@example.com", "cli")
        await tail.take(0, [Rec(0, T0, write_action(kill))])
        await until(lambda: bool(made.stand.producer.to(TOPICS.lists)))
        (record,) = made.stand.producer.to(TOPICS.lists)
        assert [(one["account_id"], one["rank"]) for one in json.loads(record.value or b"")["entries"]] == [
            ("b.com", 1)
        ]
        tombstones = [(one.key, one.value) for one in made.stand.producer.to(TOPICS.accounts)]
        assert tombstones == [(f"all/{ACME}".encode(), None)]
        assert (await made.generations.marks()).building is not None
        assert json.loads(await made.generations.controls(0).served("all") or b"")["version"] > 7
        engine.receive(fetch(Rec(0, T0, write_action(kill)), topic=TOPICS.actions, start=0))
        await made.applied(
            engine,
            fetch(Rec(0, T0 + 1, event_bytes(at=T0 + 1)), Rec(1, T0 + 1, event_bytes("intent", T0 + 1, "b.com"))),
        )
        made.stand.reading.behind.clear()
        await until(lambda: made.stand.server.served[""] == NEW)
        data = made.generations.store(NEW)._data(0)
        assert data.ranks["all"].keys() == {"b.com"}
    finally:
        await engine.stop()
