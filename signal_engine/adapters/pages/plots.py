"""Plots as inline SVG, sized to be read on a phone: points with intervals, lines, bars. Every text is escaped."""

from collections.abc import Callable, Iterable, Sequence
from html import escape
from math import isclose, log10
from typing import Final, NamedTuple

_WIDTH: Final = 440
_HEIGHT: Final = 250
_HALF_LETTER: Final = 3.5
_LEFT: Final = 52
_RIGHT: Final = 14
_TOP: Final = 14
_BOTTOM: Final = 44
_ROW_HEIGHT: Final = 34
_MAX_BINS: Final = 12
_WIDE: Final = 32
"""Times: a scale of ratios that goes further has a mark at each power of ten alone."""


class IntervalPoint(NamedTuple):
    """A value with its interval, above `x`."""

    x: float
    value: float
    low: float
    high: float
    words: str
    """Shown when it is pointed at."""


class PlotLine(NamedTuple):
    """A line through points (x, y)."""

    style: str
    """Class of the style sheet."""
    points: Sequence[tuple[float, float]]
    label: str


class LiftBar(NamedTuple):
    """A row of a plot of lifts."""

    label: str
    value: float
    low: float
    high: float
    strong: bool


class _Axes(NamedTuple):
    x_from: float
    x_to: float
    y_to: float

    def x(self, value: float) -> float:
        return _LEFT + (value - self.x_from) / ((self.x_to - self.x_from) or 1) * (_WIDTH - _LEFT - _RIGHT)

    def y(self, value: float) -> float:
        return _HEIGHT - _BOTTOM - value / (self.y_to or 1) * (_HEIGHT - _TOP - _BOTTOM)


def points_plot(
    title: str,
    points: Sequence[IntervalPoint],
    ticks: Sequence[tuple[float, str]],
    lines: Iterable[PlotLine],
    x_label: str,
) -> str:
    """Shares with whiskers, above labelled ticks."""
    lines = list(lines)
    tops = [*(one.high for one in points), *(y for line in lines for _, y in line.points)]
    axes = _Axes(ticks[0][0], ticks[-1][0], _round_up(max(tops, default=1.0)))
    inside = [
        _grid(axes, _share_form(axes.y_to / 2)),
        _ticks(axes, ticks, x_label),
    ]
    inside += [_line(axes, line) for line in lines]
    for one in points:
        x = axes.x(one.x)
        inside.append(
            f'<g><title>{escape(one.words)}</title><line class="whisker" x1="{x:.1f}" x2="{x:.1f}"'
            f' y1="{axes.y(one.low):.1f}" y2="{axes.y(one.high):.1f}"/>'
            f'<circle class="dot" cx="{x:.1f}" cy="{axes.y(one.value):.1f}" r="4"/></g>'
        )
    return _svg(title, _HEIGHT, inside)


def lines_plot(
    title: str,
    lines: Sequence[PlotLine],
    band: Sequence[tuple[float, float, float]],
    ticks: Sequence[tuple[float, str]],
    x_label: str,
) -> str:
    """Lines over a band of (x, low, high)."""
    tops = [*(high for _, _, high in band), *(y for line in lines for _, y in line.points)]
    axes = _Axes(ticks[0][0], ticks[-1][0], _round_up(max(tops, default=1.0)))
    inside = [_grid(axes, "{:g}"), _ticks(axes, ticks, x_label)]
    if band:
        upper = [(axes.x(x), axes.y(high)) for x, _, high in band]
        lower = [(axes.x(x), axes.y(low)) for x, low, _ in reversed(band)]
        inside.append(f'<polygon class="band" points="{_path([*upper, *lower])}"/>')
    inside += [_line(axes, line) for line in lines]
    return _svg(title, _HEIGHT, inside)


def histogram(title: str, values: Sequence[float], x_label: str) -> str:
    """How many of the values (>= 0) fall into each of up to twelve equal steps."""
    top = max(*values, 1.0)
    step = max(1, -(-int(top + 1) // _MAX_BINS))
    counts = [0] * (int(top) // step + 1)
    for value in values:
        counts[int(value) // step] += 1
    axes = _Axes(0, len(counts) * step, _round_up(max(counts)))
    inside = [_grid(axes, "{:g}", whole=True)]
    every = -(-len(counts) // 6)
    inside.append(_ticks(axes, [(n * step, str(n * step)) for n in range(0, len(counts) + 1, every)], x_label))
    for place, count in enumerate(counts):
        x, y = axes.x(place * step), axes.y(count)
        width = axes.x((place + 1) * step) - x - 2
        words = f"{place * step} to {(place + 1) * step} days: {count}"
        inside.append(
            f'<rect class="bar" x="{x + 1:.1f}" y="{y:.1f}" width="{width:.1f}"'
            f' height="{axes.y(0) - y:.1f}"><title>{words}</title></rect>'
        )
    return _svg(title, _HEIGHT, inside)


def lifts_plot(title: str, bars: Sequence[LiftBar]) -> str:
    """Lifts with intervals, a row each, on a scale of ratios; the line is at 1: no difference."""
    low = min(0.5, *(max(one.low, 0.05) for one in bars))
    high = max(2.0, *(one.high for one in bars))
    left = 120
    height = _TOP + len(bars) * _ROW_HEIGHT + 40

    def x(value: float) -> float:
        share = (log10(max(value, low)) - log10(low)) / (log10(high) - log10(low))
        return left + share * (_WIDTH - left - _RIGHT)

    inside = []
    bottom = height - 36
    for tick in (0.1, 0.25, 0.5, 1, 2, 4, 8, 16) if high <= _WIDE else (0.1, 1, 10, 100, 1_000):
        if low <= tick <= high:
            style = "one" if tick == 1 else "grid"
            inside.append(f'<line class="{style}" x1="{x(tick):.1f}" x2="{x(tick):.1f}" y1="{_TOP}" y2="{bottom}"/>')
            inside.append(
                f'<text class="tick" x="{x(tick):.1f}" y="{bottom + 16}" text-anchor="middle">{tick:g}x</text>'
            )
    for row, one in enumerate(bars):
        y = _TOP + row * _ROW_HEIGHT + _ROW_HEIGHT / 2
        style = "dot" if one.strong else "dot faint"
        words = escape(f"{one.label}: {one.value:.1f}x (95 %: {one.low:.1f} to {one.high:.1f})")
        inside.append(
            f'<g><title>{words}</title><text class="label" x="{left - 10}" y="{y + 4:.1f}" text-anchor="end">'
            f'{escape(one.label)}</text><line class="whisker" x1="{x(one.low):.1f}" x2="{x(one.high):.1f}" y1="{y:.1f}"'
            f' y2="{y:.1f}"/><circle class="{style}" cx="{x(one.value):.1f}" cy="{y:.1f}" r="5"/></g>'
        )
    return _svg(title, height, inside)


def _svg(title: str, height: int, inside: Iterable[str]) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(inside)}</svg>"
    )


def _grid(axes: _Axes, form: str, *, whole: bool = False) -> str:
    parts = []
    steps = [0.0, axes.y_to / 2, axes.y_to] if not whole or axes.y_to % 2 == 0 else [0.0, axes.y_to]
    for value in steps:
        y = axes.y(value)
        parts.append(f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(
            f'<text class="tick" x="{_LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{escape(form.format(value))}</text>'
        )
    return "".join(parts)


def _share_form(half: float) -> str:
    """The form with as few decimals as tell half the axis exactly: rates can lie far below a percent."""
    decimals = next((many for many in range(4) if isclose(half * 10**many * 100, round(half * 10**many * 100))), 4)
    return f"{{:.{decimals}%}}"


def _ticks(axes: _Axes, ticks: Iterable[tuple[float, str]], label: str) -> str:
    y = _HEIGHT - _BOTTOM + 16
    parts = []
    for x, words in ticks:
        anchor = "end" if axes.x(x) + len(words) * _HALF_LETTER > _WIDTH else "middle"
        place = _WIDTH if anchor == "end" else axes.x(x)
        parts.append(f'<text class="tick" x="{place:.1f}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>')
    middle = (_LEFT + _WIDTH - _RIGHT) / 2
    parts.append(f'<text class="label" x="{middle:.1f}" y="{_HEIGHT - 6}" text-anchor="middle">{escape(label)}</text>')
    return "".join(parts)


def _line(axes: _Axes, line: PlotLine) -> str:
    at: Callable[[tuple[float, float]], tuple[float, float]] = lambda one: (axes.x(one[0]), axes.y(one[1]))  # noqa: E731
    return (
        f'<polyline class="line {escape(line.style)}" points="{_path(map(at, line.points))}">'
        f"<title>{escape(line.label)}</title></polyline>"
    )


def _path(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _round_up(value: float) -> float:
    """The next of 1, 2, 2.5, 5, 10 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** (len(str(int(value))) - 1) if value >= 1 else 10.0 ** -(len(f"{1 / value:.0f}"))
    return next(step * power for step in (1.0, 2.0, 2.5, 5.0, 10.0, 20.0, 25.0, 50.0, 100.0) if step * power >= value)
