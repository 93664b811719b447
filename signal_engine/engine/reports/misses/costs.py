"""Counts how many accounts each criterion excludes."""

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from signal_engine.core.fit.criteria import Criterion
from signal_engine.wire.output.reports.report_documents import CriterionCost


class Against(NamedTuple):
    """The criteria of one ICP that exclude one account."""

    icp: str
    criteria: tuple[Criterion, ...]


def costs(found: Iterable[Against]) -> list[CriterionCost]:
    """The costs by criterion and ICP; first the criterion that alone excludes most."""
    accounts, alone = Counter[tuple[str, Criterion]](), Counter[tuple[str, Criterion]]()
    for icp, criteria in found:
        accounts.update(dict.fromkeys(((icp, one) for one in criteria), 1))
        if len(criteria) == 1:
            alone[icp, criteria[0]] += 1
    ranked = sorted(accounts, key=lambda one: (-alone[one], -accounts[one], one[0], one[1].words))
    return [
        {
            "icp": icp,
            "stage": criterion.stage,
            "criterion": criterion.words,
            "accounts": accounts[icp, criterion],
            "alone": alone[icp, criterion],
        }
        for icp, criterion in ranked
    ]
