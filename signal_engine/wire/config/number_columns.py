"""Decide from a column's other values whether `1.200` means 1200 or 1.2.

Alone it is not a number (`core.rules.readings`). Beside `3.75` it is 1.2; beside `1.234.567` or `3,75` it is 1200. A
column with both, or with commas as well as points as thousands separators, decides nothing. The other values are read
as always: only commas separate thousands, so `1.234.567` shows how `1.200` is meant but is itself not a number.
"""

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any, Final, NamedTuple

from signal_engine.core.rules.readings import as_number, elements, is_either_way

_DECIMAL_POINT: Final = re.compile(r"[+-]?[0-9,]+\.[0-9]+")
_DECIMAL_COMMA: Final = re.compile(r"[+-]?(?:[1-9][0-9]{0,2}(?:\.[0-9]{3})+|[0-9]+)(?:,[0-9]+)?")
_GROUPED: Final = re.compile(r"[+-]?[1-9][0-9]{0,2}(?:,[0-9]{3})+")


class Point(Enum):
    """What the point in `1.200` separates."""

    DECIMALS = "decimals"
    THOUSANDS = "thousands"


class Decided(NamedTuple):
    """How such values of a column are read, and the value that decides it."""

    point: Point
    example: str


class PointReading:
    """What the values of one column, seen one by one, say of how such values are read."""

    __slots__ = ("_decimals", "_doubtful", "_grouped", "_thousands")

    def __init__(self) -> None:
        self._doubtful = self._grouped = False
        self._decimals = self._thousands = ""

    def see(self, value: Any) -> None:
        """Take a cell into account."""
        for text in _texts(value):
            if is_either_way(text):
                self._doubtful = True
            elif _GROUPED.fullmatch(text):
                self._grouped = True
            elif as_number(text) is not None:
                self._decimals = self._decimals or (text if _DECIMAL_POINT.fullmatch(text) else "")
            elif _DECIMAL_COMMA.fullmatch(text):
                self._thousands = self._thousands or text

    @property
    def decided(self) -> Decided | None:
        """How they are read; None if there are none, or nothing decides it."""
        if self._doubtful and self._decimals and not self._thousands:
            return Decided(Point.DECIMALS, self._decimals)
        if self._doubtful and self._thousands and not self._decimals and not self._grouped:
            return Decided(Point.THOUSANDS, self._thousands)
        return None


def decide(values: Iterable[Any]) -> Decided | None:
    """How such values are read; None if there are none, or nothing decides it."""
    column = PointReading()
    for value in values:
        column.see(value)
    return column.decided


def is_doubtful(value: Any) -> bool:
    """Whether a cell has such a value."""
    return any(is_either_way(text) for text in _texts(value))


def read(value: Any, point: Point) -> Any:
    """The cell with such texts as numbers; other values unchanged."""
    if isinstance(value, list):
        return [read(item, point) for item in value]
    if not isinstance(value, str) or not is_either_way(text := value.strip()):
        return value
    return float(text.replace(".", "") if point is Point.THOUSANDS else text)


def _texts(value: Any) -> Iterator[str]:
    """The texts of a cell that have a point or a comma: all others say nothing."""
    for item in elements(value):
        if isinstance(item, str) and ("." in item or "," in item):
            yield item.strip()
