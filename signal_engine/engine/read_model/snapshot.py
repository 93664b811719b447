"""The store snapshot of one API process: it polls the store for all clients and sends them news.

Requests are answered from memory, so a thousand polling clients cost the store no more than none: a few small commands
per poll, and a list when its version has changed.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Final, NamedTuple

import orjson

from signal_engine.core.fit.ranking import ALL
from signal_engine.engine.context.engine_context import Rules
from signal_engine.engine.ports.controls import FIT, SCORING, TOPICS
from signal_engine.engine.ports.counters import ALERTED
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.log_events.processes import ScoringUnreadable
from signal_engine.engine.ports.log_events.servers import PollFailed, StoreRecovered, StoreUnavailable
from signal_engine.engine.ports.store import Generations, StoreTrouble
from signal_engine.engine.read_model.account_directory import AccountDirectory
from signal_engine.engine.read_model.account_view import AccountView, Agreed, rules_by
from signal_engine.engine.read_model.health import Health, HealthWatch
from signal_engine.engine.read_model.list_cache import CachedList
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.output.api_documents import AlertNews, ListNews
from signal_engine.wire.output.models import Alert
from signal_engine.wire.storage.in_force import FitInForce, TopicsInForce

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


class News(NamedTuple):
    """An item of news for listeners."""

    what: str
    """`list` or `alert`."""
    document: ListNews | AlertNews


class StoreSnapshot:
    """Polls the store, remembers, sends news. `run` it as a task."""

    def __init__(
        self,
        generations: Generations,
        partitioner: Callable[[int], Callable[[str], int]],
        topics: Sequence[str],
        clock: Callable[[], int],
        event_log: EventLog,
    ) -> None:
        """`topics` are the signal topics, `clock` gives ms since 1970."""
        self._generations = generations
        self._partitioner = partitioner
        self.event_log = event_log
        self._generation: int | None = None
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
        self.view = AccountView(generations.store(0), generations.controls(0), partitioner(1))
        self.directory = AccountDirectory(self.view.store, generations.fit_changes(0), 1)
        self.lists: dict[str, CachedList] = {ALL: CachedList(ALL, 0, None)}
        self.agreed = Agreed(None, (), {}, None)
        self.rules_unreadable = False
        """Whether there is a scoring file in force that this version cannot read: lists are served, accounts not."""
        self.takes_actions = True
        """Whether workers take account actions; unknown is taken for true."""
        self.health = Health()
        self.seen_at = 0
        """When (ms) a poll last read everything."""
        self.trouble: StoreTrouble | None = None
        """Why it did not, since."""

    def served(self) -> dict[str, CachedList]:
        """Every list there is, by its name, as it is now."""
        now = self.clock()
        return {name: one.at(now) for name, one in self.lists.items()}

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
        return (self._generation, *self._alerted.values())

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
        if (generation, partitions) != (self._generation, self.partitions):
            self.view = AccountView(self._generations.store(generation), controls, self._partitioner(partitions))
            self.directory = AccountDirectory(self.view.store, self._generations.fit_changes(generation), partitions)
            self._generation, self.partitions = generation, partitions
            self._alerted.clear()
            self._polls = 0
        scoring, fit = await controls.read(SCORING), await controls.read(FIT)
        icps = FitInForce.decode(fit).icps if fit else ()
        await self._poll_lists([ALL, *(icp.icp for icp in icps)])
        ranks = {name: one.ranks for name, one in self.lists.items()}
        everybody = self.lists[ALL].listed
        self.agreed = Agreed(await self._rules(scoring), icps, ranks, everybody["complete_until"])
        if self._polls % _HEALTH_EVERY_POLLS == 0:
            self.health = await self._watch.poll(self.view.store, self.partitions, self.topics, self.clock())
            await self._poll_alerts()
        self._polls += 1

    async def _rules(self, scoring: bytes | None) -> Rules | None:
        """Read aside when they are others: who asks meanwhile is not kept waiting."""
        if scoring == self._scoring:
            return self.agreed.rules
        self._scoring, self.rules_unreadable = scoring, False
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
        for name, one in self.served().items():
            if one.etag != self._published_etags.get(name):
                self._notify(News("list", list_news(one)))
        self._published_etags = {name: one.etag for name, one in self.served().items()}

    async def _poll_alerts(self) -> None:
        """Only where the counter of alerts has risen. At the first poll all are known."""
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
                        self._notify(News("alert", _alert_news(document)))
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


def list_news(one: CachedList) -> ListNews:
    """What listeners get of a list that changed."""
    return {
        "list": one.name,
        "version": one.version,
        "etag": one.etag,
        "generated_at": one.listed["generated_at"],
        "stale": one.listed["stale"],
    }


def _alert_news(alert: Alert) -> AlertNews:
    return {
        "alert_id": alert["alert_id"],
        "type": alert["type"],
        "at": alert["at"],
        "account_id": alert["account_id"],
        "name": alert["name"],
        "level": alert["level"],
        "why_now": alert["why_now"],
    }
