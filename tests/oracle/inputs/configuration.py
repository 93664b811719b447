"""The scoring file with the defaults of scoring.md section 8 for what it leaves out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.oracle.inputs.instants import DAY
from tests.oracle.inputs.personas import Persona, read_personas

_SELLS = "$sells."


@dataclass(frozen=True, slots=True)
class Kind:
    """How signals of one kind count: half-life in days, caps in points, rules in their order."""

    half_life: float
    cap: float
    facet: str | None
    facet_cap: float
    rules: tuple[dict[str, Any], ...]

    def expires_after(self) -> float:
        """Six half-lives, in microseconds (section 1): what is older is expired."""
        return 6 * self.half_life * DAY


@dataclass(frozen=True, slots=True)
class Threshold:
    """Where a level begins (score and live kinds) and where it ends (score; silence in microseconds, or never)."""

    enter: float
    exit: float
    min_kinds: int
    max_silence: int | None


@dataclass(frozen=True, slots=True)
class Group:
    """The buying group: how many named personas with how many points each."""

    personas: int
    each: float


@dataclass(frozen=True, slots=True)
class Relation:
    """Whether accounts of a relation are listed, and whom their alerts are for (`sdr`, `owner` or nobody)."""

    listed: bool
    alert: str | None


@dataclass(frozen=True, slots=True)
class Scoring:
    """The parsed file; durations are microseconds."""

    kinds: Mapping[str, Kind]
    personas: tuple[Persona, ...]
    live_floor: float
    multipliers: tuple[float, ...]
    group: Group | None
    hot: Threshold
    warm: Threshold
    cooldown: int
    hand_raise: int
    trigger: int
    size: int
    min_level: str
    min_score: float
    pin: int
    tier_weight: Mapping[str, float]
    relations: Mapping[str, Relation]

    def has_personas(self) -> bool:
        """Named personas are there only where engagement's facet is `persona` (section 1)."""
        return "engagement" in self.kinds and self.kinds["engagement"].facet == "persona"


_STACK = {"live_floor": 4.0, "multipliers": [1.0, 1.15, 1.3, 1.4], "group": None}
_HOT = {"enter": 40, "exit": 32, "min_kinds": 2, "max_silence_days": None}
_WARM = {"enter": 20, "exit": 15, "min_kinds": 1}
_ALERTS = {"cooldown_days": 14, "hand_raise_hours": 24, "trigger_days": 14}
_LISTS = {
    "size": 200, "min_level": "warm", "min_score": 0, "pin_days": 14, "tier_weight": {"A": 1.0, "B": 0.85, "C": 0.7},
}  # fmt: skip
_RELATIONS: dict[str, Any] = {
    "prospect": {"listed": True, "alert": "sdr"},
    "former_customer": {"listed": True, "alert": "sdr"},
    "open_opportunity": {"alert": "owner"},
    "customer": {"alert": "owner"},
}


def read_scoring(file: Mapping[str, Any]) -> Scoring:
    """Fill in the defaults, field by field.

    Ambiguous: `tier_weight`, `multipliers` and `relations` are each one field: a file that gives them gives them whole.
    """
    stack = _with_defaults(file.get("stack"), _STACK)
    levels = file.get("levels") or {}
    alerts = _with_defaults(file.get("alerts"), _ALERTS)
    lists = _with_defaults(file.get("lists"), _LISTS)
    sells = file.get("sells") or {}
    return Scoring(
        kinds={name: _kind(kind, sells) for name, kind in (file.get("kinds") or {}).items()},
        personas=read_personas(file.get("personas")),
        live_floor=stack["live_floor"],
        multipliers=tuple(stack["multipliers"]),
        group=None if stack["group"] is None else Group(**stack["group"]),
        hot=_threshold(_with_defaults(levels.get("hot"), _HOT)),
        warm=_threshold(_with_defaults(levels.get("warm"), _WARM)),
        cooldown=round(alerts["cooldown_days"] * DAY),
        hand_raise=round(alerts["hand_raise_hours"] * DAY / 24),
        trigger=round(alerts["trigger_days"] * DAY),
        size=lists["size"],
        min_level=lists["min_level"],
        min_score=lists["min_score"],
        pin=round(lists["pin_days"] * DAY),
        tier_weight=lists["tier_weight"],
        relations=_relations(file.get("relations") or _RELATIONS),
    )


def _kind(file: Mapping[str, Any], sells: Mapping[str, Any]) -> Kind:
    return Kind(
        half_life=file["half_life_days"],
        cap=file["cap"],
        facet=file.get("facet"),
        facet_cap=file["facet_cap"],
        rules=tuple(_rule(rule, sells) for rule in file.get("rules") or ()),
    )


def _rule(rule: Mapping[str, Any], sells: Mapping[str, Any]) -> dict[str, Any]:
    """The rule with every operand `$sells.NAME` replaced by that list, an empty one where `sells` lacks it."""
    when = rule.get("when") or {}
    return {**rule, "when": {field: _predicate(predicate, sells) for field, predicate in when.items()}}


def _predicate(predicate: Any, sells: Mapping[str, Any]) -> Any:
    if not isinstance(predicate, dict):
        return predicate
    return {operator: _operand(operator, operand, sells) for operator, operand in predicate.items()}


def _operand(operator: str, operand: Any, sells: Mapping[str, Any]) -> Any:
    refers = isinstance(operand, str) and operand.startswith(_SELLS)
    if refers and operator in ("in", "not_in", "contains", "has_any"):
        return list(sells.get(operand.removeprefix(_SELLS)) or ())
    return operand


def _threshold(level: Mapping[str, Any]) -> Threshold:
    silence = level.get("max_silence_days")
    return Threshold(
        level["enter"], level["exit"], level["min_kinds"], None if silence is None else round(silence * DAY)
    )


def _relations(block: Mapping[str, Mapping[str, Any]]) -> dict[str, Relation]:
    return {name: Relation(bool(one.get("listed", False)), one.get("alert")) for name, one in block.items()}


def _with_defaults(given: Mapping[str, Any] | None, defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {field: (given or {}).get(field, default) for field, default in defaults.items()}
