"""Outboxes: what waits leaves in order, once it is on disk, and is removed once Kafka has it."""

import asyncio
from typing import Any

import pytest

from signal_engine.engine.ports.store import Waiting
from signal_engine.engine.ports.transaction import Outbox, Outgoing, Transaction
from signal_engine.engine.publishing import outbox_relay
from signal_engine.engine.publishing.outbox_relay import OutboxRelay
from tests.engine.stand import Stand, until

RECORDS = [Outgoing("alerts", f"{n}.com", b"%d" % n) for n in range(5)]


@pytest.fixture
async def stand() -> Stand:
    stand = Stand()
    await stand.memory.apply(Transaction(partition=0, counter=0, outbox={Outbox.ALERTS: RECORDS}))
    return stand


def pump(stand: Stand) -> OutboxRelay:
    return OutboxRelay(stand.context, 0, Outbox.ALERTS, asyncio.Event())


def waiting(stand: Stand) -> list[bytes | None]:
    return [one.record.value for one in stand.data().outboxes.get(Outbox.ALERTS, [])]


async def test_what_waits_is_sent_in_order_and_then_removed(stand: Stand) -> None:
    assert await pump(stand).empty_once() == 5
    assert [(r.topic, r.key, r.value) for r in stand.producer.sent] == [
        ("alerts", b"%d.com" % n, b"%d" % n) for n in range(5)
    ]
    assert waiting(stand) == []
    assert await pump(stand).empty_once() == 0


async def test_what_could_not_be_delivered_stays_and_is_sent_again_the_same(stand: Stand) -> None:
    stand.producer.trouble = [RuntimeError("refused for good")]
    with pytest.raises(RuntimeError):
        await pump(stand).empty_once()
    assert len(waiting(stand)) == 5
    await pump(stand).empty_once()
    assert [r.value for r in stand.producer.sent] == [r.value for r in RECORDS]


async def test_an_end_between_delivery_and_removal_sends_them_again_byte_for_byte(stand: Stand) -> None:
    class Killed(BaseException):
        pass

    def dies(point: str) -> None:
        if point == "before_alerts_trim":
            raise Killed

    stand.context.reached = dies
    with pytest.raises(Killed):
        await pump(stand).empty_once()
    stand.context.reached = lambda _: None
    await pump(stand).empty_once()
    assert [r.value for r in stand.producer.sent] == 2 * [r.value for r in RECORDS]
    assert waiting(stand) == []


@pytest.mark.parametrize("slow", ["delivery", "removal"])
async def test_an_end_waits_for_what_is_in_hand_so_that_nothing_is_sent_again(
    stand: Stand, slow: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    whose, name = (stand.producer, "send") if slow == "delivery" else (stand.memory, "remove")
    goes_on, begun, does = asyncio.Event(), asyncio.Event(), getattr(whose, name)

    async def waits(*arguments: Any) -> Any:
        begun.set()
        await goes_on.wait()
        return await does(*arguments)

    monkeypatch.setattr(whose, name, waits)
    task = asyncio.create_task(pump(stand).run())
    await begun.wait()
    for _ in range(3):  # as the engine does, until it has ended
        task.cancel()
        _, left = await asyncio.wait((task,), timeout=0.01)
        assert left, "something is in hand"
    goes_on.set()
    await asyncio.wait((task,), timeout=5)
    assert task.cancelled()
    assert waiting(stand) == []
    assert await pump(stand).empty_once() == 0, "there is nothing for the next owner"
    assert [r.value for r in stand.producer.sent] == [r.value for r in RECORDS]


async def test_an_end_does_not_wait_for_ever_for_what_is_in_hand(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox_relay, "_FINISH_TIMEOUT_S", 0.05)
    begun, cancelled = asyncio.Event(), 0

    async def never(*_: Any) -> None:
        nonlocal cancelled
        begun.set()
        while cancelled < 2:  # the first one is swallowed, as a producer does that waits for what is on its way
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled += 1
        raise asyncio.CancelledError

    monkeypatch.setattr(stand.producer, "send", never)
    task = asyncio.create_task(pump(stand).run())
    await begun.wait()
    async with asyncio.timeout(30):
        while not task.done():
            task.cancel()
            await asyncio.wait((task,), timeout=0.01)
    assert task.cancelled()
    assert len(waiting(stand)) == 5


@pytest.mark.parametrize("gone", [0, 2, 5])
@pytest.mark.parametrize("when", ["before it sends", "while Kafka is away"])
async def test_whoever_was_stalled_sends_nothing_behind_another_owner(
    stand: Stand, when: str, gone: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = 0.0

    async def stalled(*waits: Any) -> Any:
        nonlocal late
        late = 60.0
        entries = [one.entry for one in stand.data().outboxes[Outbox.ALERTS][:gone]]
        await stand.memory.remove(0, Outbox.ALERTS, entries)
        return waits[0] if waits else None

    began = outbox_relay._now()
    monkeypatch.setattr(outbox_relay, "_now", lambda: began + late)
    relay = pump(stand)
    if when == "before it sends":
        relay = OutboxRelay(stand.context, 0, Outbox.ALERTS, asyncio.Event(), stalled)
    else:
        stand.producer.away = stalled
    assert await relay.empty_once() == 5
    assert [one.value for one in stand.producer.sent] == [one.value for one in RECORDS if gone == 0]
    assert waiting(stand) == [one.value for one in RECORDS[gone:] if gone]
    assert ("outbox_published" in stand.event_log.words) is (gone == 0)


async def test_what_goes_wrong_at_the_end_is_told(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on, begun = asyncio.Event(), asyncio.Event()

    async def refused(*_: Any) -> None:
        begun.set()
        await goes_on.wait()
        raise RuntimeError("refused for good")

    monkeypatch.setattr(stand.producer, "send", refused)
    task = asyncio.create_task(pump(stand).run())
    await begun.wait()
    task.cancel()
    goes_on.set()
    with pytest.raises(RuntimeError, match="refused for good"):
        await task
    assert len(waiting(stand)) == 5


async def test_only_what_is_on_disk_leaves(stand: Stand, monkeypatch: pytest.MonkeyPatch) -> None:
    safe = False

    async def on_disk(partition: int, timeout_ms: int = 0) -> bool:
        return safe

    monkeypatch.setattr(stand.memory, "on_disk", on_disk)
    assert await pump(stand).empty_once() == 5, "there is more: it looks again"
    assert stand.producer.sent == []
    safe = True
    await pump(stand).empty_once()
    assert len(stand.producer.sent) == 5
    assert waiting(stand) == []


async def test_where_the_store_cannot_tell_a_record_leaves_so_long_after_it_was_seen_here(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By our own clock, from the first look on: neither the store's clock nor ours for people is asked."""
    loop, now = asyncio.get_running_loop(), 1_000.0

    async def cannot_tell(partition: int, timeout_ms: int = 0) -> None:
        pass

    monkeypatch.setattr(stand.memory, "on_disk", cannot_tell)
    monkeypatch.setattr(outbox_relay.asyncio, "sleep", cannot_tell)
    monkeypatch.setattr(loop, "time", lambda: now)
    mine = pump(stand)
    await mine.empty_once()
    now += outbox_relay.DISK_TIMEOUT_S - 0.001
    await stand.memory.apply(Transaction(partition=0, counter=1, outbox={Outbox.ALERTS: RECORDS[:1]}))
    await mine.empty_once()
    assert stand.producer.sent == []
    stand.now -= 3_600_000
    now += 0.002
    await mine.empty_once()
    assert [record.value for record in stand.producer.sent] == [record.value for record in RECORDS], "not the last"
    now += outbox_relay.DISK_TIMEOUT_S
    await mine.empty_once()
    assert len(stand.producer.sent) == 6


async def test_where_the_store_cannot_tell_many_grow_old_together(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000.0

    async def cannot_tell(*_: object) -> None:
        pass

    monkeypatch.setattr(stand.memory, "on_disk", cannot_tell)
    monkeypatch.setattr(outbox_relay.asyncio, "sleep", cannot_tell)
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now)
    await stand.memory.apply(Transaction(partition=0, counter=1, outbox={Outbox.ALERTS: 400 * RECORDS}))
    mine = pump(stand)
    await mine.empty_once()
    now += outbox_relay.DISK_TIMEOUT_S
    for _ in range(5):
        await mine.empty_once()
    assert len(stand.producer.sent) == 2_005


async def test_where_the_store_cannot_tell_nothing_is_read_again_and_again(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Records are kilobytes, and their two seconds have twenty looks."""
    now, read, reads = 1_000.0, 0, stand.memory.waiting

    async def cannot_tell(partition: int, timeout_ms: int = 0) -> None:
        pass

    async def passes(seconds: float) -> None:
        nonlocal now
        now += seconds

    async def counted(*arguments: Any) -> list[Waiting]:
        nonlocal read
        found = await reads(*arguments)
        read += len(found)
        return found

    monkeypatch.setattr(stand.memory, "on_disk", cannot_tell)
    monkeypatch.setattr(stand.memory, "waiting", counted)
    monkeypatch.setattr(outbox_relay.asyncio, "sleep", passes)
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now)
    mine, began, looks = pump(stand), now, 0
    while await mine.empty_once():
        looks += 1
        if looks == 3:
            await stand.memory.apply(Transaction(partition=0, counter=1, outbox={Outbox.ALERTS: RECORDS[:2]}))
    assert [record.value for record in stand.producer.sent] == [one.value for one in [*RECORDS, *RECORDS[:2]]]
    assert outbox_relay.DISK_TIMEOUT_S < now - began < outbox_relay.DISK_TIMEOUT_S + 0.5, "as soon as it is old enough"
    assert looks >= 20
    assert read == 2 * 7 + 2, "each once to be known, once to be sent; the last two also beside those before them"


async def test_where_the_store_cannot_tell_what_replaces_lost_records_is_not_missed(
    stand: Stand, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store that forgot its last second can name what comes then below what was seen."""
    now = 1_000.0

    async def cannot_tell(*_: object) -> None:
        pass

    monkeypatch.setattr(stand.memory, "on_disk", cannot_tell)
    monkeypatch.setattr(outbox_relay.asyncio, "sleep", cannot_tell)
    monkeypatch.setattr(asyncio.get_running_loop(), "time", lambda: now)
    mine = pump(stand)
    await mine.empty_once()
    again = Waiting("0", RECORDS[0])
    stand.data().outboxes[Outbox.ALERTS] = [again]
    await mine.empty_once()
    now += outbox_relay.DISK_TIMEOUT_S
    await mine.empty_once()
    assert stand.producer.sent == [], "it was not known to be there"
    now += outbox_relay.DISK_TIMEOUT_S
    await mine.empty_once()
    assert [record.value for record in stand.producer.sent] == [RECORDS[0].value]
    assert waiting(stand) == []


async def test_two_pumps_of_one_outbox_lose_nothing(stand: Stand) -> None:
    await asyncio.gather(pump(stand).empty_once(), pump(stand).empty_once())
    assert {r.value for r in stand.producer.sent} == {r.value for r in RECORDS}
    assert waiting(stand) == []


async def test_a_running_pump_is_woken_by_what_comes(stand: Stand) -> None:
    wake = asyncio.Event()
    task = asyncio.create_task(OutboxRelay(stand.context, 0, Outbox.ALERTS, wake).run())
    await until(lambda: not waiting(stand))
    await stand.memory.apply(Transaction(partition=0, counter=1, outbox={Outbox.ALERTS: RECORDS[:1]}))
    wake.set()
    await until(lambda: not waiting(stand), 4)  # it looks by itself after 5
    task.cancel()
    assert len(stand.producer.sent) == 6
