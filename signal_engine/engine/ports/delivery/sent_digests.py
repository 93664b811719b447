"""What is kept of the digests that people were sent: one row per person and destination, replaced by compare-and-set.

It belongs to the people, not to a view: a rebuild does not touch it. `adapters.redis` and `adapters.memory` implement
it.
"""

from typing import Protocol


class SentDigests(Protocol):
    """The rows (`wire.storage.sent_digests`). Every method may raise `StoreTrouble`."""

    async def read(self, name: str) -> bytes | None:
        """The row; None if that person was never sent a digest there."""

    async def replace(self, name: str, old: bytes | None, new: bytes) -> bool:
        """Write `new` if the row is still `old` (None: absent); return whether it was written."""

    async def on_disk(self) -> bool | None:
        """Whether everything readable now is on the server's disk, after at most two seconds; None: it cannot tell."""
