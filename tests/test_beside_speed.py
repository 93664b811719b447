"""How `bench-beside` decides whether a difference is more than noise."""

import pytest

from bench.live.beside_speed import compared

ALONE = [100.0, 140.0, 90.0, 120.0, 200.0]
"""A machine that changes over time: both runs of a round see the same of it."""


def test_what_costs_a_tenth_more_in_every_round_is_no_noise_however_much_rounds_differ() -> None:
    found = compared(ALONE, [more * by for more, by in zip(ALONE, (1.09, 1.11, 1.10, 1.12, 1.08), strict=True)])
    assert found.mean == pytest.approx(0.10)
    assert 0.05 < found.low < found.mean < found.high < 0.15
    assert not found.within_noise


def test_what_costs_more_in_some_rounds_and_less_in_others_is_noise() -> None:
    found = compared(ALONE, [more * by for more, by in zip(ALONE, (1.05, 0.94, 1.02, 0.97, 1.04), strict=True)])
    assert found.low < 0 < found.high
    assert found.within_noise


def test_the_interval_is_students_so_few_rounds_say_little() -> None:
    few, many = compared([100, 100], [110, 112]), compared([100] * 20, [110, 112] * 10)
    assert (few.mean, many.mean) == (pytest.approx(0.11), pytest.approx(0.11))
    assert few.within_noise, "two rounds a percent apart: 12.7 times the error of their mean"
    assert not many.within_noise


def test_rounds_are_pairs() -> None:
    with pytest.raises(ValueError, match="shorter"):
        compared([100.0, 100.0], [100.0])
