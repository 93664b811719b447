"""What the scoring file, the ICP and the accounts file say, as far as the job goes by it."""

import csv
import re
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

DAY = 86_400_000


class Fit(NamedTuple):
    """What the accounts file and the ICP say of an account."""

    decision: str
    tier: str


class Kind(NamedTuple):
    """What the scoring file says of a kind."""

    half_life: float
    """ms."""
    cap: float
    facet: str
    facet_cap: float
    rules: list["Rule"]


class Rule(NamedTuple):
    """The first whose conditions all hold gives the points."""

    conditions: list[tuple[str, Callable[[Any], bool]]]
    """Field, test."""
    points: float
    act_now: bool
    """A hand raise."""
    trigger: bool
    """A reason to call by itself."""


_NO_RULE = Rule([], 0.0, act_now=False, trigger=False)


def worth(kind: Kind, fields: dict[str, Any]) -> Rule:
    """The first rule that holds."""
    for rule in kind.rules:
        if all(field in fields and holds(fields[field]) for field, holds in rule.conditions):
            return rule
    return _NO_RULE


def personas(result: list[dict[str, Any]]) -> tuple[Callable[[str | None], str], frozenset[str]]:
    """What a title is mapped to, and the names that count."""
    words = re.compile(r"\w+")

    def spaced(text: str) -> str:
        return f" {' '.join(words.findall(text.casefold()))} "

    named = [(one["name"], [spaced(phrase) for phrase in one["words"]]) for one in result]

    @lru_cache(10_000)
    def persona_of(title: str | None) -> str:
        if title is None or not title.strip():
            return "unknown"
        text = spaced(title)
        return next((name for name, phrases in named if any(phrase in text for phrase in phrases)), "other")

    return persona_of, frozenset(one["name"] for one in result if one.get("counts", True))


def kind(result: dict[str, Any], sells: dict[str, list[str]]) -> Kind:
    """A kind of the scoring file, whose rules may refer to lists of `sells`."""
    rules = [
        Rule(
            [(field, holds) for field, test in rule.get("when", {}).items() for holds in _tests(test, sells)],
            float(rule["points"]),
            bool(rule.get("act_now")),
            bool(rule.get("trigger")),
        )
        for rule in result["rules"]
    ]
    return Kind(result["half_life_days"] * DAY, result["cap"], result["facet"], result["facet_cap"], rules)


def _tests(result: Any, sells: dict[str, list[str]]) -> list[Callable[[Any], bool]]:
    made: list[Callable[[Any], bool]] = []
    for operator, operand in result.items() if isinstance(result, dict) else [("eq", result)]:
        if operator == "gte":
            made.append(lambda value, least=operand: value >= least)  # type: ignore[misc]
            continue
        if isinstance(operand, str) and operand.startswith("$sells."):
            operand = sells[operand.removeprefix("$sells.")]  # noqa: PLW2901 (the list that is meant)
        some = [str(one).strip().casefold() for one in (operand if isinstance(operand, list) else [operand])]
        if operator in {"eq", "in"}:
            made.append(lambda value, some=frozenset(some): str(value).strip().casefold() in some)  # type: ignore[misc]
        elif operator == "contains":
            made.append(lambda value, some=some: any(one in str(value).casefold() for one in some))  # type: ignore[misc]
        else:
            raise ValueError(f"the shipped scoring file does not use {operator}")
    return made


def fits(icp: dict[str, Any], accounts: Path) -> dict[str, Fit]:
    """Account -> its fit, of every row."""
    points = [
        ([(field, holds) for field, test in rule["when"].items() for holds in _tests(test, {})], rule["points"])
        for rule in icp["points"]
    ]
    tiers = sorted(icp["tiers"].items(), key=lambda tier: -tier[1])
    found = {}
    with accounts.open(newline="") as lines:
        for row in csv.DictReader(lines):
            fit = icp["base"] + sum(more for tests, more in points if all(holds(row[field]) for field, holds in tests))
            tier = next((name for name, least in tiers if fit >= least), "")
            found[row["domain"]] = Fit(icp["decisions"].get(tier, "ignore"), tier)
    return found
