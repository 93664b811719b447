"""From outcomes to deals, and from deals to the times in which an account is no candidate for another one."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from signal_engine.core.rules.instants import BEGINNING
from signal_engine.engine.outcomes.opportunities import LOST, Opportunity, OpportunityResult, opportunities
from signal_engine.wire.outcomes.record import AccountOutcome

_NEVER: Final = 10**15
"""After every instant that RFC 3339 can write (ms)."""


class Deal(NamedTuple):
    """One opportunity. All instants in ms since 1970."""

    account: str
    cut: int
    """When it was created, or the first meeting where that came before: up to then signals count."""
    dated: bool
    """Whether an outcome says when it was created or first met; else the cut is its first outcome of any sort."""
    closed: int | None
    """When it was won or lost; None while it is open, also again."""
    result: OpportunityResult
    amount_usd: float | None
    stage_name: str | None
    """The last one that an outcome names."""
    meetings: int
    """One per deal; where outcomes name no deal, one per day."""
    named: bool
    """Whether its outcomes name the deal."""


class Away(NamedTuple):
    """A time in which an account is no candidate: in a deal, or a customer. From `begin` up to, not at, `end` (ms)."""

    begin: int
    end: int


def deals(outcomes: Iterable[AccountOutcome]) -> list[Deal]:
    """The deals that `outcomes` tell, by account, then cut. Outcomes are taken by instant, ties by id."""
    return [_deal(one) for one in opportunities(outcomes)]


def away(of_account: Sequence[Deal]) -> list[Away]:
    """When an account is no candidate: while a deal is open, and for good once one was won."""
    return [
        Away(deal.cut, _NEVER if deal.result != LOST or deal.closed is None else max(deal.closed, deal.cut + 1))
        for deal in of_account
    ]


def free_since(deals: Iterable[Deal]) -> dict[Deal, int]:
    """Deal -> since when its account was a candidate for it: the end of the deal before (ms), else `BEGINNING`.

    Those that began while another one of their account was open, or after one was won, are missing: nobody could list
    it then.
    """
    found: dict[Deal, int] = {}
    for of_account in by_account(deals).values():
        gone = away(of_account)
        for deal in of_account:
            if not any(one.begin < deal.cut < one.end for one in gone):
                found[deal] = max((one.end for one in gone if one.end <= deal.cut), default=BEGINNING)
    return found


def by_account(found: Iterable[Deal]) -> dict[str, list[Deal]]:
    """Account -> its deals, earliest cut first."""
    accounts: dict[str, list[Deal]] = {}
    for deal in found:
        accounts.setdefault(deal.account, []).append(deal)
    return accounts


def _deal(one: Opportunity) -> Deal:
    return Deal(
        one.account,
        one.began,
        one.dated,
        one.closed,
        one.result,
        one.amount_usd,
        one.stage_name,
        one.meetings,
        one.opportunity_id is not None,
    )
