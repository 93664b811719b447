"""A worker of one partition without servers: signals come, time passes, rules change, another worker takes over."""

import json
from typing import Any

from signal_engine.core.flow import ScoringContext
from signal_engine.core.rules.policy import Policy
from signal_engine.core.score.account import Account
from signal_engine.engine.context.engine_context import Rules
from signal_engine.engine.maintenance.due_timers import DueTimers
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.ports.transaction import Outbox
from signal_engine.wire.storage import state
from tests.build import ACME
from tests.engine.stand import TOPICS, Rec, Stand, event_bytes, fetch


class Worker:
    """One partition, kept by one worker after another."""

    def __init__(self, rules: Policy) -> None:
        self.stand = Stand(policy=rules)
        self.ends: dict[str, int] = {}

    async def begin(self, *fits: Any) -> "Worker":
        await self.stand.fits(*fits)
        await self.starts()
        return self

    async def starts(self) -> None:
        """A worker that knows nothing takes the partition."""
        self.partition = await self.stand.partition()
        self.timers = DueTimers(self.stand.context, self.partition)

    async def signal(
        self, at: int, points: float, account: str = ACME, kind_: str = "intent", backfill: bool = False, **more: Any
    ) -> None:
        """One event that arrives at `at` (ms); `occurred` (ms) is when it happened, where that was before."""
        occurred = more.pop("occurred", at)
        headers = [("backfill", b"yes")] if backfill else ()
        self.stand.now = max(self.stand.now, at)
        topic = TOPICS.signals[kind_]
        offset = self.ends.get(topic, 0)
        self.ends[topic] = offset + 1
        event_id = f"{kind_}-{offset}"
        record = Rec(offset, at, event_bytes(kind_, occurred, account, event_id, points, **more), headers=headers)
        assert await process_batch(self.stand.context, self.partition, fetch(record, topic=topic, start=offset)) == []

    async def ticks(self, at: int) -> None:
        self.stand.now = at
        while await self.timers.tick():
            pass
        while self.stand.data().due and min(self.stand.data().due.values()) <= at:
            await self.timers.tick()

    def comes_into_force(self, rules: Policy) -> None:
        sequence = self.stand.context.rules.sequence + 1
        self.stand.context.rules = Rules(ScoringContext(rules), f"{sequence}-test", sequence)

    def account(self, name: str = ACME) -> Account:
        return state.decode(self.stand.data().states[name])

    def sent(self) -> list[tuple[str, str]]:
        """(type, instant) of what waits to be sent."""
        return [(one["type"], one["at"]) for one in self.outbox()]

    def outbox(self) -> list[dict[str, Any]]:
        """The alerts that wait to be sent."""
        return [json.loads(w.record.value or b"") for w in self.stand.data().outboxes.get(Outbox.ALERTS, [])]

    def recorded(self, why: str = "rules_changed") -> list[tuple[str, str, str]]:
        """(account, type, instant) of what is kept and not sent, by account; all of it for the reason `why`."""
        result = [one for one in map(json.loads, self.stand.data().feed) if one["recorded"] is not None]
        assert {one["recorded"] for one in result} <= {why}
        return sorted((one["account_id"], one["type"], one["at"]) for one in result)
