"""Why now: the one sentence beside an account, chosen the same way wherever it is shown (scoring.md, section 7)."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from signal_engine.core.rules.instants import DAY, days
from signal_engine.core.rules.kinds import BUYING_GROUP, KINDS
from signal_engine.core.score.kind_state import Evidence
from signal_engine.core.score.wording import SIGNAL_TYPE_WORDS

RECENT: Final = days(14)
"""ms. A reason to call is recent: older signals are used only if there is nothing else."""


class ScoredEvidence(NamedTuple):
    """A piece of evidence with its points at the instant shown."""

    kind: str
    evidence: Evidence
    points: float
    """After decay, before facets and the kind saturate."""


class WhyNow(NamedTuple):
    """A reason in words, with the instant of that very signal."""

    text: str
    at: int | None
    """ms since 1970; None if the reason is not a signal."""
    event_id: str | None = None


def strongest_reason(
    evidence: Mapping[str, Sequence[ScoredEvidence]], pinned_by: Evidence | None, at: int
) -> WhyNow | None:
    """The hand raise of a pinned account; else the strongest signal of the last 14 days, ties to the newer; else the
    newest. None where there is no signal at all.

    `at` in ms. Which it is does not depend on the order of arrival, since which signals are kept does not.
    """
    if pinned_by is not None:
        return reason_of(pinned_by)
    every = [shown for kind in evidence.values() for shown in kind]
    recent = [shown for shown in every if at - shown.evidence.occurred_at < RECENT]
    best = max(recent, key=_by_strength, default=None) or max(every, key=_by_age, default=None)
    return None if best is None else reason_of(best.evidence)


def reason_of(evidence: Evidence) -> WhyNow:
    """A signal as a reason."""
    return WhyNow(evidence.text, evidence.occurred_at, evidence.event_id)


def faded(live_before: Sequence[str], live_now: frozenset[str], last_signal_at: int | None, at: int) -> WhyNow:
    """What ended a hot episode, never a reason to call. `live_before`: the kinds that its alerts named; times in ms."""
    gone = [_named(kind) for kind in live_before if kind not in live_now]
    what = f"{_and(gone)} {'has' if len(gone) == 1 else 'have'} faded" if gone else "No longer hot"
    sentence = what[:1].upper() + what[1:]
    if last_signal_at is None:
        return WhyNow(sentence, None)
    quiet = max(0, at - last_signal_at) // DAY
    since = "today" if quiet == 0 else f"{quiet} day{'' if quiet == 1 else 's'} ago"
    return WhyNow(f"{sentence}; the last signal came {since}", None)


def _named(kind: str) -> str:
    words = SIGNAL_TYPE_WORDS.get(kind, kind)
    return f"the {words}" if kind == BUYING_GROUP else words


def _and(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def _by_strength(shown: ScoredEvidence) -> tuple[float, int, int, str]:
    return round(shown.points, 9), shown.evidence.occurred_at, -KINDS.index(shown.kind), shown.evidence.event_id


def _by_age(shown: ScoredEvidence) -> tuple[int, float, int, str]:
    return shown.evidence.occurred_at, round(shown.points, 9), -KINDS.index(shown.kind), shown.evidence.event_id
