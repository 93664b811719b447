"""From an accepted event to points: the ordered rules of its kind (scoring.md section 1)."""

from dataclasses import dataclass

from .configuration import Kind
from .lines import Event
from .predicates import holds
from .values import as_boolean, elements_of


@dataclass(frozen=True, slots=True)
class Worth:
    """What a rule makes of an event: its points, already times the confidence, and whether it is a hand raise."""

    points: float
    act_now: bool


def worth_of(event: Event, kind: Kind) -> Worth | None:
    """The points of the first rule that holds; None when the event is ignored."""
    if event.kind == "hiring" and event.fields.get("status") == "closed":
        return None
    rule = next((rule for rule in kind.rules if holds(rule.get("when"), event.fields)), None)
    if rule is None:
        return None
    points = rule["points"] * event.confidence
    return Worth(points, as_boolean(rule.get("act_now")) is True) if points > 0 else None


def facet_of(event: Event, kind: Kind) -> object:
    """The facet the event counts under; missing reads as `unknown`, texts compare without case and outer blanks.

    Ambiguous: a blank text counts as missing (section 1 puts them in one row), so it too is `unknown`.
    """
    elements = elements_of(event.fields.get(kind.facet)) if kind.facet else []
    facet: object = elements[0] if elements else "unknown"
    return facet.strip().casefold() if isinstance(facet, str) else facet
