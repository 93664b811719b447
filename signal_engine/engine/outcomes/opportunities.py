"""From outcomes to opportunities: which outcomes belong together, and how each opportunity stands."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, NamedTuple

from signal_engine.core.rules.instants import DAY
from signal_engine.wire.outcomes.record import AccountOutcome

OpportunityResult = Literal["won", "lost", "open"]
WON: Final = "won"
LOST: Final = "lost"
OPEN: Final = "open"
_REOPENED: Final = "reopened"
_OF_AN_OPPORTUNITY: Final = frozenset({"opened", "meeting", "moved", "won", "lost", "reopened"})
"""The other stages happen to a customer."""


class Opportunity(NamedTuple):
    """One opportunity. All instants in ms since 1970."""

    account: str
    opportunity_id: str | None
    """None: its outcomes name none."""
    outcomes: tuple[AccountOutcome, ...]
    """At least one, by instant, ties by id."""
    began: int
    """When it was created, or the first meeting where that came before."""
    dated: bool
    """Whether an outcome says when it was created or first met; else it began with its first outcome of any sort."""
    result: OpportunityResult
    closed: int | None
    """When it was won or lost; None while it is open, also again."""
    amount_usd: float | None
    """The last one that an outcome names."""
    stage_name: str | None
    """The same."""
    meetings: int
    """One per opportunity; where outcomes name no opportunity, one per day (UTC)."""

    @property
    def moved(self) -> int:
        """When its last outcome happened."""
        return self.outcomes[-1].at


@dataclass(slots=True)
class _Collected:
    outcomes: list[AccountOutcome] = field(default_factory=list)
    closed: bool = False


def in_order(outcomes: Iterable[AccountOutcome]) -> list[AccountOutcome]:
    """By instant, ties by id."""
    return sorted(outcomes, key=lambda outcome: (outcome.at, outcome.outcome_id))


def of_a_customer(outcomes: Iterable[AccountOutcome]) -> list[AccountOutcome]:
    """Those that belong to no opportunity: churned and expanded; by instant, ties by id."""
    return in_order(one for one in outcomes if one.stage not in _OF_AN_OPPORTUNITY)


def opportunities(outcomes: Iterable[AccountOutcome]) -> list[Opportunity]:
    """The opportunities that `outcomes` tell, by account, then beginning.

    Outcomes that name no opportunity are one until it is won or lost; the next of the account begin another one.
    """
    collected: dict[tuple[str, str | None, int], _Collected] = {}
    begun: dict[str, int] = {}
    for one in in_order(outcomes):
        if one.stage not in _OF_AN_OPPORTUNITY:
            continue
        number = 0 if one.opportunity_id is not None else begun.get(one.account, 0)
        found = collected.get((one.account, one.opportunity_id, number))
        if found is not None and found.closed and one.opportunity_id is None and one.stage != _REOPENED:
            begun[one.account] = number = number + 1
            found = None
        if found is None:
            found = collected[one.account, one.opportunity_id, number] = _Collected()
        found.outcomes.append(one)
        found.closed = one.stage in {WON, LOST}
    return sorted((_opportunity(one.outcomes) for one in collected.values()), key=lambda one: (one.account, one.began))


def _opportunity(outcomes: Sequence[AccountOutcome]) -> Opportunity:
    first = outcomes[0]
    created = [one.opened_at for one in outcomes if one.opened_at is not None]
    created += [one.at for one in outcomes if one.stage in {"opened", "meeting"}]
    result: OpportunityResult = OPEN
    closed: int | None = None
    amount, stage_name = None, None
    for one in outcomes:
        if one.stage in {WON, LOST}:
            result, closed = (WON if one.stage == WON else LOST), one.at
        elif one.stage == _REOPENED:
            result, closed = OPEN, None
        amount = one.amount_usd if one.amount_usd is not None else amount
        stage_name = one.stage_name or stage_name
    named = first.opportunity_id is not None
    days = {0 if named else one.at // DAY for one in outcomes if one.stage == "meeting"}
    return Opportunity(
        account=first.account,
        opportunity_id=first.opportunity_id,
        outcomes=tuple(outcomes),
        began=min(created) if created else first.at,
        dated=bool(created),
        result=result,
        closed=closed,
        amount_usd=amount,
        stage_name=stage_name,
        meetings=len(days),
    )
