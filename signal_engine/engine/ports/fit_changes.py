"""The fit table on its way to the accounts: what differs between two versions, partition by partition.

`fit load` writes the rows that change from the version in force to the new one, then moves the version (`controls.FIT`)
by compare-and-set. Every partition's owner takes them over in transactions, in the order of the versions, decides the
accounts again, and moves the partition's own version with the last one (`controls.FIT_VERSION`).
"""

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class FitRows(NamedTuple):
    """A batch of rows. An account can come twice, as in any scan of a hash that changes meanwhile."""

    cursor: int
    """To be passed on for more; 0 at the end."""
    rows: dict[str, bytes | None]
    """Account -> its row (`wire.storage.fit_rows`); None: it is in no accounts file any more."""


class FitChanges(Protocol):
    """The rows of one generation. Every method may raise `StoreTrouble`."""

    async def write(self, partition: int, version: int, rows: Mapping[str, bytes | None]) -> None:
        """Adds rows to what changes with `version`."""

    async def read(self, partition: int, version: int, cursor: int = 0, limit: int = 1000) -> FitRows:
        """About `limit` of the rows that change with `version`."""

    async def drop(self, partition: int, version: int) -> None:
        """Forgets what changes with `version`: it has been taken over, or will never be in force."""

    async def applied(self, partition: int, cursor: int = 0, limit: int = 1000) -> FitRows:
        """About `limit` of the rows as the accounts have them now."""
