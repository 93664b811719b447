"""What may be claimed: exact tests, held together family-wise."""

from collections.abc import Mapping, Sequence
from typing import Final

from scipy.stats import fisher_exact, poisson_binom

from signal_engine.engine.validation.statistics.intervals import Numbers

FAMILY_ERROR: Final = 0.01
"""Chance of any false claim among all that one report makes."""


def more_often_in_sets(cases: Numbers, controls: Numbers, size: int) -> float:
    """The p-value of cases having something no more often than controls of their own set; exact, one-sided.

    Per set: 1 where the case has it, else 0; and how many of its `size` controls have it. Whoever of a set was the
    case, as many of it have it: so by chance the case is among them with that share, and the cases that have it are
    a sum of unequal coins (the exact form of the Mantel-Haenszel test of matched sets; Breslow and Day 1980,
    "Statistical Methods in Cancer Research", volume 1, section 5.3). 1 where no set tells anything.
    """
    have = cases + controls
    telling = (have > 0) & (have <= size)
    if not telling.any():
        return 1.0
    by_chance = poisson_binom(have[telling] / (size + 1))
    return float(min(max(by_chance.sf(cases[telling].sum() - 1), 0.0), 1.0))


def differs(hits: int, trials: int, other_hits: int, other_trials: int) -> float:
    """The p-value of both rates being equal: Fisher's exact test, two-sided."""
    table = [[hits, trials - hits], [other_hits, other_trials - other_hits]]
    return float(fisher_exact(table).pvalue)


def holm(p_values: Mapping[str, float], error: float = FAMILY_ERROR) -> frozenset[str]:
    """The names that may be claimed with a chance of `error` of any false one (Holm 1979, the step-down procedure)."""
    claimed: list[str] = []
    ordered: Sequence[str] = sorted(p_values, key=lambda name: (p_values[name], name))
    for place, name in enumerate(ordered):
        if p_values[name] > error / (len(ordered) - place):
            break
        claimed.append(name)
    return frozenset(claimed)
