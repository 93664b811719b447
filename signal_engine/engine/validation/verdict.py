"""The verdict: what may be said in one sentence."""

from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from signal_engine.core.rules.kinds import in_order
from signal_engine.engine.validation.kinds import ENOUGH_WINS, KindExposure, strongest_needs
from signal_engine.engine.validation.statistics.intervals import MIN_TRIALS
from signal_engine.wire.output.reports.validation_documents import CallsFound, Verdict
from signal_engine.wire.output.words import count, percent, signal_type

_MUCH: Final = 2.0
"""A lift that may be above it is not said to be none."""
HEADLINE: Final = "headline"
"""The name of the claim that calls hit more often than chance."""


class JudgedScore(NamedTuple):
    """The verdict, in words, and how many more wins would tell."""

    verdict: Verdict
    summary: str
    more_wins: int | None


class Wins(NamedTuple):
    """Won deals of the time looked at."""

    won: int
    matched: int
    """Those that got controls: what may be said depends on them."""


def judged(
    wins: Wins,
    calls: CallsFound,
    kinds: Sequence[KindExposure],
    claimed: frozenset[str],
    leaking: Collection[str] = (),
) -> JudgedScore:
    """The verdict. `calls` are those whose account had no kind live that may be a trace of deals (`leaking`)."""
    if wins.matched < ENOUGH_WINS:
        return _too_few(wins, kinds, leaking)
    said = _judged(wins.won, calls, claimed)
    if not leaking:
        return said
    left_out = " and ".join(signal_type(one) for one in in_order(leaking))
    summary = f"{said.summary} Accounts with live {left_out} signals are left out: they may be traces of deals."
    return said._replace(summary=summary)


def _judged(won: int, calls: CallsFound, claimed: frozenset[str]) -> JudgedScore:
    if not calls["calls"]:
        said = f"Cannot tell: under these scoring rules nobody would have been called before the {count(won, 'win')}."
        return JudgedScore("cannot_tell_yet", said, None)
    if calls["calls"] < MIN_TRIALS:
        said = (
            f"Cannot tell: {count(calls['calls'], 'call')} in the time looked at, too few to compare with {won:,} wins."
        )
        return JudgedScore("cannot_tell_yet", said, None)
    opened, lift = calls["opened"], calls["lift"]
    share = f"{opened['hits']:,} of {count(opened['trials'], 'call')} were followed by a new deal"
    chance = (
        "" if calls["chance"] is None else f"; of calls to any account that fits, {percent(calls['chance'])} would be"
    )
    if HEADLINE in claimed and lift is not None:
        return JudgedScore(
            "predicts",
            f"The score predicts: {share}{chance}. That is {lift['value']:.1f} times as often "
            f"(95 %: {lift['low']:.1f} to {lift['high']:.1f}).",
            None,
        )
    if lift is None:
        return JudgedScore("cannot_tell_yet", f"Cannot tell: {share}{chance}.", None)
    within = f"The lift lies between {lift['low']:.1f} and {lift['high']:.1f} (95 %)."
    if lift["low"] > 1:
        within += " This could still be chance; we claim something only when that is at most 1 % likely."
    if lift["high"] > _MUCH:
        return JudgedScore("cannot_tell_yet", f"Cannot tell: {share}{chance}. {within}", None)
    return JudgedScore("no_sign", f"No sign that the score predicts: {share}{chance}. {within}", None)


def _too_few(wins: Wins, kinds: Sequence[KindExposure], leaking: Collection[str]) -> JudgedScore:
    found = strongest_needs(kinds, leaking)
    more = max(ENOUGH_WINS, found[2] if found else 0) - wins.matched
    won = count(wins.won, "win")
    if wins.matched < wins.won:
        won += (
            f", {wins.matched:,} of them with controls to compare with (the others did not fit, were in a deal or"
            " customers already, or had too few)"
        )
    size = (
        f"about {more:,} more would tell for a signal of the size of {signal_type(found[0])} here "
        f"({found[1]:.1f} times as frequent before wins)"
        if found
        else f"at least {more:,} more are needed"
    )
    return JudgedScore("cannot_tell_yet", f"Cannot tell yet: {won}; {size}.", more)
