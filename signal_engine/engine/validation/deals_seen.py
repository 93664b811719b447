"""Deals as the engine saw their accounts coming: hot before, since when, and why not."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np
import numpy.typing as npt

from signal_engine.core.fit.eligibility import unlisted_reason
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.core.rules.instants import DAY
from signal_engine.core.rules.policy import Policy
from signal_engine.engine.validation.deals import Deal
from signal_engine.engine.validation.known_then import KnownThen
from signal_engine.engine.validation.panel import Flags, Panel
from signal_engine.engine.validation.statistics.clusters import correlation, design_effect
from signal_engine.engine.validation.statistics.intervals import MIN_TRIALS, Interval, Numbers, percentiles
from signal_engine.engine.validation.statistics.resampling import draws
from signal_engine.wire.output.words import IN_WORDS

_NOTHING: Final = 0.05
"""A score that prints as 0.0."""
_TAKEN: Final = "in another deal, or a customer, when this one began"


class SeenDeal(NamedTuple):
    """One deal, and what was seen of its account in the cycle before it."""

    deal: Deal
    fits: bool
    """Whether the account could be listed at all: it fit, and was in no other deal and no customer."""
    in_top: bool
    """Whether it was among the first K of a week's list."""
    hot_since: int | None
    """Since when it was hot (ms), also where that spell began before the cycle; None: it was not hot in the cycle."""
    highest: float
    """Its highest score on a Monday of the cycle, 0..100."""
    why_not: str | None
    """Why it was never hot, in words; None if it was."""

    @property
    def lead_days(self) -> float | None:
        """Days from hot to the deal; None if it was never hot."""
        return None if self.hot_since is None else (self.deal.cut - self.hot_since) / DAY


def seen_deals(
    panel: Panel,
    deals: Iterable[Deal],
    hot: Mapping[str, Sequence[int]],
    known: KnownThen,
    policy: Policy,
    top: int,
    free: Mapping[Deal, int],
) -> list[SeenDeal]:
    """Each deal; `hot` has the instants (ms) at which accounts became hot, `top` the K of `in_top`.

    `free` says since when (ms) the account was a candidate for the deal; deals of accounts that were none are missing.
    A spell that led to the deal before is none of this one.
    """
    in_top = np.zeros_like(panel.hot)
    for column, ranked in enumerate(panel.ranked):
        in_top[[row for row in ranked if panel.candidate[row, column]][:top], column] = True
    return [_seen(panel, deal, hot.get(deal.account, ()), known, policy, in_top, free.get(deal)) for deal in deals]


def _seen(
    panel: Panel,
    deal: Deal,
    became_hot: Sequence[int],
    known: KnownThen,
    policy: Policy,
    in_top: Flags,
    free: int | None,
) -> SeenDeal:
    row, fit = panel.number.get(deal.account), known.at(deal.account, deal.cut)
    reason = unlisted_reason(fit, None if fit is None else fit.primary, policy)
    if row is None or (reason is not None and known.began is not None):
        return SeenDeal(deal, False, False, None, 0.0, IN_WORDS[reason or NoAlertReason.NOT_FIT])
    if free is None:
        return SeenDeal(deal, False, False, None, 0.0, _TAKEN)
    begin = max(deal.cut - int(panel.cycle[row]), free)
    columns = np.flatnonzero((panel.at >= begin) & (panel.at < deal.cut))
    spells = [at for at in became_hot if free <= at < deal.cut]
    mondays = panel.at[columns][panel.hot[row, columns]]
    since = min((at for at in spells if at >= begin), default=None)
    if len(mondays) and (since is None or mondays[0] < since):
        since = max((at for at in spells if at < begin), default=begin)  # a spell that reaches into the cycle
    highest = float(panel.score[row, columns].max()) if len(columns) else 0.0
    top = bool(in_top[row, columns].any())
    why = None if since is not None else _why_not(panel, row, columns, highest, policy)
    return SeenDeal(deal, True, top, since, highest, why)


def _why_not(panel: Panel, row: int, columns: npt.NDArray[np.intp], highest: float, policy: Policy) -> str:
    if not panel.candidate[row, columns].any():
        return (
            "on no Monday of the cycle before could it be listed: in a deal, kept off by people, or not among the"
            " accounts yet"
        )
    if highest < _NOTHING:
        return "no signal of weight in the cycle before"
    threshold = policy.levels.hot
    if highest < threshold.enter:
        return f"its highest score was {highest:.1f}; hot begins at {threshold.enter:g}"
    live = max(int(bits).bit_count() for bits in panel.live[row, columns])
    if live < threshold.min_kinds:
        return f"{live} kind live at most; hot needs {threshold.min_kinds}"
    return f"reached {highest:.1f}, but the signals fell silent"


def lead_time(seen: Sequence[SeenDeal], seed: int) -> tuple[list[float], Interval | None]:
    """Quartiles (three, in days) of the time from hot to deal, and the median with its interval; over hot deals.

    Neither of fewer than 10, and no interval of fewer than 10 accounts, whose resamples leave out what may be.
    """
    days = np.array([one.lead_days for one in seen if one.lead_days is not None])
    names = [one.deal.account for one in seen if one.lead_days is not None]
    if len(days) < MIN_TRIALS:
        return [], None
    quartiles = [float(one) for one in np.quantile(days, [0.25, 0.5, 0.75])]
    accounts, of = np.unique(names, return_inverse=True)
    if len(accounts) < MIN_TRIALS:
        return quartiles, None
    order = np.argsort(days)
    medians = [_weighted_median(days[order], weights[:, of][:, order]) for weights in draws(len(accounts), seed)]
    return quartiles, percentiles(quartiles[1], np.concatenate(medians))


def effect_of_accounts_with(seen: Sequence[SeenDeal], counted: Sequence[bool]) -> float:
    """The design effect of accounts with more than one of the deals (`clusters.py`), >= 1; `counted` has one a deal."""
    _, of = np.unique([one.deal.account for one in seen], return_inverse=True)
    hit, trials = np.bincount(of, counted).astype(np.float64), np.bincount(of).astype(np.float64)
    return design_effect(trials, correlation(hit, trials))


def _weighted_median(days: Numbers, weights: Numbers) -> Numbers:
    half = weights.sum(axis=1, keepdims=True) / 2
    found: Numbers = days[np.argmax(np.cumsum(weights, axis=1) >= half, axis=1)]
    return found
