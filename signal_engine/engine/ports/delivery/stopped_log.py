"""The record of who unsubscribed from digests, which outlives the store.

`adapters.kafka` implements it. Methods raise a `SignalEngineError` that says what is not known.
"""

from collections.abc import Mapping
from typing import Protocol

from signal_engine.wire.messages.answers.unsubscribing import DigestsOf


class StoppedLog(Protocol):
    """The last word of each person about the digests of a destination."""

    async def read(self) -> Mapping[DigestsOf, int | None]:
        """Since when (ms) each is stopped; None: turned on again, of those of whom that is still known. Addresses are
        in lower case."""

    async def write(self, of: DigestsOf, at: int | None) -> None:
        """Keep that they are stopped since `at` (ms), or None: that they are not. Returns when all replicas have it."""
