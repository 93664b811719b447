"""Rate limiting per client: a token bucket for each of the most recent clients."""

from collections.abc import Callable
from typing import Final

_CLIENTS_KEPT: Final = 10_000


class RateLimit:
    """Allows `per_second` requests per client, and bursts of twice as many."""

    def __init__(self, per_second: float, clock: Callable[[], float]) -> None:
        """`clock` returns seconds; `per_second` 0 means no limit."""
        self._per_second = per_second
        self._most = max(1.0, 2 * per_second)
        self._clock = clock
        self._buckets: dict[str | bytes, tuple[float, float]] = {}

    def wait(self, client: str | bytes) -> float:
        """Count one request; return the seconds to wait before a retry, 0 if the request is allowed."""
        if self._per_second <= 0:
            return 0.0
        now = self._clock()
        left, then = self._buckets.pop(client, (self._most, now))
        left = min(self._most, left + (now - then) * self._per_second)
        wait = 0.0 if left >= 1 else (1 - left) / self._per_second
        self._buckets[client] = (left if wait else left - 1, now)
        if len(self._buckets) > _CLIENTS_KEPT:
            del self._buckets[next(iter(self._buckets))]
        return wait
