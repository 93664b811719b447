"""What became of each account, as arrays: one element per account of the accounts file."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, NamedTuple

import numpy as np

from signal_engine.core.rules.instants import DAY
from signal_engine.engine.outcomes.opportunities import LOST, OPEN, WON
from signal_engine.engine.validation.deals import Deal, by_account, deals
from signal_engine.engine.validation.panel import Flags
from signal_engine.engine.validation.statistics.clusters import correlation
from signal_engine.engine.validation.statistics.intervals import MIN_TRIALS, Numbers
from signal_engine.wire.outcomes.record import AccountOutcome
from signal_engine.wire.output.reports.pattern_documents import QuartilesFound

_CHURNED: Final = "churned"


class Sales(NamedTuple):
    """The deals of a market. Arrays have one element per account."""

    deals: Sequence[Sequence[Deal]]
    """Per account."""
    won: Numbers
    lost: Numbers
    open: Numbers
    churned: Flags
    alike: float
    """How alike the deals of one account come out, 0..1."""
    elsewhere: int
    """Deals of accounts that the file lacks."""

    @property
    def closed(self) -> Numbers:
        """Deals won or lost, per account."""
        return self.won + self.lost


def sales(accounts: Sequence[str], outcomes: Iterable[AccountOutcome]) -> Sales:
    """What `outcomes` tell of `accounts`."""
    outcomes = [*outcomes]
    of_account: Mapping[str, Sequence[Deal]] = by_account(deals(outcomes))
    known = [of_account.get(account, ()) for account in accounts]
    won, lost, still = (
        np.array([sum(deal.result == result for deal in of) for of in known], np.float64)
        for result in (WON, LOST, OPEN)
    )
    gone = {one.account for one in outcomes if one.stage == _CHURNED}
    inside = frozenset(accounts)
    return Sales(
        known,
        won,
        lost,
        still,
        np.array([account in gone for account in accounts], bool),
        correlation(won, won + lost),
        sum(len(of) for account, of in of_account.items() if account not in inside),
    )


def cycle_days(made: Sales, holds: Flags) -> QuartilesFound | None:
    """From creation to signature, over won deals whose creation is told, of the accounts that hold."""
    won = (deal for deal in _won(made, holds) if deal.dated)
    return _quartiles([(deal.closed - deal.cut) / DAY for deal in won if deal.closed is not None], 1)


def deal_usd(made: Sales, holds: Flags) -> QuartilesFound | None:
    """The value of won deals that have one, of the accounts that hold."""
    return _quartiles([deal.amount_usd for deal in _won(made, holds) if deal.amount_usd is not None], 2)


def _won(made: Sales, holds: Flags) -> Iterable[Deal]:
    return (deal for place in np.flatnonzero(holds).tolist() for deal in made.deals[place] if deal.result == WON)


def _quartiles(values: Sequence[float], digits: int) -> QuartilesFound | None:
    if len(values) < MIN_TRIALS:
        return None
    low, median, high = (round(float(one), digits) for one in np.quantile(values, [0.25, 0.5, 0.75]))
    return {"deals": len(values), "low": low, "median": median, "high": high}
