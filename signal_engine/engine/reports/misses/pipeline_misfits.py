"""Open opportunities on accounts that do not fit or that people took off, with what speaks against each."""

from collections import defaultdict
from typing import Final, NamedTuple, TypeAlias

from signal_engine.core.actions.in_force import EVERYWHERE
from signal_engine.core.fit.criteria import told
from signal_engine.core.fit.icp import IGNORE, Fit
from signal_engine.core.rules.instants import DAY
from signal_engine.engine.outcomes.opportunities import OPEN, Opportunity, opportunities
from signal_engine.engine.reports.misses.reporting import ReportBasis, Rows, SeenAccount, Walk, head, reported
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.reports.decision_documents import Misfit, MisfitCount, PipelineMisfit, PipelineMisfits
from signal_engine.wire.output.rounding import rounded

_NOT_FIT: Final = "not_fit"
_Counted: TypeAlias = tuple[Misfit, str | None, str | None]


class _Against(NamedTuple):
    """What speaks against an account."""

    misfit: Misfit
    icp: str | None
    criterion: str | None
    by: str | None = None

    @property
    def counted(self) -> _Counted:
        """What opportunities are counted by: reasons that people typed are each their own."""
        return self.misfit, self.icp, self.criterion if self.misfit == _NOT_FIT else None


class PipelineMisfitsBuilder:
    """An account that nobody can judge, or that is in no accounts file, is no misfit: nothing speaks against it."""

    walk: Final[Walk] = "outcomes"

    def __init__(self, basis: ReportBasis) -> None:
        self._basis = basis
        self._rows: Rows[PipelineMisfit] = Rows(basis.max_rows)
        self._open = 0
        self._counts: dict[_Counted, int] = defaultdict(int)
        self._amounts: dict[_Counted, float] = defaultdict(float)

    def wants(self, by_rule: Fit | None) -> bool:
        """See `ReportBuilder`."""
        del by_rule
        return True

    def add(self, one: SeenAccount) -> None:
        """See `ReportBuilder`."""
        until_now = [outcome for outcome in one.outcomes if outcome.at <= self._basis.at]
        still_open = [found for found in opportunities(until_now) if found.result == OPEN]
        self._open += len(still_open)
        against = _against(one)
        if against is None:
            return
        for number, found in enumerate(still_open):
            self._counts[against.counted] += 1
            self._amounts[against.counted] += found.amount_usd or 0
            self._rows.add((-(found.amount_usd or 0), found.began, one.name, number), self._row(one, found, against))

    def document(self) -> PipelineMisfits:
        """See `ReportBuilder`."""
        return {
            **head("pipeline-misfits", self._basis, self._rows.total),
            "open": self._open,
            "amount_usd": rounded(sum(self._amounts.values())),
            "counts": self._ranked(),
            "rows": self._rows.ranked(),
        }

    def _row(self, one: SeenAccount, found: Opportunity, against: _Against) -> PipelineMisfit:
        return {
            **reported(one),
            "opportunity_id": found.opportunity_id,
            "stage": found.stage_name,
            "amount_usd": found.amount_usd,
            "opened_at": format_instant(found.began),
            "age_days": max(0, self._basis.at - found.began) // DAY,
            "misfit": against.misfit,
            "icp": against.icp,
            "criterion": against.criterion,
            "by": against.by,
        }

    def _ranked(self) -> list[MisfitCount]:
        def strongest(key: _Counted) -> tuple[float, int, str, str, str]:
            return -self._amounts[key], -self._counts[key], key[0], key[1] or "", key[2] or ""

        return [
            {
                "misfit": key[0],
                "icp": key[1],
                "criterion": key[2],
                "opportunities": self._counts[key],
                "amount_usd": rounded(self._amounts[key]),
            }
            for key in sorted(self._counts, key=strongest)
        ]


def _against(one: SeenAccount) -> _Against | None:
    """What speaks against an account, the word of a person first; None where nothing does."""
    if one.fit is None:
        return None
    actions, by_rule = one.fit.actions, one.by_rule
    if (said := actions.do_not_contact) is not None:
        return _Against("do_not_contact", None, said.reason, said.by)
    if (said := actions.kills.get(EVERYWHERE)) is not None:
        return _Against("killed", None, said.reason, said.by)
    if by_rule is None:
        return None
    primary = by_rule.primary
    if primary.decision == IGNORE:
        against = told(primary).by
        return _Against(_NOT_FIT, primary.icp, None if against is None else against.words)
    if (said := actions.kills.get(primary.icp)) is not None and one.fit.primary.decision == IGNORE:
        return _Against("killed", primary.icp, said.reason, said.by)
    return None
