"""Turns at a sink: one at a time, extended while the holder lives, and ended where it stood still."""

import asyncio

import pytest

from signal_engine.adapters.memory.server import MemoryServer
from signal_engine.adapters.memory.sync_ledger import MemorySyncLedger
from signal_engine.engine.ports.store import StoreUnreachable
from signal_engine.engine.sync import turns
from signal_engine.engine.sync.following import FollowingSink
from signal_engine.engine.sync.turns import SinkInUse, turn_at
from tests.engine.stand import Said
from tests.engine.sync.stands import Beside
from tests.engine.sync.test_following import Sink


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> MemorySyncLedger:
    monkeypatch.setattr(turns, "_EXTENDED_S", 0.01)
    monkeypatch.setattr(turns, "_LOOK_S", 0.01)
    return MemorySyncLedger(MemoryServer(), "", "crm")


async def test_who_comes_second_waits_and_says_so_once(ledger: MemorySyncLedger) -> None:
    order: list[str] = []

    async def second() -> None:
        async with turn_at(ledger, "two", 30.0, lambda: order.append("waits")):
            order.append("two")

    async with turn_at(ledger, "one"):
        waiting = asyncio.create_task(second())
        async with asyncio.timeout(30):
            while "waits" not in order:  # noqa: ASYNC110 (it has looked)
                await asyncio.sleep(0.01)
        order.append("one")
    await asyncio.wait_for(waiting, 30)
    assert order == ["waits", "one", "two"]


async def test_patience_ends_and_the_other_goes_on(ledger: MemorySyncLedger) -> None:
    async with turn_at(ledger, "one"):
        with pytest.raises(SinkInUse, match="is at it"):
            async with turn_at(ledger, "two", 0.0):
                raise AssertionError("it is not its turn")
        assert await ledger.take("one", 1_000)


async def test_a_turn_that_was_lost_ends_what_it_was_for(ledger: MemorySyncLedger) -> None:
    """As of a process that stood still: somebody else has it by then."""

    async def stands_still() -> None:
        async with turn_at(ledger, "one"):
            await ledger.leave("one")
            assert await ledger.take("two", 60_000)
            await asyncio.Event().wait()

    with pytest.raises(SinkInUse, match="its turn was over"):
        await asyncio.wait_for(stands_still(), 30)
    assert not await ledger.take("one", 1_000), "that of the other one is left alone"


async def test_a_store_that_is_away_takes_no_turn(ledger: MemorySyncLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    async def away(holder: str, for_ms: int) -> bool:
        del for_ms
        tried.append(holder)
        raise StoreUnreachable("away")

    async with turn_at(ledger, "one"), asyncio.timeout(30):
        monkeypatch.setattr(ledger, "take", away)
        while len(tried) < 3:  # noqa: ASYNC110
            await asyncio.sleep(0.01)


async def test_its_own_end_and_its_own_trouble_pass_through(ledger: MemorySyncLedger) -> None:
    with pytest.raises(TimeoutError):
        async with turn_at(ledger, "one"):
            raise TimeoutError
    running = asyncio.create_task(_for_ever(ledger))
    await asyncio.sleep(0.02)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await ledger.take("two", 1_000)


async def _for_ever(ledger: MemorySyncLedger) -> None:
    async with turn_at(ledger, "one"):
        await asyncio.Event().wait()


async def test_a_process_leaves_a_sink_alone_while_somebody_else_is_at_it() -> None:
    beside, sink = Beside(), Sink()
    one = FollowingSink(sink, beside.ledger, beside.opened, Said(), patience_s=0.0)
    assert await beside.ledger.take("by hand", 60_000)
    await one.step()
    assert (sink.runs, one.problem, one.failures) == ([], "another `signal-engine sync` is at it", 0)
    await beside.ledger.leave("by hand")
    await one.step()
    assert (len(sink.runs), one.problem) == (1, None)
    assert await beside.ledger.take("by hand", 60_000), "its turn has ended"
    await one.step()
    assert (len(sink.runs), one.problem) == (1, None), "it follows, though not at this moment"
