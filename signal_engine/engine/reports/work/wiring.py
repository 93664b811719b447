"""Which systems downstream each published ICP has changed: what `sync` did, and what people confirmed."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from signal_engine.core.fit.icp import Fit
from signal_engine.core.sync.wiring import (
    Confirmation,
    Downstream,
    DownstreamChange,
    SeenChange,
    VersionInForce,
    VersionWiring,
    WiringFacts,
    wiring_of,
)
from signal_engine.engine.reports.misses.reporting import ReportBasis, SeenAccount, Walk, head
from signal_engine.engine.rules.log import RulesLog
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.reports.work_documents import ChangedSystem, VersionReach, Wiring
from signal_engine.wire.sync.ledger_rows import SinkState

_WRITTEN_BY: Final[Mapping[str, Downstream]] = {
    "hubspot": "crm_fields",
    "salesforce": "crm_fields",
    "linkedin": "paid_audience",
}
"""Kind of a sink -> the system that it writes to. The others hand over lists: what becomes of those, people know."""


class SinkSeen(NamedTuple):
    """A sink of the sync file, with what its ledger says."""

    name: str
    kind: str
    state: SinkState


def wiring_facts(log: RulesLog, sinks: Iterable[SinkSeen]) -> WiringFacts:
    """What the topic of rules and the ledgers of sinks say, by the clock of Kafka where Kafka has it."""
    published = [
        VersionInForce(icp, one.rule.named.version, one.timestamp) for icp, one in sorted(log.icps_in_force().items())
    ]
    confirmed = [
        Confirmation(icp, version, system, one.rule.by, one.rule.note, one.timestamp)
        for (icp, version, system), one in log.confirmed.items()
    ]
    return WiringFacts(published, [change for one in sinks for change in _seen(one)], confirmed)


def _seen(sink: SinkSeen) -> Iterable[SeenChange]:
    if (downstream := _WRITTEN_BY.get(sink.kind)) is None:
        return
    for named, change in sink.state.by_version.items():
        icp, _, version = named.rpartition("/")
        moved = change.added, change.removed, change.first_at, change.last_at
        yield SeenChange(icp, int(version), downstream, sink.name, *moved)


class WiringBuilder:
    """One row a published ICP and system downstream. It looks at no account."""

    walk: Final[Walk] = "nothing"

    def __init__(self, basis: ReportBasis) -> None:
        self._basis = basis

    def wants(self, by_rule: Fit | None) -> bool:
        """See `ReportBuilder`."""
        del by_rule
        return False

    def add(self, one: SeenAccount) -> None:
        """See `ReportBuilder`."""

    def document(self) -> Wiring:
        """See `ReportBuilder`."""
        basis = self._basis
        versions = versions_wired(basis.wiring, basis.at)
        rows = [_row(one, change) for one in versions for change in one.changes]
        return {**head("wiring", basis, len(rows)), "versions": [reach_of(one) for one in versions], "rows": rows}


def versions_wired(facts: WiringFacts, now: int) -> list[VersionWiring]:
    """How far each version in force has come at `now` (ms)."""
    return [wiring_of(one, facts, now) for one in facts.published]


def reach_of(one: VersionWiring) -> VersionReach:
    """The same of one version, as reports tell it."""
    return {
        "icp": one.published.icp,
        "version": one.published.version,
        "published_at": format_instant(one.published.at),
        "due_at": format_instant(one.due_at),
        "in_time": one.in_time,
        "systems": len(one.changes),
        "status": one.status,
    }


def _row(one: VersionWiring, change: DownstreamChange) -> ChangedSystem:
    seen, said = change.seen, change.confirmed
    return {
        "icp": one.published.icp,
        "version": one.published.version,
        "system": change.downstream,
        "changed_at": None if change.first_at is None else format_instant(change.first_at),
        "last_changed_at": None if change.last_at is None else format_instant(change.last_at),
        "added": sum(its.added for its in seen) if seen else None,
        "removed": sum(its.removed for its in seen) if seen else None,
        "sinks": [its.sink for its in seen],
        "confirmed_by": None if said is None else said.by,
        "note": None if said is None else said.note,
    }
