"""The scoring file: YAML to `Policy` (scoring.md, section 8)."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Final, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from signal_engine.core.laws import law_problems
from signal_engine.core.rules.kinds import KINDS
from signal_engine.core.rules.personas import MAX_PERSONAS, OTHER, UNKNOWN, Persona, Personas, words_of
from signal_engine.core.rules.policy import (
    DEFAULT_RELATIONS,
    FORMULA,
    AlertPolicy,
    Audience,
    GroupPolicy,
    KindPolicy,
    Level,
    Levels,
    ListPolicy,
    Policy,
    RelationPolicy,
    Stack,
    Threshold,
)
from signal_engine.core.rules.predicates import SELLS, predicates
from signal_engine.core.rules.problems import InvalidConfiguration, Problem
from signal_engine.core.rules.readings import fold
from signal_engine.core.rules.relations import Relation
from signal_engine.core.rules.rulebook import Rule
from signal_engine.wire.config import yaml_files

_Number = Annotated[float, Field(strict=True)]
_Days = Annotated[float, Field(strict=True, allow_inf_nan=False, le=100_000)]
_Whole = Annotated[int, Field(strict=True)]
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]*")


class ScoringFile(NamedTuple):
    """A scoring file in force."""

    policy: Policy
    config_version: str
    """The file's version and a short hash of its content: `1-3f2a9c1d`."""
    rules_hash: str
    """Hash of whatever stored states depend on, so that a change needs a rebuild: formula, rules, half-lives, facets,
    what we sell, personas, `live_floor`."""
    lists_referred: dict[str, str]
    """`sells` list -> the first place that refers to it: `kinds.hiring.rules[0].when.title`."""
    document: yaml_files.Document
    """Line of each value, for warnings that name it."""


class _ScoringModel(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _RuleSection(_ScoringModel):
    when: Any = None
    points: _Number
    act_now: Annotated[bool, Field(strict=True)] = False
    trigger: Annotated[bool, Field(strict=True)] = False


class _Kind(_ScoringModel):
    half_life_days: _Days
    cap: _Number
    facet: str
    facet_cap: _Number
    rules: list[_RuleSection]


class _Group(_ScoringModel):
    personas: _Whole
    each: _Number


class _StackSection(_ScoringModel):
    live_floor: _Number = Stack().live_floor
    multipliers: list[_Number] = list(Stack().multipliers)
    group: _Group | None = None


class _Hot(_ScoringModel):
    enter: _Number = Levels().hot.enter
    exit: _Number = Levels().hot.exit
    min_kinds: _Whole = Levels().hot.min_kinds
    max_silence_days: _Days | None = None


class _Warm(_ScoringModel):
    enter: _Number = Levels().warm.enter
    exit: _Number = Levels().warm.exit
    min_kinds: _Whole = Levels().warm.min_kinds


class _LevelsSection(_ScoringModel):
    hot: _Hot = _Hot()
    warm: _Warm = _Warm()


class _AlertsSection(_ScoringModel):
    cooldown_days: _Number = AlertPolicy().cooldown_days
    hand_raise_hours: _Number = AlertPolicy().hand_raise_hours
    trigger_days: _Number = AlertPolicy().trigger_days


class _ListsSection(_ScoringModel):
    size: _Whole = ListPolicy().size
    min_level: Level = ListPolicy().min_level
    min_score: _Number = ListPolicy().min_score
    pin_days: _Days = ListPolicy().pin_days
    tier_weight: dict[str, _Number] = ListPolicy().tier_weight


class _Sells(_ScoringModel):
    departments: list[str] = []
    roles: list[str] = []
    technologies: list[str] = []
    competitors: list[str] = []
    topics: list[str] = []


class _PersonaSection(_ScoringModel):
    name: str
    words: list[str] = Field(min_length=1)
    counts: Annotated[bool, Field(strict=True)] = True


class _Relation(_ScoringModel):
    listed: Annotated[bool, Field(strict=True)] = False
    alert: Audience | None = None


class _Scoring(_ScoringModel):
    version: yaml_files.Version
    sells: _Sells = _Sells()
    personas: list[_PersonaSection] = []
    stack: _StackSection = _StackSection()
    levels: _LevelsSection = _LevelsSection()
    alerts: _AlertsSection = _AlertsSection()
    lists: _ListsSection = _ListsSection()
    relations: dict[Relation, _Relation] | None = None
    kinds: dict[str, _Kind] = Field(min_length=1)


def parse(name: str, text: bytes) -> ScoringFile:
    """Parse the scoring file `name`. Raises `ConfigurationError` with every problem and its line."""
    document = yaml_files.read(name, text)
    try:
        scoring = _Scoring.model_validate(document.data)
        policy = _policy(scoring)
    except ValidationError as error:
        raise document.error(yaml_files.problems_of(error)) from None
    except InvalidConfiguration as refused:
        raise document.error(refused.problems) from None
    if problems := law_problems(policy):
        raise document.error(problems)
    said = scoring.model_dump()
    stored = {
        "kinds": {kind: _stored(spec) for kind, spec in scoring.kinds.items()},
        "sells": said["sells"],
        "personas": said["personas"],
        "live_floor": scoring.stack.live_floor,
        "formula": FORMULA,
    }
    config_version = f"{policy.version}-{_hash({**said, 'formula': FORMULA})}"
    return ScoringFile(policy, config_version, _hash(stored), _lists_referred(scoring), document)


def _policy(scoring: _Scoring) -> Policy:
    problems: list[Problem] = [*_persona_problems(scoring.personas)]
    sells = {name: tuple(words) for name, words in scoring.sells.model_dump().items()}
    kinds: dict[str, KindPolicy] = {}
    for kind in sorted(scoring.kinds, key=lambda k: KINDS.index(k) if k in KINDS else len(KINDS)):
        spec = scoring.kinds[kind]
        if kind not in KINDS:
            problems.append(Problem(("kinds", kind), f"is not a known kind; the kinds are {', '.join(KINDS)}"))
            continue
        rules = tuple(_rules(spec, ("kinds", kind, "rules"), sells, problems))
        kinds[kind] = KindPolicy(kind, spec.half_life_days, spec.cap, spec.facet, spec.facet_cap, rules)
    if problems:
        raise InvalidConfiguration(problems)
    stack, hot, warm, alerts = scoring.stack, scoring.levels.hot, scoring.levels.warm, scoring.alerts
    group = None if stack.group is None else GroupPolicy(stack.group.personas, stack.group.each)
    return Policy(
        version=scoring.version,
        kinds=kinds,
        stack=Stack(stack.live_floor, tuple(stack.multipliers), group),
        levels=Levels(
            Threshold(hot.enter, hot.exit, hot.min_kinds, hot.max_silence_days),
            Threshold(warm.enter, warm.exit, warm.min_kinds),
        ),
        alerts=AlertPolicy(alerts.cooldown_days, alerts.hand_raise_hours, alerts.trigger_days),
        lists=ListPolicy(**scoring.lists.model_dump()),
        personas=Personas(Persona(p.name, tuple(p.words), p.counts) for p in scoring.personas),
        relations=_relations(scoring),
        sells=sells,
    )


def _relations(scoring: _Scoring) -> dict[Relation, RelationPolicy]:
    if scoring.relations is None:
        return dict(DEFAULT_RELATIONS)
    return {name: RelationPolicy(said.listed, said.alert) for name, said in scoring.relations.items()}


def _persona_problems(personas: Sequence[_PersonaSection]) -> Iterator[Problem]:
    if len(personas) > MAX_PERSONAS:
        yield Problem(("personas",), f"has {len(personas)} personas; at most {MAX_PERSONAS} are possible")
    names = [persona.name for persona in personas]
    for index, (name, persona) in enumerate(zip(names, personas, strict=True)):
        where = ("personas", index)
        if name != fold(name) or not _NAME.fullmatch(name):
            yield Problem((*where, "name"), f"{name!r} must consist of lower-case letters, digits, - and _")
        elif name in (OTHER, UNKNOWN):
            yield Problem((*where, "name"), f"{name!r} is reserved for titles that match no persona or are missing")
        elif name in names[:index]:
            yield Problem((*where, "name"), f"{name!r} is defined twice; put all its words in one place")
        for place, word in enumerate(persona.words):
            if not words_of(word):
                yield Problem((*where, "words", place), "must contain a word (letters, digits or underscores)")


def _lists_referred(scoring: _Scoring) -> dict[str, str]:
    """`sells` list -> the first place in a rule that refers to it as `$sells.NAME`."""
    referred: dict[str, str] = {}
    for kind, spec in scoring.kinds.items():
        for index, rule in enumerate(spec.rules):
            for field, asked in (rule.when or {}).items():
                for operand in asked.values() if isinstance(asked, dict) else ():
                    if isinstance(operand, str) and operand.startswith(SELLS):
                        where = f"kinds.{kind}.rules[{index}].when.{field}"
                        referred.setdefault(operand.removeprefix(SELLS), where)
    return referred


def _rules(
    spec: _Kind, path: tuple[str | int, ...], sells: Mapping[str, Sequence[str]], problems: list[Problem]
) -> Iterator[Rule]:
    for index, rule in enumerate(spec.rules):
        try:
            when = () if rule.when is None else predicates(rule.when, (*path, index, "when"), sells)
        except InvalidConfiguration as refused:
            problems.extend(refused.problems)
        else:
            yield Rule(when, rule.points, rule.act_now, rule.trigger)


def _stored(spec: _Kind) -> dict[str, Any]:
    return spec.model_dump(include={"half_life_days", "facet", "rules"})


def _hash(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:8]
