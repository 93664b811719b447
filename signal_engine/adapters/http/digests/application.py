"""The application that `digest --follow` serves: `/livez`, `/readyz`, `/metrics`."""

from collections.abc import Callable, Iterable
from typing import Final

from signal_engine.adapters.http.digests.metrics import DigestMetrics
from signal_engine.adapters.http.edge.access_control import AccessControl, AccessPolicy
from signal_engine.adapters.http.edge.probes import Readiness, probing_application
from signal_engine.engine.digests.figures import DigestFigures

SILENT_AFTER_MS: Final = 300_000
"""ms without a look at what is due after which nothing is expected any more: a look comes every half minute, and an
attempt takes a minute at most."""


def digest_application(
    figures: DigestFigures, destinations: Iterable[str], clock: Callable[[], int], access_policy: AccessPolicy
) -> AccessControl:
    """The ASGI application; `clock` tells ms."""
    metrics = DigestMetrics(figures, destinations)

    async def readiness() -> Readiness:
        """Unready while no digest can be made; `degraded` while a destination's last one did not arrive."""
        if figures.moved_at is None:
            return Readiness.unready("has not looked yet at what is due")
        silent = clock() - figures.moved_at
        if silent > SILENT_AFTER_MS:
            return Readiness.unready(f"has not looked at what is due for {silent // 1_000} s")
        if figures.delayed is not None:
            return Readiness.unready(figures.delayed)
        return Readiness.despite([f"{name}: {said}" for name, said in sorted(figures.failing.items())])

    return AccessControl(probing_application(readiness, metrics), access_policy, metrics)
