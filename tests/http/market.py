"""A market to look at: the shipped configuration, generated journeys, an engine on a store in memory."""

import asyncio
import csv
import json
from collections.abc import Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from starlette.routing import Route

from signal_engine.adapters.http.application import application
from signal_engine.adapters.http.edge.access_control import AccessControl, AccessPolicy
from signal_engine.adapters.http.edge.rate_limit import RateLimit
from signal_engine.adapters.http.edge.tokens import Tokens
from signal_engine.adapters.http.inbox.pages import InboxParts
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.memory.controls import MemoryControls
from signal_engine.adapters.memory.deliveries import MemoryLedger
from signal_engine.adapters.memory.fit_changes import MemoryFitChanges
from signal_engine.adapters.memory.server import MemoryServer
from signal_engine.adapters.memory.store import MemoryGenerations, MemoryStore
from signal_engine.core.delivery.team import Team
from signal_engine.core.flow import ScoringContext
from signal_engine.engine.context.engine_context import EngineContext, Rules
from signal_engine.engine.door.check import Terms
from signal_engine.engine.door.door import Door
from signal_engine.engine.door.rulebook import RulesInForce
from signal_engine.engine.door.stored_history import StoredHistory
from signal_engine.engine.maintenance.due_timers import DueTimers
from signal_engine.engine.outcomes.opportunities import in_order
from signal_engine.engine.partition.owned_partition import Partition
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.ports.controls import FIT, FIT_VERSION, SCORING, SCORING_SEQUENCE, TOPICS
from signal_engine.engine.ports.fetched import Fetched
from signal_engine.engine.ports.transaction import TopicRead, Transaction
from signal_engine.engine.publishing.publisher import Publisher
from signal_engine.engine.read_model.list_cache import CachedList
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.engine.reports.live.live_market import ReadWiring
from signal_engine.entrypoints.wiring.inputs import Inputs, read_inputs
from signal_engine.simulation import journeys
from signal_engine.wire.config import plays_file
from signal_engine.wire.instants import format_instant, parse_instant
from signal_engine.wire.outcomes.record import AccountOutcome
from signal_engine.wire.output.crm_link import crm_link
from signal_engine.wire.storage import fit_rows
from signal_engine.wire.storage import outcomes as stored_outcomes
from signal_engine.wire.storage.in_force import FitInForce, IcpInForce, ScoringInForce, TopicsInForce
from signal_engine.wire.topics import topic_names
from tests.build import DAY
from tests.engine.stand import FakeProducer, Rec, Said
from tests.http.action_topic import MemoryActionTopic

ROOT = Path(__file__).resolve().parents[2]
ICPS = tuple(sorted(map(str, (ROOT / "config" / "icp").glob("*.yaml"))))
ACCOUNTS = ROOT / "config" / "accounts.csv"
PLAYS, _ = plays_file.parse("plays.yaml", (ROOT / "config" / "plays.yaml").read_bytes())
PARTITIONS = 2
NOW = parse_instant("2026-03-02T09:30:00Z")
NAMES = topic_names()

Made = TypeVar("Made")


class Market:
    """One engine without servers. `now` is its clock (ms); `tell` sends an event, `publish` looks at the lists."""

    def __init__(self, now: int = NOW, accounts: Path = ACCOUNTS) -> None:
        self.now = now
        self.server = MemoryServer(lambda: self.now)
        self.generations = MemoryGenerations(self.server)
        self.ledger = MemoryLedger()
        self.store, self.controls = MemoryStore(self.server), MemoryControls(self.server)
        self.inputs = _inputs(accounts)
        self.event_log = Said()
        self.partition_of = partitioner(PARTITIONS)
        self.context = EngineContext(
            store=self.store,
            controls=self.controls,
            fit_changes=MemoryFitChanges(self.server),
            producer=FakeProducer(),
            reading=self,
            event_log=self.event_log,
            clock=lambda: self.now,
            partition_of=self.partition_of,
            topics=NAMES,
            largest_dead_letter=1_000_000,
            takes_actions=True,
            rules=Rules(ScoringContext(self.inputs.scoring.policy), self.inputs.scoring.config_version, 1),
        )
        self._at: dict[tuple[str, int], int] = {}
        self._partitions: list[Partition] = []
        self._publisher = Publisher(self.context, PARTITIONS)
        self._sent = 0
        self.actions = MemoryActionTopic(lambda: self.now, self._act)

    def read_to_end_at(self, topic: str, partition: int) -> int | None:
        """As `engine.context.engine_context.Reading` says: everything is always read."""
        return self.now

    async def ends(self, places: Any) -> dict[Any, int]:
        """As `engine.context.engine_context.Reading` says."""
        raise AssertionError("there are no copies here")

    async def reposition(self, positions: Any) -> None:
        """As `engine.context.engine_context.Reading` says."""
        raise AssertionError("nobody else writes here")

    async def open(self) -> None:
        """What is in force: topics, scoring, fit table."""
        scoring = (ROOT / "config" / "scoring.yaml").read_text()
        version = self.inputs.scoring.config_version
        icps = tuple(
            IcpInForce(icp.icp, icp.version, icp.owner_name, icp.owner_email, icp.review_by, icp.buying_group)
            for icp in self.inputs.icps
        )
        self.context.fit = FitInForce(1, self.now, len(self.inputs.fits), icps, ())
        await self.generations.swap(None, 0)
        await self.controls.replace(TOPICS, None, TopicsInForce(PARTITIONS, {}).encode())
        await self.controls.replace(SCORING, None, ScoringInForce(1, version, "x", "scoring.yaml", scoring).encode())
        await self.controls.replace(FIT, None, self.context.fit.encode())
        for number in range(PARTITIONS):
            rows = {n: fit_rows.encode(f) for n, f in self.inputs.fits.items() if self.partition_of(n) == number}
            await self.store.apply(
                Transaction(partition=number, counter=0, fits=rows, reads=[TopicRead(FIT_VERSION, 0, 1)])
            )
            await self.store.apply(Transaction(partition=number, counter=1, reads=[TopicRead(SCORING_SEQUENCE, 0, 1)]))
        await self._take_partitions()

    async def history(self, days: int = 90, seed: int = 7) -> None:
        """Journeys of the last `days`, backfilled a day at a time."""
        with ACCOUNTS.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        shift = self.now - NOW
        for event in journeys(rows, seed=seed, start=NOW - days * DAY, end=NOW):
            text = event.get("received_at") or event.get("occurred_at")
            try:
                at = min(parse_instant(text) + shift, self.now)
            except (TypeError, ValueError):
                at = self.now
            await self.tell(event, at=at)

    def kept(self) -> "Kept":
        """What the store holds, to be begun with again."""
        held = {name: deepcopy(value) for name, value in vars(self.server).items() if name != "now"}
        return Kept(held, dict(self._at), self.context.fit)

    async def begin_with(self, kept: "Kept") -> None:
        """Takes over what another market has left, as a worker takes over partitions."""
        vars(self.server).update(deepcopy(kept.held))
        self._at, self.context.fit = dict(kept.at), kept.fit
        await self._take_partitions()

    async def _take_partitions(self) -> None:
        for number in range(PARTITIONS):
            self._partitions.append(Partition(number, self.context, await self.store.positions(number)))

    async def tell(self, event: dict[str, Any], at: int | None = None, **headers: bytes) -> None:
        """One event that arrives at `at` (now)."""
        kind = event.get("kind", "intent")
        topic = NAMES.signals.get(kind, NAMES.signals["intent"])
        number = self.partition_of(str(event.get("account_id", "")).removeprefix("https://www."))
        offset = self._at.get((topic, number), 0)
        self._at[topic, number] = offset + 1
        result = {name: value for name, value in event.items() if name != "received_at"}
        record = Rec(offset, self.now if at is None else at, json.dumps(result).encode(), headers=list(headers.items()))
        await process_batch(
            self.context, self._partitions[number], Fetched(topic, number, offset, offset + 1, [record])
        )

    async def signal(self, account: str, kind: str = "engagement", **fields: Any) -> None:
        """A new signal of an account, now."""
        self._sent += 1
        plain = {"activity": "demo_request", "persona": f"persona {self._sent}"} if kind == "engagement" else {}
        await self.tell(
            {"kind": kind, "event_id": f"kept-{self._sent}", "account_id": account,
             "occurred_at": format_instant(self.now), **plain, **fields}
        )  # fmt: skip

    async def publish(self) -> int:
        """Timers, and a look at the lists; how many were kept."""
        for partition in self._partitions:
            for _ in range(3):  # the end of a cooldown may be followed by the end of a level
                await DueTimers(self.context, partition).tick()
        return await self._publisher.poll(self.now)

    async def refit(self, account: str, **fields: Any) -> None:
        """Gives an account another row in the fit table."""
        number = self.partition_of(account)
        row = fit_rows.encode(replace(self.inputs.fits[account], **fields))
        counter = (await self.store.positions(number)).counter
        await self.store.apply(Transaction(partition=number, counter=counter, fits={account: row}))
        await self._partitions[number].reload()

    async def came_of(self, account: str, *outcomes: AccountOutcome) -> None:
        """The outcomes of an account, as the owner of its partition keeps them."""
        number = self.partition_of(account)
        read = await self.store.outcomes_read(number)
        kept = {account: stored_outcomes.encode(in_order(outcomes))}
        assert await self.store.put_outcomes(number, read, b"1 id", kept)

    async def stop_for(self, ms: int) -> None:
        """Time passes, and nobody publishes."""
        self.now += ms

    async def lookout_of_now(self) -> CachedList:
        """List `all` as it is served now."""
        store_snapshot = self.store_snapshot()
        await store_snapshot.poll()
        return store_snapshot.lists["all"]

    def store_snapshot(self, clock: Callable[[], int] | None = None) -> StoreSnapshot:
        """A watcher of this engine."""
        topics = list(NAMES.signals.values())
        return StoreSnapshot(self.generations, partitioner, topics, clock or (lambda: self.now), self.event_log, PLAYS)

    def app(self, tokens: str = "", rate: float = 0, hosts: frozenset[bytes] = frozenset(),
            origins: frozenset[bytes] = frozenset(), actor: str | None = None,
            store_snapshot: StoreSnapshot | None = None, crm: str = "",
            team: Team | None = None, replies: Sequence[Route] = (),
            wiring: ReadWiring | None = None, inbox: InboxParts | None = None) -> AccessControl:  # fmt: skip
        """The API over it."""
        limits = (RateLimit(rate, lambda: self.now / 1_000) for _ in range(2))
        access_policy = AccessPolicy(Tokens.parse(tokens), hosts, origins, *limits, actor=actor, replies=bool(replies))
        store_snapshot = store_snapshot or self.store_snapshot()
        door, link = self.door(), crm_link(crm)
        return application(store_snapshot, access_policy, door, self.ledger, link, None, team, replies, wiring, inbox)

    async def _act(self, account: str, value: bytes) -> None:
        """The engine takes an action."""
        number, topic = self.partition_of(account), NAMES.actions
        offset = self._at.get((topic, number), 0)
        self._at[topic, number] = offset + 1
        record = Rec(offset, self.now, value)
        await process_batch(
            self.context, self._partitions[number], Fetched(topic, number, offset, offset + 1, [record])
        )

    def door(self) -> Door:
        """The door for actions, on a topic in memory."""

        async def partitions() -> int:
            return PARTITIONS

        rulebook = RulesInForce(self.generations, partitioner, partitions)
        terms = Terms(privacy_owner="pat@example.com")
        history = StoredHistory(self.generations, partitioner, partitions, self.actions)
        return Door(rulebook, history, self.actions, NAMES.actions, terms, lambda: self.now)


@cache
def _inputs(accounts: Path) -> Inputs:
    return read_inputs(str(ROOT / "config" / "scoring.yaml"), ICPS, str(accounts), lambda _: None)


class Kept(NamedTuple):
    """A market that has been opened and kept of its history."""

    held: dict[str, Any]
    at: dict[tuple[str, int], int]
    fit: FitInForce | None


def market(days: int = 0, now: int = NOW) -> Market:
    """One that is open, with a history of so many days, published."""

    async def made() -> Market:
        one = Market(now)
        await one.begin_with(_kept(days, now))
        if days:
            await one.publish()
        return one

    return aside(made)


@cache  # a history takes seconds to tell
def _kept(days: int, now: int) -> Kept:
    async def kept() -> Kept:
        one = Market(now)
        await one.open()
        if days:
            await one.history(days)
        return one.kept()

    return aside(kept)


def aside(work: Callable[[], Coroutine[Any, Any, Made]]) -> Made:
    """What `work` makes, whether or not a loop is running in this thread."""
    with ThreadPoolExecutor(1) as aside:  # a browser's driver has a loop running in this thread
        return aside.submit(lambda: asyncio.run(work())).result()
