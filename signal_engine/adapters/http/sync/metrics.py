"""What `/metrics` of `sync` exposes (`edge.metric_list` has the names)."""

from collections.abc import Iterable, Sequence

from prometheus_client.core import Metric

from signal_engine.adapters.http.edge import metric_list as declared
from signal_engine.adapters.http.edge.request_metrics import RequestMetrics
from signal_engine.engine.sync.following import FollowingSink


class SyncMetrics(RequestMetrics):
    """The figures of one process."""

    def __init__(self, sinks: Sequence[FollowingSink]) -> None:
        self._sinks = sinks
        super().__init__(declared.SYNC_REQUESTS, declared.SYNC_SECONDS)

    def collect(self) -> Iterable[Metric]:
        """As prometheus_client asks for it."""
        yield from super().collect()
        accounts, runs = declared.SYNC_ACCOUNTS.family(), declared.SYNC_RUNS.family()
        follows, last = declared.SYNC_FOLLOWS.family(), declared.SYNC_LAST_RUN_SECONDS.family()
        for one in self._sinks:
            name = one.sink.name
            for outcome, count in sorted(one.counts.items()):
                accounts.add_metric([name, outcome], count)
            runs.add_metric([name, "ended"], one.runs)
            runs.add_metric([name, "failed"], one.failures)
            follows.add_metric([name], 0 if one.problem else 1)
            if one.ran_at is not None:
                last.add_metric([name], one.ran_at / 1000)
        yield from (accounts, runs, follows, last)
