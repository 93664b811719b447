"""Prospects with strong signals that do not fit, with the criterion that excludes each."""

from typing import Final

from signal_engine.core.fit.icp import IGNORE, Fit
from signal_engine.core.rules.policy import COLD
from signal_engine.core.rules.relations import PROSPECT
from signal_engine.engine.reports.misses.costs import Costs
from signal_engine.engine.reports.misses.reporting import (
    ReportBasis,
    Rows,
    SeenAccount,
    Walk,
    by_strength,
    head,
    may_be_worked_on,
    reported,
)
from signal_engine.wire.output.reports.report_documents import HighIntentOutsideIcp, OutsideIcp


class HighIntentBuilder:
    """The prospects that are warm or hot and that no ICP chases, strongest first, and the cost of each criterion."""

    walk: Final[Walk] = "states"

    def __init__(self, basis: ReportBasis) -> None:
        self._basis = basis
        self._rows: Rows[OutsideIcp] = Rows(basis.max_rows)
        self._costs = Costs(knows_all=basis.examiner.knows_all)

    def wants(self, by_rule: Fit | None) -> bool:
        """See `ReportBuilder`."""
        return by_rule is not None and by_rule.primary.decision == IGNORE and by_rule.relation == PROSPECT

    def add(self, one: SeenAccount) -> None:
        """See `ReportBuilder`."""
        fit = one.by_rule
        if fit is None or one.decided or one.snapshot.level == COLD:
            return
        if not self.wants(fit) or not may_be_worked_on(fit, self._basis.policy):
            return
        examined = self._basis.examiner.examine(one.name, fit)
        for icp, seen in examined.items():
            self._costs.add(icp, seen.against)
        first, *others = examined[fit.primary.icp].against
        row: OutsideIcp = {
            **reported(one),
            "icp": fit.primary.icp,
            "stage": first.stage,
            "criterion": first.words,
            "others": [criterion.words for criterion in others],
        }
        self._rows.add(by_strength(one), row)

    def document(self) -> HighIntentOutsideIcp:
        """See `ReportBuilder`."""
        shared = head("high-intent-outside-icp", self._basis, self._rows.total)
        return {**shared, "costs": self._costs.ranked(), "rows": self._rows.ranked()}
