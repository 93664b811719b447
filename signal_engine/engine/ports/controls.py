"""Documents that all processes of one engine share: which scoring file and which fit table are in force, which topics.

Each is replaced by compare-and-set, so that two that start at once agree. There is one in Redis (`adapters.redis`) and
one in memory (`adapters.memory`).
"""

from collections.abc import Sequence
from typing import Final, NewType, Protocol

DocumentName = NewType("DocumentName", str)
"""Names are made in this module and nowhere else. They are stored."""

SCORING: Final = DocumentName("scoring")
"""`wire.storage.in_force.ScoringInForce`."""
FIT: Final = DocumentName("fit")
"""`wire.storage.in_force.FitInForce`."""
TOPICS: Final = DocumentName("topics")
"""`wire.storage.in_force.TopicsInForce`."""


def instance_lock(name: str) -> DocumentName:
    """Which process has the name of a worker (`context.instance_lock`)."""
    return DocumentName(f"worker:{name}")


def partition_begun(number: int) -> DocumentName:
    """That a partition holds something (`partition.damage`)."""
    return DocumentName(f"partition:{number}")


FIT_VERSION: Final = "fit"
"""The topic name by which a transaction moves a partition to a fit version: `TopicRead(FIT_VERSION, old, new)`."""
SCORING_SEQUENCE: Final = "scoring"
"""The same for the sequence number of the scoring file."""
REBUILT: Final = "rebuilt"
"""The same for how far the partition's rebuild is (`worker.rebuild`)."""


class Controls(Protocol):
    """The documents of one generation, and the lists that are served. Every method may raise `StoreTrouble`."""

    async def read(self, name: DocumentName) -> bytes | None:
        """A document; None when there is none yet."""

    async def replace(self, name: DocumentName, old: bytes | None, new: bytes) -> bool:
        """Writes `new` if the document is still `old` (None: there is none); says whether it did."""

    async def serve(self, name: str, version: int, value: bytes) -> bool:
        """Puts list `name` where readers find it, `list:NAME`, unless one of the same or a higher version is there."""

    async def served(self, name: str) -> bytes | None:
        """The list as readers find it."""

    async def versions(self, names: Sequence[str]) -> list[int]:
        """The version of each list that is served, in the order of `names`; 0 for one that never was."""

    async def retire(self, name: str, version: int) -> bool:
        """Takes a list away that no longer exists, unless one of the same or a higher version is there.

        `version` is remembered, so that a publisher that wakes late does not bring the list back.
        """
