"""A topic-partition whose records are mostly refused is paused, at the right record, and the others go on."""

from typing import Any

import pytest

from signal_engine.engine.dead_letters.paused_topics import (
    Paused,
    PausedTopic,
    ResumeBeforePosition,
    all_paused,
    paused_in,
    resume,
)
from signal_engine.engine.maintenance.due_timers import DueTimers
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.ports.fetched import Position, Unreadable
from signal_engine.engine.ports.transaction import Transaction
from signal_engine.engine.ports.views import READ_UNTIL
from signal_engine.engine.worker import live_engine
from tests.build import SECOND, T0, after, fit, kind, policy
from tests.engine.stand import HIRING, INTENT, TOPICS, Rec, Stand, event_bytes, fetch, until
from tests.engine.worker.test_live import Looks, running

TWO_KINDS = policy(kind(half_life=8), kind("hiring", half_life=8))


@pytest.fixture
def stand() -> Stand:
    return Stand(policy=TWO_KINDS)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_engine, "_TICK_S", 0.01)


def bad(many: int, start: int = 0) -> list[Rec]:
    return [Rec(start + n, T0, b"{") for n in range(many)]


def good(many: int, start: int = 0) -> list[Rec]:
    return [Rec(start + n, T0, event_bytes(event_id=f"{start + n}", points=10)) for n in range(many)]


def topics(stand: Stand) -> list[str]:
    return [*TOPICS.signals.values()]


async def test_it_is_paused_at_the_record_with_which_the_limit_is_passed(stand: Stand) -> None:
    partition = await stand.partition()
    stand.now = after(1)
    records = [*good(100), *bad(150, 100), *good(50, 250)]
    assert await process_batch(stand.context, partition, fetch(*records)) == [Position(INTENT, 0, 201, held=True)]
    assert stand.data().counts == {
        "applied": 100, "rejected": 101, f"rejected:{INTENT}": 101, "rejected:not_json": 101,
    }  # fmt: skip
    assert [dict(letter.headers)["dlq.offset"] for letter in stand.producer.to(TOPICS.dead_letters)][-1] == b"200"
    assert len(stand.producer.sent) == 101, "nothing beyond is refused, and nothing told twice"
    why = Paused(after(1), 101, 201, {"not_json": 101}, 201)
    assert await paused_in(stand.memory, 0, topics(stand)) == partition.paused == {INTENT: why}
    assert await all_paused(stand.memory, [1, 0], topics(stand)) == [PausedTopic(INTENT, 0, why)]
    (level, _, said) = next(line for line in stand.event_log.lines if line[1] == "topic_paused")
    assert (level, said["topic"], said["partition"], said["reasons"]) == ("error", INTENT, 0, "not_json 101")
    assert said["advice"] == f"signal-engine dlq resume {INTENT}/0"


async def test_states_hold_nothing_of_what_lay_beyond(stand: Stand) -> None:
    partition = await stand.partition()
    await process_batch(stand.context, partition, fetch(*good(1), *bad(300, 1), *good(300, 301)))
    alone = Stand(policy=TWO_KINDS)
    await process_batch(alone.context, await alone.partition(), fetch(*good(1), *bad(199, 1)))
    assert stand.data().states == alone.data().states
    assert stand.data().topics[INTENT] == alone.data().topics[INTENT] == 200


async def test_of_topics_that_are_read_together_only_the_flooded_ones_are_paused(stand: Stand) -> None:
    partition = await stand.partition()
    hiring = [Rec(n, T0, event_bytes("hiring", event_id=f"h{n}", points=10)) for n in range(300)]
    read_on = await process_batch(
        stand.context, partition, fetch(*good(1), *bad(300, 1), *good(9, 301)), fetch(*hiring, topic=HIRING)
    )
    assert read_on == [Position(INTENT, 0, 200, held=True)]
    assert partition.paused.keys() == {INTENT}
    data = stand.data()
    assert (data.topics[INTENT], data.topics[HIRING]) == (200, 300)
    assert data.counts["applied"] == 301
    assert data.counts[f"rejected:{INTENT}"] == len(stand.producer.sent) == 199
    assert partition.at(HIRING) == 300, "it is read on from there"


async def test_the_limit_counts_over_fetches_and_others_do_not_count(stand: Stand) -> None:
    partition = await stand.partition()
    for start in range(0, 180, 60):
        assert await process_batch(stand.context, partition, fetch(*bad(60, start))) == []
        assert await process_batch(stand.context, partition, fetch(*good(60, start), topic=HIRING)) == []
    assert await process_batch(stand.context, partition, fetch(*bad(60, 180))) == [Position(INTENT, 0, 200, held=True)]
    assert partition.paused.keys() == {INTENT}
    assert await process_batch(stand.context, partition, fetch(*good(5, 180), topic=HIRING)) == [], "the others go on"


async def test_what_belongs_elsewhere_or_was_here_before_is_not_refused(stand: Stand) -> None:
    partition = await stand.partition()
    misrouted = [Rec(n, T0, event_bytes(account="xeno.com", event_id=f"{n}")) for n in range(300)]
    assert await process_batch(stand.context, partition, fetch(*misrouted)) == []
    origin = {"topic": INTENT.encode(), "partition": b"1", "offset": b"0", "timestamp": str(T0).encode()}
    headers = [(f"origin.{name}", value) for name, value in origin.items()]
    copies = [Rec(n, T0, event_bytes(), headers=headers) for n in range(300, 800)]
    assert await process_batch(stand.context, partition, fetch(*copies, start=300)) == []
    assert not partition.paused


async def test_a_step_that_is_refused_has_counted_nothing(stand: Stand) -> None:
    partition = await stand.partition()
    assert await process_batch(stand.context, partition, fetch(*bad(150))) == []
    await stand.memory.apply(Transaction(partition=0, counter=1, counts={"of somebody else": 1}))
    read_on = await process_batch(stand.context, partition, fetch(*bad(100, 150)))
    assert {(p.offset, p.held) for p in read_on if p.topic == INTENT} == {(150, False)}
    assert await paused_in(stand.memory, 0, topics(stand)) == {}
    assert not partition.outcomes, "whoever lost track begins anew"


async def test_a_paused_topic_holds_up_no_timer(stand: Stand) -> None:
    partition = await stand.partition()
    await process_batch(stand.context, partition, fetch(*bad(200)))
    stand.reading.behind.add(INTENT)
    stand.now = after(2)
    await DueTimers(stand.context, partition).tick()
    assert stand.data().views[READ_UNTIL] == str(after(2)).encode()
    for topic in topics(stand):
        partition.pause(topic, partition.paused[INTENT])
    assert partition.read_until() == after(2), "nor do all of them"


@pytest.mark.usefixtures("quick")
async def test_others_go_on_a_restart_does_not_forget_and_resume_lifts_it(stand: Stand) -> None:
    await stand.fits(fit())
    async with running(stand, Looks()) as engine:
        await engine.take([0])
        engine.receive(fetch(*bad(250)))
        engine.receive(fetch(*bad(250, 250)))
        await until(lambda: Position(INTENT, 0, 200, held=True) in stand.reading.repositioned)
        stand.reading.behind.add(INTENT)  # nobody reads it on
        stand.now = T0 + 3600 * SECOND
        engine.receive(fetch(Rec(0, stand.now, event_bytes("hiring", T0)), topic=HIRING))
        await until(lambda: HIRING in stand.data().topics)
    async with running(stand, Looks()) as engine:
        assert Position(INTENT, 0, 200, held=True) in await engine.take([0])
        assert Position(HIRING, 0, 1) in await engine.take([0])
        stand.reading.repositioned.clear()
        assert await resume(stand.memory, 0, INTENT)
        await until(lambda: Position(INTENT, 0, 200) in stand.reading.repositioned)
        engine.receive(fetch(*good(3, 200), start=200))
        await until(lambda: stand.data().topics[INTENT] == 203)
    assert "topic_resumed" in stand.event_log.words
    assert await all_paused(stand.memory, [0], topics(stand)) == []


@pytest.mark.usefixtures("quick")
async def test_the_owner_notices_by_itself_also_when_it_writes_nothing(stand: Stand) -> None:
    stand.reading.behind.update(topics(stand))  # no timer has anything to say
    async with running(stand, Looks()) as engine:
        await engine.take([0])
        engine.receive(fetch(*bad(200)))
        stand.reading.behind.clear()
        await until(lambda: Position(INTENT, 0, 200, held=True) in stand.reading.repositioned)
        stand.reading.behind.update(topics(stand))
        assert await resume(stand.memory, 0, INTENT)
        await until(lambda: Position(INTENT, 0, 200) in stand.reading.repositioned)


class Elsewhere:
    """A store in which somebody else makes a step whenever the counter is looked up."""

    def __init__(self, stand: Stand, steps: int) -> None:
        self._stand, self._left = stand, steps

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stand.memory, name)

    async def positions(self, partition: int) -> Any:
        result = await self._stand.memory.positions(partition)
        if self._left:
            self._left -= 1
            await self._stand.memory.apply(Transaction(partition=partition, counter=result.counter, counts={"else": 1}))
        return result


async def test_resume_wins_against_an_owner_at_work_and_says_when_there_is_nothing_to_do(stand: Stand) -> None:
    partition = await stand.partition()
    await process_batch(stand.context, partition, fetch(*bad(200)))
    assert await resume(Elsewhere(stand, 3), 0, INTENT)  # type: ignore[arg-type]
    assert await paused_in(stand.memory, 0, topics(stand)) == {}
    assert not await resume(stand.memory, 0, INTENT)
    assert not await resume(stand.memory, 1, HIRING)


async def test_after_resume_it_is_counted_anew(stand: Stand) -> None:
    partition = await stand.partition()
    await process_batch(stand.context, partition, fetch(*bad(200)))
    await resume(stand.memory, 0, INTENT)
    assert await partition.check_pauses()
    assert await process_batch(stand.context, partition, fetch(*bad(199, 200))) == []
    assert await process_batch(stand.context, partition, fetch(*bad(5, 399))) == [Position(INTENT, 0, 400, held=True)]


UNREADABLE = Unreadable(9, 12, "its checksum is wrong")
STANDS = Paused(after(1), 0, 0, {"unreadable": 1}, 9, "its checksum is wrong", 12)


async def test_before_a_batch_that_cannot_be_read_all_is_applied_and_the_topic_is_paused(stand: Stand) -> None:
    partition = await stand.partition()
    stand.now = after(1)
    last = fetch(*good(9))._replace(unreadable=UNREADABLE)
    assert await process_batch(stand.context, partition, last) == [Position(INTENT, 0, 9, held=True)]
    assert stand.data().counts == {"applied": 9}
    assert await paused_in(stand.memory, 0, topics(stand)) == partition.paused == {INTENT: STANDS}
    (level, _, said) = next(line for line in stand.event_log.lines if line[1] == "topic_paused")
    assert (level, said["topic"], said["partition"], said["offset"]) == ("error", INTENT, 0, 9)
    assert said["why"] == "the batch at offset 9 to 11 cannot be read: its checksum is wrong"
    assert said["advice"] == f"signal-engine dlq resume {INTENT}/0 --skip-to 12"
    assert await process_batch(stand.context, partition, fetch(*good(5), topic=HIRING)) == [], "the others go on"


async def test_one_that_is_first_of_all_is_noted_where_it_stands(stand: Stand) -> None:
    """Markers of transactions lay before it: reading stands beyond where it began."""
    partition = await stand.partition()
    alone = fetch(start=4)._replace(end=9, unreadable=UNREADABLE._replace(end=None))
    assert await process_batch(stand.context, partition, alone) == [Position(INTENT, 0, 9, held=True)]
    (paused,) = await all_paused(stand.memory, [0], topics(stand))
    assert paused.why.way_on(INTENT, 0) == f"signal-engine dlq resume {INTENT}/0 --skip-to OFFSET"


async def test_what_waits_is_cut_before_it_and_it_comes_last(stand: Stand) -> None:
    partition = await stand.partition()
    partition.backlog.put(fetch(*good(9))._replace(unreadable=UNREADABLE))
    partition.backlog.put(fetch(*good(1), topic=HIRING)._replace(end=1))
    first = partition.backlog.take((), lambda topic, record: T0, 4)
    assert [one.unreadable for one in first if one.topic == INTENT] == [None]
    rest = partition.backlog.take((), lambda topic, record: T0, 100)
    assert [(one.start, one.unreadable) for one in rest if one.topic == INTENT] == [(3, UNREADABLE)]


async def test_a_flood_before_it_counts_first(stand: Stand) -> None:
    partition = await stand.partition()
    both = fetch(*bad(250))._replace(unreadable=UNREADABLE._replace(offset=250))
    assert await process_batch(stand.context, partition, both) == [Position(INTENT, 0, 200, held=True)]
    assert partition.paused[INTENT].unreadable == ""


async def test_it_is_tried_again_or_skipped_and_never_backwards(stand: Stand) -> None:
    partition = await stand.partition()
    stand.now = after(1)
    last = fetch(*good(9))._replace(unreadable=UNREADABLE)
    await process_batch(stand.context, partition, last)
    for offset in (0, 9):
        with pytest.raises(ResumeBeforePosition, match="is at 9"):
            await resume(stand.memory, 0, INTENT, offset)
    assert await resume(stand.memory, 0, INTENT) == PausedTopic(INTENT, 0, STANDS)
    assert await partition.check_pauses()
    assert (partition.at(INTENT), partition.paused) == (9, {})
    await process_batch(stand.context, partition, fetch(start=9)._replace(unreadable=UNREADABLE))
    assert await resume(stand.memory, 0, INTENT, 12) == PausedTopic(INTENT, 0, STANDS)
    assert await partition.check_pauses()
    assert Position(INTENT, 0, 12) in partition.read_on()
    assert await process_batch(stand.context, partition, fetch(*good(3, 12))) == []
    assert stand.data().counts == {"applied": 12}


async def test_a_flood_can_be_skipped_too(stand: Stand) -> None:
    await process_batch(stand.context, await stand.partition(), fetch(*bad(700)))
    assert await resume(stand.memory, 0, INTENT, 700)
    assert (await stand.memory.positions(0)).topics[INTENT] == 700


def test_a_pause_of_an_earlier_release_is_read() -> None:
    old = b'{"at":1,"refused":7,"of":9,"reasons":{"schema":7},"offset":4}'
    assert Paused.decode(old) == Paused(1, 7, 9, {"schema": 7}, 4)
    assert Paused.decode(STANDS.encode()) == STANDS
