"""Patience with the store: what can be tried again is, and an outage is said once, however many wait for its end."""

import asyncio
from inspect import iscoroutinefunction
from typing import Any

import pytest

from signal_engine.adapters.memory.controls import MemoryControls
from signal_engine.adapters.memory.fit_changes import MemoryFitChanges
from signal_engine.adapters.memory.store import MemoryGenerations, MemoryStore
from signal_engine.adapters.redis.controls import RedisControls
from signal_engine.adapters.redis.fit_changes import RedisFitChanges
from signal_engine.adapters.redis.generations import RedisGenerations
from signal_engine.adapters.redis.transactions.store import RedisStore
from signal_engine.engine.context import retry as module
from signal_engine.engine.context.retry import Retry, retrying
from signal_engine.engine.ports import store as ports
from signal_engine.engine.ports.controls import Controls
from signal_engine.engine.ports.fit_changes import FitChanges
from signal_engine.engine.ports.store import (
    Damaged,
    Generations,
    NotAllowed,
    StoreBusy,
    StoreFull,
    StoreTrouble,
    StoreUnreachable,
    WrongServer,
)
from tests.engine.stand import Said, until


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr(module, "_MAX_PAUSE_S", 0.002)


class Store:
    """Refuses writes while it is full, and everything while it is away."""

    def __init__(self) -> None:
        self.full = self.away = False
        self.tried = 0

    async def write(self) -> str:
        self.tried += 1
        if self.full:
            raise StoreFull("out of memory")
        return await self.read()

    async def read(self) -> str:
        if self.away:
            raise StoreUnreachable("nothing listens there")
        return "answer"


@pytest.mark.parametrize(
    "trouble", [StoreBusy("it is a replica"), NotAllowed("may not run ZADD")], ids=["replica", "right"]
)
async def test_what_only_somebody_can_mend_is_waited_for_where_the_store_could_be_used_before(
    trouble: StoreTrouble,
) -> None:
    said, answers = Said(), [trouble, trouble]

    async def call() -> str:
        if answers:
            raise answers.pop()
        return "answer"

    retry = Retry(said)
    with pytest.raises(type(trouble)):
        await retry.call(call)
    assert said.words == []
    answers += [trouble, trouble]
    retry.used = True
    assert await retry.call(call) == "answer"
    assert said.words == ["store_unavailable", "store_recovered"]


@pytest.mark.parametrize("trouble", [WrongServer("no Redis"), Damaged(3, [])], ids=["wrong", "damaged"])
async def test_what_does_not_pass_is_never_waited_for(trouble: StoreTrouble) -> None:
    retry, tries = Retry(Said()), 0
    retry.used = True

    async def call() -> None:
        nonlocal tries
        tries += 1
        raise StoreUnreachable("away") if tries == 1 else trouble

    with pytest.raises(type(trouble)):
        await retry.call(call)
    assert tries == 2


async def test_an_outage_is_said_once_however_many_wait() -> None:
    store, said = Store(), Said()
    retry = Retry(said)
    store.away = True
    waiting = [asyncio.create_task(retry.call(store.write)) for _ in range(5)]
    await until(lambda: store.tried > 20)
    assert retry.trouble == "Redis is unreachable", "the log says where and why"
    store.away = False
    assert await asyncio.gather(*waiting) == ["answer"] * 5
    assert said.words == ["store_unavailable", "store_recovered"]
    assert retry.trouble is None


async def test_readers_that_are_answered_do_not_end_the_trouble_of_a_full_store() -> None:
    store, said = Store(), Said()
    retry = Retry(said)
    store.full = True
    writing = asyncio.create_task(retry.call(store.write))
    await until(lambda: store.tried > 3)
    for _ in range(3):
        assert await retry.call(store.read) == "answer"
    assert said.words == ["store_unavailable"]
    store.full = False
    assert await writing == "answer"
    assert said.words == ["store_unavailable", "store_recovered"]


async def test_who_no_longer_waits_does_not_keep_the_trouble_alive() -> None:
    store, said = Store(), Said()
    retry = Retry(said)
    store.full = True
    writing = asyncio.create_task(retry.call(store.write))
    await until(lambda: store.tried > 3)
    writing.cancel()
    await asyncio.gather(writing, return_exceptions=True)
    assert retry.trouble == "Redis cannot be used; see the log", "nobody knows better yet"
    await retry.call(store.read)
    assert said.words == ["store_unavailable", "store_recovered"]


async def test_what_is_vain_is_not_tried_again() -> None:
    async def refused() -> None:
        raise WrongServer("no password")

    with pytest.raises(WrongServer):
        await Retry(Said()).call(refused)


PORTS = {
    ports.Store: (MemoryStore, RedisStore),
    Controls: (MemoryControls, RedisControls),
    FitChanges: (MemoryFitChanges, RedisFitChanges),
    Generations: (MemoryGenerations, RedisGenerations),
}
METHODS = [(port, name) for port in PORTS for name, each in vars(port).items() if iscoroutinefunction(each)]


@pytest.mark.parametrize(("port", "name"), METHODS, ids=lambda one: getattr(one, "__name__", one))
async def test_every_method_of_a_port_is_tried_again(port: type, name: str) -> None:
    asked: list[tuple[Any, ...]] = []

    async def method(self: object, *given: Any, limit: int) -> str:
        asked.append((*given, limit))
        if len(asked) == 1:
            raise StoreUnreachable("nothing listens there")
        return "answer"

    one = retrying(type("Fails", (), {name: method})(), Retry(Said()))
    assert [await getattr(one, name)("a", 1, limit=2) for _ in range(2)] == ["answer", "answer"]
    assert asked == [("a", 1, 2)] * 3
    for adapter in PORTS[port]:
        assert iscoroutinefunction(getattr(adapter, name)), "it would be passed on as it is, and never be tried again"


async def test_what_is_no_call_to_the_store_is_passed_on_as_it_is() -> None:
    class Some:
        address = "here"

        def store(self, generation: int) -> int:
            return generation

    one = retrying(Some(), Retry(Said()))
    assert (one.address, one.store(3)) == ("here", 3)
    with pytest.raises(AttributeError):
        _ = one.nothing  # type: ignore[attr-defined]
