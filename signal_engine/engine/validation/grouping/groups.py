"""Calls by group: ICP, tier, segment, owner, who claimed, alert type; and what of it may be claimed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, Literal

import numpy as np
import numpy.typing as npt

from signal_engine.core.actions.in_force import NOTHING
from signal_engine.core.rules.instants import DAY
from signal_engine.engine.backtest.actions import TimedAction
from signal_engine.engine.validation.calls import Calls, a_account, alert_calls, hits
from signal_engine.engine.validation.deals import Deal
from signal_engine.engine.validation.documents import estimate, rate
from signal_engine.engine.validation.mondays import Called
from signal_engine.engine.validation.panel import Panel
from signal_engine.engine.validation.statistics.clusters import correlation, design_effect
from signal_engine.engine.validation.statistics.intervals import MIN_TRIALS, shrunk
from signal_engine.engine.validation.statistics.permuting import contrasted
from signal_engine.wire.output.reports.validation_documents import GroupFound

By = Literal["icp", "tier", "segment", "owner", "claimed", "alert"]
"""What calls are grouped by."""
_LANDMARK: Final = 7 * DAY
"""So long after a call it is seen who claimed it, or half a cycle if that is shorter."""


def by_account(panel: Panel, calls: Calls, seed: int, error: float) -> dict[By, list[GroupFound]]:
    """The calls by what the accounts file says of their accounts.

    Claimed is what differs from the other calls, with a chance of at most `error` of any false claim: the outcomes of
    whole accounts are shuffled (`contrasted`). An `error` of 0 claims nothing.
    """
    ways: dict[By, list[str | None]] = {
        "icp": [fit.primary.icp for fit in panel.fits],
        "tier": [fit.primary.tier for fit in panel.fits],
        "segment": [fit.segment for fit in panel.fits],
        "owner": [fit.owner for fit in panel.fits],
    }
    groups = {by: _groups_of(panel, calls, [of[row] for row in calls.account.tolist()]) for by, of in ways.items()}
    if error:
        _enter_claims(panel, calls, ways, groups, seed, error)
    return groups


def _enter_claims(
    panel: Panel,
    calls: Calls,
    ways: Mapping[By, Sequence[str | None]],
    groups: Mapping[By, Sequence[GroupFound]],
    seed: int,
    error: float,
) -> None:
    hit, trials = a_account(calls, panel.opened)
    called = trials > 0
    contrasts: list[GroupFound] = []
    inside: list[npt.NDArray[np.bool_]] = []
    filled: list[npt.NDArray[np.bool_]] = []
    for by, of_account in ways.items():
        of = np.array([one or "" for one in of_account])[called]
        for group in groups[by]:
            within = of == group["group"]
            if MIN_TRIALS <= group["opened"]["trials"] < trials[called][of != ""].sum():
                contrasts.append(group)
                inside.append(within)
                filled.append(of != "")
    if not contrasts:
        return
    found = contrasted(np.array(inside, float), np.array(filled, float), hit[called], trials[called], seed)
    for group, direction, p_value in zip(contrasts, found.direction, found.p_value, strict=True):
        if p_value <= error and direction:
            group["claimed"] = "above" if direction > 0 else "below"


def by_claim(
    panel: Panel, calls: Calls, actions: Sequence[TimedAction], deals: Mapping[str, Sequence[Deal]]
) -> list[GroupFound]:
    """The calls by whether somebody had claimed the account, or did within a week, or half its cycle if shorter.

    An earlier claim counts while it is in force at the call: until it is released or its time is over.
    Deals count from the end of that week on, and calls with a deal in it are left out: a claim can come because of the
    deal, and who waits long for a claim has had no deal so long (the landmark method of Anderson, Cain and Gelber 1983,
    "Analysis of Survival by Tumor Response"). `deals` has the deals of each account.
    """
    of_account: dict[str, list[TimedAction]] = {}
    for timed in sorted(actions):
        of_account.setdefault(timed.action.account, []).append(timed)
    return _groups_of(panel, calls, _claimed(panel, calls, of_account, deals))


def _claimed(
    panel: Panel, calls: Calls, actions: Mapping[str, Sequence[TimedAction]], deals: Mapping[str, Sequence[Deal]]
) -> Iterator[str | None]:
    for row, column in zip(calls.account.tolist(), calls.monday.tolist(), strict=True):
        name, begin = panel.accounts[row], int(panel.at[column])
        landmark = begin + min(_LANDMARK, int(panel.cycle[row]) // 2)
        if any(begin < deal.cut <= landmark for deal in deals.get(name, ())):
            yield None
        else:
            yield "claimed" if _had(actions.get(name, ()), begin, landmark) else "unclaimed"


def _had(actions: Sequence[TimedAction], begin: int, landmark: int) -> bool:
    """Whether a claim was in force at `begin` (ms), or was made up to `landmark` (ms)."""
    standing = NOTHING
    for timed in actions:
        if timed.now > begin:
            break
        standing = standing.after(timed.action, timed.now, frozenset())
    made = (one.now for one in actions if one.action.action == "claim")
    return standing.at(begin).claim is not None or any(begin < at <= landmark for at in made)


def by_alert(market: Panel, alerts: Sequence[Called]) -> list[GroupFound]:
    """The calls of each type of alert alone; the whole are those of all types."""
    kinds = sorted({alert.type for alert in alerts})
    alone = [alert_calls(market, [alert for alert in alerts if alert.type == kind]) for kind in kinds]
    if not alone:
        return []
    every = Calls(np.concatenate([one.account for one in alone]), np.concatenate([one.monday for one in alone]))
    return _groups_of(market, every, [kind for kind, one in zip(kinds, alone, strict=True) for _ in range(one.total)])


def _groups_of(panel: Panel, calls: Calls, group_of: Iterable[str | None]) -> list[GroupFound]:
    """The calls by group, most calls first. `group_of` has the group of each call; calls of no group are left out."""
    of: dict[str, list[int]] = {}
    for place, group in enumerate(group_of):
        if group is not None:
            of.setdefault(group, []).append(place)
    every = _some(calls, [place for places in of.values() for place in places])
    whole = hits(every, panel.opened) / every.total if every.total else 0.0
    alike = correlation(*a_account(every, panel.opened))
    found: list[GroupFound] = []
    for group, places in sorted(of.items(), key=lambda one: (-len(one[1]), one[0])):
        part = _some(calls, places)
        effect = design_effect(a_account(part, panel.opened)[1], alike)
        hit, trials = hits(part, panel.opened), part.total
        found.append(
            {
                "group": group,
                "opened": rate(hit, trials, effect),
                "shrunk": estimate(shrunk(hit, trials, whole, effect)) if trials >= MIN_TRIALS and whole else None,
                "claimed": None,
            }
        )
    return found


def _some(calls: Calls, places: Sequence[int]) -> Calls:
    rows = np.array(places, np.intp)
    return Calls(calls.account[rows], calls.monday[rows])
