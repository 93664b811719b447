"""One partition number that this worker owns: the same partition of all six topics, and everything their events made.

All that writes to it goes through `commit`, one step at a time under `lock`: batches of its topics, timers, a new fit
table, new rules, the sweep. A step that is refused was not the first to see the partition move: whatever is known here
is dropped, and the topics are read again from the positions that the store holds.
"""

import asyncio
from collections.abc import Collection

from signal_engine.engine.alert_memory import AlertMemory
from signal_engine.engine.draft import Draft
from signal_engine.engine.fetched import Fetched, Position
from signal_engine.engine.known import Known, KnownAccounts, decoded
from signal_engine.engine.means import Means
from signal_engine.engine.steps import Applied, Positions, TopicPartition, TopicRead


class Partition:
    """The owner's view of one partition number."""

    def __init__(self, number: int, means: Means, positions: Positions) -> None:
        self.number = number
        self.lock = asyncio.Lock()
        """Held by whoever prepares a step, from the first look at a state to the commit."""
        self.open = True
        """False when it has been handed over: nothing may be begun."""
        self.settled = asyncio.Event()
        """Set once what was in force when the partition was taken has been taken over: events are judged by that."""
        self.past: AlertMemory | None = None
        """While its generation is being built: what people were told before."""
        self.known = KnownAccounts()
        self.alerts_wait = asyncio.Event()
        """Set when the outbox of alerts may hold something."""
        self._means = means
        self._known_by = means.rules
        self._last_seen: dict[str, int] = {}
        self._positions = positions

    @property
    def origins(self) -> dict[TopicPartition, int]:
        """Origin of records sent on to here -> the highest offset dealt with."""
        return self._positions.origins

    def at(self, topic: str) -> int | None:
        """The position of a topic, or what a control has reached; None before the first step of it."""
        return self._positions.topics.get(topic)

    def expects(self, fetched: Fetched) -> bool:
        """Whether a fetch follows what has been applied."""
        return self.at(fetched.topic) in {None, fetched.start}

    def read_on(self) -> list[Position]:
        """Where its six topics are to be read on."""
        return [Position(topic, self.number, self.at(topic)) for topic in self._means.kinds]

    def read_until(self) -> int:
        """The instant (ms) up to which all its topics have been read and applied."""
        return min(self._topic_read_until(topic) for topic in self._means.kinds)

    async def load(self, names: Collection[str]) -> dict[str, Known]:
        """What is known of accounts, loaded where it is not; to be held by the caller until the commit.

        It is for the rules that are in force when this is called: what was found out by others is dropped.
        """
        if self._means.rules is not self._known_by:
            self.known.clear()
            self._known_by = self._means.rules
        found = {name: known for name in names if (known := self.known.get(name)) is not None}
        if missing := [name for name in names if name not in found]:
            store = self._means.store
            loaded = decoded(missing, await self._means.patience.through(lambda: store.load(self.number, missing)))
            for name, known in loaded.items():
                self.known.put(name, known)
            found |= loaded
        return found

    async def commit(self, draft: Draft, read: TopicRead | None = None) -> bool:
        """Writes a step, whatever it takes; says whether it was applied. The lock must be held.

        When it was not, everything known of the partition has been dropped and `read_on` tells the truth again.
        Raises `OtherGeneration` when that is because the store has been emptied.
        """
        means, past = self._means, self.past
        if past is not None:
            draft.tell_only(lambda alert_id, at: past.is_news(alert_id, at, means.clock()))
        step = draft.step(self.number, self._positions.counter, read)
        means.reached("before_step")
        answer = await means.patience.through(lambda: means.store.apply(step))
        means.reached("after_step")
        if isinstance(answer, Applied):
            topics, origins = self._positions.topics, self._positions.origins
            if read is not None:
                topics[read.topic] = read.end
            for origin, offset in step.origins.items():
                origins[origin] = max(offset, origins.get(origin, offset))
            self._positions = Positions(answer.counter, topics, origins)
        else:
            means.journal.warning("step_refused", partition=self.number, fence=answer.fence)
            await self.reload()
        if draft.has_alerts or not isinstance(answer, Applied):
            self.alerts_wait.set()
        return isinstance(answer, Applied)

    async def reload(self) -> None:
        """Drops what is known and stands where the store says."""
        self.known.clear()
        store = self._means.store
        self._positions = await self._means.patience.through(lambda: store.positions(self.number))
        await self._means.check_generation()  # after it: a store that was emptied has no positions, and no mark
        self._last_seen.clear()

    def saw(self, topic: str, arrived: int) -> None:
        """Notes when (ms) the last record applied of a topic arrived."""
        self._last_seen[topic] = arrived

    def _topic_read_until(self, topic: str) -> int:
        at_end = self._means.reading.read_to_end_at(topic, self.number)
        return self._last_seen.get(topic, 0) if at_end is None else at_end
