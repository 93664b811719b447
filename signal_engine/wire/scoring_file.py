"""The scoring file: YAML to `Policy` (scoring.md, section 8)."""

import hashlib
import json
from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from signal_engine.core.kinds import KINDS
from signal_engine.core.laws import law_problems
from signal_engine.core.policy import AlertPolicy, KindPolicy, Levels, ListPolicy, Policy, Stack, Threshold
from signal_engine.core.predicates import predicates
from signal_engine.core.problems import Problem, Refused
from signal_engine.core.rulebook import Rule
from signal_engine.wire import yaml_files

Number = Annotated[float, Field(strict=True)]
Days = Annotated[float, Field(strict=True, allow_inf_nan=False, le=100_000)]
Whole = Annotated[int, Field(strict=True)]


class ScoringFile(NamedTuple):
    """A scoring file in force."""

    policy: Policy
    config_version: str
    """The file's version and a short hash of what it says: `1-3f2a9c1d`."""
    rules_hash: str
    """Of rules, half-lives and facets: what is folded into stored states and cannot change under them."""


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Rule(_Model):
    when: Any = None
    points: Number
    act_now: Annotated[bool, Field(strict=True)] = False


class _Kind(_Model):
    half_life_days: Days
    cap: Number
    facet: str
    facet_cap: Number
    rules: list[_Rule]


class _Stack(_Model):
    live_floor: Number = Stack().live_floor
    multipliers: list[Number] = list(Stack().multipliers)


class _Threshold(_Model):
    enter: Number
    exit: Number
    min_kinds: Whole


def _threshold(default: Threshold) -> _Threshold:
    return _Threshold(enter=default.enter, exit=default.exit, min_kinds=default.min_kinds)


class _Levels(_Model):
    hot: _Threshold = _threshold(Levels().hot)
    warm: _Threshold = _threshold(Levels().warm)


class _Alerts(_Model):
    cooldown_days: Number = AlertPolicy().cooldown_days
    hand_raise_hours: Number = AlertPolicy().hand_raise_hours


class _Lists(_Model):
    size: Whole = ListPolicy().size
    min_score: Number = ListPolicy().min_score
    tier_weight: dict[str, Number] = ListPolicy().tier_weight


class _Scoring(_Model):
    version: Annotated[int, Field(strict=True, ge=1)]
    stack: _Stack = _Stack()
    levels: _Levels = _Levels()
    alerts: _Alerts = _Alerts()
    lists: _Lists = _Lists()
    kinds: dict[str, _Kind] = Field(min_length=1)


def parse(name: str, text: bytes) -> ScoringFile:
    """The scoring file `name` with content `text`. Raises `ConfigurationError` with every problem and its line."""
    document = yaml_files.read(name, text)
    try:
        scoring = _Scoring.model_validate(document.data)
        policy = _policy(scoring)
    except ValidationError as error:
        raise document.error(yaml_files.problems_of(error)) from None
    except Refused as refused:
        raise document.error(refused.problems) from None
    if problems := law_problems(policy):
        raise document.error(problems)
    stored = {kind: _stored(spec) for kind, spec in scoring.kinds.items()}
    return ScoringFile(policy, f"{policy.version}-{_hash(scoring.model_dump())}", _hash(stored))


def _policy(scoring: _Scoring) -> Policy:
    problems: list[Problem] = []
    kinds: dict[str, KindPolicy] = {}
    for kind in sorted(scoring.kinds, key=lambda k: KINDS.index(k) if k in KINDS else len(KINDS)):
        spec = scoring.kinds[kind]
        if kind not in KINDS:
            problems.append(Problem(("kinds", kind), f"is not a known kind; known are {', '.join(KINDS)}"))
            continue
        rules = tuple(_rules(spec, ("kinds", kind, "rules"), problems))
        kinds[kind] = KindPolicy(kind, spec.half_life_days, spec.cap, spec.facet, spec.facet_cap, rules)
    if problems:
        raise Refused(problems)
    stack, hot, warm, lists = scoring.stack, scoring.levels.hot, scoring.levels.warm, scoring.lists
    return Policy(
        version=scoring.version,
        kinds=kinds,
        stack=Stack(stack.live_floor, tuple(stack.multipliers)),
        levels=Levels(Threshold(hot.enter, hot.exit, hot.min_kinds), Threshold(warm.enter, warm.exit, warm.min_kinds)),
        alerts=AlertPolicy(scoring.alerts.cooldown_days, scoring.alerts.hand_raise_hours),
        lists=ListPolicy(lists.size, lists.min_score, dict(lists.tier_weight)),
    )


def _rules(spec: _Kind, path: tuple[str | int, ...], problems: list[Problem]) -> Iterator[Rule]:
    for index, rule in enumerate(spec.rules):
        try:
            when = () if rule.when is None else predicates(rule.when, (*path, index, "when"))
        except Refused as refused:
            problems.extend(refused.problems)
        else:
            yield Rule(when, rule.points, rule.act_now)


def _stored(spec: _Kind) -> dict[str, Any]:
    return spec.model_dump(include={"half_life_days", "facet", "rules"})


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:8]
