"""Reading a value as the type of the operand it is compared with (scoring.md, section 1).

A field may come from JSON (numbers, booleans, lists) or from a CSV cell (always text). `None` from a reader
means: this value cannot be read as that type.
"""

import re
from typing import Any

# 200  -1,250.5  1 250 000  2e6 ; thousands in groups of three, one separator throughout
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:([,' _\u00a0\u202f])\d{3}(?:\1\d{3})*)?|\d+)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")
_LARGEST = 1e300  # beyond lie infinity, and integers that are no double
_SEPARATORS = str.maketrans("", "", ",' _\u00a0\u202f")
_BOOLEANS = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


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
    """A finite number, or None. Text may carry thousands separators; a boolean is not a number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value if abs(value) < _LARGEST else None
    if not isinstance(value, str) or not _NUMBER.fullmatch(text := value.strip()):
        return None
    number = float(text.translate(_SEPARATORS))
    return number if abs(number) < _LARGEST else None


def as_boolean(value: Any) -> bool | None:
    """true/false/yes/no/1/0, as JSON or as text, or None."""
    if isinstance(value, bool):
        return value
    return _BOOLEANS.get(as_text(value))


def elements(value: Any) -> list[Any]:
    """The values a field holds: none when it is missing, null, blank or empty, else one or more."""
    if isinstance(value, list | tuple):
        return [item for item in value if not is_blank(item)]
    return [] if is_blank(value) else [value]


def is_blank(value: Any) -> bool:
    """True for null and for text of blanks only."""
    return value is None or (isinstance(value, str) and not value.strip())
