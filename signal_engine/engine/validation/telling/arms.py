"""Who was held back and who was told of, by the record of draws in the routes file, and what became of both.

Both arms consist of accounts that would have been alerted: chance alone then decided whether anybody heard of it.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from signal_engine.core.actions.action import ANSWERS
from signal_engine.core.delivery.holdback import Holdback, held_back
from signal_engine.core.delivery.routes import HAND_RAISES, Routing
from signal_engine.core.delivery.team import local_time
from signal_engine.engine.backtest.actions import TimedAction
from signal_engine.engine.outcomes.opportunities import WON
from signal_engine.engine.validation.deals import Deal, away
from signal_engine.engine.validation.mondays import Called


class Arm(NamedTuple):
    """The accounts of one side of the comparison."""

    accounts: int
    opened: int
    """Of those: a deal was opened within the cycle after the alert."""
    won: int
    """Of those: one of these deals was won by the end."""
    answered: int
    """Of those: a person claimed the account, or said what came of it, within that cycle."""


class Arms(NamedTuple):
    """One draw of a control group, compared."""

    draw: Holdback
    told: Arm
    held: Arm
    unfinished: int
    """Accounts of either side left out, since the cycle after their alert is not over."""


class Aftermath(NamedTuple):
    """All by which what follows an alert is judged. Instants are ms."""

    deals: Mapping[str, Sequence[Deal]]
    """Account -> its deals, earliest first."""
    cycles: Mapping[str, int]
    """Account -> how long after its alert an outcome counts (ms). Accounts that may not be listed are missing."""
    end: int
    """Up to here outcomes are known."""
    actions: Sequence[TimedAction]


def arms(routing: Routing, alerts: Sequence[Called], after: Aftermath) -> list[Arms]:
    """Each draw of the routes file, in its order.

    An account counts once a draw: by its first alert while the draw was in force that could have been held back. Hand
    raises and pinned accounts could not, and an account that another draw held back at that time is on neither side.
    """
    answers: dict[str, list[int]] = {}
    for timed in after.actions:
        if timed.action.action in ANSWERS:
            answers.setdefault(timed.action.account, []).append(timed.now)
    ordered = sorted(alerts, key=lambda one: (one.at, one.account))
    return [_arms(draw, routing, ordered, after, answers) for draw in routing.holdback]


def _arms(
    draw: Holdback,
    routing: Routing,
    alerts: Sequence[Called],
    after: Aftermath,
    answers: Mapping[str, Sequence[int]],
) -> Arms:
    seen: set[str] = set()
    told, held, unfinished = list[_Followed](), list[_Followed](), 0
    for alert in alerts:
        day = local_time(alert.at, routing.zone).date()
        if alert.account in seen or not draw.counts_on(day) or not _could_be_held_back(alert, after):
            continue
        seen.add(alert.account)
        by = held_back(alert.account, routing.holdback, day, pinned=False)
        if by is not None and by != draw:
            continue
        if alert.at + after.cycles[alert.account] > after.end:
            unfinished += 1
            continue
        (told if by is None else held).append(_followed(alert, after, answers))
    return Arms(draw, _arm(told), _arm(held), unfinished)


def _could_be_held_back(alert: Called, after: Aftermath) -> bool:
    if alert.pinned or alert.type in HAND_RAISES or alert.account not in after.cycles:
        return False
    return not any(gone.begin <= alert.at < gone.end for gone in away(after.deals.get(alert.account, ())))


class _Followed(NamedTuple):
    opened: bool
    won: bool
    answered: bool


def _followed(alert: Called, after: Aftermath, answers: Mapping[str, Sequence[int]]) -> _Followed:
    until = alert.at + after.cycles[alert.account]
    within = [deal for deal in after.deals.get(alert.account, ()) if alert.at < deal.cut <= until]
    answered = any(alert.at < at <= until for at in answers.get(alert.account, ()))
    return _Followed(bool(within), any(deal.result == WON for deal in within), answered)


def _arm(followed: Sequence[_Followed]) -> Arm:
    return Arm(
        len(followed),
        sum(one.opened for one in followed),
        sum(one.won for one in followed),
        sum(one.answered for one in followed),
    )
