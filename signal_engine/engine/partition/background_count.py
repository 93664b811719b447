"""How much of what comes in is background: events for which no rule holds, counted by kind in the step that judges.

Only under a scoring file that says what we sell: without, no event is off a list. `fit load` tells the shares, out of
the counters of all partitions, for the kinds whose rules ask for what we sell.
"""

from collections.abc import Collection, Mapping
from typing import Final

from signal_engine.core.flow import EventOutcome
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.kinds import KINDS
from signal_engine.core.rules.points import no_rule_holds
from signal_engine.core.rules.policy import Policy
from signal_engine.wire.output.distribution import OffList

_ASKED: Final = "asked:"
"""With a kind behind it, the counter of events that rules were asked about."""
_OFF_LIST: Final = "off_list:"
"""Likewise, of those for which none held."""


class Background:
    """The counters of one step."""

    __slots__ = ("_counts", "_policy")

    def __init__(self, policy: Policy) -> None:
        self._policy = policy if any(policy.sells.values()) else None
        self._counts: dict[str, int] = {}

    def note(self, event: Event, outcome: EventOutcome) -> None:
        """An event that was judged."""
        policy = self._policy
        if (
            policy is None
            or outcome not in (EventOutcome.APPLIED, EventOutcome.IGNORED)
            or event.kind not in policy.kinds
        ):
            return
        off = outcome is EventOutcome.IGNORED and no_rule_holds(event, policy)
        if off is None:
            return
        for name in (_ASKED, _OFF_LIST) if off else (_ASKED,):
            counter = name + event.kind
            self._counts[counter] = self._counts.get(counter, 0) + 1

    @property
    def counts(self) -> dict[str, int]:
        """By counter."""
        return self._counts


def shares(counts: Mapping[str, int], kinds: Collection[str]) -> list[OffList]:
    """The share of background by kind, for `kinds`, out of the counters of all partitions."""
    return [
        {"kind": kind, "events": asked, "off_list": off, "share": round(off / asked, 4)}
        for kind in KINDS
        if kind in kinds and (asked := counts.get(_ASKED + kind, 0))
        for off in (counts.get(_OFF_LIST + kind, 0),)
    ]
