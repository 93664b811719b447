"""Live state for reports: an engine in memory that takes the events and actions that a replay takes, too."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from signal_engine.core.actions.action import AccountAction
from signal_engine.core.fit.icp import Fit
from signal_engine.core.rules.events import Event
from signal_engine.engine.outcomes.opportunities import in_order
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.ports.controls import FIT, SCORING
from signal_engine.engine.reports.live.live_market import LiveMarket
from signal_engine.wire.actions.record import write_action
from signal_engine.wire.instants import format_instant
from signal_engine.wire.outcomes.record import AccountOutcome
from signal_engine.wire.storage import outcomes as stored_outcomes
from signal_engine.wire.storage.in_force import FitInForce, IcpInForce, ScoringInForce
from tests.build import T0
from tests.engine.reports.misses.judged import PROFILE, SHIPPED
from tests.engine.stand import TOPICS, Rec, Stand, fetch

SCORING_TEXT = Path("config/scoring.yaml").read_text(encoding="utf-8")
OWNED_BY = IcpInForce("saas", 1, PROFILE.owner_name, PROFILE.owner_email, "2027-01-01")


class LiveStand:
    """Two partitions; accounts beginning with `x` belong to the other one."""

    def __init__(self) -> None:
        self.stand = Stand(policy=SHIPPED.policy, now=T0)
        self.stand.context.takes_actions = True
        self.stand.context.inputs = (*self.stand.context.kinds, TOPICS.actions)
        self._ends: dict[tuple[str, int], int] = {}

    async def begin(self, fits: Iterable[Fit], in_force: FitInForce | None = None) -> None:
        """The rules in force, and the rows of the fit table; `in_force` if Kafka has the accounts, too."""
        rules = ScoringInForce(1, "1-test", "x", "scoring.yaml", SCORING_TEXT)
        await self.stand.controls.replace(SCORING, None, rules.encode())
        in_force = in_force or FitInForce(1, T0, 0, (OWNED_BY,), ())
        await self.stand.controls.replace(FIT, None, in_force.encode())
        by_partition: list[list[Fit]] = [[], []]
        for fit in fits:
            by_partition[self.stand.context.partition_of(fit.account)].append(fit)
        for number, some in enumerate(by_partition):
            await self.stand.fits(*some, partition=number)
        self.partitions = [await self.stand.partition(number) for number in (0, 1)]

    async def take(self, said: Sequence[Event | AccountAction]) -> None:
        """Events and actions, in the order of their instants; of an instant, events first."""
        for one in sorted(said, key=_when):
            number = self.stand.context.partition_of(one.account)
            topic = TOPICS.actions if isinstance(one, AccountAction) else TOPICS.signals[one.kind]
            start = self._ends.get((topic, number), 0)
            self._ends[topic, number] = start + 1
            await process_batch(
                self.stand.context,
                self.partitions[number],
                fetch(_record(start, one), topic=topic, partition=number, start=start),
            )

    async def keep(self, outcomes: Iterable[AccountOutcome]) -> None:
        """The outcomes of accounts, as the owners of partitions keep them."""
        kept: tuple[dict[str, list[AccountOutcome]], ...] = ({}, {})
        for one in outcomes:
            kept[self.stand.context.partition_of(one.account)].setdefault(one.account, []).append(one)
        for number, accounts in enumerate(kept):
            told = {name: stored_outcomes.encode(in_order(some)) for name, some in accounts.items()}
            assert await self.stand.memory.put_outcomes(number, None, b"1 id", told)

    def market(self, **more: Any) -> LiveMarket:
        """What reports read."""
        partition_of = self.stand.context.partition_of
        return LiveMarket(
            self.stand.memory, self.stand.controls, self.stand.fit_changes, 2, partition_of=partition_of, **more
        )


def _when(one: Event | AccountAction) -> tuple[int, bool, str]:
    if isinstance(one, AccountAction):
        return one.at, True, one.action_id
    return one.occurred_at, False, one.event_id


def _record(offset: int, one: Event | AccountAction) -> Rec:
    if isinstance(one, AccountAction):
        return Rec(offset, one.at, write_action(one))
    said = {"event_id": one.event_id, "account_id": one.account, "occurred_at": format_instant(one.occurred_at)}
    value = json.dumps({**said, **one.fields}).encode()
    return Rec(offset, one.occurred_at, value, headers=[("backfill", b"")] if one.backfill else ())
