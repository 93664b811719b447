"""A planted market: every week each kind of signal comes to each account by chance, before wins more often.

The scoring file that goes with it makes a kind live on a Monday exactly when it came in the week before. So the share
of controls at which a kind is live is its prevalence, before wins it is that times its lift, and both are known.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final, Literal, NamedTuple

SCORING: Final = """\
version: 1
stack: {live_floor: 4.0, multipliers: [1.0, 1.15, 1.3]}
levels:
  hot:  {enter: 17, exit: 9, min_kinds: 2}
  warm: {enter: 4.5, exit: 0.01, min_kinds: 1}
alerts: {cooldown_days: 14, hand_raise_hours: 24}
lists:  {size: 200, tier_weight: {A: 1.0, B: 0.9}}
kinds:
  intent: {half_life_days: 4, cap: 200, facet: topic, facet_cap: 200, rules: [{points: 16}]}
  hiring: {half_life_days: 4, cap: 200, facet: department, facet_cap: 200, rules: [{points: 16}]}
  funding: {half_life_days: 4, cap: 200, facet: round, facet_cap: 200, rules: [{points: 16}]}
  engagement: {half_life_days: 4, cap: 200, facet: persona, facet_cap: 200, rules: [{points: 16}]}
  technographic: {half_life_days: 4, cap: 200, facet: technology, facet_cap: 200, rules: [{points: 16}]}
  leadership: {half_life_days: 4, cap: 200, facet: role, facet_cap: 200, rules: [{points: 16}]}
"""
ICP: Final = """\
icp: planted
version: 1
owner: {name: Dana Reyes, email: dana@example.com}
review_by: 2099-01-01
cycle_days: 7
must_have: {employee_count: {gte: 1}}
base: 50
points: [{when: {employee_count: {gte: 500}}, points: 30, label: large}]
tiers: {A: 80, B: 50}
decisions: {A: chase, B: chase}
"""
BEGIN: Final = 1_735_520_400_000
"""Monday, 2024-12-30T01:00:00Z, in ms."""
_DAY: Final = 86_400_000
_WEEK: Final = 7 * _DAY
_QUIET_WEEKS: Final = 4
"""Weeks at either end without deals."""
_AWAY_WEEKS: Final = (6, 20)
"""After which losers come back; their first deal is lost after three."""
_FIELDS: Final[Mapping[str, dict[str, Any]]] = {
    "intent": {"topic": "crm", "score": 90},
    "hiring": {"title": "Analyst", "department": "finance"},
    "engagement": {"activity": "pricing_view"},
    "technographic": {"technology": "Snowflake", "change": "adopted"},
}


@dataclass(frozen=True)
class PlantedMarket:
    """How the market is made."""

    seed: int
    accounts: int = 600
    weeks: int = 56
    wins: int = 100
    losses: int = 50
    prevalence: float = 0.1
    """Chance of each kind in each week at each account."""
    lifts: Mapping[str, float] = field(default_factory=lambda: {"intent": 4.0, "hiring": 1.0, "engagement": 3.0})
    """Kind -> how many times as likely it is in the week before a win."""
    cycle_days: int = 7
    """Of the ICP: so long after a look at an account a deal counts for it."""
    returning: float = 0.0
    """Share of the losers who come back with another deal, which is won."""
    leak: bool = False
    """Whether technographic signals come from most deals themselves, a day or two before they are entered."""
    shuffled: bool = False
    """Whether the deals are those of other accounts, so that nothing predicts."""

    def told(self) -> "Planted":
        """The events, outcomes and accounts; the same seed always gives the same."""
        rng = Random(self.seed)  # noqa: S311 (nothing secret)
        deals = self._deals(rng)
        events = sorted(self._events(rng, deals), key=lambda event: (event["occurred_at"], event["event_id"]))
        owners = self._owners(rng, deals)
        accounts = [
            {
                "account_id": _domain(n),
                "employee_count": rng.choice([50, 600]),
                "segment": rng.choice(["north", "south"]),
            }
            for n in range(self.accounts)
        ]
        return Planted(events, [*self._outcomes(deals, owners)], accounts)

    @property
    def icp(self) -> str:
        """The ICP file."""
        return ICP.replace("cycle_days: 7\n", f"cycle_days: {self.cycle_days}\n")

    def _deals(self, rng: Random) -> "dict[int, list[_PlantedDeal]]":
        """Account -> its deals."""
        chosen = rng.sample(range(self.accounts), self.wins + self.losses)
        deals = {}
        for place, account in enumerate(chosen):
            week = rng.randrange(_QUIET_WEEKS, self.weeks - 2 * _QUIET_WEEKS)
            deals[account] = [_deal(rng, week, "won" if place < self.wins else "lost")]
        for account in chosen[self.wins :] if self.returning else []:
            back = deals[account][0].week + rng.randrange(*_AWAY_WEEKS)
            if rng.random() < self.returning and back < self.weeks - 2 * _QUIET_WEEKS:
                deals[account].append(_deal(rng, back, "won"))
        return deals

    def _owners(self, rng: Random, deals: Mapping[int, object]) -> dict[int, int]:
        """Account -> the account whose deal it is said to be."""
        if not self.shuffled:
            return {account: account for account in deals}
        return dict(zip(deals, rng.sample(range(self.accounts), len(deals)), strict=True))

    def _events(self, rng: Random, deals: "Mapping[int, list[_PlantedDeal]]") -> Iterator[dict[str, Any]]:
        for account in range(self.accounts):
            of = deals.get(account, [])
            before = {deal.week - 1 for deal in of if deal.result == "won"}
            for week in range(self.weeks):
                for kind, lift in self.lifts.items():
                    if rng.random() < self.prevalence * (lift if week in before else 1):
                        yield _event(account, kind, BEGIN + week * _WEEK)
            for deal in of if self.leak else []:
                if rng.random() < 0.7:
                    yield _event(account, "technographic", deal.at - rng.randrange(_DAY // 2, 2 * _DAY))

    @staticmethod
    def _outcomes(deals: "Mapping[int, list[_PlantedDeal]]", owners: Mapping[int, int]) -> Iterator[dict[str, Any]]:
        for account, of_account in deals.items():
            for number, deal in enumerate(of_account):
                name = f"{account}-{number}" if number else f"{account}"
                of = {"account_id": _domain(owners[account]), "opportunity_id": f"deal-{name}"}
                closed = {"stage": deal.result, "at": deal.at + 21 * _DAY, "amount_usd": 1000}
                yield {**of, "outcome_id": f"{name}-opened", "stage": "opened", "at": deal.at}
                yield {**of, "outcome_id": f"{name}-{deal.result}", **closed}


class _PlantedDeal(NamedTuple):
    """A deal of an account."""

    week: int
    at: int
    """ms."""
    result: Literal["won", "lost"]


def _deal(rng: Random, week: int, result: Literal["won", "lost"]) -> _PlantedDeal:
    return _PlantedDeal(week, BEGIN + week * _WEEK + rng.randrange(_DAY, 5 * _DAY), result)


@dataclass(frozen=True)
class Planted:
    """What the market tells. Instants are in ms since 1970, for whoever writes them to format."""

    events: list[dict[str, Any]]
    outcomes: list[dict[str, Any]]
    accounts: list[dict[str, Any]]


def _domain(account: int) -> str:
    return f"planted-{account}.com"


def _event(account: int, kind: str, at: int) -> dict[str, Any]:
    return {
        "kind": kind,
        "event_id": f"{account}-{kind}-{at}",
        "account_id": _domain(account),
        "occurred_at": at,
        **_FIELDS[kind],
    }
