"""Starting over: a new generation built beside the one that is served, what may leave of it, and when it is served."""

import asyncio
import json
from typing import Any

import pytest

from signal_engine.core.rules.aliases import Aliases
from signal_engine.engine.context.generation import OtherGeneration
from signal_engine.engine.fit.handover import copy_fit
from signal_engine.engine.fit.versions import FitVersions
from signal_engine.engine.partition.owned_partition import Partition
from signal_engine.engine.partition.past_alerts import PastAlerts
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.ports.controls import FIT, REBUILT
from signal_engine.engine.ports.transaction import Outbox, Outgoing, TopicRead, Transaction
from signal_engine.engine.worker import live_engine, rebuild, tasks
from signal_engine.engine.worker.rebuild import CLEANED, READ, Rebuild, fit_is_loaded
from signal_engine.wire.storage import fit_rows, state
from signal_engine.wire.storage.building import Building
from signal_engine.wire.storage.in_force import FitInForce, TopicsInForce
from tests.build import ACME, DAY, HOUR, T0, after, fit
from tests.engine.stand import (
    HIRING,
    INTENT,
    TOPICS,
    FakeOutput,
    Rec,
    Stand,
    TableOf,
    alerts_of,
    event_bytes,
    fetch,
    until,
)
from tests.engine.worker.restart import NEW, Restart
from tests.engine.worker.test_live import load


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    for where, name in (
        (live_engine, "_TICK_S"),
        (tasks, "_CANCEL_RETRY_S"),
        (rebuild, "_RECHECK_S"),
        (rebuild, "_DROP_RETRY_S"),
    ):
        monkeypatch.setattr(where, name, 0.01)


@pytest.fixture
async def restart() -> Restart:
    """One alert has been sent in generation 0, of an event that is still there."""
    made = Restart()
    await load(made.stand, fit(), fit(account="b.com"), fit(account="xeno.com"))
    await made.served()
    async with made.running() as engine:
        await engine.take([0, 1])
        await made.applied(engine, fetch(Rec(0, T0, event_bytes())))
        await until(lambda: made.alerts() == ["entered_hot"])
    return made


async def test_nothing_leaves_before_it_is_served_and_then_only_what_nobody_got(restart: Restart) -> None:
    made, looks = restart, len(restart.looks.at)
    await made.begin({INTENT: [3, 0]})
    made.stand.reading.behind.add(INTENT)  # from the first look on
    async with made.running() as engine:
        await engine.take([0, 1])
        records = [
            Rec(0, T0, event_bytes()),
            Rec(1, T0 + 1, event_bytes(account="b.com", at=T0 + 1)),
            Rec(2, T0 + 2, event_bytes(account="c.com")),
        ]
        await made.applied(engine, fetch(*records[:2]))
        assert (await made.generations.marks()).building is not None
        assert (len(made.looks.at), made.alerts()) == (looks, ["entered_hot"])
        await made.applied(engine, fetch(*records[2:]))
        made.stand.reading.behind.clear()
        await until(lambda: made.stand.server.served[""] == NEW)
        await until(lambda: len(made.looks.at) > looks)
        await until(lambda: len(made.alerts()) == 2)
        await made.dropped()
    sent = alerts_of(made.stand.producer.to(TOPICS.alerts))
    assert [alert["account_id"] for alert in sent] == [ACME, "b.com"]
    assert await made.at() == CLEANED
    marks = await made.generations.marks()
    assert (marks.served, marks.building, marks.outdated) == (NEW, None, ()), "the old one has been dropped"
    assert not [key for key in made.stand.server.partitions if key[1] == 0]


async def test_an_alert_older_than_a_day_is_recorded_and_not_told(restart: Restart) -> None:
    made = restart
    made.stand.now = after(1.1)
    await made.begin({INTENT: [2, 0]})
    async with made.running() as engine:
        await engine.take([0, 1])
        old, young = after(0.05), after(0.2)
        records = [Rec(0, T0, event_bytes()), Rec(1, old, event_bytes(account="b.com", at=old))]
        records += [Rec(2, young, event_bytes("hiring", account="a.com", at=young))]
        await made.applied(engine, fetch(*records[:2]))
        await until(lambda: made.stand.server.served[""] == NEW)
    assert "entered_hot" not in made.alerts()[1:]
    account = state.decode((await made.generations.store(NEW).load(0, ["b.com"])).states[0] or b"")
    assert (account.last_alert_at, account.episode) == (old, 1)


async def test_without_a_topic_passing_its_end_it_is_not_served(restart: Restart) -> None:
    made = restart
    made.stand.reading.behind.add(HIRING)
    await made.begin({INTENT: [1, 0], HIRING: [7, 0]})
    async with made.running() as engine:
        await engine.take([0, 1])
        engine.receive(fetch(Rec(0, T0, event_bytes())))
        await until(lambda: made.stand.event_log.words.count("partition_rebuilt") == 1)  # the other one
        assert (await made.generations.marks()).building is not None
        made.stand.reading.behind.clear()
        await until(lambda: made.stand.server.served[""] == NEW)


async def test_what_only_the_alerts_remember_is_written_down(restart: Restart) -> None:
    made = restart
    made.stand.now += HOUR
    await made.begin()
    async with made.running() as engine:
        await engine.take([0, 1])  # its events are past their retention
        await until(lambda: made.stand.server.served[""] == NEW)
    account = state.decode((await made.generations.store(NEW).load(0, [ACME])).states[0] or b"")
    assert (account.last_alert_at, account.last_alert_kinds, account.episode) == (T0, {"intent"}, 1)


async def test_a_generation_that_is_not_to_be_worked_on_any_more_ends_the_worker(restart: Restart) -> None:
    async with restart.running() as engine:
        await restart.begin()
        with pytest.raises(OtherGeneration):
            await asyncio.wait_for(engine.failed(), 5)


class TestAStoreThatWasEmptied:
    def emptied(self, made: Restart) -> None:
        server = made.stand.server
        for kept in (server.partitions, server.served, server.documents, server.fit_changes):
            kept.clear()  # type: ignore[attr-defined]

    async def test_nothing_is_read_for_it(self, restart: Restart) -> None:
        async with restart.running() as engine:
            self.emptied(restart)
            assert await engine.take([0]) == []
            with pytest.raises(OtherGeneration):
                await asyncio.wait_for(engine.failed(), 5)

    async def test_no_step_is_made_in_it(self, restart: Restart) -> None:
        context = await restart.context()
        partition = Partition(0, context, await context.store.positions(0))
        self.emptied(restart)
        record = Rec(1, T0 + 1, event_bytes(account="b.com"))
        with pytest.raises(OtherGeneration):
            await process_batch(context, partition, fetch(record))
        assert restart.stand.server.partitions == {}

    async def test_no_list_is_published_of_it(self, restart: Restart) -> None:
        async with restart.running() as engine:
            await engine.take([0])
            self.emptied(restart)
            with pytest.raises(OtherGeneration):
                await asyncio.wait_for(engine.failed(), 5)
        assert restart.stand.server.lists == {}


class TestTheOutbox:
    async def test_what_somebody_else_has_sent_meanwhile_is_taken_out(self, restart: Restart) -> None:
        made = restart
        sent = made.stand.producer.to(TOPICS.alerts)[0].value or b""
        other = json.dumps({**json.loads(sent), "alert_id": "0" * 32}).encode()
        await made.generations.begin(0, building := Building(NEW, T0, {}, needs_fit=False, moved=False))
        await made.generations.finish(building)
        store = made.generations.store(NEW)
        waiting = [Outgoing(TOPICS.alerts, ACME, value) for value in (sent, other)]
        await store.apply(
            Transaction(partition=0, counter=0, outbox={Outbox.ALERTS: waiting}, reads=[TopicRead(REBUILT, 0, READ)])
        )
        context = await made.context()
        partition = Partition(0, context, await store.positions(0))
        for _ in range(2):
            await Rebuild(context).before_sending(partition)
            assert [one.record.value for one in await store.waiting(0, Outbox.ALERTS, 9)] == [other]
            assert await made.at() == CLEANED


class TestWhatTheAlertsRemember:
    async def memory(self, stand: Stand, **more: Any) -> PastAlerts:
        made = PastAlerts(0, stand.context.partition_of, news_from=after(2))
        await made.read(FakeOutput(stand), TOPICS.alerts, (0, 1))
        return made

    async def test_it_is_read_once_and_read_on(self, restart: Restart) -> None:
        stand = restart.stand
        memory = await self.memory(stand)
        (record,) = stand.producer.to(TOPICS.alerts)
        for value in (record.value, b"{", None, b"[]", b'{"account_id": 7}'):
            stand.producer.sent.append(record._replace(value=value))
        await memory.read(FakeOutput(stand), TOPICS.alerts, (0, 1))
        assert (len(memory), memory.unreadable) == (1, 4)
        ((name, (past,)),) = memory.past.items()
        assert (name, past.at, past.type, past.since, past.kinds) == (ACME, T0, "entered_hot", T0, {"intent"})

    async def test_alerts_of_other_partitions_are_not_its_own(self, restart: Restart) -> None:
        memory = PastAlerts(1, restart.stand.context.partition_of, 0)
        await memory.read(FakeOutput(restart.stand), TOPICS.alerts, (0, 1))
        assert (len(memory), dict(memory.past)) == (0, {})

    @pytest.mark.parametrize(
        ("at", "clock", "news"),
        [
            (T0, T0 + DAY - 1, True),
            (T0, T0 + DAY, False),
            (after(2), after(9), True),  # it came after the rebuild began: no history
        ],
    )
    async def test_news_is_what_nobody_got_and_is_not_too_old(self, restart: Restart, at: int, clock: int, news: bool):
        memory = await self.memory(restart.stand)
        known = alerts_of(restart.stand.producer.to(TOPICS.alerts))[0]["alert_id"]
        assert memory.is_news("0" * 32, at, clock) is news
        assert not memory.is_news(known, at, clock)


async def test_history_waits_for_a_fit_table_where_lists_had_one() -> None:
    made = Restart()
    await made.begin(needs_fit=True)
    context = await made.context()
    waiting = asyncio.create_task(fit_is_loaded(context, context.generation))
    await until(lambda: "rebuild_waiting_for_fit" in made.stand.event_log.words)
    await until(lambda: not waiting.done())
    await context.controls.replace(FIT, None, FitInForce(1, T0, 1, (), ()).encode())
    await asyncio.wait_for(waiting, 5)
    assert made.stand.event_log.words.count("rebuild_waiting_for_fit") == 1


async def test_the_fit_table_in_force_goes_with_it_also_to_other_partitions() -> None:
    made = Restart()
    await made.served()
    stand = made.stand
    stand.memory, stand.fit_changes = made.generations.store(0), made.generations.fit_changes(0)  # type: ignore[assignment]
    await load(stand, fit(), fit(account="b.com"), fit(account="xeno.com"))
    await stand.fits(fit(), fit(account="b.com"))  # partition 0 has taken it over, 1 has not
    tables = FitVersions(stand.memory, stand.controls, stand.fit_changes, 2, stand.context.partition_of)
    table = TableOf(fit("ignore", tier=None, account="xeno.com"), fit())
    assert await tables.bring_into_force(2, table, (), lambda: T0, quiet=False)
    await stand.controls.replace("topics", None, TopicsInForce(2, {}).encode())

    assert await copy_fit(made.generations, 0, NEW, 3, lambda account: 2 if account == ACME else 1) is not None
    changes = made.generations.fit_changes(NEW)
    got = [(await changes.read(number, 2)).rows for number in range(3)]
    assert [sorted(rows) for rows in got] == [[], ["xeno.com"], [ACME]]
    assert fit_rows.decode(got[1]["xeno.com"] or b"").unchased is not None
    in_force = await made.generations.controls(NEW).read(FIT)
    assert in_force is not None
    assert FitInForce.decode(in_force).version == 2


async def test_without_a_fit_table_there_is_none_to_go_with_it() -> None:
    made = Restart()
    await made.served()
    assert await copy_fit(made.generations, 0, NEW, 2, made.stand.context.partition_of) is None


async def test_with_aliases_it_is_served_once_the_copies_that_partitions_sent_each_other_are_taken(
    restart: Restart, monkeypatch: pytest.MonkeyPatch
) -> None:
    await restart.served()
    await restart.begin()
    context = await restart.context()
    assert await Rebuild(context)._copies_taken(2), "there are none without aliases"
    context.aliases = Aliases.of({"acme.de": ACME})
    context.reading.end = 2
    rebuild = Rebuild(context)
    assert not await rebuild._copies_taken(2)
    context.reading.end = 9  # what comes later is nobody's copy of before
    for number in (0, 1):
        assert not await rebuild._copies_taken(2)
        reads = [TopicRead(topic, 0, 2) for topic in TOPICS.signals.values()]
        await context.store.apply(Transaction(partition=number, counter=0, reads=reads))
    assert await rebuild._copies_taken(2)
    monkeypatch.setattr("signal_engine.engine.worker.rebuild._COPIES_WAIT_S", 0.0)
    assert await Rebuild(context)._copies_taken(2), "markers of transactions are not waited for for ever"
