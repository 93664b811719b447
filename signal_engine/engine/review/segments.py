"""What an ICP admitted, won and lost by segment, on the metrics that were locked when it was published."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple, get_args

import numpy as np

from signal_engine.core.fit.icp import CHASE, Fit, Icp
from signal_engine.core.rules.instants import DAY
from signal_engine.engine.outcomes.opportunities import LOST, OPEN, WON
from signal_engine.engine.review.metric_values import Measured, comparable, medians_differ, middle, rates_differ
from signal_engine.engine.validation.deals import Deal
from signal_engine.engine.validation.documents import estimate, rate
from signal_engine.engine.validation.statistics.claims import FAMILY_ERROR
from signal_engine.engine.validation.statistics.clusters import correlation, design_effect
from signal_engine.engine.validation.statistics.intervals import Interval, Numbers, jeffreys, shrunk
from signal_engine.engine.validation.statistics.power import trials_needed
from signal_engine.wire.output.reports.review.documents import (
    ClaimedSign,
    IcpReviewed,
    MetricOfSegment,
    ReviewMetric,
    SegmentReviewed,
    SegmentVerdict,
)

_METRICS: Final[tuple[ReviewMetric, ...]] = get_args(ReviewMetric)
_FOUND: Final = 1.5
"""A lift of this size is what `deals_needed` is about."""
_SIDES: Final = 2
"""Segments are claimed to be better or worse; what is needed is reckoned of one side."""
_LESS_IS_BETTER: Final = frozenset({"cycle_days"})


class ReviewedTime(NamedTuple):
    """From `since` up to `until` (ms): deals that closed in it, or are open at its end."""

    since: int
    until: int

    def holds(self, deal: Deal) -> bool:
        """Whether the deal is of this time."""
        if deal.closed is None:
            return deal.cut <= self.until
        return self.since <= deal.closed <= self.until


class _SegmentDeals(NamedTuple):
    name: str | None
    accounts: list[str]
    deals: list[list[Deal]]
    """Per account."""


def review_icp(
    icp: Icp,
    fits: Mapping[str, Fit],
    deals: Mapping[str, Sequence[Deal]],
    time: ReviewedTime,
    families: int,
    published: str | None,
    seed: int,
) -> IcpReviewed:
    """One ICP. `families` are the (ICP, metric) pairs of the whole review, which share its 1 % of false claims."""
    in_order = sorted(fits.items())  # one seed draws alike, however the accounts file is sorted
    mine = {name: fit for name, fit in in_order if fit.primary.icp == icp.icp}
    admitted = {name: fit for name, fit in mine.items() if fit.primary.decision == CHASE}
    of = {name: [deal for deal in deals.get(name, ()) if time.holds(deal)] for name in admitted}
    metrics = locked_metrics(icp)
    segments = _segments(admitted, of)
    whole = _SegmentDeals(None, [*admitted], [of[name] for name in admitted])
    average = _win_rate(whole)
    error = FAMILY_ERROR / max(families, 1)
    claims = {metric: _claims(metric, segments, error, seed) for metric in metrics}
    told = [_document(one, metrics, claims, average) for one in segments]
    told.sort(key=lambda one: (-one["won"] - one["lost"], one["segment"] is None, one["segment"] or ""))
    return {
        "icp": icp.icp,
        "version": icp.version,
        "owner": icp.owner_name,
        "owner_email": icp.owner_email,
        "review_by": icp.review_by,
        "published": published,
        "metrics": metrics,
        "unmeasured": [name for name in icp.metrics if name not in _METRICS],
        "decisions": dict(Counter(fit.primary.decision for fit in mine.values())),
        "whole": _document(whole, metrics, {}, average),
        "segments": told,
        "deals_needed": trials_needed(average, _FOUND, error / max(len(segments), 1) / _SIDES),
    }


def locked_metrics(icp: Icp) -> list[ReviewMetric]:
    """The metrics that the review goes by: those of the ICP; all where it names none."""
    return [metric for metric in _METRICS if not icp.metrics or metric in icp.metrics]


def _segments(admitted: Mapping[str, Fit], of: Mapping[str, list[Deal]]) -> list[_SegmentDeals]:
    names: dict[str | None, list[str]] = {}
    for name, fit in admitted.items():
        names.setdefault(fit.segment, []).append(name)
    return [_SegmentDeals(segment, accounts, [of[name] for name in accounts]) for segment, accounts in names.items()]


def _closed(segment: _SegmentDeals) -> tuple[Numbers, Numbers]:
    """Per account: deals won, and deals won or lost."""
    won = np.array([sum(deal.result == WON for deal in of) for of in segment.deals], np.float64)
    return won, np.array([sum(deal.result in {WON, LOST} for deal in of) for of in segment.deals], np.float64)


def _win_rate(segment: _SegmentDeals) -> float:
    won, closed = _closed(segment)
    return float(won.sum() / closed.sum()) if closed.sum() else 0.0


def _claims(
    metric: ReviewMetric, segments: Sequence[_SegmentDeals], error: float, seed: int
) -> dict[str | None, ClaimedSign]:
    """The segments that may be said to differ from the others, and how."""
    if metric == "win_rate":
        names = [one.name for one in segments]
        direction = rates_differ([_closed(one) for one in segments], error, seed)
    else:
        valued = [(one.name, _values(metric, one)) for one in segments]
        names = [name for name, _ in valued]
        direction = medians_differ([values for _, values in valued], error)
    higher: ClaimedSign = "worse" if metric in _LESS_IS_BETTER else "better"
    lower: ClaimedSign = "better" if metric in _LESS_IS_BETTER else "worse"
    return {name: higher if sign > 0 else lower for name, sign in zip(names, direction, strict=True) if sign}


def _values(metric: ReviewMetric, segment: _SegmentDeals) -> Measured:
    """Per account with won deals that tell it: the median of its deals."""
    found: list[float] = []
    deals = 0
    for of in segment.deals:
        values = [value for deal in of if deal.result == WON and (value := _value(metric, deal)) is not None]
        deals += len(values)
        if values:
            found.append(float(np.median(values)))
    return Measured(np.array(found, np.float64), deals)


def _value(metric: ReviewMetric, deal: Deal) -> float | None:
    if metric == "deal_size":
        return deal.amount_usd
    return (deal.closed - deal.cut) / DAY if deal.dated and deal.closed is not None else None


def _document(
    one: _SegmentDeals,
    metrics: Sequence[ReviewMetric],
    claims: Mapping[ReviewMetric, Mapping[str | None, ClaimedSign]],
    average: float,
) -> SegmentReviewed:
    won, closed = _closed(one)
    effect = design_effect(closed, correlation(won, closed))
    measured = [_metric(metric, one, effect, average, claims.get(metric, {}).get(one.name)) for metric in metrics]
    results = Counter(deal.result for of in one.deals for deal in of)
    return {
        "segment": one.name,
        "admitted": len(one.accounts),
        "won": results[WON],
        "lost": results[LOST],
        "open": results[OPEN],
        "win_rate": rate(results[WON], results[WON] + results[LOST], effect),
        "shrunk": estimate(shrunk(results[WON], results[WON] + results[LOST], average, effect)),
        "metrics": measured,
        "verdict": _verdict(measured, closed),
    }


def _metric(
    metric: ReviewMetric, one: _SegmentDeals, effect: float, average: float, claimed: ClaimedSign | None
) -> MetricOfSegment:
    found: Interval | None
    if metric == "win_rate":
        won, closed = (int(part.sum()) for part in _closed(one))
        found, deals = jeffreys(won, closed, effect), closed
        drawn = shrunk(won, closed, average, effect)
        if drawn.low <= average <= drawn.high:
            claimed = None  # drawn to the whole it may be no other
    else:
        values = _values(metric, one)
        found, deals = middle(values), values.deals
    return {"metric": metric, "deals": deals, "found": estimate(found), "claimed": claimed}


def _verdict(metrics: Iterable[MetricOfSegment], closed: Numbers) -> SegmentVerdict:
    metrics = [*metrics]
    if not metrics:
        return "no_metric"
    signs = {one["claimed"] for one in metrics} - {None}
    if len(signs) == 2:
        return "mixed"
    if signs:
        return "promote" if "better" in signs else "cut"
    return "no_difference" if comparable(closed) else "cannot_tell_yet"
