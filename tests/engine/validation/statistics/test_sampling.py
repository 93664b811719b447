"""Draws from densities whose figures are known."""

import numpy as np
import pytest
from scipy.stats import gamma, multivariate_normal

from signal_engine.engine.validation.statistics.sampling import Drawn, credible, sampled


def test_a_correlated_normal_is_found_from_a_wrong_guess():
    truth = multivariate_normal([1.0, -2.0, 0.5], [[1.0, 0.8, 0.0], [0.8, 1.0, 0.0], [0.0, 0.0, 0.01]])
    found = sampled(truth.logpdf, np.zeros(3), np.diag([0.3, 3.0, 0.3]), 1)
    assert found.effective >= 400
    assert found.weights.sum() == pytest.approx(1)
    for place, (mean, deviation) in enumerate([(1.0, 1.0), (-2.0, 1.0), (0.5, 0.1)]):
        value, low, high = credible(found.draws[:, place], found)
        assert value == pytest.approx(mean, abs=0.25 * deviation)
        assert [low, high] == pytest.approx([mean - 1.96 * deviation, mean + 1.96 * deviation], abs=0.4 * deviation)


def test_a_skewed_density_with_an_edge_keeps_its_long_tail():
    """A gamma of shape 2: a normal curve at its peak (1, deviation 1) would reach from -1 to 3."""
    found = sampled(lambda at: float(gamma(2).logpdf(at[0])), np.array([1.0]), np.eye(1), 2)
    ends = credible(found.draws[:, 0], found)
    assert list(ends[1:]) == pytest.approx(gamma(2).ppf([0.025, 0.975]), rel=0.35)
    assert found.weights[found.draws[:, 0] < 0].sum() == 0


def test_the_same_seed_draws_the_same():
    one, other = (sampled(lambda at: -float(at @ at), np.zeros(2), np.eye(2), 7) for _ in range(2))
    assert (one.draws == other.draws).all()


def test_draws_that_one_outweighs_are_worth_one():
    assert Drawn(np.zeros((3, 1)), np.array([1.0, 0, 0])).effective == 1
    assert Drawn(np.zeros((4, 1)), np.full(4, 0.25)).effective == 4


def test_the_fewer_the_draws_the_further_out_the_ends():
    values = np.linspace(0, 1, 1_001)
    many, few = Drawn(values[:, None], np.full(1_001, 1 / 1_001)), Drawn(values[::10, None], np.full(101, 1 / 101))
    assert credible(values, many) == pytest.approx((0.5, 0.020, 0.980), abs=0.002)
    assert credible(values[::10], few) == pytest.approx((0.5, 0.0, 1.0), abs=0.002)
