"""One partition number that this worker owns: the same partition of all six topics, and everything their events made.

All that writes to it goes through `commit`, one step at a time under `lock`: batches of its topics, timers, a new fit
table, new rules, the sweep. A step that is refused was not the first to see the partition move: whatever is known here
is dropped, and the topics are read again from the positions that the store holds.
"""

import asyncio
from collections.abc import Collection, Mapping
from typing import Final

from signal_engine.engine.context.engine_context import Means
from signal_engine.engine.dead_letters.circuit_breaker import Outcomes
from signal_engine.engine.dead_letters.paused_topics import Paused, paused_in
from signal_engine.engine.ingest.fetch_queue import Backlog
from signal_engine.engine.ingest.origin import Believing, is_copy
from signal_engine.engine.ingest.triage import arrived_here
from signal_engine.engine.partition.account_cache import Known, KnownAccounts, decoded
from signal_engine.engine.partition.batch_size import Pace
from signal_engine.engine.partition.damage import damages_of
from signal_engine.engine.partition.past_alerts import AlertMemory
from signal_engine.engine.partition.transaction_builder import Draft
from signal_engine.engine.ports.fetched import Fetched, FetchedRecord, Position
from signal_engine.engine.ports.store import Damaged
from signal_engine.engine.ports.transaction import Applied, Positions, TopicPartition, TopicRead

READ_UNTIL: Final = "read_until"
"""The view that says up to which instant (ms, decimal digits) all six topics of the partition have been read, and what
time alone does has been decided."""


class Partition:
    """The owner's view of one partition number."""

    def __init__(
        self, number: int, means: Means, positions: Positions, paused: Mapping[str, Paused] | None = None
    ) -> None:
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
        self.backlog = Backlog()
        """What has been fetched and waits for its turn."""
        self.pace = Pace()
        """How many records are applied at once."""
        self.paused = dict(paused or {})
        """Topic -> why it is not read. It holds up no other, and no timer."""
        self.outcomes: dict[str, Outcomes] = {}
        """Topic -> what became of the last records of it that were read here."""
        self.believing = Believing(means.reading.ends)
        """What copies say of where they came from."""
        self.taken_over: set[str] = set()
        """Accounts that have been taken to the rules in force, while the partition as a whole has not."""
        self.decided_until: int = 0
        """The instant (ms) up to which the partition has been decided, as the last step says that told of it: that of
        a new fit table and of new rules. Known once something was loaded."""
        self._means = means
        self._known_by = means.rules
        self._knows_until = False
        self._last_seen: dict[str, int] = {}
        self._positions = positions

    @property
    def positions(self) -> Positions:
        """Where it stands."""
        return self._positions

    @property
    def begun(self) -> bool:
        """Whether a step has been made."""
        return self._positions.counter > 0

    @property
    def origins(self) -> dict[TopicPartition, int]:
        """Place from which records were sent on to here -> the highest offset dealt with."""
        return self._positions.origins

    def at(self, topic: str) -> int | None:
        """The position of a topic, or what a control has reached; None before the first step of it."""
        return self._positions.topics.get(topic)

    def expects(self, fetched: Fetched) -> bool:
        """Whether a fetch follows what has been applied."""
        return self.at(fetched.topic) in {None, fetched.start}

    def read_on(self) -> list[Position]:
        """Where its six topics are to be read on."""
        return [Position(topic, self.number, self.at(topic), topic in self.paused) for topic in self._means.kinds]

    def next_stretches(self) -> list[Fetched]:
        """What is to be applied next, taken off the backlog; empty when nothing is here whose turn has come."""
        return self.backlog.take(self._unread() if self.backlog.topics else (), self._arrived, self.pace.records)

    def read_until(self) -> int:
        """The instant (ms) up to which all its topics have been read and applied; paused ones count as if they had."""
        read = [self._topic_read_until(topic) for topic in self._means.kinds if topic not in self.paused]
        return min(read, default=self._means.clock())

    async def load(self, names: Collection[str]) -> dict[str, Known]:
        """What is known of accounts, loaded where it is not; to be held by the caller until the commit.

        It is for the rules that are in force when this is called: what was found out by others is dropped.
        """
        if self._means.rules is not self._known_by:
            self.known.clear()
            self.taken_over.clear()
            self._known_by = self._means.rules
        if not self._knows_until:
            await self._learn_until()
        found = {name: known for name in names if (known := self.known.get(name)) is not None}
        if missing := [name for name in names if name not in found]:
            store = self._means.store
            loaded = decoded(missing, await self._means.patience.through(lambda: store.load(self.number, missing)))
            for name, known in loaded.items():
                self.known.put(name, known)
            found |= loaded
        return found

    def pause(self, topic: str, why: Paused) -> None:
        """Does not read a topic on, as has just been written."""
        self.paused[topic] = why
        self.outcomes.pop(topic, None)
        self.backlog.drop(topic)

    async def look_at_pauses(self) -> bool:
        """Whether another topic is paused than was known; then everything known has been dropped. The lock is held."""
        means = self._means
        if await means.patience.through(lambda: paused_in(means.store, self.number, means.kinds)) == self.paused:
            return False
        await self.reload()
        return True

    async def commit(self, draft: Draft, *reads: TopicRead) -> bool:
        """Writes a step, whatever it takes; says whether it was applied. The lock must be held.

        When it was not, everything known of the partition has been dropped and `read_on` tells the truth again.
        Raises `OtherGeneration` when that is because the store has been emptied, `Damaged` when it is half-emptied.
        """
        means, past = self._means, self.past
        if past is not None:
            draft.tell_only(lambda alert_id, at: past.is_news(alert_id, at, means.clock()))
        step = draft.step(self.number, self._positions.counter, reads)
        means.reached("before_step")
        answer = await means.patience.through(lambda: means.store.apply(step))
        means.reached("after_step")
        if isinstance(answer, Applied):
            topics, origins = self._positions.topics, self._positions.origins
            topics.update((read.topic, read.end) for read in reads)
            last = {**self._positions.last, **{read.topic: read.last for read in reads if read.last is not None}}
            for origin, offset in step.origins.items():
                origins[origin] = max(offset, origins.get(origin, offset))
            self._positions = Positions(answer.counter, topics, origins, last)
            self.taken_over |= draft.taken_over
            if (until := draft.views.get(READ_UNTIL)) is not None:
                self.decided_until = int(until)
        else:
            means.journal.warning("step_refused", partition=self.number, fence=answer.fence)
            await self.reload()
        if draft.has_alerts or not isinstance(answer, Applied):
            self.alerts_wait.set()
        return isinstance(answer, Applied)

    async def check(self) -> None:
        """Raises `Damaged` when the store does not hold what the partition's steps wrote."""
        means = self._means
        damages = await means.patience.through(lambda: damages_of(means.store, means.controls, self.number))
        if damages:
            await means.check_generation()  # one that is outdated is dropped key by key
            raise Damaged(self.number, damages)

    async def reload(self) -> None:
        """Drops what is known and stands where the store says. Raises `Damaged` when that is not to be gone by."""
        self.known.clear()
        self.taken_over.clear()
        self._knows_until = False
        store, patience = self._means.store, self._means.patience
        self._positions = await patience.through(lambda: store.positions(self.number))
        paused = await patience.through(lambda: paused_in(store, self.number, self._means.kinds))
        await self._means.check_generation()  # after it: a store that was emptied has no positions, and no mark
        for topic in self.paused.keys() - paused.keys():
            self._means.journal.info("topic_goes_on", topic=topic, partition=self.number)
        self.paused = paused
        self.outcomes.clear()
        self._last_seen.clear()
        await self.check()
        self.backlog.drop()  # after the last await: what comes from here on is from before the reposition, or after

    def saw(self, fetched: Fetched) -> None:
        """Notes up to when a topic has been read, after a stretch of it was applied."""
        topic = fetched.topic
        if fetched.records:
            # Of producers' times the last that is no copy counts: a copy alone leaves things as they were.
            last = next((one for one in reversed(fetched.records) if not is_copy(one, topic)), fetched.records[-1])
            self._last_seen[topic] = self._arrived(topic, last)

    async def _learn_until(self) -> None:
        store = self._means.store
        (view,) = await self._means.patience.through(lambda: store.views(self.number, [READ_UNTIL]))
        self.decided_until = int(view) if view else 0
        self._knows_until = True

    def _arrived(self, topic: str, record: FetchedRecord) -> int:
        return arrived_here(record, topic, self._last_seen.get(topic, 0), self._means.clock())

    def _unread(self) -> list[int]:
        """Up to when (ms) each topic has been read that may have more, of which nothing is here."""
        at_end = self._means.reading.read_to_end_at
        elsewhere = {*self.backlog.topics, *self.paused}
        missing = [topic for topic in self._means.kinds if topic not in elsewhere]
        return [self._last_seen.get(topic, 0) for topic in missing if at_end(topic, self.number) is None]

    def _topic_read_until(self, topic: str) -> int:
        at_end = self._means.reading.read_to_end_at(topic, self.number)
        return self._last_seen.get(topic, 0) if at_end is None else at_end
