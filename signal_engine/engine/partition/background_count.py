"""How much of what comes in is background: events for which no rule holds, counted by kind in the transaction that
judges.

Only under a scoring file that says what we sell: without, no event is off a list. `fit load` tells the shares, out of
the counters of all partitions, for the kinds whose rules ask for what we sell.
"""

from collections.abc import Collection, Mapping

from signal_engine.core.flow import EventOutcome
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.kinds import KINDS
from signal_engine.core.rules.points import no_rule_holds
from signal_engine.core.rules.policy import Policy
from signal_engine.engine.ports.counters import CounterName, asked, off_list
from signal_engine.wire.output.distribution import OffList


class Background:
    """The counters of one transaction."""

    __slots__ = ("_counts", "_policy")

    def __init__(self, policy: Policy) -> None:
        self._policy = policy if any(policy.sells.values()) else None
        self._counts: dict[CounterName, int] = {}

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
        for counter in (asked(event.kind), off_list(event.kind)) if off else (asked(event.kind),):
            self._counts[counter] = self._counts.get(counter, 0) + 1

    @property
    def counts(self) -> dict[CounterName, int]:
        """By counter."""
        return self._counts


def shares(counts: Mapping[str, int], kinds: Collection[str]) -> list[OffList]:
    """The share of background by kind, for `kinds`, out of the counters of all partitions."""
    found: list[OffList] = []
    for kind in KINDS:
        if kind in kinds and (events := counts.get(asked(kind), 0)):
            off = counts.get(off_list(kind), 0)
            found.append({"kind": kind, "events": events, "off_list": off, "share": round(off / events, 4)})
    return found
