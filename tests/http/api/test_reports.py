"""`/v1/reports/{name}`: the reports of the live engine, one at a time, and kept for a while."""

import asyncio
import csv
import io
import json
from typing import Any

import pytest

from signal_engine.adapters.http.api import reports
from signal_engine.adapters.kafka.topics.cluster import NoConnection
from signal_engine.core.sync.wiring import Confirmation, VersionInForce, WiringFacts
from signal_engine.engine.ports.store import StoreUnreachable
from signal_engine.engine.reports.live.live_market import LiveMarket
from signal_engine.wire.output.reports.report_documents import ROW_FIELDS
from signal_engine.wire.output.reports.reported_account import REPORT_NAMES
from tests.build import DAY
from tests.http.asking import ask
from tests.http.market import PARTITIONS, Market, market

pytestmark = pytest.mark.xdist_group("http")


@pytest.fixture
async def one() -> Market:
    return market(90)


async def polled(one: Market) -> Any:
    store_snapshot = one.store_snapshot()
    await store_snapshot.poll()
    return one.app(store_snapshot=store_snapshot)


@pytest.mark.parametrize("name", REPORT_NAMES)
async def test_a_report_is_that_of_the_live_market_also_as_csv(name: str, one: Market) -> None:
    app = await polled(one)
    answer = await ask(app, f"/v1/reports/{name}")
    assert answer.status == 200
    report = json.loads(answer.body)
    live = LiveMarket(one.store, one.controls, one.context.fit_changes, PARTITIONS, one.context.partition_of)
    assert report == await live.report(name, one.now)
    header, *rows = csv.reader(io.StringIO((await ask(app, f"/v1/reports/{name}.csv")).body.decode("utf-8-sig")))
    assert tuple(header) == ROW_FIELDS[name]
    assert len(rows) == len(report["rows"]) == report["total"]


async def test_what_is_no_report_is_not_found(one: Market) -> None:
    app = await polled(one)
    for path in ("/v1/reports/gossip", "/v1/reports/gossip.csv", "/reports/gossip"):
        assert (await ask(app, path)).status == 404
    assert (await ask(app, "/v1/reports/inbound?limit=1")).status == 422


async def test_a_report_is_made_once_for_all_who_ask_and_anew_after_a_while(one: Market, monkeypatch: Any) -> None:
    made: list[str] = []
    real = LiveMarket.report

    async def counted(self: LiveMarket, name: Any, now: int) -> Any:
        made.append(name)
        assert made.count("at work") == 0
        made.append("at work")
        report = await real(self, name, now)
        made.remove("at work")
        return report

    monkeypatch.setattr(LiveMarket, "report", counted)
    app = await polled(one)
    answers = await asyncio.gather(*(ask(app, f"/v1/reports/{name}") for name in ("inbound", "unknown") * 3))
    assert {answer.status for answer in answers} == {200}
    assert sorted(made) == ["inbound", "unknown"], "one at a time, and kept"
    await one.signal("foxgrave-networks.com")
    assert (await ask(app, "/v1/reports/inbound")).body == answers[0].body, "kept"
    monkeypatch.setattr(reports, "_KEPT_MS", 0)
    monkeypatch.setattr(reports, "_KEPT_TIMES", 0)
    assert (await ask(app, "/v1/reports/inbound")).body != answers[0].body, "made anew"


async def test_a_report_that_took_long_is_kept_longer_unless_rules_change(one: Market, monkeypatch: Any) -> None:
    monkeypatch.setattr(reports, "_KEPT_MS", 0)
    monkeypatch.setattr(reports, "_KEPT_TIMES", 1e9)
    store_snapshot = one.store_snapshot()
    await store_snapshot.poll()
    app = one.app(store_snapshot=store_snapshot)
    first = (await ask(app, "/v1/reports/inbound")).body
    await one.signal("foxgrave-networks.com")
    await one.stop_for(599_000)
    await store_snapshot.poll()
    assert (await ask(app, "/v1/reports/inbound")).body == first
    store_snapshot.fit_version += 1  # as after a load, or a publication of ICPs
    second = (await ask(app, "/v1/reports/inbound")).body
    assert second != first
    await one.stop_for(600_000)
    store_snapshot.fit_version -= 1  # `poll` reads it again
    await store_snapshot.poll()
    assert (await ask(app, "/v1/reports/inbound")).body != second, "ten minutes are the most"


async def test_kafka_that_cannot_be_read_is_said(one: Market, monkeypatch: Any) -> None:
    async def report(self: LiveMarket, name: Any, now: int) -> Any:
        del self, name, now
        raise NoConnection("Kafka does not answer: broker b-1 is down")

    monkeypatch.setattr(LiveMarket, "report", report)
    answer = await ask(await polled(one), "/v1/reports/near-fits")
    assert answer.status == 503
    assert b"the accounts cannot be read from Kafka; the log of the API says why" in answer.body
    said = ("warning", "accounts_not_read", {"reason": "Kafka does not answer: broker b-1 is down"})
    assert said in one.event_log.lines


async def test_too_many_who_wait_are_sent_away(one: Market, monkeypatch: Any) -> None:
    gate = asyncio.Event()

    async def slow(self: LiveMarket, name: Any, now: int) -> Any:
        del self, name, now
        await gate.wait()
        raise StoreUnreachable("gone")

    monkeypatch.setattr(LiveMarket, "report", slow)
    monkeypatch.setattr(reports, "_MAX_WAITING", 2)
    app = await polled(one)
    waiting = [asyncio.create_task(ask(app, "/v1/reports/inbound")) for _ in range(2)]
    for _ in range(50):  # both reach the gate or the lock
        await asyncio.sleep(0)
    refused = await ask(app, "/v1/reports/unknown")
    assert refused.status == 503
    assert b"other reports are being made" in refused.body
    gate.set()
    assert {(await task).status for task in waiting} == {503}, "Redis is unreachable"


async def test_without_a_worker_there_is_nothing_to_report() -> None:
    app = await polled(Market())
    answer = await ask(app, "/v1/reports/inbound")
    assert answer.status == 503
    assert b"no worker has run" in answer.body


async def test_accounts_are_answered_while_a_report_is_made(one: Market, monkeypatch: Any) -> None:
    """A pause follows each batch: with the report stopped in one, an account's page is there all the same."""
    gate, reached = asyncio.Event(), asyncio.Event()

    class Stopped:
        async def __call__(self) -> None:
            reached.set()
            await gate.wait()

    monkeypatch.setattr(reports, "_Courtesy", Stopped)
    app = await polled(one)
    making = asyncio.create_task(ask(app, "/v1/reports/near-fits"))
    await asyncio.wait_for(reached.wait(), 20)
    assert (await ask(app, "/v1/accounts/foxgrave-networks.com")).status == 200
    assert not making.done()
    gate.set()
    assert (await making).status == 200


async def test_wiring_is_read_when_it_is_asked_for_and_kafka_that_cannot_be_read_is_said(one: Market) -> None:
    published = VersionInForce("saas", 3, one.now - 61 * DAY)
    routing = Confirmation("saas", 3, "crm_routing", "sam@example.com", "=By segment", one.now - DAY)
    asked: list[str] = []

    async def read() -> WiringFacts:
        asked.append("read")
        if len(asked) > 1:
            raise NoConnection("Kafka does not answer: broker b-1 is down")
        return WiringFacts([published], [], [routing])

    store_snapshot = one.store_snapshot()
    await store_snapshot.poll()
    app = one.app(store_snapshot=store_snapshot, wiring=read)
    await ask(app, "/v1/reports/inbound")
    assert asked == []
    told = json.loads((await ask(app, "/v1/reports/wiring")).body)
    (reach,) = told["versions"]
    assert (reach["status"], reach["in_time"], told["total"]) == ("red", 0, 7)
    rows = {
        row["system"]: row
        for row in csv.DictReader(io.StringIO((await ask(app, "/v1/reports/wiring.csv")).body.decode()))
    }
    assert (rows["crm_routing"]["confirmed_by"], rows["crm_routing"]["note"]) == ("sam@example.com", "'=By segment")
    page = (await ask(app, "/reports/wiring")).body.decode()
    assert "saas version 3: red, 0 of 7 systems changed in time, and 5 were to by " in page
    assert "CRM routing" in page
    assert asked == ["read"], "it is kept for a while"
    store_snapshot.fit_version += 1
    answer = await ask(app, "/v1/reports/wiring")
    assert answer.status == 503
    assert b"the published ICPs cannot be read from Kafka; the log of the API says why" in answer.body
