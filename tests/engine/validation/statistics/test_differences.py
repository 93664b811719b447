"""Differences of rates against published values, and the size of a comparison against the textbook's formula."""

import pytest

from signal_engine.engine.validation.statistics.claims import differs
from signal_engine.engine.validation.statistics.differences import accounts_needed, newcombe


@pytest.mark.parametrize(
    ("told", "held", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339),
        ((9, 10), (3, 10), 0.1705, 0.8090),
        ((5, 56), (0, 29), -0.0381, 0.1926),
        ((0, 10), (0, 20), -0.1611, 0.2775),
        ((0, 10), (0, 10), -0.2775, 0.2775),
        ((10, 10), (0, 20), 0.6791, 1.0),
        ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)
def test_newcombes_interval_as_his_paper_has_it(told, held, low, high):
    """Newcombe 1998, table II, method 10."""
    found = newcombe(*told, *held)
    assert found.value == pytest.approx(told[0] / told[1] - held[0] / held[1])
    assert (found.low, found.high) == pytest.approx((low, high), abs=0.00006)


def test_nine_of_either_say_nothing():
    assert newcombe(3, 9, 30, 90) is None
    assert newcombe(30, 90, 3, 9) is None


def test_the_two_sided_test_is_fishers_of_the_tea_tasting():
    assert differs(3, 4, 1, 4) == pytest.approx(34 / 70)
    assert differs(4, 4, 0, 4) == pytest.approx(2 / 70)


def test_so_many_accounts_as_the_normal_formula_and_a_little_more_for_an_exact_test():
    # 15 % against 10 %, 1 % two-sided, power 80 %: (2.576 * 0.4677 + 0.842 * 0.4664)^2 / 0.05^2 = 1,021 a side.
    halves = accounts_needed(0.1, 1.5, 0.5)
    assert 2 * 1021 <= halves <= 2.25 * 1021
    assert accounts_needed(0.1, 1.5, 0.1) > 2 * halves, "a tenth held back is a poorer comparison"
    assert accounts_needed(0.1, 1.5, 0.5, claims=4) > halves
    assert accounts_needed(0.3, 1.5, 0.5) < halves


def test_nothing_to_find_needs_no_number():
    assert accounts_needed(0.0, 1.5, 0.5) is None
    assert accounts_needed(0.1, 1.0, 0.5) is None
    assert accounts_needed(0.0004, 1.5, 0.01) is None, "100,000 accounts would not do"
