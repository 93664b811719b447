"""Accounts that are undecided because of missing data, and the field that would decide most of them."""

from typing import Final

from signal_engine.core.fit.icp import UNKNOWN, Fit
from signal_engine.engine.reports.misses.reporting import (
    ReportBasis,
    Rows,
    SeenAccount,
    Walk,
    by_strength,
    head,
    reported,
)
from signal_engine.engine.reports.missing_data import MissingFields
from signal_engine.wire.output.reports.report_documents import FieldOfIcp, UndecidedAccount, UnknownFit


class UndecidedBuilder:
    """The accounts whose primary decision is `unknown`, highest score first, and the fields that each ICP lacks."""

    walk: Final[Walk] = "table"

    def __init__(self, basis: ReportBasis) -> None:
        self._basis = basis
        self._rows: Rows[UndecidedAccount] = Rows(basis.max_rows)
        self._lacking: dict[str, MissingFields] = {}

    def wants(self, by_rule: Fit | None) -> bool:
        """See `ReportBuilder`."""
        return by_rule is not None and by_rule.primary.decision == UNKNOWN

    def add(self, one: SeenAccount) -> None:
        """See `ReportBuilder`."""
        fit = one.by_rule
        if fit is None or one.decided:
            return
        examined = self._basis.examiner.examine(one.name, fit)
        for icp, seen in examined.items():
            if seen.decision.decision == UNKNOWN:
                self._lacking.setdefault(icp, MissingFields()).add(seen.missing)
        missing = [*dict.fromkeys(examined[fit.primary.icp].missing)]
        row: UndecidedAccount = {**reported(one), "icp": fit.primary.icp, "missing": missing}
        self._rows.add(by_strength(one), row)

    def document(self) -> UnknownFit:
        """See `ReportBuilder`."""
        fields: list[FieldOfIcp] = [
            {**field, "icp": icp} for icp, missing in self._lacking.items() for field in missing.ranked()
        ]
        fields.sort(key=lambda one: (-one["alone"], -one["accounts"], one["icp"], one["field"]))
        return {**head("unknown", self._basis, self._rows.total), "fields": fields, "rows": self._rows.ranked()}
