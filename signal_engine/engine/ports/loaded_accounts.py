"""The accounts as loaded, in the topic `fit.accounts`: read one partition at a time.

`adapters.kafka` implements it.
"""

from collections.abc import AsyncIterator, Sequence
from typing import NamedTuple, Protocol

from signal_engine.core.errors import SignalEngineError


class LoadedRecord(NamedTuple):
    """One record of the topic."""

    account: str
    value: bytes | None
    """`wire.accounts.row_record`; None if the account left."""


class DatedRecord(NamedTuple):
    """A record, and when Kafka got it."""

    at: int
    """ms since 1970."""
    account: str
    value: bytes | None
    """As of `LoadedRecord`."""


class LoadReplaced(SignalEngineError):
    """What was to be read is gone, and another load has come meanwhile: look again which one counts."""

    def __init__(self, partition: int) -> None:
        super().__init__(f"partition {partition} of the accounts as loaded was replaced by another load; try again")


class LoadedAccounts(Protocol):
    """Reads what whole loads wrote: never a row of a load that did not end, where the broker has transactions."""

    def read(self, partition: int, end: int) -> AsyncIterator[Sequence[LoadedRecord]]:
        """The records of a partition before offset `end`, in order; of several with one account the last counts.

        Raises `LoadReplaced` where it waits for rows that are missing.
        """
