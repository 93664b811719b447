"""The fits of accounts as loads told them, for a replay: which held when, and what before the first load."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from signal_engine.core.fit.eligibility import unlisted_reason
from signal_engine.core.fit.icp import Fit, Icp
from signal_engine.core.rules.policy import Policy
from signal_engine.engine.backtest.actions import TimedFit
from signal_engine.engine.validation.deals import Deal
from signal_engine.engine.validation.known_then import KnownThen, known_then, without_owners
from signal_engine.engine.validation.loads.past_loads import LoadHistory


class LoadsKnown(NamedTuple):
    """By what rows are read and accounts listed."""

    icps: Sequence[Icp]
    policy: Policy
    outcome_fields: Collection[str]
    """Further fields that outcomes write."""


def known_by_loads(history: LoadHistory, by: LoadsKnown, deals: Mapping[str, Sequence[Deal]]) -> KnownThen:
    """What was known of accounts at each instant; `deals` has the deals of each account.

    Rows count from their load on, as they are: what they say was known by then. Before the first load its rows are
    read, less what outcomes may have written by then; accounts of later loads were not known then.
    """
    had_deals = {name for name, of in deals.items() if any(deal.cut < history.began for deal in of)}
    table = history.first
    before = without_owners(known_then(table.fits, table.fields, by.icps, had_deals, by.outcome_fields))
    changes = [TimedFit(history.began, name, fit) for name, fit in table.fits.items() if before.fits[name] != fit]
    later: dict[str, list[TimedFit]] = {}
    for change in (*changes, *history.later):
        later.setdefault(change.account, []).append(change)
    names = [*before.fits, *(name for name in later if name not in before.fits)]
    fits = {name: fit for name in names if (fit := _shown(before.fits.get(name), later.get(name, ()), by.policy))}
    return before._replace(fits=fits, began=history.began, first=before.fits, later=later)


def _shown(first: Fit | None, later: Sequence[TimedFit], policy: Policy) -> Fit | None:
    every = [fit for fit in (first, *(change.fit for change in later)) if fit is not None]
    listed = (fit for fit in every if unlisted_reason(fit, fit.primary, policy) is None)
    return next(listed, every[0] if every else None)
