"""What `explain --what-if` and `compare` print with `--json` (contract.md, section 5). Nothing is validated."""

from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.core.rules.kinds import Kind
from signal_engine.core.rules.policy import Level
from signal_engine.wire.output.models import Instant, Points


class PossibleSignal(TypedDict):
    """A signal that a rule of the scoring file would count, if it arrived now with full confidence."""

    kind: Kind
    rule: Annotated[str, Field(description="The conditions of the event: `activity is demo_request`.")]
    points: Points
    facet: Annotated[str, Field(description="The facet that adds most; `a new one` if any new facet does.")]


class TriedSignal(PossibleSignal):
    """The account after such a signal."""

    score: float
    level: Level


class WhatIf(TypedDict):
    """What would make an account hot."""

    at: Instant
    level: Level
    score: float
    hot_from: Annotated[float, Field(description="The score from which an account is hot ...")]
    min_kinds: Annotated[int, Field(description="... if at least so many kinds are live.")]
    kinds_live: int
    signals: Annotated[list[TriedSignal], Field(description="One per rule, the highest score first.")]
    together: Annotated[
        list[list[PossibleSignal]],
        Field(description="If no single signal is enough: the smallest sets of kinds, each with its strongest signal."),
    ]
    no_alert_because: Annotated[
        NoAlertReason | None,
        Field(description="Why nobody would be alerted even if it were hot; null if someone would."),
    ]


class ComparedPart(TypedDict):
    """One part of two scores."""

    part: str
    points: Annotated[
        list[float], Field(min_length=2, max_length=2, description="Of the first and the second account.")
    ]
    difference: Annotated[float, Field(description="First minus second; the differences add up to that of the scores.")]


class Comparison(TypedDict):
    """Two accounts side by side, at the same instant."""

    until: Instant
    config_version: str
    scores: Annotated[list[float], Field(min_length=2, max_length=2)]
    difference: float
    parts: list[ComparedPart]
    accounts: Annotated[list[dict[str, Any]], Field(description="Both, as in the output of `explain`.")]
