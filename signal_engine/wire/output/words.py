"""Words that everybody reads, on the terminal as on the page: one place, so that both say the same of an account."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from signal_engine.core.rules.instants import DAY, HOUR, MINUTE, SECOND
from signal_engine.core.rules.kinds import BUYING_GROUP, ENGAGEMENT, TECHNOGRAPHIC
from signal_engine.core.rules.personas import OTHER
from signal_engine.core.score.wording import ABBREVIATIONS, one_line
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.output.rounding import rounded_parts

JUST_NOW: Final = 10 * MINUTE
"""ms after an alert in which it is told instead of why none is due."""
OTHERS: Final = "all other signals of this type"
"""Of a part: what its signals are worth that are not listed."""
SATURATED: Final = "more of the same counts less"
"""Of a part: what the caps of its facets and of its kind take away."""
CEILING: Final = "a score ends at 100; what lies above it still counts for the order"
_SIGNAL_TYPES: Final = {TECHNOGRAPHIC: "technology", BUYING_GROUP: "buying group"}
_UNITS: Final = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second"))


def count(number: int, thing: str) -> str:
    """`1 day`, `2 days`, `1,200 accounts`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def distance(ms: int) -> str:
    """`3 days`, `1 hour`, `12 minutes`, `0 seconds`: of the largest unit that fits into it, rounded."""
    for length, unit in _UNITS:
        if ms >= length:
            return count(round(ms / length), unit)
    return count(0, "second")


def is_just_now(instant: str, now: str) -> bool:
    """Whether an instant lies within the few minutes before `now`."""
    return 0 <= parse_instant(now) - parse_instant(instant) <= JUST_NOW


def signal_type(part: str) -> str:
    """The name of a kind, or of another part of a score, as people say it."""
    return _SIGNAL_TYPES.get(part, part)


def relation(name: str) -> str:
    """`open opportunity`."""
    return name.replace("_", " ")


def persona(name: str) -> str:
    """`finance`, `IT`, `other titles`. In one line: a scoring file without personas has titles as people wrote them."""
    if name == OTHER:
        return "other titles"
    return name.upper() if name in ABBREVIATIONS else one_line(name)


def whole_parts(score: float, parts: Sequence[Mapping[str, Any]]) -> list[int]:
    """The points of the parts as whole numbers that add up to the whole score (largest remainders first)."""
    hundredths = rounded_parts(round(score) / 100, [part["points"] / 100 for part in parts])
    return [round(points * 100) for points in hundredths]


def who(told: Mapping[str, Any]) -> str:
    """Who is behind the engagement: `finance, IT`, `one person only: finance`, `nobody has engaged`.

    Persons count while they have enough points (`personas_live`); who was seen and has too few is told as that.
    """
    active = [*map(persona, told["personas_live"])]
    if active:
        return f"one person only: {active[0]}" if len(active) == 1 else ", ".join(active)
    if not any(part["part"] == ENGAGEMENT for part in told["parts"]):
        return "nobody has engaged"
    seen = ", ".join(persona(one["persona"]) for one in told["people"])
    return f"too little to count: {seen}" if seen else "visitors without a name"


def seen(told: Mapping[str, Any]) -> str:
    """Who is behind the engagement, as a sentence: `Seen: finance, IT.`, `One person only: finance.`"""
    return sentence(f"seen: {who(told)}" if len(told["personas_live"]) > 1 else who(told))


def sentence(words: str | None) -> str:
    """Words as a sentence of their own; empty where there are none."""
    return f"{words[0].upper()}{words[1:]}." if words else ""


def missing(told: Mapping[str, Any], buying_group: Iterable[str]) -> list[str]:
    """The personas of a buying group that have not engaged enough to count."""
    return [persona(one) for one in buying_group if one not in told["personas_live"]]


def stack(told: Mapping[str, Any]) -> str:
    """What the part `stack` is: `2 signal types are live (intent, hiring), so their sum counts 1.15 times`."""
    live = [signal_type(kind) for kind in told["kinds_live"]]
    named = f" ({', '.join(live)})" if live else ""
    effect = f"so their sum counts {told['multiplier']:g} times" if told["multiplier"] > 1 else "which adds nothing"
    return f"{count(len(live), 'signal type')} {'is' if len(live) == 1 else 'are'} live{named}, {effect}"


def order(weights: Mapping[str, float]) -> str:
    """By what the lists are ordered, in one sentence, since it is not by the score alone."""
    shown = ", ".join(f"{tier} {weight:g}" for tier, weight in weights.items())
    return (
        "The order is not that of the scores: first whoever asked to be called, the latest first; then hot before warm,"
        f" and within a level the score, not cut at 100, times the weight of the fit tier ({shown})."
    )
