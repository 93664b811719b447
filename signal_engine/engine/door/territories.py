"""Assignments by territory: which accounts without an SDR get somebody, and the actions that say so."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID, uuid5

from signal_engine.core.actions.action import ASSIGN, Via
from signal_engine.core.actions.in_force import StandingAction
from signal_engine.core.delivery.answering import present
from signal_engine.core.delivery.routes import Routing
from signal_engine.core.delivery.team import Team
from signal_engine.core.delivery.territories import KEPT_FOR, assigned
from signal_engine.core.fit.acted import by_rule
from signal_engine.core.fit.icp import CHASE, Fit
from signal_engine.engine.door.door import Door
from signal_engine.engine.door.wanted import WantedAction

_NAMESPACE: Final = UUID("5d0b6c0e-0d6f-5b5a-9f63-6d1e0f7c7b21")
_BY_TERRITORY: Final = "by territory: "
"""The reason of such an assignment begins with it; one that a person gave has another, and is not taken back."""
_REASON: Final = _BY_TERRITORY + "number {} of the routes file"


class Assignments(NamedTuple):
    """Who gets which accounts, and which accounts nobody gets."""

    wanted: Sequence[WantedAction]
    nobody: Sequence[str]
    """Chased accounts without an SDR that no territory takes, or whose whole pool has left."""
    undecided: Sequence[str]
    """Accounts that were loaded, and of which the workers have not decided yet whether they are chased."""


async def wanted_assignments(
    door: Door, rows: Mapping[str, Mapping[str, Any]], routing: Routing, by: str, via: Via, now: int
) -> Assignments:
    """An assign for each account of `rows` (account -> its fields) that is chased and has neither an SDR of its own nor
    an assignment that is kept at `now` (ms).

    The id follows from the account, the person and the assignment before: of two processes that do this at once, one
    counts. Raises what the door does.
    """
    rules = await door.rulebook.rules_for([*rows])
    lacking = [account for account in rows if _lacks_sdr(by_rule(rules.fits.get(account)))]
    wanted, nobody = list[WantedAction](), list[str]()
    for account, past in zip(lacking, await door.history.past(lacking), strict=True):
        standing = past.in_force.assigned
        if _is_kept(standing, routing.team, now):
            continue
        found = assigned(account, rows[account], routing.territories, routing.team, now)
        if found is None:
            nobody.append(account)
        else:
            before = 0 if standing is None else standing.at
            wanted.append(
                WantedAction(
                    account,
                    ASSIGN,
                    by,
                    via,
                    str(uuid5(_NAMESPACE, f"{account}\n{found.member.email}\n{before}")),
                    reason=_REASON.format(found.territory + 1),
                    assignee=found.member.email,
                )
            )
    return Assignments(wanted, nobody, [account for account in rows if account in rules.undecided])


def _lacks_sdr(fit: Fit | None) -> bool:
    return fit is not None and not fit.sdr and any(one.decision == CHASE for one in fit.decisions)


def _is_kept(standing: StandingAction | None, team: Team, now: int) -> bool:
    """Whether an account stays with whom it is assigned to: for ever if a person did that, else until the 90 days are
    over, and only while they or their successor are there."""
    if standing is None or standing.assignee is None:
        return False
    if (standing.reason or "").startswith(_BY_TERRITORY) and now >= standing.at + KEPT_FOR:
        return False
    return present(team, standing.assignee, now, [], None) is not None or team.named(standing.assignee) is None
