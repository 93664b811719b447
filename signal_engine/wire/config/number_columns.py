"""`1.200` in a column of numbers: thousands or decimals, told by the other values of the column.

Alone it is no number (`core.rules.readings`). Beside `3.75` it is 1.2, beside `1.234.567` or `3,75` it is 1200; where a
column holds both kinds, or commas that separate thousands beside points that do, nobody knows. The others are read as
ever: only commas separate thousands, so `1.234.567` says how `1.200` is meant and is itself no number.
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
    """What the point of `1.200` separates in a column."""

    DECIMALS = "decimals"
    THOUSANDS = "thousands"


class Decided(NamedTuple):
    """How such values of a column are read, and the value that says so."""

    point: Point
    example: str


def decide(values: Iterable[Any]) -> Decided | None:
    """How such values are read; None when there are none, or nothing decides it."""
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
    """A cell with such texts as numbers; others as they are."""
    if isinstance(value, list):
        return [read(item, point) for item in value]
    if not isinstance(value, str) or not is_either_way(text := value.strip()):
        return value
    return float(text.replace(".", "") if point is Point.THOUSANDS else text)


def _texts(values: Iterable[Any]) -> Iterable[str]:
    return (item.strip() for value in values for item in elements(value) if isinstance(item, str))
