"""Kinds of signals before wins: what of it may be claimed."""

from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple

from signal_engine.core.rules.kinds import BUYING_GROUP, ENGAGEMENT
from signal_engine.engine.validation.controls import Exposure, Matched, exposure
from signal_engine.engine.validation.documents import estimate, rate
from signal_engine.engine.validation.mondays import LIVE_NAMES
from signal_engine.engine.validation.panel import Panel
from signal_engine.engine.validation.statistics.claims import FAMILY_ERROR
from signal_engine.engine.validation.statistics.intervals import MIN_TRIALS
from signal_engine.engine.validation.statistics.power import wins_needed
from signal_engine.wire.output.reports.validation_documents import KindFound

SHARE_OF_ERROR: Final = FAMILY_ERROR / 2
"""The chance of any false claim among the score and kinds; groups of calls have the other half."""
ENOUGH_WINS: Final = 50
"""Fewer won deals rank no kinds and claim nothing."""
_SEEN: Final = 1.2
"""A lift below it is not said to need so many more wins: it may be none."""


class KindExposure(NamedTuple):
    """A kind and how often it was live before wins."""

    kind: str
    exposure: Exposure


def exposures(panel: Panel, found: Matched, seed: int) -> list[KindExposure]:
    """Each kind that was live at all, before wins or at controls."""
    kinds: list[KindExposure] = []
    for kind in LIVE_NAMES:
        one = exposure(found, panel.is_live(kind), seed)
        if one.cases_with or one.controls_with:
            kinds.append(KindExposure(kind, one))
    return kinds


def live_of(kinds: Iterable[str]) -> frozenset[str]:
    """What is live by signals of the kinds: those, and with engagement the buying group."""
    found = frozenset(kinds)
    return found | {BUYING_GROUP} if ENGAGEMENT in found else found


def kinds_found(
    kinds: Sequence[KindExposure], claimed: frozenset[str], leaking: Collection[str], *, ranked: bool
) -> list[KindFound]:
    """The kinds; strongest lift first where they may be ranked, those that may be traces last; else by name."""
    documents = [_kind(one, len(kinds), claimed, leaking) for one in kinds]
    if ranked:
        return sorted(documents, key=lambda one: (one["trace"], -(one["lift"] or {"value": 0.0})["value"], one["kind"]))
    return sorted(documents, key=lambda one: one["kind"])


def strongest_needs(kinds: Sequence[KindExposure], leaking: Collection[str]) -> tuple[str, float, int] | None:
    """Of the kind with the strongest lift seen: its name, the lift, and the wins that would tell it from chance.

    None below 10 wins, or where no lift is large enough; kinds that may be traces are left out.
    """
    sized = [
        (one.kind, one.exposure.lift.value, needed)
        for one in kinds
        if one.kind not in leaking
        and one.exposure.cases >= MIN_TRIALS
        and one.exposure.lift is not None
        and (needed := _needed(one.exposure, len(kinds))) is not None
    ]
    return max(sized, key=lambda one: one[1], default=None)


def _kind(one: KindExposure, family: int, claimed: frozenset[str], leaking: Collection[str]) -> KindFound:
    found = one.exposure
    enough = found.cases >= MIN_TRIALS
    return {
        "kind": one.kind,
        "before_wins": rate(found.cases_with, found.cases),
        "at_controls": rate(found.controls_with, found.controls, found.control_effect),
        "lift": estimate(found.lift) if enough else None,
        "claimed": f"kind/{one.kind}" in claimed,
        "trace": one.kind in leaking,
        "wins_needed": _needed(found, family) if enough and one.kind not in leaking else None,
    }


def _needed(found: Exposure, family: int) -> int | None:
    """As strict as the first step of Holm's procedure over the score and all kinds."""
    if found.lift is None or found.lift.value < _SEEN or not found.controls:
        return None
    return wins_needed(found.controls_with / found.controls, found.lift.value, SHARE_OF_ERROR / (family + 1))
