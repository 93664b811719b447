"""A partition number owned by this worker: the same partition of all its topics, and the state of their events.

All writes go through `commit`, one transaction at a time under `lock`: batches of its topics, timers, new fit tables,
new rules, garbage collection. After a conflict another process has written the partition: everything cached here is
dropped, and the topics are read again from the stored positions.
"""

import asyncio
from collections.abc import Collection, Mapping

from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.dead_letters.circuit_breaker import CircuitBreaker
from signal_engine.engine.dead_letters.paused_topics import Paused, paused_in
from signal_engine.engine.ingest.activity import activity_of
from signal_engine.engine.ingest.fetch_queue import FetchQueue
from signal_engine.engine.ingest.origin import Believing, is_copy
from signal_engine.engine.ingest.triage import arrived_here
from signal_engine.engine.partition.account_cache import AccountCache, CachedAccount, Hold, decoded
from signal_engine.engine.partition.batch_size import BatchSize
from signal_engine.engine.partition.damage import damages_of
from signal_engine.engine.partition.past_alerts import PastAlerts
from signal_engine.engine.partition.transaction_builder import TransactionBuilder
from signal_engine.engine.ports.fetched import Fetched, FetchedRecord, Position
from signal_engine.engine.ports.log_events.partitions import TopicResumed, TransactionRefused
from signal_engine.engine.ports.store import Damaged
from signal_engine.engine.ports.transaction import Applied, Positions, TopicPartition, TopicRead
from signal_engine.engine.ports.views import ACTIVITY, READ_UNTIL, titles
from signal_engine.wire.storage.activity import Activity


class Partition:
    """The owner's view of one partition number."""

    def __init__(
        self, number: int, context: EngineContext, positions: Positions, paused: Mapping[str, Paused] | None = None
    ) -> None:
        self.number = number
        self.lock = asyncio.Lock()
        """Held while a transaction is prepared, from the first read of a state to the commit."""
        self.open = True
        """False once it is released: no transaction may be started."""
        self.settled = asyncio.Event()
        """Set once the partition has taken over the rules and fit that were in force when it was taken."""
        self.past: PastAlerts | None = None
        """Past alerts, while its generation is being built."""
        self.known = AccountCache()
        self.alerts_wait = asyncio.Event()
        """Set when the outbox of alerts may have entries."""
        self.backlog = FetchQueue()
        """Fetched records waiting to be processed."""
        self.pace = BatchSize()
        """How many records a transaction takes."""
        self.paused = dict(paused or {})
        """Paused topic -> its pause. Paused topics hold up neither others nor timers."""
        self.outcomes: dict[str, CircuitBreaker] = {}
        """Topic -> its circuit breaker."""
        self.believing = Believing(context.reading.ends)
        """What copies say of where they came from."""
        self.rolled_out: set[str] = set()
        """Accounts that have been taken to the rules in force, while the partition as a whole has not."""
        self.decided_until: int = 0
        """The instant (ms) up to which the partition has been decided, as the last transaction says that told of it:
        that of a new fit table and of new rules. Known once something was loaded.
        """
        self._activity: Activity | None = None
        self._context = context
        self._known_by = context.rules
        self._knows_until = False
        self._last_seen: dict[str, int] = {}
        self._positions = positions

    @property
    def positions(self) -> Positions:
        """The stored positions."""
        return self._positions

    @property
    def begun(self) -> bool:
        """Whether any transaction has been made."""
        return self._positions.counter > 0

    @property
    def origins(self) -> dict[TopicPartition, int]:
        """Place from which records were sent on to here -> the highest offset dealt with."""
        return self._positions.origins

    def at(self, topic: str) -> int | None:
        """The position of a topic, or what a control has reached; None before the first transaction of it."""
        return self._positions.topics.get(topic)

    def expects(self, fetched: Fetched) -> bool:
        """Whether a fetch follows what has been applied."""
        return self.at(fetched.topic) in {None, fetched.start}

    def read_on(self) -> list[Position]:
        """The positions from which its topics continue."""
        return [Position(topic, self.number, self.at(topic), topic in self.paused) for topic in self._context.inputs]

    def next_fetches(self) -> list[Fetched]:
        """Take the fetches to process next from the backlog; empty if none may be processed yet."""
        return self.backlog.take(self._unread() if self.backlog.topics else (), self._arrived, self.pace.records)

    def read_until(self) -> int:
        """The instant (ms) up to which all its topics have been read and applied; paused ones count as if they had."""
        read = [self._topic_read_until(topic) for topic in self._context.kinds if topic not in self.paused]
        return min(read, default=self._context.clock())

    def applied_until(self) -> int:
        """The same with the account actions: up to here timers are decided, so that no action is overtaken by one."""
        topics = (topic for topic in self._context.inputs if topic not in self.paused)
        return min(map(self._topic_read_until, topics), default=self._context.clock())

    async def load(self, names: Collection[str], hold: Hold | None = None) -> dict[str, CachedAccount]:
        """The given accounts, loaded unless cached; the caller holds them until the commit. `hold` takes their states.

        Valid for the rules in force at the call: whatever was derived under other rules is dropped.
        """
        if self._context.rules is not self._known_by:
            self.known.clear()
            self.rolled_out.clear()
            self._known_by = self._context.rules
        if not self._knows_until:
            await self._learn_until()
        found = {name: known for name in names if (known := self.known.get(name)) is not None}
        if missing := [name for name in names if name not in found]:
            acted = self.at(self._context.topics.actions) is not None
            loaded = decoded(missing, await self._context.store.load(self.number, missing, acted=acted), hold)
            for name, known in loaded.items():
                self.known.put(name, known)
            found |= loaded
        return found

    def pause(self, topic: str, why: Paused) -> None:
        """Stop reading a topic whose pause has just been written."""
        self.paused[topic] = why
        self.outcomes.pop(topic, None)
        self.backlog.drop(topic)

    async def check_pauses(self) -> bool:
        """Whether the paused topics have changed; if so, everything cached is dropped. The lock must be held."""
        context = self._context
        if await paused_in(context.store, self.number, context.inputs) == self.paused:
            return False
        await self.reload()
        return True

    async def commit(self, builder: TransactionBuilder, *reads: TopicRead) -> bool:
        """Write a transaction, retrying as long as necessary; return whether it was applied. The lock must be held.

        After a conflict everything cached is dropped and reloaded, so that `read_on` is right again. Raises
        `OtherGeneration` if the store was emptied, `Damaged` if it is half-emptied.
        """
        context, past = self._context, self.past
        if past is not None:
            builder.send_only(lambda alert_id, at: past.is_news(alert_id, at, context.clock()))
        transaction = builder.build(self.number, self._positions.counter, reads)
        context.reached("before_commit")
        answer = await context.store.apply(transaction)
        context.reached("after_commit")
        if isinstance(answer, Applied):
            topics, origins = self._positions.topics, self._positions.origins
            topics.update((read.topic, read.end) for read in reads)
            last = {**self._positions.last, **{read.topic: read.last for read in reads if read.last is not None}}
            for origin, offset in transaction.origins.items():
                origins[origin] = max(offset, origins.get(origin, offset))
            self._positions = Positions(answer.counter, topics, origins, last)
            self.rolled_out |= builder.rolled_out
            if (until := builder.views.get(READ_UNTIL)) is not None:
                self.decided_until = int(until)
        else:
            context.event_log.write(TransactionRefused(partition=self.number, conflict=answer.conflict))
            await self.reload()
        if builder.has_alerts or not isinstance(answer, Applied):
            self.alerts_wait.set()
        return isinstance(answer, Applied)

    async def count(self, builder: TransactionBuilder) -> Activity:
        """What came in with the builder's batch, together with all before, which the builder writes, too.

        The caller hands it to `counted` once that is committed. The lock must be held.
        """
        if self._activity is None:
            self._activity = await activity_of(self._context.store, self.number)
        before, came_in = self._activity, builder.came_in
        if came_in is None or not came_in.events:
            return before
        after = before.after(came_in.events, came_in.engagement, came_in.sources, came_in.titles)
        builder.views[ACTIVITY] = after.encode()
        builder.views.update((titles(number), view) for number, view in after.changed_titles(before))
        return after

    def counted(self, activity: Activity) -> None:
        """What came in was written."""
        self._activity = activity

    async def check(self) -> None:
        """Raise `Damaged` if the store differs from what the partition's transactions wrote."""
        context = self._context
        damages = await damages_of(context.store, context.controls, self.number)
        if damages:
            await context.check_generation()  # one that is outdated is dropped key by key
            raise Damaged(self.number, damages)

    async def reload(self) -> None:
        """Drop everything cached and reload the positions. Raises `Damaged` if they cannot be trusted."""
        self.known.clear()
        self.rolled_out.clear()
        self._knows_until = False
        self._activity = None
        store = self._context.store
        self._positions = await store.positions(self.number)
        paused = await paused_in(store, self.number, self._context.inputs)
        await self._context.check_generation()  # after it: a store that was emptied has no positions, and no mark
        for topic in self.paused.keys() - paused.keys():
            self._context.event_log.write(TopicResumed(topic=topic, partition=self.number))
        self.paused = paused
        self.outcomes.clear()
        self._last_seen.clear()
        await self.check()
        self.backlog.drop()  # after the last await: what comes from here on is from before the reposition, or after

    def saw(self, fetched: Fetched) -> None:
        """Notes up to when a topic has been read, after a batch of it was applied."""
        topic = fetched.topic
        if fetched.records:
            # Of producers' times the last that is no copy counts: a copy alone leaves things as they were.
            last = next((one for one in reversed(fetched.records) if not is_copy(one, topic)), fetched.records[-1])
            self._last_seen[topic] = self._arrived(topic, last)

    async def _learn_until(self) -> None:
        (view,) = await self._context.store.views(self.number, [READ_UNTIL])
        self.decided_until = int(view) if view else 0
        self._knows_until = True

    def _arrived(self, topic: str, record: FetchedRecord) -> int:
        return arrived_here(record, topic, self._last_seen.get(topic, 0), self._context.clock())

    def _unread(self) -> list[int]:
        """Up to when (ms) each topic has been read that may have more, of which nothing is here."""
        at_end = self._context.reading.read_to_end_at
        elsewhere = {*self.backlog.topics, *self.paused}
        missing = [topic for topic in self._context.inputs if topic not in elsewhere]
        return [self._last_seen.get(topic, 0) for topic in missing if at_end(topic, self.number) is None]

    def _topic_read_until(self, topic: str) -> int:
        at_end = self._context.reading.read_to_end_at(topic, self.number)
        return self._last_seen.get(topic, 0) if at_end is None else at_end
