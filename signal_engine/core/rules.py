"""From event to points (scoring.md, section 1), and the facet a signal belongs to (section 2)."""

from functools import lru_cache
from typing import Final

from signal_engine.core.events import Event
from signal_engine.core.kinds import HIRING
from signal_engine.core.policy import KindPolicy
from signal_engine.core.readings import as_text, fold, is_blank

UNKNOWN_FACET: Final = "unknown"


def worth(event: Event, kind: KindPolicy) -> tuple[float, bool]:
    """(points, act_now): the points of the first rule that holds, times the confidence, and whether it is a hand raise.

    0 points or less: the event counts for nothing. A closed posting never counts.
    """
    if event.kind == HIRING and event.fields.get("status") == "closed":
        return 0.0, False
    rule = kind.rulebook.first(event.fields)
    return (rule.points * event.confidence, rule.act_now) if rule is not None else (0.0, False)


def facet_of(event: Event, kind: KindPolicy) -> str:
    """The facet a signal saturates with: the field's text without case and surrounding blanks, else `unknown`."""
    value = event.fields.get(kind.facet)
    if type(value) is str:
        return _facet(value)
    return UNKNOWN_FACET if is_blank(value) else as_text(value)


@lru_cache(maxsize=16_384)  # the same few topics, personas and technologies come again and again
def _facet(text: str) -> str:
    return fold(text) or UNKNOWN_FACET
