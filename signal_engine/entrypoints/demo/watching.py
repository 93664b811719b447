"""Poll the engine's results as its readers see them: lists, alerts, dead letters, counts."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

import orjson

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.kafka.feeder import FedPartition
from signal_engine.adapters.kafka.tail import Tail
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.controls import RedisControls
from signal_engine.adapters.redis.transactions.store import RedisStore
from signal_engine.core.fit.ranking import ALL
from signal_engine.core.score.stack import evaluate
from signal_engine.engine.ports.counters import OUTCOMES
from signal_engine.engine.ports.transaction import Outbox
from signal_engine.engine.read_model.account_view import AccountView
from signal_engine.entrypoints.demo.stage import PARTITIONS
from signal_engine.entrypoints.wiring.inputs import Inputs
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.output.api_documents import AccountNow
from signal_engine.wire.storage import state
from signal_engine.wire.topics import topic_names


class EngineWatch:
    """Watches one engine: a context manager; call `poll` and `listen` repeatedly.

    Raises what the servers' clients raise.
    """

    def __init__(self, connection: KafkaConnection, redis_url: str, inputs: Inputs) -> None:
        self._inputs = inputs
        self._channel = Channel(redis_url)
        self._controls, self._store = RedisControls(self._channel), RedisStore(self._channel, "", 0)
        self._partition_of = partitioner(PARTITIONS)
        names = topic_names()
        self._alerts_topic = names.alerts
        self._tail = Tail(connection, [names.alerts, names.dead_letters], PARTITIONS)
        self._stack = AsyncExitStack()
        self.names = (ALL, *(icp.icp for icp in inputs.icps))
        """Names of the lists."""
        self.lists: dict[str, dict[str, Any]] = {}
        """List name -> the published list."""
        self.alerts: list[dict[str, Any]] = []
        """In order of arrival."""
        self.refused: dict[FedPartition, tuple[str, str]] = {}
        """Position of a rejected event -> reason and detail."""
        self.counts = dict.fromkeys(("received", *OUTCOMES), 0)

    async def __aenter__(self) -> Self:
        self._stack.push_async_callback(self._channel.close)
        await self._stack.enter_async_context(self._tail)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def poll(self) -> None:
        """Read lists and counts."""
        for name in self.names:
            if (served := await self._controls.served(name)) is not None:
                self.lists[name] = orjson.loads(served)
        counts = dict.fromkeys(OUTCOMES, 0)
        for partition in range(PARTITIONS):
            counted = await self._store.counts(partition)
            counts = {outcome: count + counted.get(outcome, 0) for outcome, count in counts.items()}
        self.counts = {"received": sum(counts.values())} | {str(name): count for name, count in counts.items()}

    async def listen(self) -> None:
        """Read new alerts and dead letters."""
        for record in await self._tail.read():
            if record.topic == self._alerts_topic:
                self.alerts.append(orjson.loads(record.value))
            else:
                about = {name: value.decode() for name, value in record.headers if name.startswith("dlq.")}
                place = FedPartition(about["dlq.topic"], int(about["dlq.partition"]), int(about["dlq.offset"]))
                self.refused[place] = (about["dlq.reason"], about["dlq.detail"])

    async def has_published_all(self) -> bool:
        """Whether every decided alert has been sent, and everything sent has been read."""
        waiting = [await self._store.waiting(number, Outbox.ALERTS, 1) for number in range(PARTITIONS)]
        return not any(waiting) and await self._tail.at_end()

    async def loudest(self, names: Sequence[str], now: int) -> tuple[str, float] | None:
        """The account among `names` with the highest score before the ceiling, and that score; None if none has any."""
        policy, best = self._inputs.scoring.policy, None
        for partition in range(PARTITIONS):
            here = [name for name in names if self._partition_of(name) == partition]
            states = (await self._store.load(partition, here)).states
            for name, stored in zip(here, states, strict=True):
                if stored is not None:
                    account = state.decode(stored)
                    raw = evaluate(account, max(now, account.now), policy).raw
                    best = max(best, (raw, name)) if best else (raw, name)
        return (best[1], best[0]) if best and best[0] > 0 else None

    async def explain(self, name: str, now: int) -> AccountNow | None:
        """The explanation of one account."""
        return await AccountView(self._store, self._controls, self._partition_of).explain(name, now)

    @property
    def generated_at(self) -> int:
        """The instant of the newest list in ms since 1970; 0 if there is none."""
        return max((parse_instant(listed["generated_at"]) for listed in self.lists.values()), default=0)
