"""Adapts the number of records per transaction to a time budget.

A transaction blocks the event loop: no other partition, timer or answer proceeds meanwhile. The cost of a record varies
tenfold by machine and by whether its account is cached, so the number follows measurements.
"""

from typing import Final

BUDGET_S: Final = 0.1
"""Seconds for which a transaction may block the event loop. An outbox waits that long for each partition that is
behind, each time that it asks a server."""
MAX_RECORDS: Final = 5_000
"""Records. Kafka hands over no more at once."""
MIN_RECORDS: Final = 100
_FIRST_RECORDS: Final = 1_000
"""Before anything was measured."""


class BatchSize:
    """Of one partition."""

    def __init__(self) -> None:
        self.records = _FIRST_RECORDS
        """What the next transaction may take."""

    def took(self, records: int, seconds: float) -> None:
        """Note the duration of a transaction. Small ones are ignored: most of their duration is fixed cost."""
        if records < MIN_RECORDS or seconds <= 0:
            return
        fits = round(records * BUDGET_S / seconds)
        self.records = max(MIN_RECORDS, min(MAX_RECORDS, (self.records + fits) // 2))
