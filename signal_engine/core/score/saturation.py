"""Saturation: repeated evidence counts less and less, up to a cap (scoring.md, section 2)."""

from typing import Final

_THIRD: Final = 1 / 3
"""A power, not `cbrt`: C libraries round that differently, and the native judge must agree to the last bit."""


def sat(s: float, cap: float) -> float:
    """s / (1 + (s/cap)**3) ** (1/3): 96 % of s at half of the cap, 79 % at the cap, never more than the cap.

    `s` >= 0 and `cap` > 0 in points. Concave, so what decays loses less than its evidence does. The second form is the
    same value where s is beyond the cap: the first would overflow there, and its last bits could pass the cap.
    """
    if s <= cap:
        x = s / cap
        root: float = (1.0 + x * x * x) ** _THIRD
        return s / root
    x = cap / s
    root = (1.0 + x * x * x) ** _THIRD
    return cap / root


def sat_and_slope(s: float, cap: float) -> tuple[float, float]:
    """`sat`, to the last bit, and its derivative (1 + (s/cap)**3) ** (-4/3), in 0..1."""
    if s <= cap:
        x = s / cap
        y = 1.0 + x * x * x
        root = y**_THIRD
        return s / root, 1.0 / (y * root)
    x = cap / s
    cube = x * x * x
    y = 1.0 + cube
    root = y**_THIRD
    return cap / root, cube * x / (y * root)
