"""Numbers as they are shown: two decimals, and parts that still add up to what they are parts of."""

from collections.abc import Sequence
from typing import Final

_CENTS: Final = 100


def rounded(number: float) -> float:
    """Two decimals; never a negative zero."""
    return round(number, 2) + 0.0


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
