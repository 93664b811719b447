"""A live engine that builds a generation: its tail hides accounts on the lists of the one that is served."""

import asyncio
import json
from typing import Any
from uuid import UUID

import pytest

from signal_engine.core.actions.action import AccountAction
from signal_engine.engine.actions import seen_actions
from signal_engine.engine.actions.seen_actions import TakeSeen
from signal_engine.engine.worker import live_engine, publication, rebuild
from signal_engine.engine.worker.live_engine import LiveEngine
from signal_engine.wire.actions.record import write_action
from tests.build import ACME, T0, fit
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


class OneTail:
    """Hands over what a test puts into it, to whoever follows."""

    def __init__(self) -> None:
        self.following: set[int] = set()
        self.take: TakeSeen | None = None

    def follow(self, partition: int, start: int) -> None:
        self.following.add(partition)

    def leave(self, partition: int) -> None:
        self.following.discard(partition)

    async def run(self, take: TakeSeen) -> None:
        self.take = take
        await asyncio.Event().wait()


async def test_who_is_hidden_while_a_generation_is_built_leaves_the_served_list_and_not_the_new_one() -> None:
    made, tail = Restart(), OneTail()
    await load(made.stand, fit(), fit(account="b.com"))
    await made.served()
    entries: Any = [{"account_id": ACME, "icp": "saas", "rank": 1}, {"account_id": "b.com", "icp": "saas", "rank": 2}]
    listed = json.dumps({"list": "all", "version": 7, "entries": entries}).encode()
    await made.generations.controls(0).serve("all", 7, listed)
    await made.begin({INTENT: [2, 0], TOPICS.actions: [0, 0]})
    made.stand.reading.behind.add(INTENT)
    context = await made.context()
    context.takes_actions, context.inputs = True, (*context.kinds, TOPICS.actions)
    engine = LiveEngine(context, made.looks, 0.01, None, tail)
    await engine.start()
    try:
        await engine.take([0, 1])
        await until(lambda: tail.following == {0, 1} and tail.take is not None)
        assert tail.take is not None
        kill = AccountAction(ACME, str(UUID(int=1)), "kill", T0, "dana@example.com", "cli")
        tail.take(0, [Rec(0, T0, write_action(kill))])
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
