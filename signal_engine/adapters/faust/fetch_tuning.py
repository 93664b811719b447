"""How long a broker gathers records before it answers a fetch: not at all after a silence, 10 ms while records come.

Answered at once, six topics of four partitions at 1,500 events/s were 250 answers a second of one or two places each,
and most of a worker's work was handing them over. Gathered, they are 75 of five: 0.43 of a core instead of 0.75, or
0.55 to 0.60 instead of 0.71 where producers send in small batches. Events take as long as before, or 3 ms more.
"""

from math import inf
from typing import Any, Final

from signal_engine.adapters.faust.group import FETCH_WAIT_S

_QUIET_AFTER_S: Final = 0.1
"""Seconds without a record after which none are on their way."""
_FLOWS_FROM_RECORDS_PER_S: Final = 200
"""Records a second, since the answer before."""
_GATHERING_S: Final = 0.01
_ENOUGH_BYTES: Final = 64 * 1024
"""Bytes for which a broker does not wait for more: with a backlog every answer has them."""


class FetchTuning:
    """Of one consumer."""

    def __init__(self) -> None:
        self._flowing = False
        self._came = -inf

    def waits(self, seconds: float | None) -> float | None:
        """For how long to wait for an answer, where it would be `seconds` with nothing on its way."""
        return _QUIET_AFTER_S if self._flowing else seconds

    def came(self, consumer: Any, records: int, at: float) -> None:
        """An answer with so many records came at `at` (s): how an aiokafka consumer's next fetches are answered."""
        self._flowing = records > _FLOWS_FROM_RECORDS_PER_S * (at - self._came)
        if records:
            self._came = at
        fetcher = consumer._fetcher  # noqa: SLF001 (pinned by a test)
        fetcher._fetch_min_bytes = _ENOUGH_BYTES if self._flowing else 1  # noqa: SLF001 (as above)
        fetcher._fetch_max_wait_ms = round((_GATHERING_S if self._flowing else FETCH_WAIT_S) * 1000)  # noqa: SLF001 (as above)
