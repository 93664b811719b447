"""Counts how many accounts each criterion excludes."""

from collections import Counter
from collections.abc import Sequence

from signal_engine.core.fit.criteria import TIER, Criterion
from signal_engine.wire.output.reports.report_documents import CriterionCost


class Costs:
    """The costs by criterion and ICP. Memory: two numbers per criterion."""

    def __init__(self, *, knows_all: bool) -> None:
        """Without `knows_all`, an account may have more against it: then nobody knows what excludes it alone."""
        self._knows_all = knows_all
        self._accounts = Counter[tuple[str, Criterion]]()
        self._alone = Counter[tuple[str, Criterion]]()

    def add(self, icp: str, criteria: Sequence[Criterion]) -> None:
        """Count the criteria of one ICP that exclude one account."""
        self._accounts.update(dict.fromkeys(((icp, one) for one in criteria), 1))
        if len(criteria) == 1:
            self._alone[icp, criteria[0]] += 1

    def ranked(self) -> list[CriterionCost]:
        """First the criterion that alone excludes most."""
        accounts = self._accounts
        alone = Counter({one: self._alone[one] for one in accounts if self._knows_all or one[1].stage == TIER})
        return [
            {
                "icp": icp,
                "stage": criterion.stage,
                "criterion": criterion.words,
                "accounts": accounts[icp, criterion],
                "alone": alone.get((icp, criterion)),
            }
            for icp, criterion in sorted(accounts, key=lambda one: (-alone[one], -accounts[one], one[0], one[1].words))
        ]
