"""The whole report of `calibrate --fit`: fitted to earlier deals, tried on later ones, and the draft of a file."""

from collections.abc import Collection, Mapping, Sequence
from math import ceil, floor
from typing import Final, NamedTuple

import numpy as np

from signal_engine.core.errors import FAILED, SignalEngineError
from signal_engine.core.laws import law_problems
from signal_engine.core.rules.kinds import in_order
from signal_engine.core.rules.policy import Policy
from signal_engine.engine.validation.calibration.choices import (
    SET_SIZE,
    by_set,
    concordance,
    mean_with_interval,
    slope,
)
from signal_engine.engine.validation.calibration.fittable import path_words, scaled
from signal_engine.engine.validation.calibration.fitting import NumbersFit, Spoken, fit
from signal_engine.engine.validation.calibration.layout import AccountAt, Arrived, layout
from signal_engine.engine.validation.calibration.parameters import ParameterSet, parameters_of, policy_with
from signal_engine.engine.validation.calibration.scorer import Scorer
from signal_engine.engine.validation.documents import estimate
from signal_engine.engine.validation.kinds import ENOUGH_WINS
from signal_engine.engine.validation.statistics.claims import FAMILY_ERROR
from signal_engine.engine.validation.statistics.intervals import Interval, Numbers
from signal_engine.wire.config import scoring_file
from signal_engine.wire.config.yaml_edits import NumberEdit, edited
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.output.reports.fit_documents import Fitted, FittedNumber, FitVerdict
from signal_engine.wire.output.words import count, points, signal_type

_EARLIER: Final = 0.7
"""Share of the sets, by time, that is fitted; the rest is for the figures."""
_SEEN: Final = 0.05
"""Points from which a score has moved."""
_SILENT: Final = "a quarter more of it moves the order in fewer than 10 of the earlier deals"
_TRACE: Final = "its signals come mostly in the last days before deals and may be their traces, so they are left out"
_DIGITS: Final = 2


class TooFewWins(SignalEngineError):
    """Under 50 won deals nothing is fitted."""

    exit_code = FAILED


class DraftDiffers(SignalEngineError):
    """The file is written in a way that numbers cannot be changed in, such as one number that two fields share."""

    exit_code = FAILED


class FitMarket(NamedTuple):
    """Won deals as sets of five looks, earliest deal first: the account that won, then its four controls."""

    arrived: Mapping[str, Sequence[Arrived]]
    looks: Sequence[AccountAt]
    unmatched: int
    """Won deals that no set has."""
    traces: Collection[str] = ()
    """Kinds whose signals may be traces of deals: they count for nothing here."""


class FitFile(NamedTuple):
    """The scoring file in force."""

    name: str
    text: str
    policy: Policy
    config_version: str


def fitted(file: FitFile, market: FitMarket, seed: int) -> Fitted:
    """The report, with a draft where the later deals confirm what the earlier ones claim.

    Raises `TooFewWins`, `DraftDiffers`.
    """
    sets = len(market.looks) // SET_SIZE
    if sets < ENOUGH_WINS:
        more = ENOUGH_WINS - sets
        raise TooFewWins(
            f"{count(sets, 'won deal')} could be looked at; under {ENOUGH_WINS} nothing is fitted:"
            f" about {more:,} more {'is' if more == 1 else 'are'} needed"
        )
    laid, numbers = layout(file.policy, _without_traces(market), market.looks), parameters_of(file.policy)
    scorer, earlier = Scorer(laid), round(_EARLIER * sets)
    was = by_set(scorer.raw(numbers))
    predicts = slope(was[:earlier]).p_value <= FAMILY_ERROR
    found = fit(file.policy, Scorer(laid.first(earlier * SET_SIZE)), seed) if predicts else NumbersFit([], [])
    proposals = [_DraftNumber(one, *_rounded(file.policy, numbers, one)) for one in found.spoken]
    proposals = _lawful(file.policy, numbers, proposals)
    will = _with(numbers, proposals)
    won_by = [look.account for look in market.looks[earlier * SET_SIZE :: SET_SIZE]]
    ranked_then, ranked_now = concordance(was[earlier:]), concordance(by_set(scorer.raw(will))[earlier:])
    difference = mean_with_interval(ranked_now - ranked_then, won_by, seed)
    changed = any(one.changes for one in proposals)
    verdict = _verdict(predicts=predicts, changed=changed, gain=difference.value if difference else 0.0)
    kinds = [*file.policy.kinds]
    return {
        "verdict": verdict,
        "summary": _summary(verdict, proposals, earlier, sets - earlier, difference) + _left_out(market.traces),
        "config_version": file.config_version,
        "fitted_to": earlier,
        "unmatched": market.unmatched,
        "seed": seed,
        "numbers": [_document(scorer, numbers, one) for one in proposals],
        "silent": [
            {"field": one.name, "why": _TRACE if kinds[one.kind] in market.traces else _SILENT} for one in found.silent
        ],
        "out_of_sample": {
            "sets": sets - earlier,
            "in_force": estimate(mean_with_interval(ranked_then, won_by, seed)),
            "draft": estimate(mean_with_interval(ranked_now, won_by, seed)),
            "difference": estimate(difference),
        },
        "draft": _draft(file, scorer, numbers, proposals) if verdict == "draft" else None,
    }


def _without_traces(market: FitMarket) -> Mapping[str, Sequence[Arrived]]:
    if not market.traces:
        return market.arrived
    return {name: [one for one in of if one.event.kind not in market.traces] for name, of in market.arrived.items()}


def _left_out(traces: Collection[str]) -> str:
    if not traces:
        return ""
    kinds = " and ".join(signal_type(one) for one in in_order(traces))
    return f" Signals of {kinds} are left out: they may be traces of deals."


class _DraftNumber(NamedTuple):
    """A number, what the data say of it, and what the draft says."""

    spoken: Spoken
    old: list[float]
    new: list[float]

    @property
    def changes(self) -> bool:
        """Whether the draft has another number."""
        return self.old != self.new


def _rounded(policy: Policy, numbers: ParameterSet, one: Spoken) -> tuple[list[float], list[float]]:
    """Old and new numbers, rounded towards the old, so that none passes a quarter."""
    kind = [*policy.kinds.values()][one.number.kind]
    if one.number.rule is not None:
        old = [float(numbers.points[one.number.rule])]
    else:
        old = [kind.half_life_days] if len(one.number.paths) == 1 else [kind.cap, kind.facet_cap]
    if one.proposed == 1:
        return old, list(old)
    towards = floor if one.proposed > 1 else ceil
    scale = 10**_DIGITS
    return old, [towards(value * one.proposed * scale) / scale for value in old]


def _with(numbers: ParameterSet, proposals: Sequence[_DraftNumber]) -> ParameterSet:
    changed = scaled(numbers, [], [])
    for one in proposals:
        number = one.spoken.number
        if number.rule is not None:
            changed.points[number.rule] = one.new[0]
        elif len(number.paths) == 1:
            changed.half_life_days[number.kind] = one.new[0]
        else:
            changed.cap[number.kind], changed.facet_cap[number.kind] = one.new
    return changed


def _lawful(policy: Policy, numbers: ParameterSet, proposals: Sequence[_DraftNumber]) -> list[_DraftNumber]:
    """The proposals under which every law holds; one that would break a law stays as it is in force."""
    kept: list[_DraftNumber] = []
    for place, one in enumerate(proposals):
        rest = [later._replace(new=list(later.old)) for later in proposals[place + 1 :]]
        broken = law_problems(policy_with(policy, _with(numbers, [*kept, one, *rest])))
        kept.append(one._replace(new=list(one.old)) if broken else one)
    return kept


def _verdict(*, predicts: bool, changed: bool, gain: float) -> FitVerdict:
    if not predicts:
        return "no_sign"
    if not changed:
        return "nothing_to_change"
    return "draft" if gain > 0 else "not_confirmed"


def _gain(later: int, difference: Interval | None) -> str:
    """What the later deals say of the draft: `difference` is in shares of controls that score below the winner."""
    if difference is None:
        return f"{count(later, 'later deal')} say nothing of it"
    confirmed = ", which confirms it" if difference.low > 0 else "; that may be chance: it is not shown to be better"
    more = f"winners score above more of the controls than under the file: {points(*difference)}"
    return f"On {count(later, 'later deal')} {more}{confirmed}"


def _summary(
    verdict: FitVerdict, proposals: Sequence[_DraftNumber], earlier: int, later: int, difference: Interval | None
) -> str:
    changes = sum(one.changes for one in proposals)
    said = {
        "draft": f"{count(changes, 'number')} may be said to differ from the file. {_gain(later, difference)}.",
        "not_confirmed": (
            f"{count(changes, 'number')} seemed to differ by {earlier:,} earlier deals; {later:,} later ones do not"
            " rank better. There is no draft."
        ),
        "nothing_to_change": f"Of {earlier:,} deals, no number may be said to differ from the file. There is no draft.",
        "no_sign": (
            f"Of {earlier:,} deals, the score in force does not tell who won, so there is nothing to fit: look at"
            " `validate` first."
        ),
    }
    return said[verdict]


def _moved(scorer: Scorer, numbers: ParameterSet, one: _DraftNumber) -> tuple[float, float]:
    """Share of scores that the new number moves alone, and by how much."""
    moved = np.abs(scorer.scores(_with(numbers, [one])) - scorer.scores(numbers))
    those: Numbers = moved[moved > _SEEN]
    return len(those) / len(moved), float(those.mean()) if len(those) else 0.0


def _document(scorer: Scorer, numbers: ParameterSet, one: _DraftNumber) -> FittedNumber:
    share, points = _moved(scorer, numbers, one)
    value, low, high = (round(part, 3) for part in one.spoken.factor)
    return {
        "field": one.spoken.number.name,
        "in_force": one.old,
        "factor": {"value": value, "low": low, "high": high},
        "p_value": round(one.spoken.p_value, 6),
        "claimed": one.spoken.claimed,
        "proposed": one.new,
        "moves": round(share, 4),
        "by_points": round(points, 2),
    }


def _draft(file: FitFile, scorer: Scorer, numbers: ParameterSet, proposals: Sequence[_DraftNumber]) -> str:
    edits = [NumberEdit(("version",), file.policy.version + 1, "DRAFT by `calibrate --fit`: a person has to decide.")]
    for one in proposals:
        if one.changes:
            share, points = _moved(scorer, numbers, one)
            for place, (path, old, new) in enumerate(zip(one.spoken.number.paths, one.old, one.new, strict=True)):
                edits.append(NumberEdit(path, new, _comment(one, path, old, new, share, points) if not place else ""))
    text = edited(file.name, file.text, edits)
    if not _says(file.name, text, _with(numbers, proposals)):
        raise DraftDiffers(f"{file.name}: its numbers cannot be changed one by one; write each where it belongs")
    return text


def _says(name: str, text: str, meant: ParameterSet) -> bool:
    """Whether the text is a scoring file with these numbers."""
    try:
        read = parameters_of(scoring_file.parse(name, text.encode()).policy)
    except ConfigurationError:  # an anchor went with its number
        return False
    return all(np.allclose(getattr(read, part), getattr(meant, part)) for part in ParameterSet.__slots__)


def _comment(
    one: _DraftNumber, path: tuple[str | int, ...], old: float, new: float, share: float, points: float
) -> str:
    factor = one.spoken.factor
    beside = " beside the other points" if one.spoken.number.is_points else ""
    others = " (and facet_cap alike)" if len(one.old) > 1 else ""
    return (
        f"{path_words(path)}{others}: was {old:g}, now {new:g}; the deals say {old * factor.value:.3g}"
        f" ({old * factor.low:.3g} to {old * factor.high:.3g}){beside};"
        f" moves {share:.0%} of scores by {points:.1f} points"
    )
