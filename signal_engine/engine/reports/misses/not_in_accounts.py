"""Companies with strong signals that are not in the accounts file."""

from typing import Final

from signal_engine.core.fit.icp import Fit
from signal_engine.engine.reports.misses.reporting import (
    ReportBasis,
    Rows,
    SeenAccount,
    Walk,
    by_strength,
    head,
    in_market,
    reported,
)
from signal_engine.wire.output.reports.report_documents import NotInAccounts
from signal_engine.wire.output.reports.reported_account import ReportedAccount


class NotInAccountsBuilder:
    """The companies that are warm or hot, or asked to be called, strongest first."""

    walk: Final[Walk] = "states"

    def __init__(self, basis: ReportBasis) -> None:
        self._basis = basis
        self._rows: Rows[ReportedAccount] = Rows(basis.max_rows)

    def wants(self, by_rule: Fit | None) -> bool:
        """See `ReportBuilder`."""
        return by_rule is None

    def add(self, one: SeenAccount) -> None:
        """See `ReportBuilder`."""
        if one.by_rule is None and not one.decided and in_market(one):
            self._rows.add(by_strength(one), reported(one))

    def document(self) -> NotInAccounts:
        """See `ReportBuilder`."""
        return {**head("not-in-accounts", self._basis, self._rows.total), "rows": self._rows.ranked()}
