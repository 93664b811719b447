"""The owner's tail of outcomes: read once each, kept for people, read again wherever they are lost."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from signal_engine.adapters.memory.server import StoredOutcomes
from signal_engine.engine.outcomes import kept_outcomes
from signal_engine.engine.outcomes.kept_outcomes import KeptOutcomes
from signal_engine.engine.ports.fetched import TakeRecords
from signal_engine.engine.ports.history import OUTCOMES_KEPT
from signal_engine.wire.outcomes.record import AccountOutcome, write_outcome
from signal_engine.wire.storage import outcomes as stored_outcomes
from tests.build import ACME, DAY, T0
from tests.engine.stand import Rec, Stand, until

PLACE = ("", 0, 0)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept_outcomes, "_RECHECK_S", 0.01)


class Topic:
    """The topic of outcomes as a list per partition: whoever follows is handed what comes after its place."""

    def __init__(self) -> None:
        self.records: dict[int, list[Rec]] = {}
        self.next: dict[int, int] = {}
        self.takes: TakeRecords | None = None
        self.read_from: list[int] = []

    def follow(self, partition: int, start: int) -> None:
        self.next[partition] = start
        self.read_from.append(start)

    def leave(self, partition: int) -> None:
        self.next.pop(partition, None)

    async def run(self, take: TakeRecords) -> None:
        self.takes = take
        while True:
            for number in [*self.next]:
                if found := self.records.get(number, [])[self.next[number] :]:
                    self.next[number] += len(found)
                    await take(number, found)
            await asyncio.sleep(0)

    def append(self, *values: bytes | None, partition: int = 0) -> None:
        records = self.records.setdefault(partition, [])
        records += [Rec(len(records) + place, T0, value) for place, value in enumerate(values)]


def outcome(number: int = 0, account: str = ACME, stage: Any = "moved", at: int | None = None, **more: Any) -> bytes:
    return write_outcome(AccountOutcome(account, f"o-{number}", stage, T0 + number if at is None else at, **more))


class Kept:
    """A store, the topic, and workers that tail it."""

    def __init__(self) -> None:
        self.stand, self.topic = Stand(), Topic()

    def worker(self, topic: Topic | None = None, topic_id: str = "id") -> KeptOutcomes:
        return KeptOutcomes(self.stand.context, topic or self.topic, topic_id)

    @asynccontextmanager
    async def tailing(self, worker: KeptOutcomes | None = None) -> AsyncIterator[KeptOutcomes]:
        worker = worker or self.worker()
        running = asyncio.create_task(worker.run())
        await worker.take(0)
        try:
            yield worker
        finally:
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)

    def ids(self, account: str = ACME) -> list[str]:
        stored = self.stand.server.outcomes.get(PLACE)
        found = None if stored is None else stored.accounts.get(account)
        return [one.outcome_id for one in stored_outcomes.decode(found)]

    @property
    def read(self) -> bytes | None:
        stored = self.stand.server.outcomes.get(PLACE)
        return None if stored is None else stored.read

    async def reads(self, offset: int, topic_id: str = "id") -> None:
        await until(lambda: self.read == f"{offset} {topic_id}".encode())


async def test_outcomes_are_kept_by_instant_whatever_the_order_of_arrival_ties_by_id() -> None:
    kept = Kept()
    kept.topic.append(outcome(3), outcome(1), outcome(9, at=T0 + 1), outcome(2), outcome(5, account="b.com"))
    async with kept.tailing():
        await kept.reads(5)
    assert kept.ids() == ["o-1", "o-9", "o-2", "o-3"]
    assert kept.ids("b.com") == ["o-5"]


async def test_an_outcome_that_comes_twice_counts_once_and_the_first_of_one_id_counts() -> None:
    kept = Kept()
    kept.topic.append(outcome(1, stage="won"), outcome(1, stage="lost"))
    async with kept.tailing():
        await kept.reads(2)
        before = kept.stand.server.outcomes[PLACE].accounts[ACME]
        kept.topic.append(outcome(1, stage="won"), outcome(1, stage="lost"))
        await kept.reads(4)
    assert kept.stand.server.outcomes[PLACE].accounts[ACME] == before
    assert [one.stage for one in stored_outcomes.decode(before)] == ["won"]


async def test_an_account_keeps_its_latest_outcomes() -> None:
    kept = Kept()
    kept.topic.append(*(outcome(number) for number in range(OUTCOMES_KEPT + 20)), outcome(3))
    async with kept.tailing():
        await kept.reads(OUTCOMES_KEPT + 21)
    assert kept.ids() == [f"o-{number}" for number in range(20, OUTCOMES_KEPT + 20)]


async def test_what_is_no_outcome_is_said_with_its_place_and_holds_nothing_up() -> None:
    kept = Kept()
    kept.topic.append(outcome(1), b"oops", None, outcome(2, account="xact.com"), outcome(3))
    async with kept.tailing():
        await kept.reads(5)
    assert kept.ids() == ["o-1", "o-3"]
    (said,) = [facts for _, what, facts in kept.stand.event_log.lines if what == "outcomes_refused"]
    assert (said["partition"], said["records"], said["first_offset"], said["reason"]) == (0, 3, 1, "not_json")
    kept = Kept()
    kept.topic.append(outcome(1, account="xact.com"))
    async with kept.tailing():
        await kept.reads(1)
    assert "murmur2" in kept.stand.event_log.lines[-1][2]["detail"]


async def test_the_next_owner_reads_on_from_where_the_last_one_came_to() -> None:
    kept = Kept()
    kept.topic.append(outcome(1), outcome(2))
    async with kept.tailing():
        await kept.reads(2)
    kept.topic.append(outcome(3))
    async with kept.tailing():
        await kept.reads(3)
    assert kept.topic.read_from == [0, 2]
    assert kept.ids() == ["o-1", "o-2", "o-3"]


async def test_of_two_owners_at_once_none_takes_anything_back() -> None:
    kept, other = Kept(), Topic()
    kept.topic.append(*(outcome(number) for number in range(6)))
    async with kept.tailing():
        await kept.reads(6)
        other.records = kept.topic.records
        async with kept.tailing(kept.worker(other)):
            for number in range(6, 40):
                kept.topic.append(outcome(number))
                await kept.reads(number + 1)
    assert kept.ids() == sorted((f"o-{number}" for number in range(40)), key=lambda one: int(one[2:]))


async def test_a_released_partition_is_not_written_any_more() -> None:
    kept = Kept()
    async with kept.tailing() as worker:
        await until(lambda: kept.topic.takes is not None)
        worker.release(0)
        assert kept.topic.next == {}
        assert kept.topic.takes is not None
        await kept.topic.takes(0, [Rec(0, T0, outcome(1))])
    assert kept.read is None


@pytest.mark.parametrize("left", [None, StoredOutcomes(b"1 id", {})])
async def test_what_somebody_removed_is_read_again(left: StoredOutcomes | None) -> None:
    kept = Kept()
    kept.topic.append(outcome(1, stage="opened"), outcome(2), outcome(3, account="b.com"))
    async with kept.tailing():
        await kept.reads(3)
        if left is None:
            kept.stand.server.outcomes.clear()
        else:
            kept.stand.server.outcomes[PLACE] = left
        await kept.reads(3)
    assert kept.ids() == (["o-1", "o-2"] if left is None else ["o-2"])


async def test_of_a_topic_that_was_made_anew_nothing_old_is_left() -> None:
    kept = Kept()
    kept.topic.append(outcome(1), outcome(2), outcome(3, account="b.com"))
    async with kept.tailing():
        await kept.reads(3)
    anew = Topic()
    anew.append(outcome(9))
    async with kept.tailing(kept.worker(anew, "another")):
        await kept.reads(1, "another")
    assert (kept.ids(), kept.ids("b.com")) == (["o-9"], [])


async def test_a_backlog_is_written_in_batches() -> None:
    kept, written = Kept(), list[int]()
    kept.topic.append(*(outcome(number, account=f"a{number}.com") for number in range(1_300)))
    put = kept.stand.memory.put_outcomes

    async def counted(partition: int, read: Any, now_read: bytes, changed: dict[str, bytes], **more: Any) -> bool:
        written.append(len(changed))
        return await put(partition, read, now_read, changed, **more)

    kept.stand.memory.put_outcomes = counted  # type: ignore[method-assign,assignment]
    async with kept.tailing():
        await kept.reads(1_300)
    assert written == [500, 500, 300]


async def test_outcomes_move_neither_positions_nor_states_nor_counters() -> None:
    kept = Kept()
    kept.topic.append(*(outcome(number, stage="won", at=T0 + number * DAY) for number in range(9)))
    before = kept.stand.data()
    async with kept.tailing():
        await kept.reads(9)
    assert kept.stand.data() == before
    assert kept.stand.reading.made_room == []


async def test_a_tail_that_fails_ends_the_work() -> None:
    class Broken(Topic):
        async def run(self, take: TakeRecords) -> None:
            raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        await asyncio.wait_for(Kept().worker(Broken()).run(), 5)
