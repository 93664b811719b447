"""Changes of the fit table: the rows that differ between two versions, by partition.

`fit load` writes the rows that the new version changes, then sets the version in force (`controls.FIT`) by
compare-and-set. The owner of each partition applies them in transactions, version by version, and decides the accounts
again. The last transaction of a version sets the partition's own version (`controls.FIT_VERSION`).
"""

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class FitRows(NamedTuple):
    """A batch of rows. An account can appear twice, since the hash can change during the scan."""

    cursor: int
    """Pass it on to get more; 0 at the end."""
    rows: dict[str, bytes | None]
    """Account -> its row (`wire.storage.fit_rows`); None if it left the accounts file."""


class FitChanges(Protocol):
    """The rows of one generation. Every method may raise `StoreTrouble`."""

    async def write(self, partition: int, version: int, rows: Mapping[str, bytes | None]) -> None:
        """Add rows that `version` changes."""

    async def read(self, partition: int, version: int, cursor: int = 0, limit: int = 1000) -> FitRows:
        """About `limit` of the rows that `version` changes."""

    async def drop(self, partition: int, version: int) -> None:
        """Forget the rows of `version`: it has been rolled out, or will never be in force."""

    async def applied(self, partition: int, cursor: int = 0, limit: int = 1000) -> FitRows:
        """About `limit` of the rows that accounts have now."""
