"""Accounts that a single criterion keeps from being chased, and by how much."""

from collections.abc import Iterator
from typing import Final

from signal_engine.core.fit.criteria import Examined
from signal_engine.core.fit.icp import IGNORE, Fit
from signal_engine.engine.reports.misses.costs import Costs
from signal_engine.engine.reports.misses.reporting import (
    ReportBasis,
    Rows,
    SeenAccount,
    ShortOf,
    Walk,
    by_strength,
    head,
    may_be_worked_on,
    reported,
)
from signal_engine.wire.output.reports.report_documents import NearFit, NearFits
from signal_engine.wire.output.rounding import rounded


class NearFitsBuilder:
    """One row per account and ICP that it nearly fits, highest score first."""

    walk: Final[Walk] = "table"

    def __init__(self, basis: ReportBasis) -> None:
        self._basis = basis
        self._rows: Rows[NearFit] = Rows(basis.max_rows)
        self._costs = Costs(knows_all=basis.examiner.knows_all)

    def wants(self, by_rule: Fit | None) -> bool:
        """See `ReportBuilder`."""
        if by_rule is None or by_rule.primary.decision != IGNORE or not may_be_worked_on(by_rule, self._basis.policy):
            return False
        return any(self._near(by_rule.account, by_rule))

    def add(self, one: SeenAccount) -> None:
        """See `ReportBuilder`."""
        if one.by_rule is None or one.decided:
            return
        for number, (icp, seen, short) in enumerate(self._near(one.name, one.by_rule)):
            self._costs.add(icp, seen.against)
            (criterion,) = seen.against
            row: NearFit = {
                **reported(one),
                "icp": icp,
                "stage": criterion.stage,
                "criterion": criterion.words,
                "distance": None if short.distance is None else rounded(short.distance),
                "would_be": short.would_be,
            }
            self._rows.add(by_strength(one, number), row)

    def document(self) -> NearFits:
        """See `ReportBuilder`."""
        shared = head("near-fits", self._basis, self._rows.total)
        return {**shared, "costs": self._costs.ranked(), "rows": self._rows.ranked()}

    def _near(self, account: str, by_rule: Fit) -> Iterator[tuple[str, Examined, ShortOf]]:
        """The ICPs that ignore the account because of one criterion alone."""
        for icp, seen in self._basis.examiner.examine(account, by_rule).items():
            if (short := self._basis.examiner.near(account, icp, seen)) is not None:
                yield icp, seen, short
