"""`/livez`, `/readyz`, `/metrics`, and a store that goes away."""

import asyncio
import json
import re
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from signal_engine.adapters.http.edge.metric_list import METRICS
from signal_engine.engine.ports.controls import OFF, OUTCOME_READING
from signal_engine.engine.ports.store import StoreUnreachable
from signal_engine.engine.ports.transaction import Transaction
from tests.engine.stand import until
from tests.http.asking import ask
from tests.http.market import NAMES, NOW, Market


class Away:
    """Generations whose store does not answer while `away`."""

    def __init__(self, market: Market) -> None:
        self.generations, self.away = market.generations, False

    async def current(self) -> int | None:
        if self.away:
            raise StoreUnreachable("Redis at 127.0.0.1:1/0 cannot be reached")
        return await self.generations.current()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.generations, name)


async def test_a_running_engine_is_ready(app: Any) -> None:
    assert (await ask(app, "/livez")).json == {"status": "ok"}
    result = await ask(app, "/readyz")
    assert (result.status, result.json["status"], result.json["redis"], result.json["problems"]) == (
        200,
        "ready",
        "ok",
        [],
    )
    assert result.json["publication_age_seconds"] == 0


async def test_an_engine_that_stopped_or_paused_is_told_and_still_served(lively: Market) -> None:
    later = NOW + 3_600_000
    store_snapshot = lively.store_snapshot(lambda: later)
    await store_snapshot.poll()
    app = lively.app(store_snapshot=store_snapshot)
    result = await ask(app, "/readyz")
    assert (result.status, result.json["status"], result.json["publication_age_seconds"]) == (200, "degraded", 3_600)
    assert (await ask(app, "/v1/lists/all")).status == 200


async def test_a_paused_topic_partition_is_told_with_its_reasons() -> None:
    one = Market()
    await one.open()
    await one.publish()
    topic = NAMES.signals["intent"]
    view = json.dumps({"at": "2026-03-02T09:00:00Z", "refused": 700, "of": 1_000, "reasons": {"schema": 700}}).encode()
    counter = (await one.store.positions(1)).counter
    await one.store.apply(Transaction(partition=1, counter=counter, views={f"paused:{topic}": view}))
    store_snapshot = one.store_snapshot()
    await store_snapshot.poll()
    result = (await ask(one.app(store_snapshot=store_snapshot), "/readyz")).json
    assert result["status"] == "degraded"
    assert result["paused"][0] | {"at": ""} == {
        "topic": topic, "partition": 1, "refused": 700, "of": 1_000, "reasons": {"schema": 700}, "at": "",
    }  # fmt: skip
    assert "700 of 1000" in result["problems"][0]


async def test_while_redis_is_away_the_last_lists_are_served_for_a_moment_and_then_refused() -> None:
    one = Market()
    await one.open()
    await one.history(20)
    await one.publish()
    away = Away(one)
    one.generations, now = away, one.now
    store_snapshot = one.store_snapshot()
    assert await store_snapshot.poll()
    app = one.app(store_snapshot=store_snapshot)
    away.away = True
    one.now = now + 5_000
    assert not await store_snapshot.poll()
    assert (await ask(app, "/v1/lists/all")).status == 200
    result = await ask(app, "/readyz")
    assert (result.status, result.json["status"], result.json["problems"][0]) == (
        503,
        "unready",
        "Redis is unreachable",
    )
    one.now = now + 20_000
    for target in ("/v1/lists/all", "/v1/lists", "/v1/lists/all.csv", "/v1/alerts", "/v1/accounts/clearhythe.com"):
        result = await ask(app, target)
        assert (result.status, result.headers["retry-after"]) == (503, "2"), target
        assert "127.0.0.1" not in result.body.decode()
    assert (await ask(app, "/livez")).status == 200
    away.away = False
    assert await store_snapshot.poll()
    assert (await ask(app, "/v1/lists/all")).status == 200
    assert [what for what in one.event_log.words if what.startswith("store")] == [
        "store_unavailable",
        "store_recovered",
    ]


async def test_the_metrics_are_those_of_the_list_each_with_its_labels(app: Any) -> None:
    await ask(app, "/v1/lists/all")
    result = (await ask(app, "/metrics")).body.decode()
    shown = {
        family.name: (family.type, {label for sample in family.samples for label in sample.labels} - {"le"})
        for family in text_string_to_metric_families(result)
    }
    processes = ("ingest_", "notify_", "sync_", "digest", "mcp_")
    others = tuple(f"signal_engine_{process}" for process in processes)
    ours = [metric for metric in METRICS if not metric.name.startswith(others)]
    assert shown == {metric.name: (metric.type, set(metric.labels)) for metric in ours}
    assert 'signal_engine_api_requests_total{endpoint="list",status="200"} 1.0' in result
    assert re.search(r'signal_engine_events_total\{outcome="applied"\} [12]\d{3}\.0', result)


@pytest.mark.parametrize("target", ["/", "/v1", "/v1/lists/", "/v2/lists", "/v1/lists/all/x", "/%00", "/../etc/passwd"])
async def test_there_is_nothing_at_other_paths(app: Any, target: str) -> None:
    assert (await ask(app, target)).status in {200, 404} if target == "/" else 404


async def test_what_cannot_be_read_in_the_store_is_said_and_nothing_stale_is_served() -> None:
    one = Market()
    await one.open()
    await one.publish()
    store_snapshot = one.store_snapshot()
    await store_snapshot.poll()
    app = one.app(store_snapshot=store_snapshot)
    await one.controls.serve("all", 2**52, b"no list")
    one.now += 20_000
    running = asyncio.create_task(store_snapshot.run())
    await until(lambda: "poll_failed" in one.event_log.words)
    running.cancel()
    assert (await ask(app, "/v1/lists/all")).status == 503


async def test_a_worker_without_the_topic_of_outcomes_is_told(lively: Market) -> None:
    one = Market()
    await one.begin_with(lively.kept())
    await one.controls.replace(OUTCOME_READING, None, OFF)
    store_snapshot = one.store_snapshot()
    await store_snapshot.poll()
    result = await ask(one.app(store_snapshot=store_snapshot), "/readyz")
    assert (result.status, result.json["status"]) == (200, "degraded")
    assert result.json["problems"] == [
        "outcomes are off: their topic is missing; `signal-engine topics create` makes it"
    ]
