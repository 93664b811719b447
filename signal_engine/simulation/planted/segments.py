"""A planted market whose segments win at known rates, take known times and sign known amounts: to try `review` on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp, log
from random import Random
from typing import Any, Final, NamedTuple

from signal_engine.simulation.planted.market import BEGIN, ICP, Planted

SEGMENT_ICP: Final = ICP.replace("cycle_days: 7", "cycle_days: 90\nmetrics: [win_rate, cycle_days, deal_size]")
_DAY: Final = 86_400_000
_DAYS: Final = 84
"""Days in which deals close: a review looks at 90."""
_LEAST_CYCLE: Final = 10


class SegmentTruth(NamedTuple):
    """How the deals of one segment come out."""

    win_rate: float
    cycle_days: float
    """Median."""
    deal_usd: float
    """Median."""


TRUTHS: Final[Mapping[str, SegmentTruth]] = {
    "Software": SegmentTruth(0.6, 40, 20_000),
    "Banks": SegmentTruth(0.25, 80, 60_000),
    "Retail": SegmentTruth(0.25, 40, 20_000),
    "Media": SegmentTruth(0.08, 40, 20_000),
}
ALIKE: Final[Mapping[str, SegmentTruth]] = dict.fromkeys(TRUTHS, SegmentTruth(0.3, 40, 20_000))
"""Segments between which there is nothing to find."""


@dataclass(frozen=True)
class PlantedSegments:
    """How the market is made."""

    seed: int
    deals: int = 400
    """Each of an account of its own."""
    truths: Mapping[str, SegmentTruth] = field(default_factory=lambda: dict(TRUTHS))
    outside: int = 12
    """Accounts that the ICP does not admit, each with a deal that was won."""

    def told(self) -> Planted:
        """The events, outcomes and accounts; the same seed always gives the same."""
        rng = Random(self.seed)  # noqa: S311 (nothing secret)
        events: list[dict[str, Any]] = []
        outcomes: list[dict[str, Any]] = []
        accounts: list[dict[str, Any]] = []
        for number in range(self.deals + self.outside):
            inside = number < self.deals
            segment = rng.choice([*self.truths])
            truth = self.truths[segment]
            account = f"segment-{number}.com"
            size = {"employee_count": 600 if inside else 0}
            accounts.append(
                {"account_id": account, "segment": segment, "owner": f"{rng.choice('ab')}@ours.com", **size}
            )
            closed = BEGIN + round(rng.uniform(1, _DAYS) * _DAY)
            opened = closed - round(max(_LEAST_CYCLE, truth.cycle_days * exp(rng.gauss(0, 0.3))) * _DAY)
            of = {"account_id": account, "opportunity_id": f"deal-{number}"}
            won = not inside or rng.random() < truth.win_rate
            amount = round(exp(log(truth.deal_usd) + rng.gauss(0, 0.4)), 2)
            outcomes.append({**of, "outcome_id": f"{number}-opened", "stage": "opened", "at": opened})
            stage = "won" if won else "lost"
            outcomes.append(
                {**of, "outcome_id": f"{number}-closed", "stage": stage, "at": closed, "amount_usd": amount}
            )
            for kind, fields in (("intent", {"topic": "crm", "score": 90}), ("hiring", {"department": "finance"})):
                at = BEGIN + round(rng.random() * _DAYS * _DAY)
                event = {"kind": kind, "event_id": f"{account}-{kind}", "account_id": account, "occurred_at": at}
                events.append({**event, **fields, **({"title": "Analyst"} if kind == "hiring" else {})})
        events.sort(key=lambda event: (event["occurred_at"], event["event_id"]))
        return Planted(events, outcomes, accounts)
