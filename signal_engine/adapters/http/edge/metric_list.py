"""The closed list of metrics: `/metrics` exposes these and no others, and docs/metrics.md is made of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily


@dataclass(frozen=True)
class _Metric:
    """What a family of samples is called and what it means; its unit is in its name."""

    type: ClassVar[str]
    name: str
    """Without the suffixes that a type gives to its samples."""
    meaning: str
    labels: tuple[str, ...] = ()

    @property
    def shown_name(self) -> str:
        """As it is asked for in PromQL."""
        return f"{self.name}_total" if self.type == "counter" else self.name


class Counter(_Metric):
    """Only rises while the process runs, or while a generation is served."""

    type = "counter"

    def family(self) -> CounterMetricFamily:
        """Without samples yet."""
        return CounterMetricFamily(self.name, self.meaning, labels=self.labels)


class _Gauge(_Metric):
    """A value as it is now."""

    type = "gauge"

    def family(self, value: float | None = None) -> GaugeMetricFamily:
        """With its one sample, or without samples yet where it has labels."""
        return GaugeMetricFamily(self.name, self.meaning, value, None if value is not None else self.labels)


class Histogram(_Metric):
    """A distribution."""

    type = "histogram"

    def family(self, buckets: Sequence[tuple[str, float]], total: float) -> HistogramMetricFamily:
        """Of counts up to each bound, and the sum of all values."""
        return HistogramMetricFamily(self.name, self.meaning, buckets, total)


API_REQUESTS: Final = Counter(
    "signal_engine_api_requests", "Requests answered, by endpoint and status.", ("endpoint", "status")
)
API_SECONDS: Final = Histogram("signal_engine_api_seconds", "Seconds until an answer began.")
API_LISTENERS: Final = _Gauge("signal_engine_api_listeners", "Open streams of server-sent events.")
STORE_UP: Final = _Gauge("signal_engine_store_up", "1 when Redis answered the last poll, else 0.")
EVENTS: Final = Counter("signal_engine_events", "Events counted, by outcome.", ("outcome",))
ACCOUNT_ACTIONS: Final = Counter("signal_engine_account_actions", "Account actions taken, by outcome.", ("outcome",))
LAG_SECONDS: Final = _Gauge(
    "signal_engine_lag_seconds", "Age of the instant up to which every topic of every partition has been read."
)
LAST_EVENT_SECONDS: Final = _Gauge(
    "signal_engine_last_event_timestamp_seconds", "When the last record of a topic arrived.", ("topic",)
)
PAUSED_PARTITIONS: Final = _Gauge("signal_engine_paused_partitions", "Topic-partitions that are paused.")
LIST_ACCOUNTS: Final = _Gauge("signal_engine_list_accounts", "Accounts on a list.", ("list",))
LIST_GENERATED_SECONDS: Final = _Gauge(
    "signal_engine_list_generated_timestamp_seconds", "When a list was last published.", ("list",)
)
INGEST_REQUESTS: Final = Counter(
    "signal_engine_ingest_requests", "Requests to the door for events, by endpoint and status.", ("endpoint", "status")
)
INGEST_SECONDS: Final = Histogram("signal_engine_ingest_seconds", "Seconds until the door for events began its answer.")
INGEST_EVENTS: Final = Counter(
    "signal_engine_ingest_events",
    "Events by sender (a token or a hook) and what became of them: accepted, unknown, passed_over, or why refused.",
    ("sender", "outcome"),
)
INGEST_LETTERS: Final = Counter(
    "signal_engine_ingest_letters", "Deliveries kept in the topic ingest.dlq, by hook and reason.", ("hook", "reason")
)
INGEST_REJECTED: Final = Counter(
    "signal_engine_ingest_rejected_deliveries", "Deliveries whose signature does not hold, by hook.", ("hook",)
)
INGEST_IN_FLIGHT_BYTES: Final = _Gauge(
    "signal_engine_ingest_in_flight_bytes", "Bytes of requests that are being read or wait for Kafka."
)
INGEST_KAFKA_UP: Final = _Gauge("signal_engine_ingest_kafka_up", "1 when Kafka took the last events, else 0.")

METRICS: Final = tuple(one for one in globals().copy().values() if isinstance(one, _Metric))
"""In the order above."""
