"""The topic `rules` as the engine reads and writes it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, Protocol


class RuleRecord(NamedTuple):
    """One record of the topic."""

    offset: int
    timestamp: int
    """ms since 1970, of Kafka where the broker puts its own."""
    key: bytes | None
    value: bytes | None


class ToPublish(NamedTuple):
    """One record to be written."""

    key: str
    value: bytes


class Written(NamedTuple):
    """What became of a publication."""

    offset: int
    """Of its last record, the one of `current`."""
    in_transaction: bool
    """False: the broker has no transactions, and nothing keeps out a second publisher."""


Decide = Callable[[Sequence[RuleRecord]], Sequence[ToPublish]]
"""What is to be written, perhaps nothing, given all that the topic holds. What it raises ends the attempt."""

TakeRules = Callable[[Sequence[RuleRecord]], Awaitable[None]]
"""Is handed what was appended, from the beginning on; about once a second also nothing, at the topic's end alone."""

End = Callable[[], Awaitable[int]]
"""The offset behind what the topic holds when it is asked, as those see it who read what is committed."""


class RulesPublisher(Protocol):
    """Writes to the topic."""

    async def publish(self, decide: Decide) -> Written | None:
        """Write what `decide` makes of the whole topic, all of it or nothing; None where that is nothing.

        Nobody else writes in between: of two publishers the one that began first is refused.
        """


class RulesTail(Protocol):
    """Follows the topic."""

    async def run(self, take: TakeRules) -> None:
        """Runs until cancelled; an unreachable Kafka is waited for, also where `take` asks for the `end`."""

    async def end(self) -> int:
        """See `End`."""


class RulesCoordinator(Protocol):
    """Brings published rules into force."""

    async def run(self) -> None:
        """Runs until cancelled."""
