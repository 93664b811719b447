"""A market in which deals are won by scores of known numbers: to try `calibrate --fit` on.

Each week some accounts win, each with odds by its score under the true numbers; the scoring file in force has others.
Truth is computed by the core, account by account.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import exp
from random import Random
from typing import Any, Final

from signal_engine.core.flow import ScoringContext, advance
from signal_engine.core.rules.events import Event
from signal_engine.core.score.account import Account
from signal_engine.core.score.stack import evaluate
from signal_engine.simulation.planted.market import Planted
from signal_engine.wire.config import scoring_file

FILE: Final = """\
version: 3
stack: {live_floor: 4.0, multipliers: [1.0, 1.15, 1.3]}
levels:
  hot:  {enter: 40, exit: 32, min_kinds: 2}
  warm: {enter: 15, exit: 10, min_kinds: 1}
lists:  {size: 200, tier_weight: {A: 1.0, B: 0.9}}
kinds:
  intent:
    half_life_days: %(intent)s   # how long interest lasts
    cap: 60
    facet: topic
    facet_cap: 40
    rules:
      - {when: {score: {gte: 80}}, points: %(strong)s}
      - {points: %(weak)s}
  engagement:
    half_life_days: %(engagement)s
    cap: 60
    facet: persona
    facet_cap: 40
    rules: [{when: {activity: pricing_view}, points: %(pricing)s}, {points: %(other)s}]
  hiring: {half_life_days: %(hiring)s, cap: 40, facet: department, facet_cap: 30, rules: [{points: %(job)s}]}
"""
IN_FORCE: Final[Mapping[str, float]] = {
    "intent": 14, "strong": 12, "weak": 6, "engagement": 14, "pricing": 12, "other": 6, "hiring": 28, "job": 10,
}  # fmt: skip
TRUE: Final[Mapping[str, float]] = {**IN_FORCE, "intent": 7, "strong": 20, "other": 3, "job": 5}
PLACES: Final[Mapping[str, str]] = {
    "kinds.intent.rules[0].points": "strong",
    "kinds.intent.rules[1].points": "weak",
    "kinds.intent.half_life_days": "intent",
    "kinds.engagement.rules[0].points": "pricing",
    "kinds.engagement.rules[1].points": "other",
    "kinds.engagement.half_life_days": "engagement",
    "kinds.hiring.rules[0].points": "job",
    "kinds.hiring.half_life_days": "hiring",
}
"""A number of the file -> its name here."""
_BEGIN: Final = 1_735_516_800_000
"""Monday, 2024-12-30T00:00:00Z, in ms."""
_DAY: Final = 86_400_000
_WEEK: Final = 7 * _DAY
_RUN_UP: Final = 8
"""Weeks before the first deal."""
_RATES: Final = {"intent": 0.5, "engagement": 0.5, "hiring": 0.25}
"""Signals a week and account."""


@dataclass(frozen=True)
class PlantedScores:
    """How the market is made."""

    seed: int
    accounts: int = 400
    weeks: int = 50
    wins: int = 160
    log_odds: float = 0.12
    """Of a win, a point of the true score."""
    true: Mapping[str, float] = field(default_factory=lambda: dict(TRUE))
    shuffled: bool = False
    """Whether accounts win whatever their scores."""

    def events(self) -> list[Event]:
        """In order of arrival; each arrives as it happens."""
        rng = Random(self.seed)  # noqa: S311 (nothing secret)
        found = [
            _event(rng, _domain(account), kind, _BEGIN + round((week + rng.random()) * _WEEK), number)
            for account in range(self.accounts)
            for week in range(self.weeks)
            for kind, rate in _RATES.items()
            for number in range(2)
            if rng.random() < rate / 2
        ]
        return sorted(found, key=lambda event: (event.occurred_at, event.event_id))

    def winners(self, events: list[Event]) -> list[tuple[str, int]]:
        """The account of each deal, and the Monday (ms) whose scores decided."""
        rng = Random(self.seed + 1_000_000)  # noqa: S311
        scores = self._true_scores(events)
        free = {_domain(account) for account in range(self.accounts)}
        found: list[tuple[str, int]] = []
        weeks = [*range(_RUN_UP, self.weeks)]
        for number in range(self.wins):
            at = _BEGIN + weeks[number * len(weeks) // self.wins] * _WEEK
            names = sorted(free)
            odds = [1.0 if self.shuffled else exp(self.log_odds * scores[at][name]) for name in names]
            (name,) = rng.choices(names, odds)
            free.discard(name)
            found.append((name, at))
        return found

    def told(self) -> Planted:
        """As the files of `calibrate --fit` have it: a deal is opened the day after the Monday that decided it."""
        events = self.events()
        outcomes: list[dict[str, Any]] = []
        for number, (name, at) in enumerate(self.winners(events)):
            of = {"account_id": name, "opportunity_id": f"deal-{number}"}
            outcomes.append({**of, "outcome_id": f"{number}-opened", "stage": "opened", "at": at + _DAY})
            outcomes.append({**of, "outcome_id": f"{number}-won", "stage": "won", "at": at + 30 * _DAY})
        rows = [
            {**event.fields, "kind": event.kind, "event_id": event.event_id, "account_id": event.account}
            | {"occurred_at": event.occurred_at}
            for event in events
        ]
        accounts = [{"account_id": _domain(account), "employee_count": 600} for account in range(self.accounts)]
        return Planted(rows, outcomes, accounts)

    def _true_scores(self, events: list[Event]) -> dict[int, dict[str, float]]:
        """Monday (ms) -> account -> score; what happened up to and at it counts."""
        policy = scoring_file.parse("true", (FILE % self.true).encode()).policy
        context, states = ScoringContext(policy), {_domain(n): Account() for n in range(self.accounts)}
        waiting = iter(events)
        event = next(waiting, None)
        found: dict[int, dict[str, float]] = {}
        for week in range(self.weeks):
            at = _BEGIN + week * _WEEK
            while event is not None and event.occurred_at <= at:
                advance(states[event.account], event, event.occurred_at, None, context)
                event = next(waiting, None)
            found[at] = {name: evaluate(state, at, policy).raw for name, state in states.items()}
        return found


def _domain(account: int) -> str:
    return f"scored-{account}.com"


def _event(rng: Random, account: str, kind: str, at: int, number: int) -> Event:
    fields: dict[str, Any] = {}
    if kind == "intent":
        fields = {"topic": rng.choice(["crm", "erp", "bi"]), "score": rng.choice([70, 90])}
    elif kind == "engagement":
        activity = rng.choice(["pricing_view", "form_fill"])
        fields = {"activity": activity, "persona": rng.choice(["cfo", "cio", "coo", "ceo"])}
    else:
        fields = {"title": "Analyst", "department": rng.choice(["sales", "finance"])}
    return Event(account, kind, f"{account}-{kind}-{at}-{number}", at, 1.0, fields)
