"""What `/metrics` of `digest --follow` exposes (`edge.metric_list` has the names)."""

from collections.abc import Iterable

from prometheus_client.core import Metric

from signal_engine.adapters.http.edge import metric_list as declared
from signal_engine.adapters.http.edge.request_metrics import RequestMetrics
from signal_engine.core.rules.instants import SECOND
from signal_engine.engine.digests.figures import DigestFigures


class DigestMetrics(RequestMetrics):
    """The figures of one `digest --follow`."""

    def __init__(self, figures: DigestFigures, destinations: Iterable[str]) -> None:
        self._figures, self._destinations = figures, tuple(destinations)
        super().__init__(declared.DIGEST_REQUESTS, declared.DIGEST_SECONDS)

    def collect(self) -> Iterable[Metric]:
        """As prometheus_client asks for it."""
        yield from super().collect()
        figures = self._figures
        ends, success = declared.DIGESTS.family(), declared.DIGEST_LAST_SUCCESS.family()
        for labels, count in sorted(figures.ends.items()):
            ends.add_metric([*labels], count)
        for name in self._destinations:
            if name in figures.last_success:
                success.add_metric([name], figures.last_success[name] / SECOND)
        yield from (ends, success)
        yield declared.DIGEST_DELAYED.family(figures.delayed is not None)
        if figures.looked_at is not None:
            yield declared.DIGEST_LAST_LOOK.family(figures.looked_at / SECOND)
