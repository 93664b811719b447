"""What `/metrics` exposes, of this process and of the engine as the store tells it (`metric_list` has the names)."""

from collections.abc import Iterable

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from signal_engine.adapters.http.edge import metric_list as declared
from signal_engine.adapters.http.edge.request_metrics import RequestMetrics
from signal_engine.engine.ports.counters import ACTION_OUTCOMES, OUTCOMES
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.wire.instants import parse_instant


class Metrics(RequestMetrics):
    """The figures of the API's process."""

    def __init__(self, store_snapshot: StoreSnapshot) -> None:
        self._store_snapshot = store_snapshot
        super().__init__(declared.API_REQUESTS, declared.API_SECONDS)
        self._registry.register(_EngineCollector(store_snapshot))

    def collect(self) -> Iterable[Metric]:
        """As prometheus_client asks for it."""
        yield from super().collect()
        yield declared.API_LISTENERS.family(self._store_snapshot.listeners)


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
