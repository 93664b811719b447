"""Numbers as they are shown: two decimals, and parts that still add up to what they are parts of."""

from collections.abc import Sequence
from typing import Final

_CENTS: Final = 100
_NOTHING_POINTS: Final = 1e-9
"""Points that are left over by the last bits of a sum alone."""


def rounded(number: float) -> float:
    """Two decimals; never a negative zero."""
    return round(number, 2) + 0.0


def rounded_evidence(total: float, evidence: Sequence[float], others: float) -> tuple[list[float], float, float]:
    """What a kind's part is made of, in hundredths that sum to the rounded part.

    `total` is the rounded part; `evidence` the points of the signals shown, `others` those of all that are not. Returns
    (evidence, others >= 0, saturated <= 0). Each signal is rounded by itself, so it reads the same in a list and on its
    page; what rounding leaves over goes to the others, or where there are none to the strongest signal.
    """
    part = round(total * _CENTS)
    shown = [round(points * _CENTS) for points in evidence]
    rest = round(max(others, 0.0) * _CENTS)
    saturated = part - sum(shown) - rest
    if saturated > 0:
        if others > _NOTHING_POINTS or not shown:
            rest += saturated
        else:
            shown[0] += saturated
        saturated = 0
    return [cents / _CENTS for cents in shown], rest / _CENTS, saturated / _CENTS + 0.0


def rounded_parts(total: float, parts: Sequence[float]) -> list[float]:
    """`parts`, which sum to `total`, in hundredths that sum to the rounded total (largest remainders first).

    Parts that are zero stay zero. The result sums to `rounded(total)` exactly in hundredths.
    """
    cents = [round(part * _CENTS) for part in parts]
    missing = round(rounded(total) * _CENTS) - sum(cents)
    step = 1 if missing > 0 else -1
    by_remainder = sorted(
        (index for index, part in enumerate(parts) if part),
        key=lambda index: (cents[index] - parts[index] * _CENTS) * step,
    )
    for index in by_remainder[: abs(missing)]:
        cents[index] += step
    return [cent / _CENTS for cent in cents]
