"""Writes docs/screenshots/saturation.svg: what points count below and beyond a cap, now and before November.

python -m bench.saturation_plot
"""

from collections.abc import Callable
from math import exp
from pathlib import Path
from typing import Final

from signal_engine.core.score.saturation import sat

TARGET: Final = Path(__file__).resolve().parents[1] / "docs" / "screenshots" / "saturation.svg"
CAP: Final = 25.0
"""That of one persona."""
_MOST: Final = 75.0
_WIDTH, _HEIGHT, _LEFT, _BELOW, _ABOVE = 640, 360, 56, 48, 16
_INK, _NOW, _THEN = "#666", "#c2410c", "#64748b"  # readable on a light page and on a dark one


def drawing() -> str:
    """The plot as SVG, the same text every time."""
    ticks = [
        *(_tick_below(points) for points in range(0, int(_MOST) + 1, 25)),
        *(_tick_left(points) for points in (0, 10, 20, 25)),
    ]
    lines = [
        _curve(lambda s: min(s, CAP), _INK, "3 4"),
        _curve(lambda s: CAP * (1 - exp(-s / CAP)), _THEN, "7 4"),
        _curve(lambda s: sat(s, CAP), _NOW, ""),
    ]
    dots = [_dot(points) for points in (CAP / 2, CAP, 2 * CAP)]
    words = [
        _text(_LEFT + 6, _y(CAP) - 6, f"facet_cap {CAP:g}", _INK),
        _text(_x(30), _y(sat(30, CAP)) - 8, "now", _NOW, "end"),
        _text(_x(60), _y(CAP * (1 - exp(-60 / CAP))) + 20, "before", _THEN),
        _text(_WIDTH - 8, _HEIGHT - 8, "points of one persona, decayed to now", _INK, "end"),
        _text(_LEFT - 40, _ABOVE - 2, "count", _INK),
    ]
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif"'
        ' font-size="13" role="img" aria-label="What points count: nearly all up to half of a cap, 79 percent at it">'
    )
    return "\n".join([head, *ticks, *lines, *dots, *words, "</svg>", ""])


def _x(points: float) -> float:
    return round(_LEFT + points / _MOST * (_WIDTH - _LEFT - 16), 2)


def _y(points: float) -> float:
    return round(_HEIGHT - _BELOW - points / (CAP * 1.1) * (_HEIGHT - _BELOW - _ABOVE), 2)


def _curve(of: Callable[[float], float], colour: str, dashes: str) -> str:
    steps = [_MOST * step / 150 for step in range(151)]
    points = " ".join(f"{_x(s)},{_y(of(s))}" for s in steps)
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return f'<polyline fill="none" stroke="{colour}" stroke-width="2"{dashed} points="{points}"/>'


def _dot(points: float) -> str:
    share = sat(points, CAP)
    said = f"{points:g} count {share:.1f}"
    return (
        f'<circle cx="{_x(points)}" cy="{_y(share)}" r="4" fill="{_NOW}"/>'
        f"{_text(_x(points) + 8, _y(share) + 16, said, _NOW)}"
    )


def _tick_below(points: int) -> str:
    x, y = _x(points), _HEIGHT - _BELOW
    line = f'<path d="M{x} {_ABOVE}V{y + 5}" stroke="{_INK}" opacity=".25"/>'
    return line + _text(x, y + 20, str(points), _INK, "middle")


def _tick_left(points: int) -> str:
    y = _y(points)
    line = f'<path d="M{_LEFT} {y}H{_WIDTH - 16}" stroke="{_INK}" opacity=".25"/>'
    return line + _text(_LEFT - 8, y + 4, str(points), _INK, "end")


def _text(x: float, y: float, said: str, colour: str, anchor: str = "start") -> str:
    return f'<text x="{round(x, 2)}" y="{round(y, 2)}" fill="{colour}" text-anchor="{anchor}">{said}</text>'


if __name__ == "__main__":
    TARGET.write_text(drawing(), "utf-8")
