"""The schedule of `sync`: what ends one reading ends neither the other nor the next."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from signal_engine.adapters.memory.server import MemoryServer
from signal_engine.adapters.memory.sync_ledger import MemorySyncLedger
from signal_engine.engine.sync.sink import SinkTrouble
from signal_engine.entrypoints.commands.sync import schedule
from signal_engine.wire.sync.sync_models import CrmReadingModel
from tests.engine.stand import Said


class Named:
    """A sink."""

    name = "crm"

    def __init__(self) -> None:
        self.ledger = MemorySyncLedger(MemoryServer(), "", "crm")

    @property
    def sink(self) -> "Named":
        return self


async def test_trouble_and_refusals_end_one_reading(monkeypatch: pytest.MonkeyPatch) -> None:
    readings: list[BaseException | Counter[str]] = [
        SinkTrouble("the CRM answered 500"), Counter(changed=2), SystemExit(2), Counter(deals=3, outcomes=4),
    ]  # fmt: skip
    turn, said, done = asyncio.Lock(), Said(), asyncio.Event()

    async def reads(*_: object, **__: object) -> Counter[str]:
        assert turn.locked(), "the sink could use the CRM meanwhile"
        if not readings:
            done.set()
            return Counter()
        reading = readings.pop(0)
        if isinstance(reading, BaseException):
            raise reading
        return reading

    monkeypatch.setattr(schedule, "bring_deals", reads)
    monkeypatch.setattr(schedule, "bring_accounts", reads)
    given: Any = (None, Named(), None, CrmReadingModel().model_copy(update={"every": 0}), None, turn, said)
    running = asyncio.create_task(schedule.read_again_and_again(*given))
    await asyncio.wait_for(done.wait(), 30)
    running.cancel()
    assert said.words == ["crm_not_read", "crm_read", "crm_not_read", "crm_read"]
    assert [facts.get("accounts") for _, _, facts in said.lines] == [None, 2, None, 0]
    assert said.lines[0][2]["reason"] == "the CRM answered 500"


async def test_a_crm_that_fails_is_read_less_often_and_not_before_it_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    troubles: list[SinkTrouble | None] = [
        SinkTrouble("down"), SinkTrouble("down"), SinkTrouble("busy", retry_after_s=7_200.0), None,
    ]  # fmt: skip
    slept: list[float] = []

    async def deals(*_: object, **__: object) -> Counter[str]:
        trouble = troubles.pop(0)
        if trouble is not None:
            raise trouble
        return Counter()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if not troubles:
            raise asyncio.CancelledError

    monkeypatch.setattr(schedule, "bring_deals", deals)
    monkeypatch.setattr(schedule.asyncio, "sleep", sleep)
    reading = CrmReadingModel(accounts=False, every=60)
    given: Any = (None, Named(), None, reading, None, asyncio.Lock(), Said())
    with pytest.raises(asyncio.CancelledError):
        await schedule.read_again_and_again(*given)
    assert slept == [120.0, 240.0, 7_200.0, 60.0]


async def test_a_reading_waits_for_its_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    called = asyncio.Event()

    async def deals(*_: object, **__: object) -> Counter[str]:
        called.set()
        return Counter()

    monkeypatch.setattr(schedule, "bring_deals", deals)
    turn, reading = asyncio.Lock(), CrmReadingModel(accounts=False)
    given: Any = (None, Named(), None, reading, None, turn, Said())
    async with turn:
        running = asyncio.create_task(schedule.read_again_and_again(*given))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not called.is_set()
    await asyncio.wait_for(called.wait(), 30)
    assert running.cancel()
