"""The fetches of one transaction, triaged: ordinary events by whoever judges them, all else by Python."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from signal_engine.core.actions.action import AccountAction
from signal_engine.engine.ingest.origin import Claims
from signal_engine.engine.ingest.triage import Origins, Resolving, Triage, TriagedEvent, triage, triage_actions
from signal_engine.engine.partition.account_cache import CachedAccount
from signal_engine.engine.partition.ordinary.batch import OrdinaryBatch
from signal_engine.engine.ports.fetched import Fetched
from signal_engine.wire.events.account_names import is_mail_provider
from signal_engine.wire.events.one_event import NOT_IN_ACCOUNTS


class Fetches(NamedTuple):
    """The fetches of one transaction, those of signal topics first, and by what they are triaged."""

    fetches: Sequence[Fetched]
    claims: Sequence[Claims]
    """Of each."""
    kinds: Mapping[str, str]
    """Signal topic -> kind."""
    clock: int
    """ms."""
    dealt_with: Origins
    partition_of: Callable[[str], int]
    by: Resolving

    @property
    def records(self) -> int:
        """Number of records."""
        return sum(len(fetched.records) for fetched in self.fetches)

    def triaged(self, ordinary: OrdinaryBatch | None) -> list[Triage]:
        """Each fetch without what `ordinary` takes of it; the same again by another call. Raises `JudgeFailed`."""
        return [self._triaged(fetched, its, ordinary) for fetched, its in zip(self.fetches, self.claims, strict=True)]

    def _triaged(self, fetched: Fetched, claims: Claims, ordinary: OrdinaryBatch | None) -> Triage:
        kind = self.kinds.get(fetched.topic)
        if kind is None:
            return triage_actions(fetched, self.clock, self.dealt_with, self.partition_of, claims, self.by)
        if ordinary is not None:
            fetched = ordinary.take(kind, fetched, self.clock, self.partition_of, self.by.aliases)
        return triage(kind, fetched, self.clock, self.dealt_with, self.partition_of, claims, self.by)


def arrived_for(intakes: Sequence[Triage], known: Mapping[str, CachedAccount]) -> list[TriagedEvent]:
    """The events of companies, in the order in which they are decided: those of a mail provider that is in no accounts
    file become refused.
    """
    strangers = {name for name, one in known.items() if not one.has_fit and is_mail_provider(name)}
    for intake in intakes if strangers else ():
        intake.refused.extend((one.record, NOT_IN_ACCOUNTS) for one in intake.arrived if one.event.account in strangers)
        intake.arrived[:] = [one for one in intake.arrived if one.event.account not in strangers]
    arrived = [one for intake in intakes for one in intake.arrived]
    if len(intakes) > 1:
        arrived.sort(key=_when)
    return arrived


def acted_on(intakes: Sequence[Triage]) -> set[str]:
    """The accounts of which there are actions, which are in the last fetch."""
    return {one.event.account for one in intakes[-1].arrived if isinstance(one.event, AccountAction)}


def _when(one: TriagedEvent) -> int:
    return one.now
