"""Tunes how long a broker gathers records before it answers a fetch: not at all while the worker is mostly idle, and
for up to 25 ms while answers with little in them would keep it busy.

Without gathering, six topics of four partitions at 1,500 events/s gave 250 answers per second of one or two
topic-partitions each, and handing them over was most of a worker's load. Gathering here, rather than before a
transaction, spares the broker those answers as well.
"""

from collections.abc import Callable
from time import process_time
from typing import Any, Final

from signal_engine.adapters.faust.group import FETCH_WAIT_S
from signal_engine.engine.ingest.busy_share import BusyShare

_SHARE: Final = 1 / 3
"""Of a core, up to which answers come as fast as there is something to answer. The rest is for what else there is."""
_MOST_S: Final = 0.025
"""Seconds for which a broker gathers at most."""
_ENOUGH_BYTES: Final = 64 * 1024
"""Bytes at which a broker answers at once; with a backlog, every answer has them."""
_SILENCE: Final = 3.0
"""After so many times of gathering without a record, a broker is asked to answer the next one at once."""


class FetchTuning:
    """Tunes the fetches of one consumer."""

    def __init__(self, cpu: Callable[[], float] = process_time) -> None:
        """`cpu`: see `BusyShare`."""
        self._busy = BusyShare(_SHARE, _MOST_S, cpu)
        self._gather_s = 0.0

    def waits(self, seconds: float | None) -> float | None:
        """How long to wait for an answer, in seconds; `seconds` if nothing is gathered."""
        return _SILENCE * self._gather_s or seconds

    def came(self, consumer: Any, records: int, at: float) -> None:
        """Note an answer with so many records at `at` (s), and set up the next fetches of the aiokafka consumer."""
        wait = self._busy.noted(at)
        self._gather_s = wait if records else 0.0
        fetcher = consumer._fetcher  # noqa: SLF001 (pinned by a test)
        fetcher._fetch_min_bytes = _ENOUGH_BYTES if self._gather_s else 1  # noqa: SLF001 (as above)
        fetcher._fetch_max_wait_ms = round((self._gather_s or FETCH_WAIT_S) * 1000)  # noqa: SLF001 (as above)
