"""From an accepted event to points: the ordered rules of its kind (scoring.md section 1)."""

from collections.abc import Mapping
from typing import Any

from tests.oracle.inputs.configuration import Kind, Scoring
from tests.oracle.inputs.lines import Event
from tests.oracle.inputs.personas import UNKNOWN, persona_of
from tests.oracle.inputs.values import as_boolean, as_text, elements_of
from tests.oracle.scores.predicates import holds
from tests.oracle.scores.scoring import Signal


def signal_of(event: Event, scoring: Scoring) -> Signal | None:
    """The event as a signal, by the first rule that holds; None when it is ignored."""
    kind = scoring.kinds.get(event.kind)
    if kind is None or _is_passed_over(event):
        return None
    fields = _with_persona(event, scoring)
    rule = next((rule for rule in kind.rules if holds(rule["when"], fields)), None)
    points = 0.0 if rule is None else rule["points"] * event.confidence
    if rule is None or points <= 0:
        return None
    return Signal(
        event_id=event.event_id,
        kind=event.kind,
        facet=_facet(fields, kind),
        persona=fields["persona"] if event.kind == "engagement" else UNKNOWN,
        points=points,
        occurred_at=event.occurred_at,
        applied_at=event.now,
        act_now=as_boolean(rule.get("act_now")) is True,
        trigger=as_boolean(rule.get("trigger")) is True,
        backfill=event.backfill,
    )


def _is_passed_over(event: Event) -> bool:
    """A closed posting, or an engagement that a machine made."""
    if event.kind == "hiring":
        return event.fields.get("status") == "closed"
    return event.kind == "engagement" and event.fields.get("automated") is True


def _with_persona(event: Event, scoring: Scoring) -> Mapping[str, Any]:
    """The fields as the rules and the facet see them: `persona` of an engagement event is its name.

    Ambiguous: a missing persona is `unknown` before the rules, so that none of them sees it missing.
    """
    if event.kind != "engagement":
        return event.fields
    return {**event.fields, "persona": persona_of(event.fields.get("persona"), scoring.personas)}


def _facet(fields: Mapping[str, Any], kind: Kind) -> object:
    """The facet the event counts under; missing or blank reads as `unknown`, texts compare as in section 1."""
    elements = elements_of(fields.get(kind.facet)) if kind.facet else []
    facet: object = elements[0] if elements else UNKNOWN
    return as_text(facet) if isinstance(facet, str) else facet
