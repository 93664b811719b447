"""Saturation against the formula of scoring.md, section 2, worked out with exact fractions beside it."""

from fractions import Fraction
from math import inf

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.score.saturation import sat, sat_and_slope

POINTS, CAPS = st.floats(0, 1e300), st.floats(1e-3, 1e6)


@pytest.mark.parametrize(
    ("s", "c", "points", "because"),
    [
        (0, 40, 0.0, "nothing is nothing"),
        (4, 40, 3.998668, "4 / 1.001**(1/3): a tenth of a cap counts whole"),
        (20, 40, 19.229994, "20 / 1.125**(1/3): half of a cap counts 96 %"),
        (40, 40, 31.748021, "40 / 2**(1/3): the whole of it 79 %"),
        (80, 40, 38.459989, "40 / 1.125**(1/3): twice it 96 % of the cap"),
        (400, 40, 39.986676, "40 / 1.001**(1/3): ten times it nearly the cap"),
    ],
)
def test_a_point_is_a_point_until_its_cap_is_near(s, c, points, because):
    assert sat(s, c) == pytest.approx(points, abs=5e-7), because


@given(POINTS, CAPS)
def test_it_is_the_cubic_formula_to_the_last_digits(s, c):
    found, x = Fraction(sat(s, c)), Fraction(s) / Fraction(c)
    assert abs(found**3 * (1 + x**3) - Fraction(s) ** 3) <= Fraction(s) ** 3 * Fraction(3, 10**14)


@pytest.mark.parametrize("s", [1e200, 1.7e308, inf])
def test_the_most_points_neither_overflow_nor_pass_the_cap(s):
    assert sat(s, 40) == 40.0
    assert sat_and_slope(s, 40)[0] == 40.0


@given(POINTS, POINTS, CAPS)
def test_it_rises_by_no_more_than_what_is_added_and_never_passes_points_or_cap(s, more, c):
    assert 0 <= sat(s, c) <= min(s, c)
    assert -1e-12 * c <= sat(s + more, c) - sat(s, c) <= more + 1e-12 * c


@given(POINTS, CAPS, st.floats(0, 1))
def test_what_decays_loses_less_than_its_evidence_does(s, c, left):
    assert sat(s * left, c) >= sat(s, c) * left * (1 - 1e-12)


@given(POINTS, CAPS)
def test_with_its_slope_it_is_the_same_to_the_last_bit(s, c):
    assert sat_and_slope(s, c)[0] == sat(s, c)


@pytest.mark.parametrize(("s", "slope"), [(0, 1.0), (20, 0.854666), (40, 0.396850), (80, 0.053417), (400, 0.000099867)])
def test_its_slope_is_that_of_the_formula(s, slope):
    """(1 + (s/c)**3) ** (-4/3), for a cap of 40: 1.125**(-4/3), 2**(-4/3), 9**(-4/3), 1001**(-4/3)."""
    assert sat_and_slope(s, 40)[1] == pytest.approx(slope, rel=1e-5)


@given(st.floats(0, 400), st.floats(1, 100))
def test_its_slope_is_how_much_it_rises(s, c):
    step = 1e-5 * c
    assert sat_and_slope(s, c)[1] == pytest.approx((sat(s + step, c) - sat(s, c)) / step, abs=1e-4)
