"""The closed list of counters: sums over all events of a partition since the beginning of a generation.

Only this module creates names; `CounterName` keeps other text out of transactions. Names are stored.
"""

from typing import Final, NewType

from signal_engine.core.acting import ActionOutcome
from signal_engine.core.flow import EventOutcome

CounterName = NewType("CounterName", str)

REJECTED: Final = CounterName("rejected")
"""Records that became dead letters."""
OUTCOMES: Final = (*(CounterName(outcome.value) for outcome in EventOutcome), REJECTED)
"""The possible outcomes of a record: each received record counts under exactly one of them."""

_ACTIONS_APPLIED: Final = CounterName("actions_applied")
_ACTIONS_DUPLICATE: Final = CounterName("actions_duplicate")
ACTIONS_REFUSED: Final = CounterName("actions_refused")
"""Account actions that became dead letters."""
ACTION_OUTCOMES: Final = (_ACTIONS_APPLIED, _ACTIONS_DUPLICATE, ACTIONS_REFUSED)
"""Every account action that was received is counted under one of these, once; none of them among `OUTCOMES`."""

COPIES_SKIPPED: Final = CounterName("copies_passed_over")
"""Copies of rerouted records that had been processed before. Not an outcome: the record itself was counted."""
ORIGINS_DISBELIEVED: Final = CounterName("origins_disbelieved")
"""Records whose headers name an impossible origin. Not an outcome: the record counts as an ordinary one."""
ALERTED: Final = CounterName("alerted")
"""Alerts that were sent; readers poll it to notice new ones."""


def outcome_counter(outcome: EventOutcome) -> CounterName:
    """Events with this outcome."""
    return CounterName(outcome.value)


def action_counter(outcome: ActionOutcome) -> CounterName:
    """Account actions with this outcome."""
    return CounterName(f"actions_{outcome}")


def rejected_from(topic: str) -> CounterName:
    """Rejected records of `topic`."""
    return CounterName(f"{REJECTED}:{topic}")


def rejected_for(reason: str) -> CounterName:
    """Rejected records with this reason (`wire.events.rejections`)."""
    return CounterName(f"{REJECTED}:{reason}")


def asked(kind: str) -> CounterName:
    """Events of `kind` that rules were asked about."""
    return CounterName(f"asked:{kind}")


def off_list(kind: str) -> CounterName:
    """Of those, events for which no rule holds: background."""
    return CounterName(f"off_list:{kind}")
