"""Which fields a mapping may give of what it produces, and whether a value is what a field may be."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

from pydantic import ConfigDict, TypeAdapter, with_config

from signal_engine.core.rules.kinds import COMMON_FIELDS, KINDS, OWN_FIELDS
from signal_engine.wire.events.models import EVENT_MODELS, field_validator
from signal_engine.wire.intake.mapping import OUTCOMES
from signal_engine.wire.outcomes.models import OutcomeRecord

OF_THE_MAPPING: Final = frozenset({"event_id", "account_id", "occurred_at"})
"""Fields that have a key of their own in a mapping; of outcomes, event_id gives outcome_id, and occurred_at at."""
PRODUCED: Final = (*KINDS, OUTCOMES)
"""What a production makes: events of a kind, or outcomes."""
_OF_OUTCOMES: Final = frozenset({"outcome_id", "account_id", "at"})
_IN_ITS_CURRENCY: Final = frozenset({"amount", "currency"})
"""Become `amount_usd`."""
_validate_outcome: Final = TypeAdapter[Any](with_config(ConfigDict(strict=True))(OutcomeRecord)).validator


class ProducedFields(NamedTuple):
    """The fields of one of `PRODUCED`, besides `OF_THE_MAPPING`."""

    may: frozenset[str]
    must: frozenset[str]
    check: Callable[[dict[str, Any]], Any]
    """Raises `ValidationError`, also for what is missing besides."""


def produced_fields(produced: str) -> ProducedFields:
    """The fields of one of `PRODUCED`."""
    if produced == OUTCOMES:
        told = frozenset(OutcomeRecord.__annotations__) - _OF_OUTCOMES | _IN_ITS_CURRENCY
        return ProducedFields(told, frozenset({"stage"}), _validate_outcome.validate_python)
    model: Any = EVENT_MODELS[produced]
    may = (OWN_FIELDS[produced] | COMMON_FIELDS) - OF_THE_MAPPING
    must = frozenset(model.__required_keys__) - OF_THE_MAPPING
    return ProducedFields(may, must, field_validator(produced))
