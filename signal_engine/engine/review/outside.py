"""What lies outside the ICPs: near fits, high intent, and deals that were won there all the same."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from signal_engine.core.fit.criteria import told
from signal_engine.core.fit.icp import CHASE, Fit
from signal_engine.engine.outcomes.opportunities import WON
from signal_engine.engine.reports.misses.reporting import Examiner
from signal_engine.engine.review.segments import ReviewedTime
from signal_engine.engine.validation.deals import Deal
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.reports.report_documents import HighIntentOutsideIcp, NearFits
from signal_engine.wire.output.reports.review.documents import OutsideReviewed, WonOutside

_COSTS: Final = 5
"""Criteria that are named."""


class Missed(NamedTuple):
    """The reports on what the ICPs miss."""

    near: NearFits
    high_intent: HighIntentOutsideIcp
    levels: Mapping[str, str]
    """Account -> its level now."""


def outside(
    missed: Missed,
    examiner: Examiner,
    fits: Mapping[str, Fit],
    deals: Mapping[str, Sequence[Deal]],
    time: ReviewedTime,
) -> OutsideReviewed:
    """All of it. `fits` are by rule alone, and as they could be read before the deals."""
    won = sorted(
        _won(missed, examiner, fits, deals, time), key=lambda one: (-(one["amount_usd"] or 0.0), one["account_id"])
    )
    return {
        "near_fits": missed.near["total"],
        "near_costs": missed.near["costs"][:_COSTS],
        "high_intent": missed.high_intent["total"],
        "high_intent_costs": missed.high_intent["costs"][:_COSTS],
        "won": won,
    }


def _won(
    missed: Missed,
    examiner: Examiner,
    fits: Mapping[str, Fit],
    deals: Mapping[str, Sequence[Deal]],
    time: ReviewedTime,
) -> Iterator[WonOutside]:
    for account, of in deals.items():
        fit = fits.get(account)
        if fit is not None and fit.primary.decision == CHASE:
            continue
        for deal in of:
            if deal.result == WON and deal.closed is not None and time.holds(deal):
                near = fit is not None and _is_near(examiner, account, fit)
                yield {
                    "account_id": account,
                    "name": None if fit is None else fit.name,
                    "won_at": format_instant(deal.closed),
                    "amount_usd": deal.amount_usd,
                    "icp": None if fit is None else fit.primary.icp,
                    "criterion": None if fit is None else _criterion(fit),
                    "near": near,
                    "level": missed.levels.get(account, "cold"),
                }


def _is_near(examiner: Examiner, account: str, fit: Fit) -> bool:
    return any(examiner.near(account, icp, seen) is not None for icp, seen in examiner.examine(account, fit).items())


def _criterion(fit: Fit) -> str | None:
    by = told(fit.primary).by
    return None if by is None else by.words
