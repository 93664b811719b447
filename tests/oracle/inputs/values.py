"""How a field's value reads as a text, a number or a boolean (scoring.md sections 1 and 6)."""

import math
import re
from datetime import date
from typing import Any

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII)

# Ambiguous: "and their counterparts" is read as the counterparts of ja, oui, si, wahr, vrai; so neither "unchecked" nor
# a cross is readable.
_TRUE = ("true", "t", "yes", "y", "1", "1.0", "on", "x", "checked", "✓", "ja", "oui", "si", "wahr", "vrai")
_FALSE = ("false", "f", "no", "n", "0", "0.0", "off", "nein", "non", "falsch", "faux")
_BOOLEANS = {**dict.fromkeys(_TRUE, True), **dict.fromkeys(_FALSE, False)}


def elements_of(value: Any) -> list[Any]:
    """The elements of a field: none when it is missing, null, blank or empty; one for a single value.

    Ambiguous: a list of nothing but nulls and blanks is taken as empty, and such elements are passed over.
    """
    elements = value if isinstance(value, list) else [value]
    return [one for one in elements if not (one is None or one == {} or (isinstance(one, str) and not one.strip()))]


def as_text(value: Any) -> str | None:
    """Without case and without surrounding blanks; None for what is not a single value.

    Ambiguous: the text of a JSON number is how Python writes it (200 is "200", 200.0 is "200.0"), that of a boolean
    is "true" or "false"; a date in a configuration file is its ISO text.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value.strip().casefold()
    if isinstance(value, int | float):
        return repr(value).casefold()
    return value.isoformat().casefold() if isinstance(value, date) else None


def as_number(value: Any) -> float | None:
    """A finite number, or None. Thousands separators are commas; a boolean is no number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    if not isinstance(value, str):
        return None
    text = value.strip()
    if _GROUPED.fullmatch(text):
        return _finite(float(text.replace(",", "")))
    return _finite(float(text)) if _NUMBER.fullmatch(text) else None


def as_boolean(value: Any) -> bool | None:
    """The words of section 6 without case, true and false, and the numbers 1 and 0; None for everything else."""
    if isinstance(value, str):
        return _BOOLEANS.get(value.strip().casefold())
    if isinstance(value, bool | int | float) and value in (0, 1):
        return bool(value)
    return None


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
