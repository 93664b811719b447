"""The comparison in words and figures: what telling added, or how many accounts would tell."""

from collections.abc import Iterator, Sequence
from typing import Final

from signal_engine.engine.validation.documents import estimate, rate
from signal_engine.engine.validation.statistics.claims import differs, holm
from signal_engine.engine.validation.statistics.differences import accounts_needed, newcombe
from signal_engine.engine.validation.statistics.intervals import MIN_TRIALS
from signal_engine.engine.validation.telling.arms import Arm, Arms
from signal_engine.wire.output.reports.validation_documents import (
    ComparedRates,
    ControlGroupFound,
    TellingFinding,
)
from signal_engine.wire.output.words import count, points

_PLANNED: Final = 1.5
"""The effect by which the number of accounts is planned: so many times as many of those told of open a deal."""


def control_groups(compared: Sequence[Arms], *, acted: bool) -> list[ControlGroupFound]:
    """The document of each draw; `acted`: whether actions of people were given.

    Claims of all draws are held together family-wise, so more draws do not make a false claim more likely.
    """
    claimed = holm(dict(_p_values(compared)))
    return [_found(number, one, claimed, 2 * len(compared), acted=acted) for number, one in enumerate(compared)]


def _p_values(compared: Sequence[Arms]) -> Iterator[tuple[str, float]]:
    for number, (_, told, held, _) in enumerate(compared):
        enough = min(told.accounts, held.accounts) >= MIN_TRIALS
        yield f"{number}/opened", differs(told.opened, told.accounts, held.opened, held.accounts) if enough else 1.0
        yield f"{number}/won", differs(told.won, told.accounts, held.won, held.accounts) if enough else 1.0


def _found(number: int, one: Arms, claimed: frozenset[str], claims: int, *, acted: bool) -> ControlGroupFound:
    told, held = one.told, one.held
    opened = _compared(told.opened, told, held.opened, held, claimed=f"{number}/opened" in claimed)
    won = _compared(told.won, told, held.won, held, claimed=f"{number}/won" in claimed)
    accounts = told.accounts + held.accounts
    whole = (told.opened + held.opened) / accounts if accounts else 0.0
    needed = accounts_needed(whole, _PLANNED, one.draw.share, claims)
    finding = _finding(opened)
    return {
        "since": one.draw.since.isoformat(),
        "until": None if one.draw.until is None else one.draw.until.isoformat(),
        "share": one.draw.share,
        "finding": finding,
        "summary": _summary(finding, opened, accounts, needed),
        "opened": opened,
        "won": won,
        "unfinished": one.unfinished,
        "accounts_needed": needed,
        "held_back_answered": held.answered if acted else None,
    }


def _compared(told_hits: int, told: Arm, held_hits: int, held: Arm, *, claimed: bool) -> ComparedRates:
    return {
        "told": rate(told_hits, told.accounts),
        "held_back": rate(held_hits, held.accounts),
        "difference": estimate(newcombe(told_hits, told.accounts, held_hits, held.accounts)),
        "claimed": claimed,
    }


def _finding(opened: ComparedRates) -> TellingFinding:
    if not opened["claimed"] or opened["difference"] is None:
        return "cannot_tell_yet"
    return "more_deals" if opened["difference"]["value"] > 0 else "fewer_deals"


def _summary(finding: TellingFinding, opened: ComparedRates, accounts: int, needed: int | None) -> str:
    told, held, difference = opened["told"], opened["held_back"], opened["difference"]
    rates = (
        f"{told['hits']:,} of {count(told['trials'], 'account')} told of and {held['hits']:,} of {held['trials']:,} "
        "held back opened a deal within the cycle"
    )
    if finding != "cannot_tell_yet" and difference is not None:
        verb = "adds" if finding == "more_deals" else "takes away"
        return f"Telling {verb} deals: {rates}. The difference is {points(**difference)}."
    between = "" if difference is None else f" The difference is {points(**difference)}."
    return f"Cannot tell yet what telling does: {rates}.{between} {_what_would_tell(accounts, needed)}"


def _what_would_tell(accounts: int, needed: int | None) -> str:
    if needed is None:
        return "There are too few deals to say how many accounts would tell."
    there = f"there are {accounts:,}"
    if accounts >= needed:
        there += ", so so large an effect would most likely have shown"
    return f"If telling brings {_PLANNED:g} times as many deals, about {needed:,} accounts would show it; {there}."
