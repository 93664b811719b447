"""What would make an account hot: tries every signal that a rule counts on a copy of its state.

Trials use the core's own functions, so there is no second formula that could disagree.
"""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import NamedTuple, cast

from signal_engine.core.advice import DeadRules
from signal_engine.core.fit.eligibility import unalerted_reason
from signal_engine.core.fit.icp import Fit
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.kinds import ENGAGEMENT, Kind
from signal_engine.core.rules.personas import UNKNOWN
from signal_engine.core.rules.points import ScoredEvent
from signal_engine.core.rules.policy import HEAT, HOT, KindPolicy, Policy
from signal_engine.core.rules.rulebook import Rule
from signal_engine.core.score.account import Account
from signal_engine.core.score.levels import rise
from signal_engine.core.score.stack import Score, evaluate
from signal_engine.core.score.stacking import stack
from signal_engine.engine.reports.what_if_facets import facets_to_try
from signal_engine.wire.events.examples import EVENTS
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.reports.what_if_documents import PossibleSignal, TriedSignal, WhatIf
from signal_engine.wire.output.rounding import rounded
from signal_engine.wire.storage.state import decode, encode


class _Trial(NamedTuple):
    """A signal and the resulting copy of the account."""

    kind: KindPolicy
    rule: Rule
    facet: str
    account: Account
    score: Score

    @property
    def rank(self) -> tuple[int, float]:
        """Sort key, higher is better: the level, then the score before the ceiling."""
        return HEAT[self.account.level], self.score.raw


def what_if(account: Account, at: int, fit: Fit | None, policy: Policy, dead: DeadRules = ()) -> WhatIf:
    """What would make `account` hot at `at` (ms); the account must have been advanced to `at`, and stays unchanged.

    `dead` are rules that can never hold, as (kind, index).
    """
    score, hot = evaluate(account, at, policy), policy.levels.hot
    trials = sorted(_single(account, at, policy, dead), key=lambda trial: trial.rank, reverse=True)
    none_does = account.level != HOT and all(trial.account.level != HOT for trial in trials)
    return {
        "at": format_instant(at),
        "level": account.level,
        "score": rounded(score.score),
        "hot_from": hot.enter,
        "min_kinds": hot.min_kinds,
        "kinds_live": len(score.live),
        "signals": [_tried(trial) for trial in trials],
        "together": _together(account, at, policy, trials) if none_does else [],
        "no_alert_because": unalerted_reason(fit, policy),
    }


def _single(account: Account, at: int, policy: Policy, dead: DeadRules) -> Iterator[_Trial]:
    """One trial for every rule that gives points, with the facet that adds most."""
    for kind in policy.kinds.values():
        for index, rule in enumerate(kind.rules):
            if rule.points > 0 and (kind.kind, index) not in dead:
                facets = facets_to_try(account, kind, index, at, policy)
                tried = (_try(account, kind, rule, facet, at, policy) for facet in facets)
                yield max(tried, key=lambda trial: trial.rank)


def _together(account: Account, at: int, policy: Policy, trials: Sequence[_Trial]) -> list[list[PossibleSignal]]:
    """The smallest sets of kinds that would suffice, each with its strongest signal."""
    strongest: dict[str, _Trial] = {}
    for trial in trials:
        strongest.setdefault(trial.kind.kind, trial)
    for size in range(2, len(strongest) + 1):
        sets = [
            [_possible(trial) for trial in chosen]
            for chosen in combinations(strongest.values(), size)
            if _all_of(account, chosen, at, policy).level == HOT
        ]
        if sets:
            return sets
    return []


def _all_of(account: Account, chosen: Sequence[_Trial], at: int, policy: Policy) -> Account:
    for trial in chosen:
        account = _try(account, trial.kind, trial.rule, trial.facet, at, policy).account
    return account


def _try(account: Account, kind: KindPolicy, rule: Rule, facet: str, at: int, policy: Policy) -> _Trial:
    """Apply one signal to a copy."""
    then = decode(encode(account))
    fields = {**EVENTS[kind.kind][0], kind.facet: facet}
    event = Event("", kind.kind, "what-if", at, 1.0, fields)
    persona = str(fields["persona"]) if kind.kind == ENGAGEMENT else UNKNOWN
    scored = ScoredEvent(rule.points, rule.act_now, rule.trigger)
    stack(then, event, fields, persona, scored, at, at, policy, None)
    if then.level != HOT:
        rise(then, kind.kind, at, policy)
    return _Trial(kind, rule, facet, then, evaluate(then, at, policy))


def _possible(trial: _Trial) -> PossibleSignal:
    rule = " and ".join(f"{one.field} {one.words}" for one in trial.rule.when) or "any other"
    points = rounded(trial.rule.points)
    return {"kind": cast("Kind", trial.kind.kind), "rule": rule, "points": points, "facet": trial.facet}


def _tried(trial: _Trial) -> TriedSignal:
    return {**_possible(trial), "score": rounded(trial.score.score), "level": trial.account.level}
