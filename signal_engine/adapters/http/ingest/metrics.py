"""What `/metrics` of `ingest` exposes (`edge.metric_list` has the names)."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

from prometheus_client.core import Metric

from signal_engine.adapters.http.edge import metric_list as declared
from signal_engine.adapters.http.edge.request_metrics import RequestMetrics
from signal_engine.adapters.http.ingest.in_flight import InFlight
from signal_engine.adapters.http.ingest.sender import Sender


class IngestMetrics(RequestMetrics):
    """The figures of one process."""

    def __init__(self, in_flight: InFlight, sender: Sender) -> None:
        self._in_flight, self._sender = in_flight, sender
        self.events: Final[Counter[tuple[str, str]]] = Counter()
        """(sender, outcome) -> events."""
        self.kept: Final[Counter[tuple[str, str]]] = Counter()
        """(hook, reason) -> deliveries that were kept."""
        self.rejected: Final[Counter[str]] = Counter()
        """Hook -> deliveries whose signature does not hold."""
        super().__init__(declared.INGEST_REQUESTS, declared.INGEST_SECONDS)

    def collect(self) -> Iterable[Metric]:
        """As prometheus_client asks for it."""
        yield from super().collect()
        for family, counted in (
            (declared.INGEST_EVENTS.family(), self.events),
            (declared.INGEST_KEPT.family(), self.kept),
        ):
            for labels, count in counted.items():
                family.add_metric([*labels], count)
            yield family
        rejected = declared.INGEST_REJECTED.family()
        for hook, count in self.rejected.items():
            rejected.add_metric([hook], count)
        yield rejected
        yield declared.INGEST_IN_FLIGHT_BYTES.family(self._in_flight.bytes)
        yield declared.INGEST_KAFKA_UP.family(1 if self._sender.is_up else 0)
