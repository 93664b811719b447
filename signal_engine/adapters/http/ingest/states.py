"""Hooks whose deliveries are states: compared with what was seen last, one delivery after the other."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, NamedTuple

from signal_engine.adapters.http.ingest.sender import Sender, away
from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.intake.requests.deliveries import Delivery, DeliveryMapper
from signal_engine.engine.intake.states.looking import BrokenFeed, FeedLook, changes
from signal_engine.engine.intake.states.seen import FollowsSeen, Seen
from signal_engine.engine.ports.producer import Sent, ToSend
from signal_engine.wire.intake.seen_records import SeenRecord

_TIMEOUT_S: Final = 5.0
"""Seconds for Kafka to tell what was seen last."""
_AGAIN: Final = "Kafka became unreachable: send the delivery again"


class ChangedDelivery(NamedTuple):
    """A delivery of states."""

    delivery: Delivery
    """Its events are what has changed."""
    records: tuple[SeenRecord, ...]
    """To be kept once Kafka has those."""


class StateDeliveries:
    """Takes the deliveries of all hooks that are state feeds.

    One after the other, and each knows what was kept before by whichever process: a delivery that fails half-way gives
    the same ids when it is sent again.
    """

    def __init__(self, follows: FollowsSeen, topic: str, sender: Sender) -> None:
        """`topic` is the one that `follows` reads."""
        self._follows, self._topic, self._sender = follows, topic, sender
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def changed(self, mapper: DeliveryMapper, delivery: Delivery, now: int) -> AsyncIterator[ChangedDelivery]:
        """What a delivery changes; nothing else is compared before the block ends. Raises `HttpProblem` 503."""
        async with self._lock:
            look = FeedLook(mapper.name, delivery.events, mapper.whole_of(delivery), not delivery.refused, now)
            yield _changed(look, await self._seen(), delivery)

    async def keep(self, records: tuple[SeenRecord, ...]) -> None:
        """Returns once Kafka has them. Raises `HttpProblem` 503."""
        to_send = [ToSend(self._topic, None, one.key, one.value) for one in records]
        if any(outcome is not Sent.ACKNOWLEDGED for outcome in await self._sender.send([], to_send)):
            raise away(_AGAIN)

    async def _seen(self) -> Seen:
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                return await self._follows.up_to_date()
        except (TimeoutError, SignalEngineError):
            raise away(_AGAIN) from None


def _changed(look: FeedLook, seen: Seen, delivery: Delivery) -> ChangedDelivery:
    try:
        found = changes(look, seen)
    except BrokenFeed as error:
        rows = len(delivery.events) + delivery.refused or 1
        return ChangedDelivery(Delivery((), delivery.passed_over, rows, "broken_feed", str(error)), ())
    return ChangedDelivery(delivery._replace(events=found.events), found.records)
