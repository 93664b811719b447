"""What `/metrics` exposes, of this process and of the engine as the store tells it (`metric_list` has the names)."""

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from signal_engine.adapters.http.edge import metric_list as declared
from signal_engine.engine.ports.counters import ACTION_OUTCOMES, OUTCOMES
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.wire.instants import parse_instant

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)


class Metrics(Collector):
    """The figures of one process."""

    def __init__(self, store_snapshot: StoreSnapshot) -> None:
        self._registry = CollectorRegistry()
        self._store_snapshot = store_snapshot
        self._counted: dict[tuple[str, int], int] = {}
        self._buckets = [0] * (len(_SECONDS) + 1)
        self._seconds = 0.0
        self._registry.register(self)
        self._registry.register(_EngineCollector(store_snapshot))

    def count(self, endpoint: str, status: int, seconds: float) -> None:
        """One request. prometheus_client's own counters take their locks and labels on every one; here there is one
        thread, and who asks for the figures pays."""
        self._counted[endpoint, status] = self._counted.get((endpoint, status), 0) + 1
        self._buckets[bisect_left(_SECONDS, seconds)] += 1
        self._seconds += seconds

    def collect(self) -> Iterable[Metric]:
        """As prometheus_client asks for it."""
        requests = declared.API_REQUESTS.family()
        for (endpoint, status), count in self._counted.items():
            requests.add_metric([endpoint, str(status)], count)
        yield requests
        upto = [*map(str, _SECONDS), "+Inf"]
        buckets = list(zip(upto, accumulate(self._buckets), strict=True))
        yield declared.API_SECONDS.family(buckets, self._seconds)
        yield declared.API_LISTENERS.family(self._store_snapshot.listeners)

    def text(self) -> bytes:
        """In the text format of Prometheus."""
        return generate_latest(self._registry)


class _EngineCollector(Collector):
    """The engine, as it was last looked at."""

    def __init__(self, store_snapshot: StoreSnapshot) -> None:
        self._store_snapshot = store_snapshot

    def collect(self) -> Iterable[Metric]:
        """As prometheus_client asks for it."""
        store_snapshot, health = self._store_snapshot, self._store_snapshot.health
        yield declared.STORE_UP.family(0 if store_snapshot.trouble else 1)
        events = declared.EVENTS.family()
        for outcome in OUTCOMES:
            events.add_metric([outcome], health.counts.get(outcome, 0))
        yield events
        actions = declared.ACCOUNT_ACTIONS.family()
        for outcome in ACTION_OUTCOMES:
            actions.add_metric([outcome.removeprefix("actions_")], health.counts.get(outcome, 0))
        yield actions
        if health.read_until is not None:
            behind = max(0, store_snapshot.clock() - health.read_until) / 1_000
            yield declared.LAG_SECONDS.family(behind)
        sources = declared.LAST_EVENT_SECONDS.family()
        for topic, at in health.last_events.items():
            sources.add_metric([topic], at / 1_000)
        yield sources
        yield declared.PAUSED_PARTITIONS.family(len(health.paused))
        yield from self._lists()

    def _lists(self) -> Iterable[Metric]:
        accounts, published = declared.LIST_ACCOUNTS.family(), declared.LIST_GENERATED_SECONDS.family()
        for name, one in self._store_snapshot.lists.items():
            accounts.add_metric([name], len(one.entries))
            if one.listed["generated_at"]:
                published.add_metric([name], parse_instant(one.listed["generated_at"]) / 1_000)
        yield accounts
        yield published
