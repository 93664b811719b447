"""What stores in memory share, as they would share one Redis."""

import time
from collections.abc import Callable
from itertools import count
from typing import NamedTuple

from signal_engine.adapters.memory.partition_data import PartitionData
from signal_engine.wire.storage.building import Building


def _clock() -> int:
    return time.time_ns() // 1_000_000


class StoredOutcomes(NamedTuple):
    """The outcomes of one partition."""

    read: bytes
    """How far their topic has been read."""
    accounts: dict[str, bytes]


class StoredSync(NamedTuple):
    """What is kept of one sink."""

    rows: dict[str, bytes]
    """By account."""
    state: dict[str, bytes]
    """Under the empty name; nothing until it was put."""
    calls: dict[int, int]
    """By day."""
    turn: dict[str, float]
    """Whose turn it is, until when (s); at most one."""


class MemoryServer:
    """Prefixes and generations lie side by side."""

    def __init__(self, now: Callable[[], int] = _clock) -> None:
        self.now = now
        self.partitions: dict[tuple[str, int, int], PartitionData] = {}
        """By prefix, generation and partition."""
        self.overlays: dict[tuple[str, int, int], dict[str, bytes]] = {}
        """By prefix, generation and partition: account -> entry."""
        self.outcomes: dict[tuple[str, int, int], StoredOutcomes] = {}
        """By prefix, generation and partition."""
        self.served: dict[str, int] = {}
        """Prefix -> the generation served."""
        self.building: dict[str, Building] = {}
        """Prefix -> the one being built."""
        self.outdated: dict[str, set[int]] = {}
        """Prefix -> those to be dropped."""
        self.documents: dict[tuple[str, int, str], bytes] = {}
        """By prefix, generation and name."""
        self.lists: dict[tuple[str, str], tuple[int, bytes | None]] = {}
        """By prefix and name: the version and the list; None when it was retired."""
        self.fit_changes: dict[tuple[str, int, int, int], dict[str, bytes | None]] = {}
        """By prefix, generation, partition and version."""
        self.replayed: dict[tuple[str, int], dict[str, int]] = {}
        """By prefix and partition of the dead-letter topic: letter -> the offset of its last copy."""
        self.digests: dict[tuple[str, str], bytes] = {}
        """By prefix and name."""
        self.syncs: dict[tuple[str, str], StoredSync] = {}
        """By prefix and sink."""
        self._entries = count(1)

    def entry(self) -> str:
        """A name that no record had before."""
        return str(next(self._entries))
