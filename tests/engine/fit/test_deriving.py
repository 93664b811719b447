"""The owner of a partition decides the accounts as loaded by itself: before it judges, after a loss, and again."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from functools import partial

import pytest

from signal_engine.core.rules.instants import HOUR
from signal_engine.engine.fit.alias_mover import owners_as_loaded
from signal_engine.engine.fit.handover import copy_fit
from signal_engine.engine.fit.mover import icps_in_force, move_load_into_force
from signal_engine.engine.fit.versions import FitVersions
from signal_engine.engine.partition import consumer_loop
from signal_engine.engine.ports.controls import FIT, FIT_VERSION
from signal_engine.engine.ports.loaded_accounts import LoadedRecord, LoadReplaced
from signal_engine.engine.worker import live_engine
from signal_engine.wire.accounts.row_record import LoadedAccount, write_row
from signal_engine.wire.config.account_columns import CARRIED
from signal_engine.wire.rules.fit_load import AccountsLoad, LoadedIcp
from signal_engine.wire.storage import fit_rows, state
from signal_engine.wire.storage.in_force import FitInForce
from tests.build import ACME, T0
from tests.engine.stand import TOPICS, Rec, Stand, event_bytes, fetch, until
from tests.engine.worker.restart import Restart
from tests.engine.worker.test_live import running

RULE = """
icp: saas
version: {version}
owner: {{name: The tests, email: tests@example.com}}
review_by: 2099-01-01
must_have: {{size: {{gte: {least}}}}}
base: 85
tiers: {{A: 80}}
decisions: {{A: chase}}
"""


def rule(least: int = 200, version: int = 1) -> LoadedIcp:
    return LoadedIcp("saas.yaml", RULE.format(least=least, version=version))


def row(account: str, size: int) -> LoadedRecord:
    record = LoadedAccount(account, {"size": size}, dict.fromkeys(CARRIED))
    return LoadedRecord(account, write_row(record))


class Loads:
    """`fit.accounts`, of two partitions, with everything that loads wrote."""

    def __init__(self) -> None:
        self.topic: dict[int, list[LoadedRecord]] = {0: [], 1: []}
        self.read_of: list[int] = []
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.gone = False
        """Whether the topic was made anew, without what the load in force has written."""

    async def read(self, partition: int, end: int) -> AsyncIterator[Sequence[LoadedRecord]]:
        self.read_of.append(partition)
        await self.go_on.wait()
        if self.gone:
            raise LoadReplaced(partition)
        for record in self.topic[partition][:end]:
            yield [record]

    @property
    def ends(self) -> tuple[int, ...]:
        return tuple(map(len, self.topic.values()))


class Made:
    """A stand whose accounts are loaded, and the offset of each load in the topic of rules."""

    def __init__(self) -> None:
        self.stand, self.loads, self.offset = Stand(), Loads(), 0
        self.stand.context.loads, self.stand.context.partitions = self.loads, 2

    async def load(self, *records: LoadedRecord, least: int = 200, quiet: bool = False) -> FitInForce:
        for record in records:
            self.loads.topic[self.stand.context.partition_of(record.account)].append(record)
        self.offset += 2
        load = AccountsLoad(self.offset // 2, T0, len(records), self.loads.ends, quiet)
        icps = icps_in_force([rule(least)])
        controls, owners = self.stand.controls, partial(owners_as_loaded, self.loads, load)
        return await move_load_into_force(
            controls, load, self.offset, icps, owners=owners, clock=lambda: T0, end=self.end
        )

    async def end(self) -> int:
        return self.offset + 1

    @property
    def tables(self) -> FitVersions:
        stand = self.stand
        return FitVersions(stand.memory, stand.controls, stand.fit_changes, 2, stand.context.partition_of, self.loads)

    def chased(self, number: int = 0) -> dict[str, bool]:
        rows = self.stand.data(number).fits
        return {name: fit_rows.decode(row).unchased is None for name, row in rows.items()}


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_engine, "_TICK_S", 0.01)


async def test_of_a_load_whose_rows_are_gone_the_next_one_counts_and_nothing_is_judged_before() -> None:
    made = Made()
    made.loads.gone = True
    await made.load(row(ACME, 300))
    async with running(made.stand) as engine:
        await engine.take([0])
        engine.receive(fetch(Rec(0, T0, event_bytes())))
        await until(lambda: made.loads.read_of.count(0) > 2)
        assert made.stand.data().states == {}
        made.loads.gone, made.loads.topic = False, {0: [], 1: []}
        await made.load(row(ACME, 1))
        await until(lambda: made.chased() == {ACME: False})
        await until(lambda: ACME in made.stand.data().states)


async def test_accounts_are_decided_by_their_partition_before_it_judges(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(consumer_loop, "_SETTLE_TIMEOUT_S", 0.01)
    made = Made()
    made.loads.go_on.clear()
    await made.load(row(ACME, 300), row("b.com", 1), row("xeno.com", 300))
    async with running(made.stand) as engine:
        await engine.take([0])
        engine.receive(fetch(Rec(0, T0, event_bytes())))
        await until(lambda: made.loads.read_of == [0])
        await asyncio.sleep(0.1)
        assert made.stand.data().states == {}, "it waits, however long, where it would be judged by no table at all"
        made.loads.go_on.set()
        await until(lambda: bool(made.stand.producer.to(TOPICS.alerts)))
        assert made.chased() == {ACME: True, "b.com": False}
        assert made.stand.data().topics[FIT_VERSION] == 1
        assert set(made.loads.read_of) == {0}, "the other partition is somebody else's"
    assert {"fit_derived", "fit_rolled_out"} <= set(made.stand.event_log.words)


async def test_of_several_records_the_last_counts_and_what_lies_beyond_the_load_does_not() -> None:
    made = Made()
    await made.load(row(ACME, 1), row(ACME, 300), row("b.com", 300), LoadedRecord("b.com", None))
    made.loads.topic[0] += [row(ACME, 1), row("half.com", 300)]  # of a load that did not end
    async with running(made.stand) as engine:
        await engine.take([0])
        await until(lambda: made.stand.data().topics.get(FIT_VERSION) == 1)
        assert made.chased() == {ACME: True}


async def test_a_record_that_is_no_account_is_said_and_its_account_has_no_row() -> None:
    made = Made()
    await made.load(row(ACME, 300), row("b.com", 300), LoadedRecord(ACME, b"{}"))
    async with running(made.stand) as engine:
        await engine.take([0])
        await until(lambda: made.stand.data().topics.get(FIT_VERSION) == 1)
        assert made.chased() == {"b.com": True}
    said = [facts for _, name, facts in made.stand.event_log.lines if name == "loaded_rows_unreadable"]
    assert said == [{"partition": 0, "rows": 1}]


async def test_a_partition_that_missed_loads_goes_to_the_last_and_is_quiet_if_one_of_them_was() -> None:
    made = Made()
    async with running(made.stand) as engine:
        await engine.take([0])
        engine.receive(fetch(Rec(0, T0, event_bytes())))
        await until(lambda: ACME in made.stand.data().states)
    await made.load(row(ACME, 300), quiet=True)
    await made.load(row("b.com", 300))
    async with running(made.stand) as engine:
        await engine.take([0])
        await until(lambda: made.stand.data().topics.get(FIT_VERSION) == 2)
        assert made.chased() == {ACME: True, "b.com": True}
    assert state.decode(made.stand.data().states[ACME]).episode == 1, "the alert was decided"
    assert made.stand.data().counts == {"applied": 1}
    assert made.stand.producer.to(TOPICS.alerts) == []


async def test_who_left_loses_the_row_and_a_new_rule_decides_everybody_again() -> None:
    made = Made()
    async with running(made.stand) as engine:
        await engine.take([0])
        await made.load(row(ACME, 300), row("b.com", 300), row("c.com", 500))
        await until(lambda: made.stand.data().topics.get(FIT_VERSION) == 1)
        await made.load(LoadedRecord("b.com", None), least=400)
        await until(lambda: made.stand.data().topics.get(FIT_VERSION) == 2)
        assert made.chased() == {ACME: False, "c.com": True}
    changed = [facts["changed"] for _, name, facts in made.stand.event_log.lines if name == "fit_derived"]
    assert changed == [3, 3]


async def test_an_owner_that_died_while_it_decided_is_followed_by_one_that_does_it_again() -> None:
    made = Made()
    await made.load(row(ACME, 300), row("b.com", 300))

    def die(point: str) -> None:
        if point == "during_fit_derivation":
            raise InterruptedError

    made.stand.context.reached = die
    async with running(made.stand) as engine:
        await engine.take([0])
        with pytest.raises(InterruptedError):
            await asyncio.wait_for(engine.failed(), 5)
    assert made.stand.data().topics.get(FIT_VERSION) is None
    made.stand.context.reached = lambda _: None
    async with running(made.stand) as engine:
        await engine.take([0])
        await until(lambda: made.stand.data().topics.get(FIT_VERSION) == 1)
    assert made.chased() == {ACME: True, "b.com": True}


async def test_a_load_that_lies_further_back_does_not_come_into_force() -> None:
    made = Made()
    first = await made.load(row(ACME, 300))
    await made.load(row("b.com", 300))
    assert first.load is not None
    owners = partial(owners_as_loaded, made.loads, first.load)
    now = await move_load_into_force(
        made.stand.controls, first.load, first.load_offset, first.icps, owners=owners, clock=lambda: T0, end=made.end
    )
    assert (now.version, now.load_offset) == (2, 4)
    assert (await made.tables.in_force()) == now


async def test_the_first_load_of_a_topic_that_was_made_anew_comes_into_force() -> None:
    made = Made()
    for account in (ACME, "b.com"):
        await made.load(row(account, 300))
    made.offset = 0
    anew = await made.load(row("c.com", 300))
    assert (anew.version, anew.load_offset) == (3, 2)
    assert (await made.tables.in_force()) == anew


async def test_a_partition_that_has_not_decided_is_looked_at_as_it_will_be() -> None:
    made = Made()
    await made.load(row(ACME, 300), row("b.com", 1))
    fit = await made.tables.fit(ACME)
    assert fit is not None
    assert fit.unchased is None
    assert await made.tables.fit("nobody.com") is None
    assert len(await made.tables.differing(0, {})) == 2


async def test_a_new_generation_gets_the_load_and_decides_it_in_other_partitions() -> None:
    made = Made()
    await made.load(row(ACME, 300), row("b.com", 300), row("xeno.com", 300))
    restart = Restart()
    await restart.generations.controls(0).replace(FIT, None, (await made.stand.controls.read(FIT)) or b"")
    assert await copy_fit(restart.generations, 0, 7, 1, lambda _: 0) is not None
    controls = restart.generations.controls(7)
    tables = FitVersions(
        restart.generations.store(7), controls, restart.generations.fit_changes(7), 1, lambda _: 0, made.loads
    )
    rows = {account: row async for account, row in tables.rows(0, await tables.in_force())}
    assert rows.keys() == {ACME, "b.com", "xeno.com"}, "out of both partitions of the topic"
    assert made.loads.read_of == [0, 1]


async def test_a_load_is_not_rolled_out_by_whoever_cannot_read_it() -> None:
    made = Made()
    made.stand.context.loads = None
    await made.load(row(ACME, 300))
    async with running(made.stand) as engine:
        await engine.take([0])
        made.stand.now += HOUR
        await asyncio.sleep(0.1)
        assert made.stand.data().topics.get(FIT_VERSION) is None
