"""The store snapshot of one API process: it polls the store for all clients and sends them news.

Requests are answered from memory, so a thousand polling clients cost the store no more than none: a few small commands
per poll, and a list when its version has changed.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Final

import orjson

from signal_engine.core.alerting.plays import Play
from signal_engine.core.fit.ranking import ALL
from signal_engine.core.rules.aliases import NO_ALIASES
from signal_engine.engine.context.aliases import AliasesLost, read_map
from signal_engine.engine.context.engine_context import Rules
from signal_engine.engine.ports.controls import (
    FIT,
    OFF,
    OUTCOME_READING,
    RULE_PUBLISHING,
    SCORING,
    TOPICS,
    Controls,
    held_list,
)
from signal_engine.engine.ports.counters import ALERTED
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.log_events.processes import ScoringUnreadable
from signal_engine.engine.ports.log_events.servers import PollFailed, StoreRecovered, StoreUnavailable
from signal_engine.engine.ports.store import Generations, StoreTrouble
from signal_engine.engine.read_model.account_directory import AccountDirectory
from signal_engine.engine.read_model.account_view import AccountView, Agreed, not_told, rules_by, withheld
from signal_engine.engine.read_model.health import Health, HealthWatch
from signal_engine.engine.read_model.list_cache import NOBODY_HELD, CachedList, HeldBeside, whole
from signal_engine.engine.read_model.news import News, alert_news, list_news
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.output.models import Alert
from signal_engine.wire.storage.in_force import AliasesInForce, FitInForce, PublishedBy, ScoringInForce, TopicsInForce

_POLL_INTERVAL_S: Final = 0.5
"""Seconds between polls."""
_HEALTH_EVERY_POLLS: Final = 4
"""Number of polls per poll of the health."""
_TOO_OLD_MS: Final = 10_000
"""ms without a successful poll after which nothing is served any more."""
_MAX_NEWS: Final = 20
_IDS_KEPT: Final = 5_000
_QUEUED_NEWS: Final = 200
"""Most news queued for one listener; slower listeners are disconnected."""


class StoreSnapshot:
    """Polls the store, remembers, sends news. `run` it as a task."""

    def __init__(
        self,
        generations: Generations,
        partitioner: Callable[[int], Callable[[str], int]],
        topics: Sequence[str],
        clock: Callable[[], int],
        event_log: EventLog,
        plays: tuple[Play, ...] = (),
    ) -> None:
        """`topics` are the signal topics, `clock` gives ms since 1970."""
        self._plays = plays
        self._generations = generations
        self._partitioner = partitioner
        self.event_log = event_log
        self.generation: int | None = None
        """The generation that is served; None before the first poll."""
        self._scoring: bytes | None = None
        self._polls = 0
        self._watch = HealthWatch()
        self._published_etags: dict[str, str] = {}
        """List -> the ETag last sent to listeners."""
        self._known_alerts: dict[str, None] = {}
        self._alerted: dict[int, int] = {}
        self._listeners: set[asyncio.Queue[News | None]] = set()
        self.clock = clock
        self.topics = topics
        self.partitions = 1
        self.view = AccountView(generations.store(0), generations.controls(0), partitioner(1), plays)
        self.fit_rows = generations.fit_changes(0)
        """The rows of the fit table in that generation."""
        self.directory = AccountDirectory(self.view.store, self.fit_rows, 1)
        self.lists: dict[str, CachedList] = {ALL: CachedList(ALL, 0, None)}
        self._whole = {**self.lists}
        """The lists with whom a control group keeps off them."""
        self._held: dict[str, HeldBeside] = {}
        self.agreed = Agreed(None, (), {}, None)
        self.fit_version = 0
        """Of the fit table in force; it rises with each load and each publication of ICPs. 0 without one."""
        self.aliases = NO_ALIASES
        """The alias map in force."""
        self._aliases_in_force: AliasesInForce | None = None
        self.rules_unreadable = False
        """Whether there is a scoring file in force that this version cannot read: lists are served, accounts not."""
        self.takes_actions = True
        """Whether workers take account actions; unknown is taken for true."""
        self.published: PublishedBy | None = None
        """The publication of the scoring file in force; None if there was none."""
        self.takes_rules = True
        """Whether rules can be published; unknown is taken for true."""
        self.keeps_outcomes = True
        """Whether workers keep outcomes; unknown is taken for true."""
        self.health = Health()
        self.seen_at = 0
        """When (ms) a poll last read everything."""
        self.trouble: StoreTrouble | None = None
        """Why it did not, since."""

    def served(self, *, administers: bool = False) -> dict[str, CachedList]:
        """Every list there is, by its name, as it is now; who `administers` also sees who is held back."""
        now, lists = self.clock(), self._whole if administers else self.lists
        return {name: one.at(now) for name, one in lists.items()}

    def one_list(self, name: str, *, administers: bool = False) -> CachedList | None:
        """One of them, as it was last polled; None if there is none."""
        return (self._whole if administers else self.lists).get(name)

    @property
    def blind(self) -> bool:
        """Whether what is remembered is too old to be shown as the truth."""
        return self.clock() - self.seen_at > _TOO_OLD_MS

    async def run(self) -> None:
        """Poll until cancelled. Neither an unreachable store nor unreadable content ends it.

        The snapshot then grows too old to be served, and the event log says why.
        """
        while True:
            try:
                await self.poll()
            except Exception as error:  # noqa: BLE001 (whatever it is, it is said, and nothing stale passes for new)
                self.event_log.write(PollFailed(error_type=type(error).__name__))
            await asyncio.sleep(_POLL_INTERVAL_S)

    async def poll(self) -> bool:
        """Poll once; return False if the store did not answer."""
        try:
            await self._poll()
        except StoreTrouble as error:
            if self.trouble is None:
                self.event_log.write(StoreUnavailable(reason=str(error)))
            self.trouble = error
            return False
        if self.trouble is not None:
            self.event_log.write(StoreRecovered())
        self.trouble, self.seen_at = None, self.clock()
        return True

    @contextlib.contextmanager
    def listening(self) -> Iterator["asyncio.Queue[News | None]"]:
        """A queue of news; None ends it: the process ends, or who listens is too slow."""
        queue: asyncio.Queue[News | None] = asyncio.Queue(_QUEUED_NEWS)
        self._listeners.add(queue)
        try:
            yield queue
        finally:
            self._listeners.discard(queue)

    @property
    def alerted(self) -> tuple[int | None, ...]:
        """Moves when alerts have been added: the generation, and how many there were by partition at the last poll."""
        return (self.generation, *self._alerted.values())

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    def end(self) -> None:
        """Tells all who listen that there will be no more."""
        for queue in list(self._listeners):
            self._let_go(queue)

    async def _poll(self) -> None:
        generation = await self._generations.current() or 0
        controls = self._generations.controls(generation)
        topics = await controls.read(TOPICS)
        in_force = TopicsInForce.decode(topics) if topics else TopicsInForce(1, {})
        partitions, known = in_force.partitions, in_force.ids.keys()
        self.takes_actions = not known or not known <= {*self.topics}  # of no other topic the id is kept
        if (generation, partitions) != (self.generation, self.partitions):
            store, partition_of = self._generations.store(generation), self._partitioner(partitions)
            self.view = AccountView(store, controls, partition_of, self._plays)
            self.fit_rows = self._generations.fit_changes(generation)
            self.directory = AccountDirectory(self.view.store, self.fit_rows, partitions)
            self.generation, self.partitions = generation, partitions
            self._alerted.clear()
            self._polls = 0
        self.takes_rules = await controls.read(RULE_PUBLISHING) != OFF
        self.keeps_outcomes = await controls.read(OUTCOME_READING) != OFF
        scoring, fit = await controls.read(SCORING), await controls.read(FIT)
        in_force_fit = FitInForce.decode(fit) if fit else None
        self.fit_version = in_force_fit.version if in_force_fit else 0
        icps = in_force_fit.icps if in_force_fit else ()
        await self._poll_aliases(controls, in_force_fit.aliases if in_force_fit else None)
        await self._poll_lists([ALL, *(icp.icp for icp in icps)])
        ranks = {name: one.ranks for name, one in self.lists.items()}
        everybody = self.lists[ALL].listed
        rules, group = await self._rules(scoring), await self.view.control_group()
        self.agreed = Agreed(rules, icps, ranks, everybody["complete_until"], group)
        if self._polls % _HEALTH_EVERY_POLLS == 0:
            self.health = await self._watch.poll(self.view.store, self.partitions, self.topics, self.clock())
            await self._poll_alerts()
        self._polls += 1

    async def _poll_aliases(self, controls: Controls, in_force: AliasesInForce | None) -> None:
        if in_force == self._aliases_in_force:
            return
        try:
            found = await read_map(controls, in_force)
        except AliasesLost:  # a worker mends it; what is stored can be looked at meanwhile
            self.aliases, self._aliases_in_force = NO_ALIASES, None
            return
        if found is not None:
            self.aliases, self._aliases_in_force = found, in_force

    async def _rules(self, scoring: bytes | None) -> Rules | None:
        """Read aside when they are others: who asks meanwhile is not kept waiting."""
        if scoring == self._scoring:
            return self.agreed.rules
        self._scoring, self.rules_unreadable = scoring, False
        self.published = None if scoring is None else ScoringInForce.decode(scoring).published
        try:
            return None if scoring is None else await asyncio.to_thread(rules_by, scoring)
        except ConfigurationError as error:  # of workers of another version
            self.rules_unreadable = True
            self.event_log.write(ScoringUnreadable(problem=error.lines[0]))
            return None

    async def _poll_lists(self, names: Sequence[str]) -> None:
        lists = {name: self.lists.get(name) or CachedList(name, 0, None) for name in names}
        for name, version in zip(names, await self.view.controls.versions(names), strict=True):
            if version != lists[name].version:
                lists[name] = CachedList(name, version, await self.view.controls.served(name))
        self.lists = lists
        await self._poll_held(names)
        for name, one in self.served().items():
            if one.etag != self._published_etags.get(name):
                self._notify(News("list", list_news(one)))
        self._published_etags = {name: one.etag for name, one in self.served().items()}

    async def _poll_held(self, names: Sequence[str]) -> None:
        wholes, versions = {}, await self.view.controls.versions([held_list(name) for name in names])
        for name, version in zip(names, versions, strict=True):
            if version != (held := self._held.get(name, NOBODY_HELD)).version:
                held = self._held[name] = HeldBeside(version, await self.view.held(name))
            wholes[name] = whole(self.lists[name], held, self._whole.get(name))
        self._whole = wholes

    async def _poll_alerts(self) -> None:
        """Only where the counter of alerts has risen. At the first poll all are known."""
        group = self.agreed.control_group
        for number in range(self.partitions):
            alerted = (await self.view.store.counts(number)).get(ALERTED, 0)
            before = self._alerted.get(number)
            self._alerted[number] = alerted
            if alerted == before:
                continue
            for _, alert in reversed(await self.view.store.feed(number, 0, _MAX_NEWS)):
                document: Alert = orjson.loads(alert)
                if document["alert_id"] not in self._known_alerts:
                    self._known_alerts[document["alert_id"]] = None
                    if before is not None:
                        held = withheld(document, document["account_id"], group)
                        self._notify(News("alert", alert_news(not_told(document) if held else document), withheld=held))
        while len(self._known_alerts) > max(_IDS_KEPT, self.partitions * _MAX_NEWS):
            del self._known_alerts[next(iter(self._known_alerts))]

    def _notify(self, news: News) -> None:
        for queue in list(self._listeners):
            try:
                queue.put_nowait(news)
            except asyncio.QueueFull:
                self._let_go(queue)

    def _let_go(self, queue: "asyncio.Queue[News | None]") -> None:
        self._listeners.discard(queue)
        if queue.full():
            queue.get_nowait()
        queue.put_nowait(None)
