"""The store in memory and a real server, driven side by side by Hypothesis: they never answer differently."""

import asyncio
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from signal_engine.adapters.memory.server import MemoryServer
from signal_engine.adapters.memory.store import MemoryStore
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.transactions.store import RedisStore
from signal_engine.engine.ports.history import Dated, History
from signal_engine.engine.ports.store import Fresh
from signal_engine.engine.ports.transaction import (
    LastRecord,
    NotApplied,
    Outbox,
    Outgoing,
    TopicPartition,
    TopicRead,
    Transaction,
)

PARTITIONS = (0, 1)
ACCOUNTS = ("a", "b", "c", "ü")
LISTS = ("all", "x")
DAYS = (int(time.time()) // 86_400, int(time.time()) // 86_400 - 40, 3)
TOPICS = ("signals.intent", "signals.hiring")
ORIGINS = tuple(TopicPartition(topic, partition) for topic in TOPICS for partition in (0, 7))

account = st.sampled_from(ACCOUNTS)
state = st.none() | st.binary(max_size=4)
bound = st.sampled_from([0.0, 1 / 3, 5.0, 217.25])


def some(keys: tuple[Any, ...], values: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[Any, Any]]:
    return st.dictionaries(st.sampled_from(keys), values, max_size=3)


some_values = st.lists(st.binary(max_size=3), min_size=1, max_size=3)
writes = st.fixed_dictionaries(
    {},
    optional={
        "states": some(ACCOUNTS, state),
        "fits": some(ACCOUNTS, state),
        "actions": some(ACCOUNTS, state),
        "views": some(ACCOUNTS, state),
        "ranks": some(LISTS, some(ACCOUNTS, st.none() | bound)),
        "due": some(ACCOUNTS, st.none() | st.integers(-3, 9)),
        "counts": some(ACCOUNTS, st.integers(0, 9)),
        "origins": some(ORIGINS, st.integers(0, 9)),
        "history": st.builds(
            History,
            signals=some(ACCOUNTS, some_values),
            alerts=some(ACCOUNTS, some_values),
            scores=some(DAYS, some(ACCOUNTS, st.sampled_from([0.0, 12.25, 99.99]))),
            feed=st.lists(st.builds(Dated, st.integers(-3, 9), st.binary(max_size=3)), max_size=3),
            forgotten=st.sets(account, max_size=2),
        ),
        "outbox": some(tuple(Outbox), st.lists(st.builds(Outgoing, account, account, state), max_size=3)),
    },
)


class Twins(RuleBasedStateMachine):
    url: str

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.Runner()
        self.channel = Channel(self.url)
        self.real = RedisStore(self.channel, "p:", 1)
        self.twin = MemoryStore(MemoryServer(), "p:", 1)

    def ask(self, method: str, *arguments: Any, **more: Any) -> tuple[Any, Any]:
        async def both() -> tuple[Any, Any]:
            return await getattr(self.twin, method)(*arguments, **more), await getattr(self.real, method)(
                *arguments, **more
            )

        return self.loop.run(both())

    def agree(self, method: str, *arguments: Any, **more: Any) -> Any:
        twin, real = self.ask(method, *arguments, **more)
        assert real == twin, f"{method}{arguments}"
        return twin

    @initialize()
    def empty(self) -> None:
        self.loop.run(self.channel.call("FLUSHALL"))

    @rule(
        partition=st.sampled_from(PARTITIONS),
        writes=writes,
        topics=st.lists(st.sampled_from(TOPICS), unique=True),
        late=st.sampled_from([0, 0, 0, 1, -1]),
        missed=st.sampled_from([0, 0, 1]),
        length=st.integers(0, 3),
    )
    def transaction(self, partition: int, writes: dict, topics: list[str], late: int, missed: int, length: int) -> None:
        known = self.agree("positions", partition)
        starts = {topic: known.topics.get(topic, 0) + (missed if topic == topics[-1] else 0) for topic in topics}
        last = LastRecord(late + 1, length, "0f") if length else None
        reads = [TopicRead(topic, start, start + length, last) for topic, start in starts.items()]
        transaction = Transaction(partition=partition, counter=max(0, known.counter + late), reads=reads, **writes)
        answer = self.agree("apply", transaction)
        elsewhere = bool(missed and topics and topics[-1] in known.topics)
        assert isinstance(answer, NotApplied) == (transaction.counter != known.counter or elsewhere)

    @rule(partition=st.sampled_from(PARTITIONS), name=st.sampled_from(LISTS), account=account, read=bound, state=state,
          fresh=st.none() | bound, honest=st.booleans())  # fmt: skip
    def refresh(self, partition: int, name: str, account: str, read: float, state: bytes | None, fresh: float | None,
                honest: bool) -> None:  # fmt: skip
        if honest:
            (state,) = self.agree("load", partition, [account]).states
            read = next((b.priority for b in self.agree("top", name, [partition], 9) if b.account == account), read)
        self.agree("refresh", partition, name, [Fresh(account, read, state, fresh)])

    @rule(partition=st.sampled_from(PARTITIONS), outbox=st.sampled_from(Outbox), pick=st.sets(st.integers(0, 4)))
    def remove(self, partition: int, outbox: Outbox, pick: set[int]) -> None:
        gone = [[w.entry for n, w in enumerate(w) if n in pick] for w in self.ask("waiting", partition, outbox, 5)]
        removed = [
            self.loop.run(s.remove(partition, outbox, g)) for s, g in zip((self.twin, self.real), gone, strict=True)
        ]
        assert removed[0] == removed[1] == len(gone[0])

    @rule(partition=st.sampled_from(PARTITIONS), account=account, late=st.sampled_from([False, False, True]),
          read=st.sampled_from([b"1 id", b"2 id"]), anew=st.booleans())  # fmt: skip
    def outcomes(self, partition: int, account: str, late: bool, read: bytes, anew: bool) -> None:
        before = b"0 id" if late else self.agree("outcomes_read", partition)
        assert self.agree("put_outcomes", partition, before, read, {account: read}, anew=anew) == (not late)

    @rule(until=st.integers(-4, 10), limit=st.integers(1, 5), name=st.sampled_from(LISTS))
    def poll(self, until: int, limit: int, name: str) -> None:
        self.agree("due", 0, until, limit)
        self.agree("top", name, PARTITIONS, limit)

    @invariant()
    def everything_read_is_the_same(self) -> None:
        for partition in PARTITIONS:
            self.agree("positions", partition)
            self.agree("load", partition, ACCOUNTS)
            self.agree("views", partition, ACCOUNTS)
            self.agree("counts", partition)
            self.agree("feed", partition, -5, 99)
            self.agree("outcomes_read", partition)
            self.agree("outcomes", partition, ACCOUNTS)
            self.agree("with_outcomes", partition)
            for name in ACCOUNTS:
                self.agree("history", partition, name, DAYS)
            for outbox in Outbox:
                twin, real = self.ask("waiting", partition, outbox, 99)
                assert [waiting.record for waiting in real] == [waiting.record for waiting in twin]
        for name in LISTS:
            self.agree("top", name, PARTITIONS, 99)

    def teardown(self) -> None:
        self.loop.run(self.channel.close())
        self.loop.close()


@pytest.mark.parametrize("kind", ["valkey", "redis"])
def test_the_twin_and_the_real_server_answer_alike(kind: str, request: pytest.FixtureRequest) -> None:
    class Machine(Twins):
        url = request.getfixturevalue(f"{kind}_url")

    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=[HealthCheck.too_slow]
        ),
    )
