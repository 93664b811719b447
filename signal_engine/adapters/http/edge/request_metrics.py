"""Figures of the requests of one process."""

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate
from typing import Final

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from signal_engine.adapters.http.edge.metric_list import Counter, Histogram

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)


class RequestMetrics(Collector):
    """Requests by endpoint and status, and how long they took."""

    def __init__(self, requests: Counter, seconds: Histogram) -> None:
        """What they are called."""
        self._requests, self._durations = requests, seconds
        self._registry = CollectorRegistry()
        self._counted: dict[tuple[str, int], int] = {}
        self._buckets = [0] * (len(_SECONDS) + 1)
        self._seconds = 0.0
        self._registry.register(self)

    def count(self, endpoint: str, status: int, seconds: float) -> None:
        """One request. prometheus_client's own counters take their locks and labels on every one; here there is one
        thread, and who asks for the figures pays."""
        self._counted[endpoint, status] = self._counted.get((endpoint, status), 0) + 1
        self._buckets[bisect_left(_SECONDS, seconds)] += 1
        self._seconds += seconds

    def collect(self) -> Iterable[Metric]:
        """As prometheus_client asks for it."""
        requests = self._requests.family()
        for (endpoint, status), count in self._counted.items():
            requests.add_metric([endpoint, str(status)], count)
        yield requests
        upto = [*map(str, _SECONDS), "+Inf"]
        buckets = list(zip(upto, accumulate(self._buckets), strict=True))
        yield self._durations.family(buckets, self._seconds)

    def text(self) -> bytes:
        """In the text format of Prometheus."""
        return generate_latest(self._registry)
