"""What happened, before any provider reports it."""

from collections.abc import Mapping
from dataclasses import dataclass

from signal_engine.simulation.companies import Company


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened at one company."""

    at: int
    """ms since 1970, whole seconds."""
    company: Company
    kind: str
    fields: Mapping[str, object]
    """The fields of its kind, as in the contract."""
