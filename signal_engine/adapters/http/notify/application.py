"""The application that `notify` serves: `/livez`, `/readyz`, `/metrics`."""

from collections.abc import Callable, Iterable

from signal_engine.adapters.http.edge.access_control import AccessControl, AccessPolicy
from signal_engine.adapters.http.edge.probes import Readiness, probing_application
from signal_engine.adapters.http.notify.metrics import NotifyMetrics
from signal_engine.engine.notify.figures import NotifyFigures


def notify_application(
    figures: NotifyFigures,
    destinations: Iterable[str],
    store_trouble: Callable[[], str | None],
    access_policy: AccessPolicy,
) -> AccessControl:
    """The ASGI application; `store_trouble` says what is wrong with Redis now, None: nothing."""
    metrics = NotifyMetrics(figures, destinations)

    async def readiness() -> Readiness:
        """Unready while nothing can be delivered; `degraded` while some destination gets nothing."""
        trouble = store_trouble()
        if trouble is not None:
            return Readiness.unready(trouble)
        if not figures.reading:
            return Readiness.unready("no partition of the topic of alerts is assigned")
        problems = [f"{name} is disabled: {said}" for name, said in sorted(figures.disabled.items())]
        problems += [f"nothing gets through to {name}: {said}" for name, said in sorted(figures.failing.items())]
        return Readiness.despite(problems)

    return AccessControl(probing_application(readiness, metrics), access_policy, metrics)
