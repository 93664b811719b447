"""Why nobody is hot: what keeps accounts from it, the simplest reason first."""

from collections.abc import Iterator
from typing import NamedTuple

from signal_engine.core.advice import advice
from signal_engine.core.rules.kinds import in_order
from signal_engine.wire.config.scoring_advice import dead_rules
from signal_engine.wire.config.scoring_file import ScoringFile
from signal_engine.wire.output.distribution import HIDERS_IN_WORDS, Hidden, Hider, PersonasRead


class QuietMarket(NamedTuple):
    """The figures of a market in which nobody became hot."""

    accounts: int
    chased: int
    """Accounts that fit, of any relation."""
    within_reach: int
    """Of those, accounts that may be listed or alerted."""
    with_signals: int
    highest: float
    """Their highest score."""
    kinds: frozenset[str]
    """The kinds of their signals."""
    refused_at: frozenset[Hider]
    """What kept accounts with a sufficient score from being hot."""
    personas: PersonasRead | None


def hidden_by(found: QuietMarket, scoring: ScoringFile) -> list[Hidden]:
    """All reasons, at least one."""
    return list(_hidden_by(found, scoring))


def _hidden_by(found: QuietMarket, scoring: ScoringFile) -> Iterator[Hidden]:
    hot, dead = scoring.policy.levels.hot, dead_rules(scoring)
    if not found.chased:
        yield _hidden("nobody_fits")
    elif not found.within_reach:
        yield _hidden("relation")
    elif not found.with_signals:
        yield _hidden("no_signals")
    if any(problem.path[:2] == ("levels", "hot") for problem in advice(scoring.policy, dead)):
        yield _hidden("out_of_reach")
    if empty := [name for name in scoring.lists_referred if not scoring.policy.sells.get(name)]:
        yield _hidden("empty_lists", ", ".join(empty))
    if not found.with_signals:
        return
    if "too_few_kinds" in found.refused_at:
        yield _hidden("too_few_kinds", f"hot needs {hot.min_kinds}")
    if "silence" in found.refused_at:
        yield _hidden("silence", f"{hot.max_silence_days:g} days" if hot.max_silence_days else "")
    if (seen := found.personas) is not None and seen["other"] + seen["unknown"] > seen["named"]:
        yield _hidden("nobody_known", f"{seen['other']:,} other, {seen['unknown']:,} without a title")
    if found.highest < hot.enter:
        kinds = ", ".join(in_order(found.kinds))
        yield _hidden("below_threshold", f"the highest was {found.highest:.0f} of {hot.enter:g}, from {kinds}")


def _hidden(reason: Hider, figures: str = "") -> Hidden:
    said = HIDERS_IN_WORDS[reason]
    return {"reason": reason, "detail": f"{said} ({figures})" if figures else said}
