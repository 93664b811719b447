"""What `/metrics` of `notify` says of alerts that reached nobody."""

from prometheus_client import CollectorRegistry, generate_latest

from signal_engine.adapters.http.notify.metrics import NotifyMetrics
from signal_engine.engine.notify.figures import NotifyFigures


def test_what_happened_last_is_told_by_destination_and_type_of_alert() -> None:
    figures, registry = NotifyFigures(), CollectorRegistry()
    registry.register(NotifyMetrics(figures, ["ops"]))
    figures.last_success["ops", "hand_raise"] = 5_000
    figures.last_error["ops", "entered_hot"] = 7_000
    lines = generate_latest(registry).decode().splitlines()
    assert [line for line in lines if line.startswith("signal_engine_notify_last_")] == [
        'signal_engine_notify_last_success_timestamp_seconds{destination="ops",type="hand_raise"} 5.0',
        'signal_engine_notify_last_error_timestamp_seconds{destination="ops",type="entered_hot"} 7.0',
    ]


def test_alerts_that_reached_nobody_are_counted_by_why() -> None:
    figures, registry = NotifyFigures(), CollectorRegistry()
    registry.register(NotifyMetrics(figures, ["ops"]))
    assert b"signal_engine_notify_unreached_total{" not in generate_latest(registry)
    figures.unreached.update(unassigned=2, unknown=1)
    lines = generate_latest(registry).decode().splitlines()
    told = [line for line in lines if line.startswith("signal_engine_notify_unreached_total{")]
    assert told == [
        'signal_engine_notify_unreached_total{why="unassigned"} 2.0',
        'signal_engine_notify_unreached_total{why="unknown"} 1.0',
    ]
