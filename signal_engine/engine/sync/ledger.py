"""What a sink was told, by account, so that only differences are sent. Of no generation: a rebuild does not touch it.

`adapters.redis` and `adapters.memory` implement it.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol


class LedgerPage(NamedTuple):
    """Some rows of a ledger. A row can come twice, since they change meanwhile; none is left out."""

    cursor: int
    """Pass it on to get more; 0 at the end."""
    rows: dict[str, bytes]


class SyncLedger(Protocol):
    """The ledger of one sink. Every method may raise `StoreTrouble`."""

    async def rows(self, accounts: Sequence[str]) -> list[bytes | None]:
        """The rows of `accounts`, in their order; None where there is none."""

    async def note(self, rows: Mapping[str, bytes | None], state: bytes | None = None) -> None:
        """Write rows (None removes), and the state of the sink if it is given: all of it, or nothing."""

    async def scan(self, cursor: int = 0, limit: int = 500) -> LedgerPage:
        """About `limit` rows."""

    async def state(self) -> bytes | None:
        """The state of the sink (`wire.sync.ledger_rows.SinkState`)."""

    async def put_state(self, value: bytes) -> None:
        """Replace the state."""

    async def take(self, holder: str, for_ms: int) -> bool:
        """Whether it is the turn of `holder`, for so many ms from now on; whoever has it extends it by that."""

    async def leave(self, holder: str) -> None:
        """End the turn of `holder`, where it is theirs."""

    async def spend(self, day: int, calls: int) -> int:
        """Count requests of `day` (since 1970-01-01); return how many that day has then had. Kept for two days."""
