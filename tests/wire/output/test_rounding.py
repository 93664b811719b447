"""Numbers as they are shown: parts in hundredths that still add up."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.wire.output.rounding import rounded, rounded_evidence, rounded_parts


@pytest.mark.parametrize(
    ("number", "shown"), [(1.234, 1.23), (1.236, 1.24), (0.0, 0.0), (-0.001, 0.0), (-1.239, -1.24)]
)
def test_numbers_are_shown_with_two_decimals_and_never_as_minus_nothing(number, shown):
    assert str(rounded(number)) == str(shown)


@pytest.mark.parametrize(
    ("parts", "shown", "because"),
    [
        ([], [], "nothing is nothing"),
        ([10.0, 20.5, 0.0], [10.0, 20.5, 0.0], "what is round stays"),
        ([0.333, 0.333, 0.334], [0.33, 0.33, 0.34], "already adds up"),
        ([0.334, 0.333, 0.333], [0.34, 0.33, 0.33], "the largest remainder gets the hundredth that is missing"),
        ([0.004, 0.004, 0.004], [0.01, 0.0, 0.0], "1 hundredth of three that round to nothing: the first"),
        ([0.006, 0.007, 0.006], [0.0, 0.01, 0.01], "one too many: the one that was rounded up furthest"),
        ([50.003, 60.004, 0.0, -10.007], [50.0, 60.01, 0.0, -10.01], "a ceiling below zero"),
        ([0.0, 0.004, 0.004, 0.0], [0.0, 0.01, 0.0, 0.0], "what is zero stays zero"),
    ],
)
def test_parts_in_hundredths_add_up_to_the_total_in_hundredths(parts, shown, because):
    found = rounded_parts(sum(parts), parts)
    assert round(sum(found), 2) == rounded(sum(parts)), because
    assert found == shown, because


@given(st.lists(st.just(0.0) | st.floats(-100, 100).filter(lambda x: abs(x) > 1e-6), max_size=8))
def test_any_parts_add_up_are_off_by_less_than_a_hundredth_and_zero_stays_zero(parts):
    total = sum(parts)
    shown = rounded_parts(total, parts)
    assert sum(round(part * 100) for part in shown) == round(rounded(total) * 100)
    for part, value in zip(parts, shown, strict=True):
        assert abs(part - value) < 0.01 + 1e-9
        assert part or not value


@pytest.mark.parametrize(
    ("part", "evidence", "others", "shown", "because"),
    [
        (10.0, [6.0, 4.0], 0.0, ([6.0, 4.0], 0.0, 0.0), "what adds up stays"),
        (8.5, [6.0, 4.0], 0.0, ([6.0, 4.0], 0.0, -1.5), "what is missing is what saturation takes away"),
        (9.0, [4.0], 6.0, ([4.0], 6.0, -1.0), "others are those that are not shown"),
        (1.01, [0.333, 0.333], 0.334, ([0.33, 0.33], 0.35, 0.0), "what rounding leaves over goes to the others"),
        (0.67, [0.333, 0.333], 0.0, ([0.34, 0.33], 0.0, 0.0), "where there are none, to the strongest signal"),
        (0.71, [0.699], 0.004, ([0.7], 0.01, 0.0), "others that round to nothing are still there to take it"),
        (0.01, [], 0.0, ([], 0.01, 0.0), "and with no signal to the others"),
        (0.66, [0.335, 0.335], -1e-12, ([0.34, 0.34], 0.0, -0.02), "others are never below zero"),
        (0.0, [0.001], 0.0, ([0.0], 0.0, 0.0), "nothing is never minus nothing"),
    ],
)
def test_evidence_others_and_saturated_add_up_to_their_part(part, evidence, others, shown, because):
    found = rounded_evidence(part, evidence, others)
    assert found == shown, because
    assert str(found[2]) == str(shown[2]), because


POINTS = st.floats(0, 100)


@given(POINTS, st.lists(POINTS, max_size=4), POINTS)
def test_any_evidence_adds_up_in_hundredths(part, evidence, others):
    shown, rest, saturated = rounded_evidence(rounded(part), evidence, others)
    assert sum(round(points * 100) for points in (*shown, rest, saturated)) == round(rounded(part) * 100)
    assert rest >= 0 >= saturated
    assert len(shown) == len(evidence)
