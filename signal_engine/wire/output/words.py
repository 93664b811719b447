"""Words shared by terminal and pages, so that both describe an account alike."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from signal_engine.core.actions.action import Outcome
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.core.rules.instants import DAY, HOUR, MINUTE, SECOND
from signal_engine.core.rules.kinds import ENGAGEMENT
from signal_engine.core.rules.personas import OTHER
from signal_engine.core.score.wording import ABBREVIATIONS, SIGNAL_TYPE_WORDS, one_line
from signal_engine.core.sync.wiring import Downstream
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.output.rounding import rounded_parts

OUTCOME_IN_WORDS: Final[dict[Outcome, str]] = {
    "contacted": "Contacted",
    "meeting_booked": "Meeting booked",
    "no_response": "No response",
    "not_now": "Not now",
    "no_budget": "No budget",
    "wrong_person": "Wrong person",
    "competitor": "Bought from a competitor",
    "not_a_fit": "Not a fit",
}
DOWNSTREAMS_IN_WORDS: Final[dict[Downstream, str]] = {
    "crm_fields": "CRM fields",
    "crm_routing": "CRM routing",
    "paid_audience": "paid audience",
    "cadence_list": "cadence list",
    "content_plan": "content plan",
    "enablement_plays": "enablement plays",
    "win_loss_targets": "win-loss targets",
}
JUST_NOW_MS: Final = 10 * MINUTE
"""ms after an alert in which it is shown instead of the reason why none is due."""
OTHERS: Final = "all other signals of this type"
"""Label of a part's signals that are not listed."""
SATURATED: Final = "more of the same counts less"
"""Label of the points that the caps of a part's facets and kind take away."""
CEILING: Final = "scores are capped at 100; points above still count for the order"
_UNITS: Final = ((DAY, "day"), (HOUR, "hour"), (MINUTE, "minute"), (SECOND, "second"))
IN_WORDS: Final[dict[NoAlertReason, str]] = {
    NoAlertReason.NOT_IN_ACCOUNTS: "it is not in the accounts file, so its fit is unknown",
    NoAlertReason.NOT_FIT: "it does not fit the profile, and signals never change who fits",
    NoAlertReason.FIT_UNKNOWN: "a field that the profile requires is missing or cannot be read",
    NoAlertReason.DEPRIORITIZED: "it fits, but its tier is not chased",
    NoAlertReason.RELATION: "its relation to us excludes it",
    NoAlertReason.SUPPRESSED: "it is suppressed in the accounts file",
    NoAlertReason.DO_NOT_CONTACT: "it, or a company that it belongs to, is not to be contacted",
    NoAlertReason.KILLED: "a person disqualified it",
    NoAlertReason.SNOOZED: "a person snoozed it until later",
    NoAlertReason.DISPOSITION: "a person called it, and what came of that keeps it off the lists for a while",
    NoAlertReason.COOLDOWN: "it was alerted recently, and no new signal type has come since",
    NoAlertReason.ALREADY_ALERTED: (
        "this hot episode has been alerted, and neither a new signal type nor a new persona has come since"
    ),
    NoAlertReason.HAND_RAISE_RECENT: "another hand raise of the same persona was alerted shortly before",
    NoAlertReason.TRIGGER_RECENT: "another trigger of the account was alerted a few days ago",
    NoAlertReason.TOO_FEW_KINDS: "the score is high enough, but it comes from too few signal types",
    NoAlertReason.SILENCE: "the score is high enough, but the last signal of weight is too old",
    NoAlertReason.BELOW_THRESHOLD: "the score has not reached the hot threshold",
    NoAlertReason.BELOW_MIN_LEVEL: "its level is below the minimum level of lists",
    NoAlertReason.BELOW_MIN_SCORE: "the score is below the minimum score of lists",
    NoAlertReason.BELOW_CUT: "accounts that rank higher fill the list",
    NoAlertReason.CONTROL_GROUP: "it is in the control group, which lists and alerts leave out",
}
"""Every "not now" in words: the same reason word everywhere, and the same sentence for people."""


def control_group_in_words(document: Mapping[str, Any]) -> str:
    """`control group until 2027-03-31` of what an administrator is shown; empty of any other account."""
    days = document.get("control_group")
    if days is None:
        return ""
    return f"control group until {days['until']}" if days["until"] else f"control group since {days['since']}"


def count(number: int, thing: str) -> str:
    """`1 day`, `2 days`, `1,200 accounts`."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


def percent(share: float) -> str:
    """`12.3%` of a share (0..1); below one percent with two decimals, `0.04%`."""
    return f"{share:.2%}" if 0 < share < 0.01 else f"{share:.1%}"


def points(value: float, low: float, high: float) -> str:
    """`+4.2 percentage points (+1.0 to +7.5)`: a difference of two shares (-1..1) with its interval."""
    return f"{100 * value:+.1f} percentage points ({100 * low:+.1f} to {100 * high:+.1f})"


def distance(ms: int) -> str:
    """`3 days`, `1 hour`, `12 minutes`, `0 seconds`: in the largest unit that fits, rounded."""
    for length, unit in _UNITS:
        if ms >= length:
            return count(round(ms / length), unit)
    return count(0, "second")


def is_just_now(instant: str, now: str) -> bool:
    """Whether an instant lies within the last ten minutes before `now`."""
    return 0 <= parse_instant(now) - parse_instant(instant) <= JUST_NOW_MS


def signal_type(part: str) -> str:
    """The display name of a kind or another part of a score."""
    return SIGNAL_TYPE_WORDS.get(part, part)


def with_alias(signal: Mapping[str, Any]) -> str:
    """The line of a signal, with the domain that it named if that is an alias of the account."""
    return f"{signal['text']} (via {signal['alias']})" if "alias" in signal else str(signal["text"])


def relation(name: str) -> str:
    """`open opportunity`."""
    return name.replace("_", " ")


def persona(name: str) -> str:
    """`finance`, `IT`, `other titles`; on one line, since without personas titles are foreign text."""
    if name == OTHER:
        return "other titles"
    return name.upper() if name in ABBREVIATIONS else one_line(name)


def whole_parts(score: float, parts: Sequence[Mapping[str, Any]]) -> list[int]:
    """The points of the parts as whole numbers that add up to the whole score (largest remainders first)."""
    hundredths = rounded_parts(round(score) / 100, [part["points"] / 100 for part in parts])
    return [round(points * 100) for points in hundredths]


def who(document: Mapping[str, Any]) -> str:
    """Who has engaged: `finance, IT`, `one person only: finance`, `nobody has engaged`.

    Personas count while they have enough points (`personas_live`); those seen with too few points are named as such.
    """
    active = [*map(persona, document["personas_live"])]
    if active:
        return f"one person only: {active[0]}" if len(active) == 1 else ", ".join(active)
    if not any(part["part"] == ENGAGEMENT for part in document["parts"]):
        return "nobody has engaged"
    seen = ", ".join(persona(one["persona"]) for one in document["people"])
    return f"too little to count: {seen}" if seen else "anonymous visitors only"


def seen(document: Mapping[str, Any]) -> str:
    """Who has engaged, as a sentence: `Seen: finance, IT.`, `One person only: finance.`"""
    return sentence(f"seen: {who(document)}" if len(document["personas_live"]) > 1 else who(document))


def sentence(words: str | None) -> str:
    """Words as a sentence; empty for None."""
    return f"{words[0].upper()}{words[1:]}." if words else ""


def missing(decision: Mapping[str, Any], buying_group: Iterable[str]) -> list[str]:
    """The personas of a buying group that have not engaged enough to count."""
    return [persona(one) for one in buying_group if one not in decision["personas_live"]]


def stack(score: Mapping[str, Any]) -> str:
    """The part `stack` in words: `2 signal types are live (intent, hiring), so their sum is multiplied by 1.15`."""
    live = [signal_type(kind) for kind in score["kinds_live"]]
    named = f" ({', '.join(live)})" if live else ""
    effect = (
        f"so their sum is multiplied by {score['multiplier']:g}" if score["multiplier"] > 1 else "which adds nothing"
    )
    return f"{count(len(live), 'signal type')} {'is' if len(live) == 1 else 'are'} live{named}, {effect}"


def order(weights: Mapping[str, float]) -> str:
    """How lists are ordered, in one sentence, since it is not by score alone."""
    shown = ", ".join(f"{tier} {weight:g}" for tier, weight in weights.items())
    return (
        "Ordered by more than the score: first accounts that asked to be called, latest first; then hot before warm,"
        f" and within a level by score (not capped at 100) times the weight of the fit tier ({shown})."
    )
