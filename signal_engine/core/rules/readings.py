"""Reading a value as the type of the operand it is compared with (scoring.md, section 1).

A field may come from JSON (numbers, booleans, lists) or from a CSV cell (always text). `None` from a reader
means: this value cannot be read as that type.
"""

import re
import unicodedata
from typing import Any

_NUMBER = re.compile(r"[+-]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
"""`200`, `-1,250.5`, `2e6`: of separators of thousands only the comma is read, in groups of three."""
_EITHER_WAY = re.compile(r"[+-]?[1-9][0-9]{0,2}\.[0-9]{3}")
"""`1.200`: 1200 to a German, 1.2 to an American."""
_MAX_NUMBER = 1e300  # beyond lie infinity, and integers that are no double
_TRUE = (
    "true",
    "t",
    "yes",
    "y",
    "1",
    "1.0",
    "on",
    "x",
    "checked",
    "✓",
    "✔",
    "☑",
    "ja",
    "oui",
    "si",
    "sí",
    "sì",
    "wahr",
    "vrai",
)
_FALSE = ("false", "f", "no", "n", "0", "0.0", "off", "unchecked", "✗", "✘", "☐", "nein", "non", "falsch", "faux")
_BOOLEANS = dict.fromkeys(_TRUE, True) | dict.fromkeys(_FALSE, False)


def fold(text: str) -> str:
    """Text as it is compared: without case and without surrounding blanks."""
    return text.strip().casefold()


def as_text(value: Any) -> str:
    """Any single value as folded text; 200.0 reads as `200`, true as `true`."""
    if isinstance(value, str):
        return fold(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return fold(str(value))


def as_number(value: Any) -> float | int | None:
    """A finite number, or None. Text may carry commas as thousands separators; a boolean is not a number.

    Nor is `1.200`: nobody can tell whether its point separates thousands or decimals.
    """
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value if abs(value) < _MAX_NUMBER else None
    if not isinstance(value, str) or not _NUMBER.fullmatch(text := value.strip()) or is_either_way(text):
        return None
    number = float(text.replace(",", ""))
    return number if abs(number) < _MAX_NUMBER else None


def is_either_way(text: str) -> bool:
    """Whether a text without blanks around it, such as `1.200`, is a number in two ways."""
    return _EITHER_WAY.fullmatch(text) is not None


def as_boolean(value: Any) -> bool | None:
    """A boolean, or a text or number that people write for one, such as `yes`, `x`, 0 and `nein`; else None."""
    if isinstance(value, bool):
        return value
    text = as_text(value)
    return _BOOLEANS.get(text if text.isascii() else unicodedata.normalize("NFC", text))  # macOS writes `i` and accent


def elements(value: Any) -> list[Any]:
    """The values a field holds: none when it is missing, null, blank or empty, else one or more."""
    if isinstance(value, list | tuple):
        return [item for item in value if not is_blank(item)]
    return [] if is_blank(value) else [value]


def is_blank(value: Any) -> bool:
    """True for null and for text of blanks only."""
    return value is None or (isinstance(value, str) and not value.strip())
