"""From event to points (scoring.md, section 1), and the facet a signal belongs to (section 2)."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final, NamedTuple

from signal_engine.core.rules.events import Event
from signal_engine.core.rules.kinds import ENGAGEMENT, HIRING
from signal_engine.core.rules.personas import UNKNOWN
from signal_engine.core.rules.policy import KindPolicy, Policy
from signal_engine.core.rules.readings import as_text, fold, is_blank

_UNKNOWN_FACET: Final = "unknown"
_NEVER_COUNTS_BY: Final = {HIRING: "status", ENGAGEMENT: "automated"}
"""Kind -> the field by which `never_counts` goes."""


class ScoredEvent(NamedTuple):
    """What an event is worth."""

    points: float
    """0 or less: it counts for nothing."""
    act_now: bool = False
    """A hand raise: somebody asked to be called."""
    trigger: bool = False
    """A trigger event: a reason to call by itself."""


_NOTHING: Final = ScoredEvent(0.0)


def with_persona(event: Event, policy: Policy) -> tuple[Mapping[str, Any], str]:
    """The event's fields as rules and facets see them, and its persona: its title, mapped by the scoring file."""
    fields = event.fields
    if event.kind != ENGAGEMENT:
        return fields, UNKNOWN
    persona = policy.personas.name_of(fields.get("persona"))
    return {**fields, "persona": persona}, persona


def score_event(event: Event, fields: Mapping[str, Any], kind: KindPolicy) -> ScoredEvent:
    """The points of the first rule that holds for `fields`, times the confidence, and what the rule says of the event.

    A closed posting never counts, nor does what no person did.
    """
    if never_counts(event):
        return _NOTHING
    rule = kind.rulebook.first(fields)
    return ScoredEvent(rule.points * event.confidence, rule.act_now, rule.trigger) if rule is not None else _NOTHING


def never_counts(event: Event) -> bool:
    """Whether no rule is asked: a posting that is closed, or what no person did."""
    if event.kind == HIRING:
        return event.fields.get("status") == "closed"
    return event.kind == ENGAGEMENT and event.fields.get("automated") is True


def no_rule_holds(event: Event, policy: Policy) -> bool | None:
    """Whether an event of a kind of `policy` is off every list: no rule holds. None where no rule is asked, as of a
    closed posting and of what no person did.
    """
    if never_counts(event):
        return None
    fields, _ = with_persona(event, policy)
    return policy.kinds[event.kind].rulebook.first(fields) is None


def fields_asked(kind: KindPolicy) -> dict[str, tuple[float, ...]]:
    """The fields of events of `kind` on which their points depend, confidence apart.

    Where rules do nothing but measure a field, its limits: numbers that stand alike to all of them count alike. Else
    nothing: then its value counts.
    """
    asked: dict[str, tuple[float, ...]] = {}
    only_measured: dict[str, bool] = {}
    for predicate in (predicate for rule in kind.rules for predicate in rule.when):
        name, limits = predicate.field, tuple(limit for _, limit in predicate.limits)
        asked[name] = (*asked.get(name, ()), *limits)
        only_measured[name] = only_measured.get(name, True) and len(limits) == len(predicate.tests)
    if kind.kind in _NEVER_COUNTS_BY:
        only_measured[_NEVER_COUNTS_BY[kind.kind]] = False
    return {name: asked[name] if measured else () for name, measured in only_measured.items()}


def facet_of(fields: Mapping[str, Any], kind: KindPolicy) -> str:
    """The facet a signal saturates with: the field's text without case and surrounding blanks, else `unknown`."""
    value = fields.get(kind.facet)
    if type(value) is str:
        return _facet(value)
    return _UNKNOWN_FACET if is_blank(value) else as_text(value)


@lru_cache(maxsize=16_384)  # the same few topics, personas and technologies come again and again
def _facet(text: str) -> str:
    return fold(text) or _UNKNOWN_FACET
