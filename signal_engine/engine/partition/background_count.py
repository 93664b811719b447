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

_APPLIED, _IGNORED = EventOutcome.APPLIED, EventOutcome.IGNORED  # members are looked up in 40 ns, once an event


class Background:
    """The counters of one transaction."""

    __slots__ = ("_counted", "_policy")

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        kinds = policy.kinds if any(policy.sells.values()) else ()
        self._counted = {kind: [0, 0] for kind in kinds}
        """Kind -> events that rules were asked about, and those off the list. Mutable: nearly every event has one."""

    def note(self, event: Event, outcome: EventOutcome) -> None:
        """An event that was judged."""
        counted = self._counted.get(event.kind)
        if counted is None:
            return
        if outcome is _APPLIED:
            counted[0] += 1
        elif outcome is _IGNORED and (off := no_rule_holds(event, self._policy)) is not None:
            counted[0] += 1
            counted[1] += off

    def add(self, kind: str, asked: int, off: int) -> None:
        """Events that somebody else judged: of which rules were asked, and those off the list."""
        if (counted := self._counted.get(kind)) is not None:
            counted[0] += asked
            counted[1] += off

    @property
    def counts(self) -> dict[CounterName, int]:
        """By counter."""
        found = {asked(kind): events for kind, (events, _) in self._counted.items() if events}
        return found | {off_list(kind): off for kind, (_, off) in self._counted.items() if off}


def shares(counts: Mapping[str, int], kinds: Collection[str]) -> list[OffList]:
    """The share of background by kind, for `kinds`, out of the counters of all partitions."""
    found: list[OffList] = []
    for kind in KINDS:
        if kind in kinds and (events := counts.get(asked(kind), 0)):
            off = counts.get(off_list(kind), 0)
            found.append({"kind": kind, "events": events, "off_list": off, "share": round(off / events, 4)})
    return found
