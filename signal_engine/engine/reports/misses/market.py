"""An evaluated market at one instant, the input of the reports."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from signal_engine.core.fit.criteria import Criteria
from signal_engine.core.fit.eligibility import kept_off
from signal_engine.core.fit.icp import Fit, Icp
from signal_engine.core.rules.policy import COLD, Policy
from signal_engine.core.rules.relations import PROSPECT
from signal_engine.core.score.account import Account
from signal_engine.core.score.snapshot import AccountSnapshot
from signal_engine.engine.fit.table import AccountTable
from signal_engine.engine.reports.misses.watcher import Watcher
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.distribution import OffList
from signal_engine.wire.output.reports.report_documents import ReportedAccount, ReportName
from signal_engine.wire.output.rounding import rounded


class JudgedAccounts(Protocol):
    """The account states of a replay."""

    def items(self) -> Iterator[tuple[str, Account]]:
        """Every account with signals, as of its last event. Read only."""

    def state(self, name: str, at: int) -> Account:
        """The state of an account at `at` (ms); blank without signals."""

    def snapshot(self, name: str, at: int) -> AccountSnapshot:
        """Its snapshot at that instant."""


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

    @cached_property
    def criteria(self) -> Mapping[str, Criteria]:
        """ICP -> its criteria."""
        return {icp.icp: Criteria(icp) for icp in self.icps}

    def snapshot(self, account: str) -> AccountSnapshot:
        """The snapshot of an account."""
        return self.judged.snapshot(account, self.at)

    def in_market(self) -> Iterator[AccountSnapshot]:
        """The accounts that are warm or hot, or pinned by a hand raise, strongest first."""
        names = [name for name, account in self.judged.items() if account.level != COLD or account.hand_raise]
        found = (self.snapshot(name) for name in names)
        return iter(sorted((one for one in found if one.level != COLD or one.pinned), key=_by_strength))

    def by_strength(self, accounts: Iterator[str]) -> list[AccountSnapshot]:
        """The snapshots of these accounts, strongest first."""
        return sorted(map(self.snapshot, accounts), key=_by_strength)

    def reported(self, stands: AccountSnapshot) -> ReportedAccount:
        """The fields of an account that every report has."""
        fit = self.table.fits.get(stands.account)
        last = stands.last_signal_at
        return {
            "account_id": stands.account,
            "name": fit.name if fit else None,
            "owner": fit.owner if fit else None,
            "sdr": (fit.sdr or fit.owner) if fit else None,
            "relation": fit.relation if fit else PROSPECT,
            "level": stands.level,
            "score": rounded(stands.score.score),
            "why_now": stands.why_now.text if stands.why_now else None,
            "last_signal_at": None if last is None else format_instant(last),
        }


def head(name: ReportName, market: ReportMarket) -> tuple[ReportName, str, str]:
    """Name, instant and scoring version of a report."""
    return name, format_instant(market.at), market.config_version


def may_be_worked_on(fit: Fit, policy: Policy) -> bool:
    """Whether nothing but its fit keeps an account off lists."""
    return kept_off(fit, policy) is None


def _by_strength(stands: AccountSnapshot) -> tuple[float, str]:
    """Strongest first."""
    return -stands.score.raw, stands.account
