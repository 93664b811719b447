"""The application that `sync` serves: `/livez`, `/readyz`, `/metrics`."""

from collections.abc import Sequence

from signal_engine.adapters.http.edge.access_control import AccessControl, AccessPolicy
from signal_engine.adapters.http.edge.probes import Readiness, probing_application
from signal_engine.adapters.http.sync.metrics import SyncMetrics
from signal_engine.engine.sync.following import FollowingSink


def sync_application(sinks: Sequence[FollowingSink], access_policy: AccessPolicy) -> AccessControl:
    """The ASGI application."""
    metrics = SyncMetrics(sinks)

    async def readiness() -> Readiness:
        """Unready while no sink follows; `degraded` while one does not."""
        problems = [f"{one.sink.name}: {one.problem}" for one in sinks if one.problem is not None]
        return Readiness("unready", problems) if len(problems) == len(sinks) else Readiness.despite(problems)

    return AccessControl(probing_application(readiness, metrics), access_policy, metrics)
