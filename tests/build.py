"""Builders of the values that tests speak of, one line each; what a test does not name has a plain default.

Kinds are `linear` unless a test is about saturation: with caps of 10**12, K is the plain sum of the points, so that
scores can be worked out in the head. A signal's points are given as its confidence on a rule of 100 points.
"""

from collections.abc import Mapping
from typing import Any

from signal_engine.core.alerting.alert import Alert
from signal_engine.core.fit.icp import Decision, Disqualifier, Fit, FitDecision, FitPoints, Icp
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.core.flow import EventOutcome, ScoringContext, advance, pass_time
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.personas import Persona, Personas
from signal_engine.core.rules.policy import (
    DEFAULT_RELATIONS,
    AlertPolicy,
    GroupPolicy,
    KindPolicy,
    Levels,
    ListPolicy,
    Policy,
    RelationPolicy,
    Stack,
    Threshold,
)
from signal_engine.core.rules.predicates import predicates
from signal_engine.core.rules.relations import Relation
from signal_engine.core.rules.rulebook import Rule
from signal_engine.core.score.account import Account

T0 = 1_767_225_600_000
"""2026-01-01T00:00:00Z in ms."""
SECOND, HOUR, DAY = 1_000, 3_600_000, 86_400_000
ACME = "acme.com"
LINEAR = 1e12
FACETS = {
    "intent": "topic",
    "hiring": "department",
    "funding": "round",
    "engagement": "persona",
    "technographic": "technology",
    "leadership": "role",
}
FIELDS: dict[str, dict[str, Any]] = {
    "intent": {"topic": "crm", "score": 85},
    "hiring": {"title": "VP Sales"},
    "funding": {"round": "series_b"},
    "engagement": {"activity": "pricing_view"},
    "technographic": {"technology": "Snowflake", "change": "adopted"},
    "leadership": {"role": "CFO", "change": "joined"},
}


def after(days: float = 0, hours: float = 0, seconds: float = 0, ms: int = 0) -> int:
    """So long after T0, in ms."""
    return T0 + round(days * DAY + hours * HOUR + seconds * SECOND) + ms


def rule(points: float, act_now: bool = False, trigger: bool = False, **when: Any) -> Rule:
    return Rule(predicates(when, ("when",)) if when else (), points, act_now, trigger)


def kind(
    name: str = "intent",
    half_life: float = 1,
    cap: float = LINEAR,
    facet_cap: float = LINEAR,
    facet: str | None = None,
    rules: tuple[Rule, ...] = (rule(100),),
) -> KindPolicy:
    return KindPolicy(name, half_life, cap, facet or FACETS[name], facet_cap, rules)


def policy(
    *kinds: KindPolicy,
    hot: tuple[float, float, int] = (60, 50, 1),
    warm: tuple[float, float, int] = (35, 28, 1),
    multipliers: tuple[float, ...] = (1.0,),
    live_floor: float = 1.0,
    cooldown_days: float = 14,
    hand_raise_hours: float = 24,
    trigger_days: float = 14,
    max_silence_days: float | None = None,
    group: tuple[int, float] | None = None,
    personas: tuple[Persona, ...] = (),
    relations: Mapping[Relation, RelationPolicy] = DEFAULT_RELATIONS,
    **lists: Any,
) -> Policy:
    return Policy(
        1,
        {k.kind: k for k in kinds or (kind(),)},
        Stack(live_floor, multipliers, None if group is None else GroupPolicy(*group)),
        Levels(Threshold(*hot, max_silence_days), Threshold(*warm)),
        AlertPolicy(cooldown_days, hand_raise_hours, trigger_days),
        ListPolicy(**lists),
        Personas(personas),
        relations,
    )


HAND_RAISES = (rule(100, act_now=True, activity="demo_request"), rule(100))
TRIGGERS = (rule(100, trigger=True, change="joined"), rule(100))
BUYERS = (
    Persona("student", ("student", "intern"), counts=False),
    Persona("finance", ("cfo", "chief financial", "finance")),
    Persona("it", ("cio", "it")),
    Persona("sales", ("cro", "sales")),
)
JUST_100 = 99.99999
"""Points that are half as many within the last tenth of a second before a half-life of a few days has passed."""


def event(
    kind: str = "intent",
    points: float = 80,
    at: int = T0,
    event_id: str = "",
    account: str = ACME,
    backfill: bool = False,
    **fields: Any,
) -> Event:
    said = {**FIELDS[kind], **fields}
    return Event(account, kind, event_id or f"{kind}-{at}-{points}", at, points / 100, said, backfill)


def fit_decision(decision: Decision = "chase", fit: float | None = 80.0, tier: str | None = "A", icp: str = "saas"):
    return FitDecision(icp, 1, decision, fit, tier, ("because",))


def fit(
    decision: Decision = "chase", fit: float | None = 80.0, tier: str | None = "A", account: str = ACME, **more: Any
) -> Fit:
    return Fit(account, (fit_decision(decision, fit, tier),), **more)


def icp(
    name: str = "saas",
    must_have: dict[str, Any] | None = None,
    disqualify: tuple[tuple[dict[str, Any], str], ...] = (),
    points: tuple[tuple[dict[str, Any], float, str], ...] = (),
    base: float = 40,
    tiers: dict[str, float] | None = None,
    decisions: dict[str, Decision] | None = None,
) -> Icp:
    return Icp(
        name,
        3,
        "Dana Reyes",
        "dana@example.com",
        "2027-02-20",
        predicates(must_have, ("must_have",)) if must_have else (),
        tuple(Disqualifier(predicates(when, ()), reason) for when, reason in disqualify),
        base,
        tuple(FitPoints(predicates(when, ()), n, label) for when, n, label in points),
        tiers or {"A": 80, "B": 60, "C": 40},
        decisions or {"A": "chase", "B": "chase", "C": "deprioritize"},
    )


class Story:
    """One account, told signal by signal; `said` collects (type, instant) of its alerts."""

    def __init__(self, policy: Policy, fit: Fit | None = None, fits: bool = True) -> None:
        self.account, self.scoring_context = Account(), ScoringContext(policy)
        self.fit = (fit or globals()["fit"]()) if fits else None
        self.alerts: list[Alert] = []
        self.reason: NoAlertReason | None = None
        self.outcome: EventOutcome | None = None

    def tell(self, event: Event, now: int | None = None) -> list[tuple[str, int]]:
        """The alerts that an event gave at `now` (when it happened)."""
        now = event.occurred_at if now is None else now
        self.outcome, alerts, self.reason = advance(self.account, event, now, self.fit, self.scoring_context)
        return self._said(alerts)

    def wait(self, until: int) -> list[tuple[str, int]]:
        """The alerts that time alone gave until then."""
        return self._said(pass_time(self.account, ACME, until, self.fit, self.scoring_context))

    def _said(self, alerts: list[Alert]) -> list[tuple[str, int]]:
        self.alerts += alerts
        return [(alert.decision.type, alert.decision.at) for alert in alerts]
