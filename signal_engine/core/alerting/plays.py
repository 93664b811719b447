"""The next step: what whoever calls does about a reason to call, as the plays say it."""

from collections.abc import Iterable
from typing import Final, NamedTuple

from signal_engine.core.fit.eligibility import unalerted_reason
from signal_engine.core.fit.icp import Fit
from signal_engine.core.rules.kinds import KINDS
from signal_engine.core.rules.policy import COLD, Policy
from signal_engine.core.score.snapshot import AccountSnapshot

HAND_RAISE_OCCASION: Final = "hand_raise"
OCCASIONS: Final = (HAND_RAISE_OCCASION, *KINDS)
"""What a play may be for: somebody asked to be called, or the kind of the signal that is why now."""


class Play(NamedTuple):
    """What to do on an occasion; what is None holds for all."""

    text: str
    icp: str | None = None
    segment: str | None = None
    occasion: str | None = None


def next_step(plays: Iterable[Play], snapshot: AccountSnapshot, fit: Fit | None, policy: Policy) -> str | None:
    """The text of the first play that fits; None too where nobody is to call: alerted of none, or cold and unasked."""
    if fit is None or unalerted_reason(fit, policy) is not None:
        return None
    if snapshot.level == COLD and not snapshot.pinned:
        return None
    occasion = HAND_RAISE_OCCASION if snapshot.pinned else _kind_of_why_now(snapshot)
    return first_play(plays, fit.primary.icp, fit.segment, occasion)


def first_play(plays: Iterable[Play], icp: str | None, segment: str | None, occasion: str | None) -> str | None:
    """The text of the first play for these; None where there is none. The case of a segment does not count."""
    here = (segment or "").strip().casefold()
    for play in plays:
        if (
            play.icp in {None, icp}
            and play.occasion in {None, occasion}
            and (play.segment is None or play.segment.strip().casefold() == here)
        ):
            return play.text
    return None


def _kind_of_why_now(snapshot: AccountSnapshot) -> str | None:
    """The kind of the signal that is why now; None where it is no signal."""
    if snapshot.why_now is None:
        return None
    told = (snapshot.why_now.event_id, snapshot.why_now.at)
    shown = [one for some in snapshot.evidence.values() for one in some]
    return next(one.kind for one in shown if (one.evidence.event_id, one.evidence.occurred_at) == told)
