"""What `/metrics` of `notify` exposes: what this process has done since it started."""

from collections.abc import Iterable

from prometheus_client.core import Metric

from signal_engine.adapters.http.edge import metric_list as declared
from signal_engine.adapters.http.edge.request_metrics import RequestMetrics
from signal_engine.core.rules.instants import SECOND
from signal_engine.engine.notify.figures import NotifyFigures


class NotifyMetrics(RequestMetrics):
    """The figures of one `notify`."""

    def __init__(self, figures: NotifyFigures, destinations: Iterable[str]) -> None:
        self._figures = figures
        self._destinations = tuple(destinations)
        super().__init__(declared.NOTIFY_REQUESTS, declared.NOTIFY_SECONDS)

    def collect(self) -> Iterable[Metric]:
        """As prometheus_client asks for it."""
        yield from super().collect()
        figures = self._figures
        alerts = declared.NOTIFY_ALERTS.family()
        alerts.add_metric(["planned"], figures.planned)
        alerts.add_metric(["unreadable"], figures.unreadable)
        alerts.add_metric(["not_sent"], figures.not_for_people)
        yield alerts
        deliveries = declared.NOTIFY_DELIVERIES.family()
        for labels, count in figures.ends.items():
            deliveries.add_metric([*labels], count)
        yield deliveries
        attempts = declared.NOTIFY_ATTEMPTS.family()
        for ended, count in figures.attempts.items():
            attempts.add_metric([*ended], count)
        yield attempts
        late = declared.NOTIFY_LATE.family()
        for who, count in figures.late.items():
            late.add_metric([*who], count)
        yield late
        unreached = declared.NOTIFY_UNREACHED.family()
        for why, count in figures.unreached.items():
            unreached.add_metric([why], count)
        yield unreached
        unreadable = declared.NOTIFY_ROWS_UNREADABLE.family()
        unreadable.add_metric([], figures.rows_unreadable)
        yield unreadable
        twice = declared.NOTIFY_MAYBE_TWICE.family()
        success, error = declared.NOTIFY_LAST_SUCCESS.family(), declared.NOTIFY_LAST_ERROR.family()
        disabled = declared.NOTIFY_DISABLED.family()
        for name in self._destinations:
            twice.add_metric([name], figures.maybe_twice[name])
            disabled.add_metric([name], name in figures.disabled)
        for family, known in ((success, figures.last_success), (error, figures.last_error)):
            for of, at in sorted(known.items()):
                family.add_metric([*of], at / SECOND)
        yield from (twice, success, error, disabled)
