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
    "signal_engine_ingest_requests", "Requests to `ingest`, by endpoint and status.", ("endpoint", "status")
)
INGEST_SECONDS: Final = Histogram("signal_engine_ingest_seconds", "Seconds until `ingest` began its answer.")
INGEST_EVENTS: Final = Counter(
    "signal_engine_ingest_events",
    "Events by sender (a token or a hook) and what became of them: accepted, unknown, passed_over, or why refused.",
    ("sender", "outcome"),
)
INGEST_KEPT: Final = Counter(
    "signal_engine_ingest_kept", "Deliveries kept in the topic ingest.dlq, by hook and reason.", ("hook", "reason")
)
INGEST_REJECTED: Final = Counter(
    "signal_engine_ingest_refused_deliveries", "Deliveries whose signature does not hold, by hook.", ("hook",)
)
INGEST_IN_FLIGHT_BYTES: Final = _Gauge(
    "signal_engine_ingest_in_flight_bytes", "Bytes of requests that are being read or wait for Kafka."
)
INGEST_KAFKA_UP: Final = _Gauge("signal_engine_ingest_kafka_up", "1 when Kafka took the last events, else 0.")
NOTIFY_REQUESTS: Final = Counter(
    "signal_engine_notify_requests",
    "Requests to the probes of `notify`, by endpoint and status.",
    ("endpoint", "status"),
)
NOTIFY_SECONDS: Final = Histogram("signal_engine_notify_seconds", "Seconds until `notify` began its answer.")
NOTIFY_ALERTS: Final = Counter(
    "signal_engine_notify_alerts",
    "Records of the topic of alerts: planned, of these unreadable, or recorded by the engine without being sent.",
    ("outcome",),
)
NOTIFY_DELIVERIES: Final = Counter(
    "signal_engine_notify_deliveries",
    "Deliveries that ended, by destination, type of alert, and how.",
    ("destination", "type", "status"),
)
NOTIFY_ATTEMPTS: Final = Counter(
    "signal_engine_notify_attempts", "Attempts, by destination and end.", ("destination", "end")
)
NOTIFY_MAYBE_TWICE: Final = Counter(
    "signal_engine_notify_maybe_twice",
    "Messages sent again although they may have arrived, by destination.",
    ("destination",),
)
NOTIFY_LATE: Final = Counter(
    "signal_engine_notify_late",
    "Alerts to which nobody responded in time, by phase and who is told (`manager`, `backup`, `fallback`).",
    ("phase", "to"),
)
NOTIFY_UNREACHED: Final = Counter(
    "signal_engine_notify_unreached",
    "Alerts that were meant for a person and went where those for triage go, by why (`unassigned`, `unknown`, `gone`, "
    "`absent`, `not_found`).",
    ("why",),
)
NOTIFY_ROWS_UNREADABLE: Final = Counter(
    "signal_engine_notify_rows_unreadable", "Rows of the ledger that cannot be read, and were set aside."
)
NOTIFY_LAST_SUCCESS: Final = _Gauge(
    "signal_engine_notify_last_success_timestamp_seconds", "When a message last arrived.", ("destination", "type")
)
NOTIFY_LAST_ERROR: Final = _Gauge(
    "signal_engine_notify_last_error_timestamp_seconds", "When an attempt last failed.", ("destination", "type")
)
NOTIFY_DISABLED: Final = _Gauge(
    "signal_engine_notify_disabled", "1 while nothing is sent to a destination until it is enabled.", ("destination",)
)
SYNC_REQUESTS: Final = Counter(
    "signal_engine_sync_requests", "Requests to `sync`, by endpoint and status.", ("endpoint", "status")
)
SYNC_SECONDS: Final = Histogram("signal_engine_sync_seconds", "Seconds until `sync` began its answer.")
SYNC_ACCOUNTS: Final = Counter(
    "signal_engine_sync_accounts",
    "What runs of a sink counted since `sync` started: written, failed, unchanged, matched, ambiguous, unmatched, "
    "and the kinds of writes.",
    ("sink", "outcome"),
)
SYNC_RUNS: Final = Counter("signal_engine_sync_runs", "Runs of a sink: ended or failed.", ("sink", "outcome"))
SYNC_FOLLOWS: Final = _Gauge("signal_engine_sync_follows", "1 when the last run of a sink ended, else 0.", ("sink",))
SYNC_LAST_RUN_SECONDS: Final = _Gauge(
    "signal_engine_sync_last_run_timestamp_seconds", "When a sink last ran to its end.", ("sink",)
)
DIGEST_REQUESTS: Final = Counter(
    "signal_engine_digest_requests",
    "Requests to the probes of `digest --follow`, by endpoint and status.",
    ("endpoint", "status"),
)
DIGEST_SECONDS: Final = Histogram("signal_engine_digest_seconds", "Seconds until `digest --follow` began its answer.")
DIGESTS: Final = Counter(
    "signal_engine_digests",
    "Digests by destination and end: sent, retry, failed, or uncertain.",
    ("destination", "end"),
)
DIGEST_LAST_SUCCESS: Final = _Gauge(
    "signal_engine_digest_last_success_timestamp_seconds", "When a digest last arrived.", ("destination",)
)
DIGEST_DELAYED: Final = _Gauge("signal_engine_digest_delayed", "1 while no digest can be made, else 0.")
DIGEST_LAST_LOOK: Final = _Gauge(
    "signal_engine_digest_last_look_timestamp_seconds", "When `digest --follow` last looked at what is due."
)
MCP_REQUESTS: Final = Counter(
    "signal_engine_mcp_requests", "Requests to `mcp --http`, by endpoint and status.", ("endpoint", "status")
)
MCP_SECONDS: Final = Histogram("signal_engine_mcp_seconds", "Seconds until `mcp --http` began its answer.")

METRICS: Final = tuple(one for one in globals().copy().values() if isinstance(one, _Metric))
"""In the order above."""
