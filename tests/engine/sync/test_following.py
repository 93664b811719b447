"""The process: everybody at the start, daily and with a new fit table, else the lists; a CRM once confirmed."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.core.rules.instants import DAY, SECOND
from signal_engine.engine.ports.controls import FIT, FIT_VERSION
from signal_engine.engine.ports.store import StoreUnreachable
from signal_engine.engine.ports.transaction import TopicRead, Transaction
from signal_engine.engine.sync import following as following_module
from signal_engine.engine.sync.following import FollowingSink, confirm, pause_s
from signal_engine.engine.sync.market import SyncMarket, market_at
from signal_engine.engine.sync.sink import SinkTrouble, SyncRun
from signal_engine.wire.sync.ledger_rows import SinkState
from tests.engine.stand import Said
from tests.engine.sync.stands import Beside
from tests.http.market import NOW


class Sink:
    """Remembers its runs."""

    name, kind = "crm", "hubspot"
    compares_accounts = True

    def __init__(self, *, asks_first: bool = False) -> None:
        self.asks_first = asks_first
        self.runs: list[SyncRun] = []
        self.trouble: str | None = None
        self.again: set[str] = set()
        self.watched: set[str] = set()

    async def sync(self, market: SyncMarket, run: SyncRun) -> None:
        del market
        if self.trouble is not None:
            raise SinkTrouble(self.trouble)
        run.counts["matched"] += 1
        run.again |= self.again
        run.watched |= self.watched
        self.runs.append(replace(run))


def following(beside: Beside, sink: Sink) -> tuple[FollowingSink, Said]:
    said = Said()
    return FollowingSink(sink, beside.ledger, beside.opened, said), said


async def new_fit(beside: Beside) -> None:
    positions = await beside.market.store.positions(0)
    before = positions.topics[FIT_VERSION]
    read = TopicRead(FIT_VERSION, before, before + 1)
    await beside.market.store.apply(Transaction(partition=0, counter=positions.counter, reads=[read]))


async def test_all_accounts_are_compared_at_the_start_daily_and_with_a_new_fit_table() -> None:
    beside, sink = Beside(), Sink()
    one, _ = following(beside, sink)
    await one.step()
    await one.step()
    await new_fit(beside)
    await one.step()
    await one.step()
    await beside.market.stop_for(DAY)
    await one.step()
    assert [run.whole for run in sink.runs] == [True, False, True, False, True]


async def test_between_them_those_that_rank_those_that_are_watched_and_those_that_failed() -> None:
    beside, sink = Beside(), Sink()
    one, _ = following(beside, sink)
    sink.again, sink.watched = {"failed.example"}, {"customer.example"}
    await one.step()
    listed = {*await beside.listed()}
    assert listed
    beside.market.server.lists["", "all"] = (99, None)
    for icp in beside.market.context.fit.icps if beside.market.context.fit else ():
        beside.market.server.lists["", icp.icp] = (99, None)
    sink.again = set()
    await one.step()
    ranked = {*sink.runs[-1].accounts} - {"failed.example", "customer.example"}
    assert {"failed.example", "customer.example"} < sink.runs[-1].accounts
    assert ranked >= listed, "whatever was published"
    await one.step()
    assert sink.runs[-1].accounts == ranked | {"customer.example"}
    sink.watched = set()
    await one.step()
    await one.step()
    assert sink.runs[-1].accounts == ranked


async def test_what_goes_by_lists_alone_is_given_no_accounts() -> None:
    beside, sink = Beside(), Sink()
    sink.compares_accounts = False
    one, _ = following(beside, sink)
    await one.step()
    await one.step()
    assert [run.accounts for run in sink.runs] == [frozenset(), frozenset()]


async def test_a_crm_is_only_looked_at_until_somebody_confirms() -> None:
    beside, sink = Beside(), Sink(asks_first=True)
    one, said = following(beside, sink)
    await one.step()
    await one.step()
    assert [run.dry for run in sink.runs] == [True]
    assert one.problem is not None
    assert "sync run" in one.problem
    assert said.words.count("sink_unconfirmed") == 1
    await confirm(beside.ledger, beside.market.now)
    await one.step()
    assert [(run.dry, run.whole) for run in sink.runs[1:]] == [(False, True)]
    assert one.problem is None


async def test_trouble_is_said_once_and_kept_and_forgotten_when_it_is_over() -> None:
    beside, sink = Beside(), Sink()
    one, said = following(beside, sink)
    sink.trouble = "the CRM answered 503, 5 times"
    await one.step()
    await one.step()
    assert said.words.count("sink_stopped") == 1
    assert SinkState.decode(await beside.ledger.state()).trouble == sink.trouble == one.problem
    sink.trouble = None
    await one.step()
    assert SinkState.decode(await beside.ledger.state()).trouble is None
    assert (one.problem, said.words.count("sink_recovered")) == (None, 1)
    assert sink.runs[-1].whole, "what it missed is compared"


@pytest.mark.parametrize(
    ("every_s", "failures", "pause"),
    [(60, 0, 60), (60, 1, 120), (60, 3, 480), (60, 4, 900), (60, 10_000, 900), (1, 1, 2), (3_600, 5, 3_600)],
)
def test_the_longer_a_system_fails_the_less_it_is_asked(every_s: float, failures: int, pause: float) -> None:
    assert pause_s(every_s, failures) == pause


async def test_a_day_without_a_crm_costs_a_hundred_runs_and_the_first_that_ends_is_followed_as_usual(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    beside, sink = Beside(), Sink()
    one, _ = following(beside, sink)
    sink.trouble = "the CRM answered 503, 5 times"
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        if sink.trouble is None:
            raise asyncio.CancelledError
        if sum(slept) >= DAY / SECOND:
            sink.trouble = None

    monkeypatch.setattr(following_module.asyncio, "sleep", sleep)
    with pytest.raises(asyncio.CancelledError):
        await one.follow(60)
    assert (slept[:5], slept[-1]) == ([120, 240, 480, 900, 900], 60)
    assert one.failures <= 100
    assert sink.runs


async def test_trouble_of_our_own_store_is_tried_again_as_usual() -> None:
    beside, sink = Beside(), Sink()

    async def unreachable() -> None:
        raise StoreUnreachable("Redis at db.example:6379/0 cannot be reached: no answer in time")

    said = Said()
    one = FollowingSink(sink, beside.ledger, unreachable, said)
    await one.step()
    assert (one.failures, one.failures_in_a_row) == (1, 0)
    assert one.problem == "Redis is unreachable", "anybody may ask /readyz"
    assert "db.example" in said.lines[0][2]["reason"]


async def test_a_ledger_that_cannot_be_read_stops_its_sink_and_no_process() -> None:
    beside, sink = Beside(), Sink()
    one, said = following(beside, sink)
    await beside.ledger.put_state(b"[]")
    await one.step()
    assert one.problem is not None
    assert "the state of a sink" in one.problem
    assert said.words == ["sink_stopped"]
    assert sink.runs == []


async def test_nothing_computed_yet_is_no_failure() -> None:
    beside, sink = Beside(), Sink()
    said: Any = Said()

    async def nothing() -> None:
        return None

    one = FollowingSink(sink, beside.ledger, nothing, said)
    await one.step()
    assert one.problem is not None
    assert "no worker has run" in one.problem
    assert sink.runs == []


async def test_accounts_that_are_not_loaded_have_not_left() -> None:
    beside, sink = Beside(), Sink()
    beside.market.server.documents.pop(("", 0, FIT))
    one = FollowingSink(sink, beside.ledger, lambda: market_at(beside.market.generations, partitioner, NOW), Said())
    await one.step()
    assert sink.runs == []
    assert one.problem is not None
    assert "no accounts were loaded" in one.problem
