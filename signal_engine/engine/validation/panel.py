"""The replayed market as arrays: one row per account, one column per Monday."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt

from signal_engine.core.fit.icp import Fit, Icp
from signal_engine.core.rules.instants import DAY
from signal_engine.engine.outcomes.opportunities import WON
from signal_engine.engine.validation.deals import Deal, away
from signal_engine.engine.validation.mondays import LIVE_NAMES, Mondays
from signal_engine.engine.validation.statistics.intervals import Numbers

Flags = npt.NDArray[np.bool_]
DEFAULT_CYCLE_DAYS: Final = 90
"""Of an ICP that names none."""


@dataclass(slots=True)
class Panel:
    """Accounts that fit, by Mondays. Arrays are account x Monday unless they say otherwise."""

    accounts: list[str]
    number: dict[str, int]
    """Account -> its row."""
    fits: list[Fit]
    """Per account."""
    at: npt.NDArray[np.int64]
    """Per Monday: ms."""
    cycle: npt.NDArray[np.int64]
    """Per account: how long after a Monday an outcome counts for it (ms)."""
    score: Numbers
    hot: Flags
    live: npt.NDArray[np.uint16]
    """Bits by `LIVE_NAMES`."""
    ranked: list[list[int]]
    """Per Monday: rows of the accounts on the list, best first."""
    candidate: Flags
    """Could have been called: not kept off by people's actions, in no deal, no customer."""
    at_risk: Flags
    """Of those, with its whole cycle observed: what rates are of."""
    opened: Flags
    """A deal was opened within the cycle."""
    won: Flags
    """One of those was won by the end."""

    def is_live(self, name: str) -> Flags:
        """Where a kind, or the buying group, was live."""
        return (self.live >> LIVE_NAMES.index(name) & 1).astype(bool)

    def without(self, names: Iterable[str]) -> "Panel":
        """The market without accounts on Mondays on which one of the kinds was live: they are not at risk there."""
        at_risk = self.at_risk.copy()
        for name in names:
            at_risk &= ~self.is_live(name)
        return replace(self, at_risk=at_risk)

    def monday_before(self, instant: int) -> int:
        """The column of the last Monday before an instant (ms); -1 where there is none."""
        return int(np.searchsorted(self.at, instant, side="left")) - 1


def cycles(icps: Iterable[Icp]) -> dict[str, int]:
    """ICP -> its sales cycle in days, 90 where it names none."""
    return {icp.icp: icp.cycle_days or DEFAULT_CYCLE_DAYS for icp in icps}


def panel(
    mondays: Mondays, fits: Mapping[str, Fit], deals: Mapping[str, Sequence[Deal]], icps: Iterable[Icp], end: int
) -> Panel:
    """The market that `mondays` saw; outcomes are known up to `end` (ms)."""
    days = cycles(icps)
    accounts = mondays.accounts
    shape = len(accounts), len(mondays.seen)
    at = np.array([one.at for one in mondays.seen], np.int64)
    cycle = np.array([days[fits[name].primary.icp] * DAY for name in accounts], np.int64)
    made = Panel(
        accounts,
        {name: number for number, name in enumerate(accounts)},
        [fits[name] for name in accounts],
        at,
        cycle,
        np.zeros(shape),
        np.zeros(shape, bool),
        np.zeros(shape, np.uint16),
        [],
        np.ones(shape, bool),
        np.zeros(shape, bool),
        np.zeros(shape, bool),
        np.zeros(shape, bool),
    )
    for column, monday in enumerate(mondays.seen):
        rows = np.array(monday.account, np.intp)
        made.score[rows, column] = np.array(monday.score)
        made.live[rows, column] = np.array(monday.live, np.uint16)
        made.hot[rows, column] = np.array(monday.hot, bool)
        made.ranked.append(list(monday.ranked))
        made.candidate[list(monday.barred), column] = False
    for name, of_account in deals.items():
        if (row := made.number.get(name)) is not None:
            _lay_out(made, row, of_account)
    made.at_risk = made.candidate & (at[None, :] + cycle[:, None] <= end)
    return made


def _lay_out(made: Panel, row: int, deals: Sequence[Deal]) -> None:
    for deal, gone in zip(deals, away(deals), strict=True):
        made.candidate[row] &= ~((made.at >= gone.begin) & (made.at < gone.end))
        within = (made.at < deal.cut) & (deal.cut <= made.at + made.cycle[row])
        made.opened[row] |= within
        if deal.result == WON:
            made.won[row] |= within
