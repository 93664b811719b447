"""A live engine without servers: the store in memory, Kafka as lists, a clock that tests turn."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from signal_engine.adapters.memory.controls import MemoryControls
from signal_engine.adapters.memory.fit_changes import MemoryFitChanges
from signal_engine.adapters.memory.server import MemoryServer
from signal_engine.adapters.memory.store import MemoryStore
from signal_engine.core.fit.icp import Fit
from signal_engine.core.flow import ScoringContext
from signal_engine.core.rules.policy import Policy
from signal_engine.engine.context.engine_context import EngineContext, Rules
from signal_engine.engine.partition.owned_partition import Partition
from signal_engine.engine.ports.controls import FIT_VERSION, SCORING_SEQUENCE
from signal_engine.engine.ports.event_log import LogEvent
from signal_engine.engine.ports.fetched import Fetched, Position
from signal_engine.engine.ports.fit_changes import FitRows
from signal_engine.engine.ports.output_topics import Take
from signal_engine.engine.ports.producer import Still, ToSend
from signal_engine.engine.ports.store import Store
from signal_engine.engine.ports.transaction import TopicPartition, TopicRead, Transaction
from signal_engine.engine.worker.live_engine import LiveEngine
from signal_engine.wire.instants import format_instant
from signal_engine.wire.storage import fit_rows
from signal_engine.wire.topics import topic_names
from tests import build
from tests.build import T0

TOPICS = topic_names()
INTENT, HIRING = TOPICS.signals["intent"], TOPICS.signals["hiring"]


@dataclass
class Rec:
    """As aiokafka's ConsumerRecord."""

    offset: int
    timestamp: int
    value: bytes | None
    key: bytes | None = b"key"
    headers: Sequence[tuple[str, bytes | None]] = ()
    timestamp_type: int = 1


def event_bytes(
    kind: str = "intent", at: int = T0, account: str = build.ACME, event_id: str = "", points: float = 80, **more: Any
) -> bytes:
    result = {
        "event_id": event_id or f"{kind}-{account}-{at}-{points}",
        "account_id": account,
        "occurred_at": format_instant(at),
        "confidence": points / 100,
        **build.FIELDS[kind],
        **more,
    }
    return json.dumps(result).encode()


class FakeReading:
    """Topics read to the end at the clock, unless a test says otherwise."""

    def __init__(self, stand: "Stand") -> None:
        self.stand = stand
        self.behind: set[str] = set()
        self.repositioned: list[Position] = []
        self.made_room: list[tuple[str, int, int]] = []
        self.end = 1_000_000
        """Of every signal topic's two partitions."""
        self.asked = 0

    def read_to_end_at(self, topic: str, partition: int) -> int | None:
        return None if topic in self.behind else self.stand.now

    async def ends(self, places: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        self.asked += 1
        return {place: self.end for place in places if place.topic in TOPICS.signals.values() and place.partition < 2}

    def applied(self, topic: str, partition: int, end: int) -> None:
        self.made_room.append((topic, partition, end))

    async def reposition(self, positions: Sequence[Position]) -> None:
        self.repositioned += positions


class FakeProducer:
    def __init__(self) -> None:
        self.sent: list[ToSend] = []
        self.trouble: list[Exception] = []
        self.away: Callable[[], Awaitable[None]] | None = None
        """What happens while Kafka is away, before the next try."""

    async def send(self, records: Sequence[ToSend], still: Still | None = None) -> bool:
        if self.trouble:
            raise self.trouble.pop()
        if self.away is not None:
            await self.away()
            if still is not None and not await still():
                return False
        self.sent += records
        return True

    def to(self, topic: str) -> list[ToSend]:
        return [record for record in self.sent if record.topic == topic]


class FakeOutput:
    """The topics that the engine writes, as its producer was handed them; two partitions each."""

    def __init__(self, stand: "Stand") -> None:
        self.stand = stand

    async def partitions(self, topic: str) -> int:
        return 2

    async def read(self, topic: str, partition: int, start: int, take: Take) -> int:
        place = self.stand.context.partition_of
        mine = [r for r in self.stand.producer.to(topic) if place((r.key or b"").decode()) == partition]
        for record in mine[start:]:
            take(record.key, record.value)
        return len(mine)


class FewAtOnce(MemoryFitChanges):
    """Small stretches, so that every test goes through several."""

    async def read(self, partition: int, version: int, cursor: int = 0, limit: int = 1000) -> FitRows:
        return await super().read(partition, version, cursor, 2)

    async def applied(self, partition: int, cursor: int = 0, limit: int = 1000) -> FitRows:
        return await super().applied(partition, cursor, 2)


class TableOf:
    """A fit table in memory, of the stand's two partitions."""

    def __init__(self, *fits: Fit) -> None:
        self.accounts = len(fits)
        self.aliases: dict[str, str] = {}
        self._fits = fits

    def rows(self, number: int) -> dict[str, bytes]:
        return {fit.account: fit_rows.encode(fit) for fit in self._fits if fit.account.startswith("x") == (number == 1)}


class Said:
    """A journal that remembers."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, str, dict[str, Any]]] = []

    def write(self, event: LogEvent) -> None:
        self.lines.append((event.level, event.name, event.facts))

    @property
    def words(self) -> list[str]:
        return [what for _, what, _ in self.lines]


@dataclass
class Stand:
    """Everything around one partition, number 0 of two: accounts beginning with `x` belong to the other."""

    policy: Policy = field(default_factory=build.policy)
    now: int = T0
    store: Store | None = None

    def __post_init__(self) -> None:
        self.server = MemoryServer(lambda: self.now)
        self.memory = MemoryStore(self.server)
        self.reading, self.producer, self.event_log = FakeReading(self), FakeProducer(), Said()
        self.fit_changes, self.controls = FewAtOnce(self.server), MemoryControls(self.server)
        self.context = EngineContext(
            store=self.store or self.memory,
            controls=self.controls,
            fit_changes=self.fit_changes,
            producer=self.producer,
            reading=self.reading,
            event_log=self.event_log,
            clock=lambda: self.now,
            partition_of=lambda account: 1 if account.startswith("x") else 0,
            topics=TOPICS,
            largest_dead_letter=1_000_000,
            rules=Rules(ScoringContext(self.policy), "1-test", 1),
        )

    async def fits(self, *fits: Fit, partition: int = 0) -> None:
        """Puts rows into the table, and the partition under the rules in force, as earlier steps would have."""
        counter, reached, *_ = await self.memory.positions(partition)
        rows = {fit.account: fit_rows.encode(fit) for fit in fits}
        version, sequence = reached.get(FIT_VERSION, 0), reached.get(SCORING_SEQUENCE, 0)
        reads = [TopicRead(FIT_VERSION, version, version + 1)]
        reads += [TopicRead(SCORING_SEQUENCE, sequence, self.context.rules.sequence)]
        await self.memory.apply(Transaction(partition=partition, counter=counter, fits=rows, reads=reads))

    async def partition(self, number: int = 0) -> Partition:
        return Partition(number, self.context, await self.memory.positions(number))

    def engine(self, publisher: Any = None) -> LiveEngine:
        return LiveEngine(self.context, publisher, 0.01)

    def data(self, number: int = 0) -> Any:
        return self.memory._data(number)


def fetch(*records: Rec, topic: str = INTENT, partition: int = 0, start: int | None = None) -> Fetched:
    first = records[0].offset if start is None and records else start or 0
    return Fetched(topic, partition, first, (records[-1].offset + 1) if records else first, records)


def alerts_of(records: Sequence[ToSend]) -> list[dict[str, Any]]:
    return [json.loads(record.value or b"null") for record in records]


async def until(holds: Callable[[], bool], seconds: float = 30.0) -> None:
    """Lets the tasks of the engine go on until `holds`."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, f"not within {seconds} s"
        await asyncio.sleep(0.002)
