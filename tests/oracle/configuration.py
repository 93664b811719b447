"""The scoring file with the defaults of scoring.md section 8 for what it leaves out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .instants import DAY


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
    """Where a level begins (score and live kinds) and where it ends (score)."""

    enter: float
    exit: float
    min_kinds: int


@dataclass(frozen=True, slots=True)
class Scoring:
    """The parsed file; durations are microseconds."""

    kinds: Mapping[str, Kind]
    live_floor: float
    multipliers: tuple[float, ...]
    hot: Threshold
    warm: Threshold
    cooldown: int
    hand_raise: int
    size: int
    min_score: float
    tier_weight: Mapping[str, float]


_STACK = {"live_floor": 1.0, "multipliers": [1.0, 1.15, 1.3, 1.4]}
_HOT = {"enter": 60, "exit": 50, "min_kinds": 2}
_WARM = {"enter": 35, "exit": 28, "min_kinds": 1}
_ALERTS = {"cooldown_days": 14, "hand_raise_hours": 24}
_LISTS = {"size": 200, "min_score": 20, "tier_weight": {"A": 1.0, "B": 0.85, "C": 0.7}}


def read_scoring(file: Mapping[str, Any]) -> Scoring:
    """Fill in the defaults, field by field.

    Ambiguous: `tier_weight` and `multipliers` are each one field: a file that gives them gives them whole.
    """
    stack = _with_defaults(file.get("stack"), _STACK)
    levels = file.get("levels") or {}
    alerts = _with_defaults(file.get("alerts"), _ALERTS)
    lists = _with_defaults(file.get("lists"), _LISTS)
    return Scoring(
        kinds={name: _kind(kind) for name, kind in (file.get("kinds") or {}).items()},
        live_floor=stack["live_floor"],
        multipliers=tuple(stack["multipliers"]),
        hot=Threshold(**_with_defaults(levels.get("hot"), _HOT)),
        warm=Threshold(**_with_defaults(levels.get("warm"), _WARM)),
        cooldown=round(alerts["cooldown_days"] * DAY),
        hand_raise=round(alerts["hand_raise_hours"] * DAY / 24),
        size=lists["size"],
        min_score=lists["min_score"],
        tier_weight=lists["tier_weight"],
    )


def _kind(file: Mapping[str, Any]) -> Kind:
    return Kind(
        half_life=file["half_life_days"],
        cap=file["cap"],
        facet=file.get("facet"),
        facet_cap=file["facet_cap"],
        rules=tuple(file.get("rules") or ()),
    )


def _with_defaults(given: Mapping[str, Any] | None, defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {field: (given or {}).get(field, default) for field, default in defaults.items()}
