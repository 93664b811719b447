"""The actions of before: what the store has applied and seen of them, and what this process has written since.

The engine applies an action within seconds, and within minutes while another generation is built: the overlay of the
one that is served has what is to be applied. Until it is there, the door must know what it wrote itself: a repeated
request is the same action, and a claim of a moment ago is a claim. What another process wrote within the second is
not seen here; of two claims the engine takes the first.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from signal_engine.core.actions.log import LoggedAction
from signal_engine.engine.actions.overlay import entries_of, on_top
from signal_engine.engine.door.door import ActionHistory
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
    """`engine.door.door.ActionHistory`, of the generation that is served, or of the topic where none is."""

    generations: Generations
    partitioner: Callable[[int], Callable[[str], int]]
    """Number of partitions -> account -> partition."""
    partitions: Callable[[], Awaitable[int]]
    """The number of partitions of Kafka's topics, for a store that no worker has used yet."""
    topic: ActionHistory
    """What Kafka has: exact, and slow. Asked for actions of long ago, and for all of them while Redis, which lost
    everything, is filled again."""
    _written: dict[str, list[LoggedAction]] = field(default_factory=dict)

    async def past(self, accounts: Sequence[str]) -> Sequence[StoredActions]:
        """See `engine.door.door.ActionHistory`. Raises `StoreTrouble`, and whatever `topic` raises."""
        number = await self.generations.current()
        found = await (self.topic.past(accounts) if number is None else self._stored(number, accounts))
        return [self._with_written(account, past) for account, past in zip(accounts, found, strict=True)]

    async def _stored(self, number: int, accounts: Sequence[str]) -> Sequence[StoredActions]:
        store, found = self.generations.store(number), list[StoredActions]()
        topics = await self.generations.controls(number).read(TOPICS)
        partition_of = self.partitioner(TopicsInForce.decode(topics).partitions if topics else await self.partitions())
        for account in accounts:
            partition = partition_of(account)
            seen = (await entries_of(store, partition)).get(account)  # first: what is applied meanwhile is loaded
            (stored,) = (await store.load(partition, [account])).actions
            past = actions.decode(stored)
            found.append(past if seen is None else on_top(past, seen))
        return found

    def _with_written(self, account: str, past: StoredActions) -> StoredActions:
        for taken in self._written.get(account, ()):
            past = past.after(taken)
        return past

    async def find(self, account: str, action_id: str) -> LoggedAction | None:
        """See `engine.door.door.ActionHistory`."""
        return await self.topic.find(account, action_id)

    def wrote(self, taken: LoggedAction) -> None:
        """Remember an action that this process has written."""
        account = taken.action.account
        kept = [*self._written.pop(account, ()), taken][-_ACTIONS_KEPT:]
        self._written[account] = kept
        while len(self._written) > _ACCOUNTS_KEPT:
            del self._written[next(iter(self._written))]
