"""Timers: what time alone does is told at its instant, and never ahead of what has been read."""

import json

import pytest

from signal_engine.engine.maintenance.due_timers import DueTimers
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.ports.transaction import Outbox, Transaction
from signal_engine.engine.ports.views import READ_UNTIL
from signal_engine.wire.storage import state
from tests.build import ACME, DAY, SECOND, T0, after, fit, kind, policy
from tests.engine.stand import HIRING, INTENT, Rec, Stand, event_bytes, fetch

RULES = policy(kind(half_life=8), kind("hiring", half_life=8), cooldown_days=30)
COOLS = T0 + 468_684 * SECOND
"""80 points are 50 after 8 * log2(1.6) days = 468683.30 s."""


class Account:
    """One account that became hot at T0, and the timers of its partition."""

    def __init__(self) -> None:
        self.stand = Stand(policy=RULES)
        self.offset = 0

    async def begin(self) -> "Account":
        await self.stand.fits(fit())
        self.partition = await self.stand.partition()
        self.timers = DueTimers(self.stand.context, self.partition)
        await self.signal(T0, 80)
        return self

    async def signal(self, at: int, points: float) -> None:
        record = Rec(self.offset, at, event_bytes(at=at, points=points))
        assert await process_batch(self.stand.context, self.partition, fetch(record, start=self.offset)) == []
        self.offset += 1

    async def tick(self, at: int) -> list[tuple[str, str]]:
        """(type, instant) of the alerts told up to now, after the clock shows `at`."""
        self.stand.now = at
        await self.timers.tick()
        waiting = self.stand.data().outboxes.get(Outbox.ALERTS, [])
        return [(alert["type"], alert["at"]) for alert in (json.loads(w.record.value) for w in waiting)]

    @property
    def due(self) -> dict[str, int]:
        return self.stand.data().due


@pytest.fixture
async def account() -> Account:
    return await Account().begin()


async def test_an_episode_ends_at_its_own_instant_whenever_that_is_noticed(account: Account) -> None:
    assert await account.tick(COOLS - 1) == [("entered_hot", "2026-01-01T00:00:00Z")]
    assert (await account.tick(COOLS + 5 * DAY))[1:] == [("cooled", "2026-01-06T10:11:24Z")]
    assert state.decode(account.stand.data().states[ACME]).now == COOLS, "time is passed so far and no further"
    assert account.due == {}


async def test_the_score_of_the_day_of_the_last_signal_outlives_what_time_does(account: Account) -> None:
    before = account.stand.data().scores
    assert before == {}
    await account.tick(COOLS)
    assert before == {T0 // DAY: {ACME: 80.0}}


async def test_no_backlog_is_overtaken_by_an_alert_that_it_would_have_prevented(account: Account) -> None:
    account.stand.reading.behind.add(HIRING)
    assert len(await account.tick(COOLS + DAY)) == 1, "hiring has not been read: something may have come"
    account.stand.reading.behind.clear()
    assert len(await account.tick(COOLS + DAY)) == 2


async def test_evidence_that_delays_the_end_is_found_out_when_the_end_was_to_come(account: Account) -> None:
    await account.signal(after(1), 30)
    assert account.due == {ACME: COOLS}, "later evidence only delays: nothing has to be written"
    assert len(await account.tick(COOLS)) == 1
    assert account.due[ACME] > COOLS
    assert (await account.tick(account.due[ACME]))[1][0] == "cooled"


async def test_a_cooldown_that_ends_tells_an_account_that_is_hot_again(account: Account) -> None:
    await account.tick(COOLS)
    await account.signal(after(8), 100)
    assert state.decode(account.stand.data().states[ACME]).level == "hot"
    await account.signal(after(29), 100)
    assert account.due == {ACME: after(30)}
    assert (await account.tick(after(30)))[2:] == [("entered_hot", "2026-01-31T00:00:00Z")]


async def test_it_says_how_far_everything_has_been_read_once_a_second(account: Account) -> None:
    for at, result in ((after(1), after(1)), (after(1) + 999, after(1)), (after(1) + 1000, after(1) + 1000)):
        await account.tick(at)
        assert account.stand.data().views[READ_UNTIL] == str(result).encode()
    account.stand.reading.behind.add(INTENT)
    await account.tick(after(2))
    assert account.stand.data().views[READ_UNTIL] == str(after(1) + 1000).encode()


async def test_a_due_time_that_nothing_holds_up_any_more_vanishes(account: Account) -> None:
    counter = (await account.stand.memory.positions(0)).counter
    await account.stand.memory.apply(Transaction(partition=0, counter=counter, due={"gone.com": T0, ACME: T0}))
    await account.partition.reload()
    assert len(await account.tick(after(1))) == 1
    assert account.due == {ACME: COOLS}


async def test_a_partition_that_moved_under_the_timers_is_read_again(account: Account) -> None:
    counter = (await account.stand.memory.positions(0)).counter
    await account.stand.memory.apply(Transaction(partition=0, counter=counter, counts={"of somebody else": 1}))
    assert len(await account.tick(COOLS)) == 1
    assert [p.offset for p in account.stand.reading.repositioned if p.topic == INTENT] == [1]
    assert len(await account.tick(COOLS)) == 2


async def test_a_partition_that_was_handed_over_is_left_alone(account: Account) -> None:
    account.partition.open = False
    assert len(await account.tick(COOLS)) == 1
    assert READ_UNTIL not in account.stand.data().views


async def test_many_that_are_due_are_taken_in_portions(account: Account) -> None:
    counter = (await account.stand.memory.positions(0)).counter
    await account.stand.memory.apply(
        Transaction(partition=0, counter=counter, due={f"{n}.com": T0 for n in range(450)})
    )
    await account.partition.reload()
    account.stand.now = after(1)
    assert [await account.timers.tick() for _ in range(3)] == [True, True, False]
    assert account.due == {ACME: COOLS}
