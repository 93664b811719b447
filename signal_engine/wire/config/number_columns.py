"""Decide from a column's other values whether `1.200` means 1200 or 1.2.

Alone it is not a number (`core.rules.readings`). Beside `3.75` it is 1.2; beside `1.234.567` or `3,75` it is 1200. A
column with both, or with commas as well as points as thousands separators, decides nothing. The other values are read
as always: only commas separate thousands, so `1.234.567` shows how `1.200` is meant but is itself not a number.
"""

import re
from collections.abc import Iterable
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


def decide(values: Iterable[Any]) -> Decided | None:
    """How such values are read; None if there are none, or nothing decides it."""
    doubtful, grouped, decimals, thousands = False, False, "", ""
    for text in _texts(values):
        if is_either_way(text):
            doubtful = True
        elif _GROUPED.fullmatch(text):
            grouped = True
        elif as_number(text) is not None:
            decimals = decimals or (text if _DECIMAL_POINT.fullmatch(text) else "")
        elif _DECIMAL_COMMA.fullmatch(text):
            thousands = thousands or text
    if doubtful and decimals and not thousands:
        return Decided(Point.DECIMALS, decimals)
    if doubtful and thousands and not decimals and not grouped:
        return Decided(Point.THOUSANDS, thousands)
    return None


def read(value: Any, point: Point) -> Any:
    """The cell with such texts as numbers; other values unchanged."""
    if isinstance(value, list):
        return [read(item, point) for item in value]
    if not isinstance(value, str) or not is_either_way(text := value.strip()):
        return value
    return float(text.replace(".", "") if point is Point.THOUSANDS else text)


def _texts(values: Iterable[Any]) -> Iterable[str]:
    return (item.strip() for value in values for item in elements(value) if isinstance(item, str))
