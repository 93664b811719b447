"""Trials that come in clusters: several deals of one account are not as many independent ones."""

import numpy as np

from signal_engine.engine.validation.statistics.intervals import Numbers


def correlation(hits: Numbers, trials: Numbers) -> float:
    """How alike the trials of one cluster are, 0 (not at all) to 1 (all the same); arrays have one element a cluster.

    The analysis-of-variance estimator of the intraclass correlation of proportions, taken as 0 where it is negative
    (Ridout, Demetrio and Firth 1999, "Estimating Intraclass Correlation for Binary Data").
    """
    inside = trials > 0
    hits, trials = hits[inside], trials[inside]
    clusters, total = len(trials), float(trials.sum())
    if clusters < 2 or total <= clusters:
        return 0.0
    rates, whole = hits / trials, hits.sum() / total
    between = float((trials * (rates - whole) ** 2).sum()) / (clusters - 1)
    within = float((trials * rates * (1 - rates)).sum()) / (total - clusters)
    size = (total - float((trials**2).sum()) / total) / (clusters - 1)
    spread = between + (size - 1) * within
    return min(max((between - within) / spread, 0.0), 1.0) if spread > 0 else 0.0


def design_effect(trials: Numbers, alike: float) -> float:
    """How many clustered trials are worth one independent one, >= 1: 1 + (size - 1) * `alike`, by the size of a trial's
    cluster (Kish 1965, "Survey Sampling"). `trials` has one element a cluster; 1 without any.
    """
    total = float(trials.sum())
    return 1.0 + (float((trials**2).sum()) / total - 1.0) * alike if total else 1.0


def effective(trials: Numbers, alike: float) -> int:
    """So many independent trials tell as much, rounded down."""
    return int(np.floor(float(trials.sum()) / design_effect(trials, alike)))
