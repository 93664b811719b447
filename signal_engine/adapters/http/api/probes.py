"""`/livez`, `/readyz`, `/metrics`: for orchestration and monitoring."""

from typing import Final

import orjson
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response

from signal_engine.adapters.http.edge.metrics import Metrics
from signal_engine.adapters.http.edge.problems import JSON
from signal_engine.core.fit.ranking import ALL
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.wire.instants import format_instant, parse_instant
from signal_engine.wire.output.api_documents import Live, Ready

_NO_STORE: Final = {"Cache-Control": "no-store"}
_UNREADABLE: Final = "the data in Redis cannot be read; see the log"
SILENT_AFTER_MS: Final = 120_000
"""ms without a publication after which the engine counts as stopped; it publishes at least once a minute."""


class Probes:
    """The probe endpoints; they answer from the store snapshot."""

    def __init__(self, store_snapshot: StoreSnapshot, metrics: Metrics) -> None:
        self._store_snapshot = store_snapshot
        self._metrics = metrics

    async def livez(self, _: Request) -> Response:
        """Answer that the process is running."""
        return Response(orjson.dumps(Live(status="ok")), headers=_NO_STORE, media_type=JSON)

    async def readyz(self, _: Request) -> Response:
        """Whether requests can be answered. A stopped engine is reported but does not make the API unready."""
        readiness = _readiness(self._store_snapshot)
        return Response(orjson.dumps(readiness), 503 if readiness["status"] == "unready" else 200, _NO_STORE, JSON)

    async def metrics(self, _: Request) -> Response:
        """The metrics in Prometheus's text format."""
        return Response(self._metrics.text(), headers={**_NO_STORE, "Content-Type": CONTENT_TYPE_LATEST})


def publication_age(store_snapshot: StoreSnapshot) -> int | None:
    """ms since list `all` was published; None if never."""
    published = store_snapshot.lists[ALL].listed["generated_at"]
    return None if published is None else max(0, store_snapshot.clock() - parse_instant(published))


def _readiness(store_snapshot: StoreSnapshot) -> Ready:
    """The document of `/readyz`: status and problems."""
    health, age = store_snapshot.health, publication_age(store_snapshot)
    problems = [f"{one.topic}/{one.partition} is paused: {one.why}" for one in health.paused]
    if age is None:
        problems.append("no list has been published yet")
    elif age > SILENT_AFTER_MS:
        problems.append(f"no list has been published for {age // 1_000} s: is a worker running?")
    elif store_snapshot.served()[ALL].listed["stale"]:
        problems.append("the lists are stale: reading lags more than 60 s behind")
    if not store_snapshot.takes_actions:
        problems.append("account actions are off: their topic is missing; `signal-engine topics create` makes it")
    if not store_snapshot.takes_rules:
        problems.append("publishing of rules is off: its topic is missing; `signal-engine topics create` makes it")
    if not store_snapshot.keeps_outcomes:
        problems.append("outcomes are off: their topic is missing; `signal-engine topics create` makes it")
    if store_snapshot.rules_unreadable:
        problems.append("the scoring file in force was written by another version: accounts cannot be explained")
    away = store_snapshot.trouble is not None or store_snapshot.blind  # lists answer 503, or soon will
    if away:
        problems.insert(
            0, "Redis is unreachable" if store_snapshot.trouble or not store_snapshot.seen_at else _UNREADABLE
        )
    return {
        "status": "unready" if away else "degraded" if problems else "ready",
        "redis": "unreachable" if away else "ok",
        "publication_age_seconds": None if age is None else age / 1_000,
        "read_until": None if health.read_until is None else format_instant(health.read_until),
        "paused": [{**one.pause, "topic": one.topic, "partition": one.partition} for one in health.paused],
        "problems": problems,
    }
