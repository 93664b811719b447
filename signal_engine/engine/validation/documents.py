"""Statistics as parts of the document: rates, estimates, deals by name. Numbers are rounded here, and only here."""

from collections.abc import Mapping

from signal_engine.core.fit.icp import Fit
from signal_engine.engine.validation.calls import Calls, Lift, effect_of_accounts, hits
from signal_engine.engine.validation.deals_seen import SeenDeal
from signal_engine.engine.validation.panel import Panel
from signal_engine.engine.validation.statistics.intervals import Interval, jeffreys
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.reports.validation_documents import CallsFound, EstimateFound, MissedDeal, RateFound


def rate(hit: int, trials: int, design_effect: float = 1.0) -> RateFound:
    """`hit` of `trials`, with the Jeffreys interval from 10 trials on; `design_effect` as of `jeffreys`."""
    found = jeffreys(hit, trials, design_effect)
    if found is None:
        return {"hits": hit, "trials": trials, "rate": None, "low": None, "high": None}
    value, low, high = (round(one, 4) for one in found)
    return {"hits": hit, "trials": trials, "rate": value, "low": low, "high": high}


def estimate(interval: Interval | None) -> EstimateFound | None:
    """The interval to four decimals."""
    return None if interval is None else _estimate(interval)


def _estimate(interval: Interval) -> EstimateFound:
    value, low, high = (round(one, 4) for one in interval)
    return {"value": value, "low": low, "high": high}


def calls_found(panel: Panel, calls: Calls, k: int | None, over_any: Lift | None, over_tier: Lift | None) -> CallsFound:
    """One way to choose whom to call."""
    return {
        "k": k,
        "calls": calls.total,
        "opened": rate(hits(calls, panel.opened), calls.total, effect_of_accounts(calls, panel.opened)),
        "won": rate(hits(calls, panel.won), calls.total, effect_of_accounts(calls, panel.won)),
        "chance": None if over_any is None else round(over_any.chance, 4),
        "lift": None if over_any is None else estimate(over_any.lift),
        "tier_chance": None if over_tier is None else round(over_tier.chance, 4),
        "tier_lift": None if over_tier is None else estimate(over_tier.lift),
    }


def named_deal(seen: SeenDeal, fits: Mapping[str, Fit], why: str) -> MissedDeal:
    """A deal by name, and `why` it is named."""
    fit = fits.get(seen.deal.account)
    return {
        "account_id": seen.deal.account,
        "name": None if fit is None else fit.name,
        "opened_at": format_instant(seen.deal.cut),
        "amount_usd": seen.deal.amount_usd,
        "why": why,
    }
