"""A market evaluated by a replay at one instant: feeds the reports from files."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from signal_engine.core.actions.log import ActionLog
from signal_engine.core.delivery.holdback import NO_CONTROL_GROUP, ControlGroup
from signal_engine.core.delivery.team import Team
from signal_engine.core.fit.icp import Fit, Icp
from signal_engine.core.flow import ScoringContext
from signal_engine.core.rules.policy import COLD, Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.snapshot import AccountSnapshot, take_snapshot
from signal_engine.engine.fit.table import AccountTable
from signal_engine.engine.read_model.concealing import shown
from signal_engine.engine.reports.builders import BUILDERS
from signal_engine.engine.reports.misses.examining import ByFields
from signal_engine.engine.reports.misses.reporting import (
    NOTHING_BESIDE,
    Beside,
    DataGaps,
    ReportBasis,
    ReportBuilder,
    SeenAccount,
)
from signal_engine.engine.reports.misses.watcher import Watcher
from signal_engine.wire.outcomes.record import AccountOutcome
from signal_engine.wire.output.distribution import OffList
from signal_engine.wire.output.reports.report_documents import Report
from signal_engine.wire.output.reports.reported_account import ReportName


class JudgedAccounts(Protocol):
    """The account states of a replay."""

    def items(self) -> Iterator[tuple[str, Account]]:
        """Every account with signals, as of its last event. Read only."""

    def state(self, name: str, at: int) -> Account:
        """The state of an account at `at` (ms); blank without signals."""

    def snapshot(self, name: str, at: int) -> AccountSnapshot:
        """Its snapshot at that instant."""

    def fit(self, name: str, at: int) -> Fit | None:
        """Its fit as people's actions leave it at that instant."""

    def logs(self) -> Mapping[str, ActionLog]:
        """The actions of each account about which people decided something."""


@dataclass(frozen=True)
class ReportMarket:
    """The decided accounts with their states."""

    at: int
    """The instant of evaluation, in ms."""
    config_version: str
    policy: Policy
    icps: Sequence[Icp]
    table: AccountTable
    judged: JudgedAccounts
    watcher: Watcher
    off_list: Sequence[OffList] = field(default_factory=tuple)
    outcomes: Sequence[AccountOutcome] = ()
    team: Team | None = None
    """The people of the routes file."""
    group: ControlGroup = NO_CONTROL_GROUP
    """Whom the routes file holds back."""

    def report(self, name: ReportName) -> Report:
        """One report, with all its rows."""
        watcher, table = self.watcher, self.table
        came_in = watcher.activity
        gaps = DataGaps(table.facts, came_in.titles, came_in.engagement, self.off_list, came_in.sources)
        basis = ReportBasis(
            self.at,
            self.config_version,
            self.policy,
            ByFields(self.icps, table.fields),
            {icp.icp: icp.owner_email for icp in self.icps},
            gaps=gaps,
            team=self.team,
        )
        builder = BUILDERS[name](basis)
        logs = self.judged.logs()
        for account, beside in self._walk(builder, logs):
            builder.add(self._seen(account, logs, beside))
        return builder.document()

    def _walk(self, builder: ReportBuilder, logs: Mapping[str, ActionLog]) -> Iterator[tuple[str, Beside]]:
        """The accounts that a report looks at, each with its hand raises or outcomes where it goes by those."""
        if builder.walk == "nothing":
            return
        if builder.walk == "table":
            yield from ((name, NOTHING_BESIDE) for name, fit in self.table.fits.items() if builder.wants(fit))
        elif builder.walk == "acted":
            yield from ((name, NOTHING_BESIDE) for name in logs)
        elif builder.walk == "raises":
            yield from ((name, Beside(raises)) for name, raises in self.watcher.hand_raises(self.at).items())
        elif builder.walk == "alerts":
            yield from ((name, Beside(alerts=seen)) for name, seen in self.watcher.alerts(self.at, self.group).items())
        elif builder.walk == "outcomes":
            yield from ((name, Beside(outcomes=told)) for name, told in self._outcomes().items())
        else:
            names = [name for name, account in self.judged.items() if account.level != COLD or account.hand_raise]
            yield from ((name, NOTHING_BESIDE) for name in names if builder.wants(self.table.fits.get(name)))

    def _outcomes(self) -> dict[str, list[AccountOutcome]]:
        found: dict[str, list[AccountOutcome]] = {}
        for one in self.outcomes:
            found.setdefault(one.account, []).append(one)
        return found

    def _seen(self, name: str, logs: Mapping[str, ActionLog], beside: Beside) -> SeenAccount:
        judged, at = self.judged, self.at
        log, fit = logs.get(name, ActionLog()), judged.fit(name, at)
        seen = shown(name, judged.state(name, at), fit, at, ScoringContext(self.policy), self.group)
        snapshot = take_snapshot(name, seen.account, at, self.policy) if seen.conceals else judged.snapshot(name, at)
        return SeenAccount(snapshot, fit, seen.account, log, *beside)
