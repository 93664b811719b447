"""Accounts that a single criterion keeps from being chased, and by how much."""

from collections.abc import Iterator

from signal_engine.core.fit.criteria import Criteria, Examined
from signal_engine.core.fit.icp import CHASE, IGNORE
from signal_engine.engine.reports.misses.costs import Against, costs
from signal_engine.engine.reports.misses.market import ReportMarket, head, may_be_worked_on
from signal_engine.wire.output.reports.report_documents import NearFit, NearFits
from signal_engine.wire.output.rounding import rounded


def near_fits(market: ReportMarket) -> NearFits:
    """One row per account and ICP that it nearly fits, highest score first."""
    near = {account: found for account in market.table.fits if (found := list(_near(market, account)))}
    rows: list[NearFit] = []
    for stands in market.by_strength(iter(near)):
        fields = market.table.fields[stands.account]
        for criteria, seen in near[stands.account]:
            (criterion,) = seen.against
            distance = criteria.distance(criterion, fields)
            rows.append(
                {
                    **market.reported(stands),
                    "icp": criteria.icp.icp,
                    "stage": criterion.stage,
                    "criterion": criterion.words,
                    "distance": None if distance is None else rounded(distance),
                    "would_be": criteria.without(fields).tier,
                }
            )
    against = [Against(criteria.icp.icp, seen.against) for each in near.values() for criteria, seen in each]
    name, at, version = head("near-fits", market)
    return {"report": name, "at": at, "config_version": version, "costs": costs(against), "rows": rows}


def _near(market: ReportMarket, account: str) -> Iterator[tuple[Criteria, Examined]]:
    """The ICPs that ignore the account because of one criterion alone: without it, the account would be chased.

    For an account below the lowest tier, that criterion is its points.
    """
    fit = market.table.fits[account]
    if fit.primary.decision != IGNORE or not may_be_worked_on(fit, market.policy):
        return
    fields = market.table.fields[account]
    for criteria in market.criteria.values():
        seen = criteria.examine(fields)
        if len(seen.against) != 1 or seen.decision.decision != IGNORE:
            continue
        is_below = seen.decision.fit is not None and seen.decision.tier is None
        if is_below or criteria.without(fields).decision == CHASE:
            yield criteria, seen
