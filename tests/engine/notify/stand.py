"""The delivering process without servers: the ledger in memory, receivers that do as they are told, a clock to turn."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid5

from signal_engine.adapters.memory.deliveries import MemoryLedger
from signal_engine.core.delivery.answering import ActionsSeen
from signal_engine.core.delivery.ledger import DeliveryRow
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.delivery.routes import Routing
from signal_engine.core.delivery.team import TeamMember
from signal_engine.engine.notify.context import NotifyContext
from signal_engine.engine.notify.notifier import Notifier
from signal_engine.engine.notify.queue import DestinationQueue
from signal_engine.engine.ports.delivery.alert_topic import TakeAlerts, TopicReach, WhyItFits
from signal_engine.engine.ports.delivery.senders import Capabilities
from signal_engine.wire.instants import format_instant, parse_instant
from signal_engine.wire.messages.content import MessageContext
from signal_engine.wire.messages.to_send import Composing, MessageToSend, composed
from tests.core.delivery.scene import WEDNESDAY, at, routing, to
from tests.engine.stand import Rec, Said
from tests.wire.delivery.alerts import an_alert

NOON = at(WEDNESDAY, 12)
PLAIN = Capabilities(finds=False, idempotent=False, edits=False)


class FakeSender:
    """A receiver that answers as it is told; what it has is in `sent`."""

    def __init__(self, can: Capabilities = PLAIN) -> None:
        self.capabilities = can
        self.answers: list[Attempt | Exception] = []
        """Of the next attempts; afterwards it takes everything."""
        self.edits: list[Attempt | Exception] = []
        """Of the next edits; likewise."""
        self.sent: list[tuple[str, str | None, MessageToSend]] = []
        self.edited: list[tuple[str, MessageToSend]] = []
        self.has: set[str] = set()
        """Deliveries that it finds."""
        self.looks: Attempt | Exception | None = None
        """What it says instead when it is asked to look."""

    async def send(self, message: MessageToSend, person: TeamMember | None) -> Attempt:
        answer = self.answers.pop(0) if self.answers else Attempt("sent", "it took it", f"r-{len(self.sent) + 1}")
        if isinstance(answer, Exception):
            raise answer
        if answer.end == "sent":
            self.sent.append((message.delivery_id, None if person is None else person.name, message))
        return answer

    async def update(self, receiver_id: str, message: MessageToSend) -> Attempt:
        answer = self.edits.pop(0) if self.edits else Attempt("sent", "it took it", receiver_id)
        if isinstance(answer, Exception):
            raise answer
        self.edited.append((receiver_id, message))
        return answer

    async def find(self, delivery_id: str, person: TeamMember | None, since: int) -> Attempt:
        if isinstance(self.looks, Exception):
            raise self.looks
        if self.looks is not None:
            return self.looks
        return Attempt("sent", "there", "found-1") if delivery_id in self.has else Attempt("failed", "not there")


class FakeSeen:
    """What people did, as a test says."""

    def __init__(self) -> None:
        self.of: dict[str, ActionsSeen] = {}
        self.fits: dict[tuple[str, str, int], WhyItFits] = {}

    async def seen(self, account: str, now: int) -> ActionsSeen:
        return self.of.get(account, ActionsSeen())

    async def why_it_fits(self, account: str, icp: str, version: int) -> WhyItFits:
        return self.fits.get((account, icp, version), WhyItFits())


class FakeReader:
    """The topic of alerts as one list of partition 0."""

    def __init__(self, records: list[Rec]) -> None:
        self.records = records
        self.committed: int | None = None
        self.group_is_known = False
        self.again: list[int] = []

    async def reach(self, partition: int) -> TopicReach:
        return TopicReach(self.committed, self.group_is_known, 0, len(self.records))

    async def offset_at(self, partition: int, at: int) -> int:
        return next((one.offset for one in self.records if one.timestamp >= at), len(self.records))

    async def time_before(self, partition: int, offset: int) -> int | None:
        before = [one.timestamp for one in self.records if one.offset < offset]
        return before[-1] if before else None

    def begin_anew(self, partition: int) -> None:
        self.again.append(partition)

    async def run(self, taken: Any, given_up: Any, take: TakeAlerts) -> None:
        raise NotImplementedError


def alert_at(account: str, at: int, number: int = 0, **more: Any) -> dict[str, Any]:
    """An alert of `account` at `at` (ms); the same arguments make the same one."""
    alert_id = str(uuid5(UUID(int=0), f"{account} {at} {number}"))
    return an_alert(alert_id=alert_id, account_id=account, at=format_instant(at), **more)


@dataclass
class NotifyStand:
    """One process that owns partition 0."""

    routes: Routing = field(default_factory=lambda: routing(to("ops", sent="always")))
    senders: Mapping[str, FakeSender] = field(default_factory=lambda: {"ops": FakeSender()})
    now: int = NOON
    ledger: MemoryLedger = field(default_factory=MemoryLedger)

    def __post_init__(self) -> None:
        self.said, self.seen, self.records = Said(), FakeSeen(), list[Rec]()
        self.reader = FakeReader(self.records)
        self.reached: list[str] = []
        self.start()

    def start(self, instance: str = "one") -> None:
        """Another life of the process, with the same ledger and topic."""
        self.context = NotifyContext(
            ledger=self.ledger,
            seen=self.seen,
            senders=self.senders,
            routing=self.routes,
            compose=_compose,
            event_log=self.said,
            clock=lambda: self.now,
            jitter=lambda: 0.0,
            instance=instance,
            reached=self.reached.append,
        )
        self.notifier = Notifier(self.context, self.reader)

    def queue(self, name: str = "ops") -> DestinationQueue:
        return self.notifier._queues[name]

    def add(self, *alerts: dict[str, Any] | bytes) -> None:
        """Alerts in the topic."""
        for alert in alerts:
            value = alert if isinstance(alert, bytes) else json.dumps(alert).encode()
            at = self.now if isinstance(alert, bytes) else parse_instant(alert["at"])
            self.records.append(Rec(len(self.records), at, value))

    async def take(self) -> None:
        """Take the partition over."""
        await self.notifier._taken([0])

    async def plan(self, *alerts: dict[str, Any] | bytes) -> int | None:
        """Plan these alerts; the position afterwards."""
        first = len(self.records)
        self.add(*alerts)
        if 0 not in self.notifier._heads:
            self.reader.group_is_known = True  # from the beginning
            await self.take()
        return await self.notifier._take(0, self.records[first:])

    async def deliver(self, name: str = "ops", most: int = 50) -> None:
        """Let a queue do all that it has to do now."""
        for _ in range(most):
            if not await self.queue(name).once():
                return
        raise AssertionError("it never comes to rest")

    async def follow(self) -> None:
        """Let the messages that can be edited be looked at once."""
        for follower in self.notifier._followers:
            await follower.once()

    async def keep_clocks(self) -> None:
        """Let the clocks be looked at once."""
        await self.notifier._keeper.once()

    async def rows(self) -> list[DeliveryRow]:
        return [row async for row in self.ledger.every_row(0)]

    async def statuses(self) -> list[str]:
        return sorted(row.status for row in await self.rows())


def _compose(of: Composing, why: WhyItFits) -> MessageToSend:
    context = MessageContext(
        zone=routing(to("ops")).zone, person=of.person, buying_group=why.buying_group, fit_reasons=why.reasons
    )
    return composed(of, context)


def names(messages: Iterable[tuple[str, str | None, MessageToSend]]) -> list[str]:
    """The accounts of what arrived."""
    return [one.alert["account_id"] for _, _, one in messages]
