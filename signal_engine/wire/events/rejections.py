"""Why an event is refused, as a value: the wire never raises for bad data."""

from typing import Final, Literal, NamedTuple, TypeAlias

Reason: TypeAlias = Literal["not_json", "schema", "kind_mismatch", "account", "future", "too_large", "bug"]

REASONS: Final[tuple[Reason, ...]] = ("not_json", "schema", "kind_mismatch", "account", "future", "too_large", "bug")
"""The closed list, as in the header `dlq.reason`, the metric label and the log word."""


class Refusal(NamedTuple):
    """One refused event."""

    reason: Reason
    """One of `REASONS`."""
    detail: str
    """The field and what is wrong with it, in plain words; never a value taken from the event."""
