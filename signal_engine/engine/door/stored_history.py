"""The actions of before as the store has them, and what this process has written since.

The engine applies an action within seconds. Until it has, the door must know what it wrote itself: a repeated request
is the same action, and a claim of a moment ago is a claim. What another process wrote in those seconds is not seen
here; of two claims the engine takes the first.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from signal_engine.core.actions.log import LoggedAction
from signal_engine.engine.door.past_actions import with_logged
from signal_engine.engine.ports.controls import TOPICS
from signal_engine.engine.ports.store import Generations
from signal_engine.wire.storage import actions
from signal_engine.wire.storage.actions import StoredActions
from signal_engine.wire.storage.in_force import TopicsInForce

_ACCOUNTS_KEPT: Final = 1_000
"""Accounts of which the latest actions written here are remembered."""
_ACTIONS_KEPT: Final = 20
"""Of one account."""


@dataclass(slots=True)
class StoredHistory:
    """`engine.door.door.ActionHistory`, of the generation that is served."""

    generations: Generations
    partitioner: Callable[[int], Callable[[str], int]]
    """Number of partitions -> account -> partition."""
    partitions: Callable[[], Awaitable[int]]
    """The number of partitions of Kafka's topics, for a store that no worker has used yet."""
    _written: dict[str, list[LoggedAction]] = field(default_factory=dict)

    async def past(self, accounts: Sequence[str]) -> Sequence[StoredActions]:
        """See `engine.door.door.ActionHistory`. Raises `StoreTrouble`."""
        number = await self.generations.current() or 0
        topics = await self.generations.controls(number).read(TOPICS)
        partition_of = self.partitioner(TopicsInForce.decode(topics).partitions if topics else await self.partitions())
        found = []
        for account in accounts:
            (stored,) = (await self.generations.store(number).load(partition_of(account), [account])).actions
            past = actions.decode(stored)
            for taken in self._written.get(account, ()):
                past = with_logged(past, taken)
            found.append(past)
        return found

    def wrote(self, taken: LoggedAction) -> None:
        """Remember an action that this process has written."""
        account = taken.action.account
        kept = [*self._written.pop(account, ()), taken][-_ACTIONS_KEPT:]
        self._written[account] = kept
        while len(self._written) > _ACCOUNTS_KEPT:
            del self._written[next(iter(self._written))]
