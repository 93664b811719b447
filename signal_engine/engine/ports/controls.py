"""Documents shared by all processes of one engine: the scoring file, fit table and topics in force.

Each is replaced by compare-and-set, so that processes that start at the same time agree. `adapters.redis` and
`adapters.memory` implement it.
"""

from collections.abc import Sequence
from typing import Final, NewType, Protocol

DocumentName = NewType("DocumentName", str)
"""Only this module creates names. They are stored."""

SCORING: Final = DocumentName("scoring")
"""`wire.storage.in_force.ScoringInForce`."""
FIT: Final = DocumentName("fit")
"""`wire.storage.in_force.FitInForce`."""
TOPICS: Final = DocumentName("topics")
"""`wire.storage.in_force.TopicsInForce`."""

CONTROL_GROUP: Final = DocumentName("control_group")
"""`wire.storage.in_force`: by which the lists leave accounts out."""
RULE_PUBLISHING: Final = DocumentName("rule_publishing")
"""`ON` or `OFF`: whether the topic of rules was there when a worker started."""
OUTCOME_READING: Final = DocumentName("outcome_reading")
"""The same of the topic of outcomes."""
ON: Final = b"on"
OFF: Final = b"off"
_HELD: Final = ".control-group"


def held_list(name: str) -> str:
    """What is served to administrators alone: whom a control group keeps off list `name`. No ICP has such an id."""
    return f"{name}{_HELD}"


def is_held_list(name: str) -> bool:
    """Whether `held_list` makes this name: whoever may ask for any list must not ask for such a one."""
    return name.endswith(_HELD)


def instance_lock(name: str) -> DocumentName:
    """The process that holds a worker's name (`context.instance_lock`)."""
    return DocumentName(f"worker:{name}")


def partition_begun(number: int) -> DocumentName:
    """Set once a partition holds data (`partition.damage`)."""
    return DocumentName(f"partition:{number}")


def alias_map(digest: str) -> DocumentName:
    """The alias map that the document `FIT` names by its digest (`wire.storage.aliases`)."""
    return DocumentName(f"aliases:{digest}")


FIT_VERSION: Final = "fit"
"""The topic name by which a transaction moves a partition to a fit version: `TopicRead(FIT_VERSION, old, new)`."""
SCORING_SEQUENCE: Final = "scoring"
"""The same for the sequence number of the scoring file."""
REBUILT: Final = "rebuilt"
"""The same for the progress of the partition's rebuild (`worker.rebuild`)."""


class Controls(Protocol):
    """The documents of one generation, and the lists that are served. Every method may raise `StoreTrouble`."""

    async def read(self, name: DocumentName) -> bytes | None:
        """The stored document; None if there is none yet."""

    async def replace(self, name: DocumentName, old: bytes | None, new: bytes) -> bool:
        """Write `new` if the document is still `old` (None: absent); return whether it was written."""

    async def serve(self, name: str, version: int, value: bytes) -> bool:
        """Store list `name` as `list:NAME` for readers, unless that has the same or a higher version."""

    async def served(self, name: str) -> bytes | None:
        """The list as readers get it; None if it was never served."""

    async def versions(self, names: Sequence[str]) -> list[int]:
        """The served version of each list, in the order of `names`; 0 if it was never served."""

    async def retire(self, name: str, version: int) -> bool:
        """Remove a list that no longer exists, unless the same or a higher version is served.

        `version` is remembered, so that a publisher that wakes up late does not bring the list back.
        """
