"""The live engine of one worker: partitions come and go, its tasks keep them, and a failure is told."""

import asyncio
from contextlib import asynccontextmanager
from typing import Any

import pytest

from signal_engine.core.fit.icp import Fit
from signal_engine.engine.context.instance_lock import InstanceLock, NameTaken
from signal_engine.engine.fit.versions import FitVersions
from signal_engine.engine.ports.controls import FIT_VERSION, SCORING_SEQUENCE
from signal_engine.engine.ports.store import Durability, WrongServer
from signal_engine.engine.ports.transaction import Outbox
from signal_engine.engine.worker import live_engine, tasks
from signal_engine.engine.worker.live_engine import LiveEngine
from signal_engine.wire.storage import state
from tests.build import ACME, T0, fit
from tests.engine.stand import INTENT, TOPICS, Rec, Stand, TableOf, event_bytes, fetch, until


class Looks:
    """A publisher that counts its looks."""

    def __init__(self) -> None:
        self.at: list[int] = []
        self.trouble: Exception | None = None

    async def poll(self, now: int) -> None:
        self.at.append(now)
        if self.trouble:
            raise self.trouble


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_engine, "_TICK_S", 0.01)
    monkeypatch.setattr(tasks, "_CANCEL_RETRY_S", 0.01)


@asynccontextmanager
async def running(stand: Stand, looks: Looks | None = None) -> Any:
    engine = stand.engine(looks or Looks())
    await engine.start()
    try:
        yield engine
    finally:
        await engine.stop()


async def load(stand: Stand, *fits: Fit) -> None:
    """As `fit load` does."""
    tables = FitVersions(stand.memory, stand.controls, stand.fit_changes, 2, stand.context.partition_of)
    assert await tables.bring_into_force(1, TableOf(*fits), (), lambda: T0, quiet=False)


async def test_partitions_are_read_from_where_the_store_says() -> None:
    stand = Stand()
    async with running(stand) as engine:
        await engine.take([0])
        engine.receive(fetch(Rec(0, T0, event_bytes()), start=0))
        await until(lambda: ACME in stand.data().states)
        assert state.decode(stand.data().states[ACME]).level == "hot"
        positions = {(p.topic, p.partition): p.offset for p in await engine.take([0, 1])}
        assert positions[INTENT, 0] == 1
        assert positions[INTENT, 1] is None, "from the beginning"
        assert len(positions) == 2 * len(TOPICS.signals)


async def test_what_comes_after_a_release_is_not_applied() -> None:
    stand = Stand()
    async with running(stand) as engine:
        await engine.take([0])
        await until(lambda: SCORING_SEQUENCE in stand.data().topics)
        counter = stand.data().counter
        await engine.release([0])
        engine.receive(fetch(Rec(0, T0, event_bytes())))
        await engine.take([1])
        await until(lambda: SCORING_SEQUENCE in stand.data(1).topics)
        assert (stand.data().states, stand.data().counter) == ({}, counter)
    assert {"partitions_taken", "partitions_released"} <= set(stand.event_log.words)


@pytest.mark.parametrize("again", [False, True])
async def test_what_is_revoked_while_it_is_being_taken_is_not_ours(
    again: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    stand, asked, answer = Stand(), asyncio.Event(), asyncio.Event()
    positions = stand.memory.positions

    async def slow(number: int) -> Any:
        asked.set()
        if number == 1:
            await answer.wait()
        return await positions(number)

    async with running(stand) as engine:
        monkeypatch.setattr(stand.memory, "positions", slow)
        taking = asyncio.create_task(engine.take([0, 1]))
        await asked.wait()
        await engine.release([0, 1])
        once_more = asyncio.create_task(engine.take([1])) if again else None
        await asyncio.sleep(0)
        answer.set()
        assert {position.partition for position in await taking} == ({1} if again else set())
        if once_more is not None:
            assert {position.partition for position in await once_more} == {1}
        assert set(engine._partitions) == ({1} if again else set())
        assert engine._tasks.count(1) == (2 if again else 0), "a keeper and a pump, once"


async def test_events_wait_for_the_fit_table_that_was_in_force_before() -> None:
    stand = Stand()
    await load(stand, fit())
    async with running(stand) as engine:
        await engine.take([0])
        engine.receive(fetch(Rec(0, T0, event_bytes())))
        await until(lambda: ACME in stand.data().states)
        assert stand.data().topics[FIT_VERSION] == 1
        await until(lambda: bool(stand.producer.to(TOPICS.alerts)))
        assert b"entered_hot" in (stand.producer.to(TOPICS.alerts)[0].value or b""), "unknown without the table"


async def test_a_fit_table_that_comes_while_running_is_taken_over_and_what_fits_now_is_told() -> None:
    stand = Stand()
    async with running(stand) as engine:
        await engine.take([0])
        engine.receive(fetch(Rec(0, T0, event_bytes())))
        await until(lambda: ACME in stand.data().states)
        await load(stand, fit())
        await until(lambda: bool(stand.producer.to(TOPICS.alerts)))
        assert stand.data().topics[FIT_VERSION] == 1
        assert stand.data().counts == {"applied": 1, "alerted": 1}
    assert {"fit_changed", "fit_rolled_out"} <= set(stand.event_log.words)


async def test_only_the_owner_of_the_first_partition_publishes() -> None:
    stand, looks = Stand(), Looks()
    async with running(stand, looks) as engine:
        await engine.take([1])
        await until(lambda: SCORING_SEQUENCE in stand.data(1).topics)
        assert looks.at == []
        await engine.take([0, 1])
        await until(lambda: len(looks.at) > 1)
        await engine.release([0])
        seen = len(looks.at)
        await engine.take([1])
        assert len(looks.at) == seen


async def test_a_task_that_fails_is_told() -> None:
    stand, looks = Stand(), Looks()
    looks.trouble = ZeroDivisionError("our own")
    async with running(stand, looks) as engine:
        await engine.take([0])
        with pytest.raises(ZeroDivisionError):
            async with asyncio.timeout(30):
                await engine.failed()


async def test_a_store_that_begins_to_evict_ends_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_engine, "_SETTINGS_CHECK_S", 0.01)
    stand, result = Stand(), Durability(on_disk=True, can_tell=True)

    async def durability() -> Durability:
        return result

    monkeypatch.setattr(stand.memory, "durability", durability)
    async with running(stand) as engine:
        await engine.take([0])
        failed = asyncio.create_task(engine.failed())
        done, _ = await asyncio.wait((failed,), timeout=0.1)
        assert not done, "as long as nothing is wrong"
        result = result._replace(refusal="it evicts any key")
        with pytest.raises(WrongServer, match="evicts any key"):
            async with asyncio.timeout(30):
                await failed


async def test_a_task_that_swallows_a_cancellation_still_ends() -> None:
    """As `asyncio.wait_for` of Python 3.11 can."""

    class Deaf(Looks):
        async def poll(self, now: int) -> None:
            self.at.append(now)
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                if len(self.at) > 3:
                    raise

    stand, looks = Stand(), Deaf()
    async with running(stand, looks) as engine:
        await engine.take([0])
        await until(lambda: bool(looks.at))
        async with asyncio.timeout(30):
            await engine.release([0])


async def test_a_step_in_hand_holds_up_a_release_only_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_engine, "_HANDOVER_TIMEOUT_S", 0.05)
    stand = Stand()
    async with running(stand) as engine:
        await engine.take([0])
        async with engine._partitions[0].lock, asyncio.timeout(30):
            await engine.release([0])
    assert "transaction_abandoned" in stand.event_log.words


async def test_a_partition_moves_when_the_alerts_in_hand_are_gone_from_the_outbox(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    stand, begun, goes_on = Stand(), asyncio.Event(), asyncio.Event()
    remove = stand.memory.remove

    async def slow(partition: int, outbox: Outbox, entries: Any) -> int:
        begun.set()
        await goes_on.wait()
        return await remove(partition, outbox, entries)

    monkeypatch.setattr(stand.memory, "remove", slow)
    await load(stand, fit())
    async with running(stand) as engine, asyncio.timeout(30):
        await engine.take([0])
        engine.receive(fetch(Rec(0, T0, event_bytes())))
        await begun.wait()
        releasing = asyncio.create_task(engine.release([0]))
        _, left = await asyncio.wait((releasing,), timeout=0.1)
        assert left, "delivered, and not yet removed"
        goes_on.set()
        await releasing
        assert not stand.data().outboxes.get(Outbox.ALERTS)
        await engine.take([0])
        await engine.release([0])
    assert len(stand.producer.to(TOPICS.alerts)) == 1


async def test_of_two_processes_with_one_name_the_older_fails() -> None:
    stand = Stand()
    older = InstanceLock(stand.context.controls, "one", b"older")
    newer = InstanceLock(stand.context.controls, "one", b"newer")
    engine = LiveEngine(stand.context, Looks(), 0.01, older)
    await engine.start()
    await older.check()
    await newer.claim()
    await newer.check()
    with pytest.raises(NameTaken):
        async with asyncio.timeout(30):
            await engine.failed()
    await engine.stop()
    await InstanceLock(stand.context.controls, "another", b"newer").claim()
    await newer.check()


async def test_a_name_that_the_store_has_lost_is_claimed_again() -> None:
    stand = Stand()
    own = InstanceLock(stand.context.controls, "one", b"mine")
    await own.check()
    await own.check()
    with pytest.raises(NameTaken):
        await InstanceLock(stand.context.controls, "one", b"late").check()
