"""Make text safe for a terminal: no control sequences, no changes of direction."""

import unicodedata
from typing import Final

_KEPT: Final = "\n\t"


def clean(text: str) -> str:
    """`text` without control characters (escape sequences) and invisible ones (directions, zero widths).

    Line breaks, tabs and blanks of every width stay.
    """
    if text.isprintable():  # almost always
        return text
    return "".join(char for char in text if char.isprintable() or char in _KEPT or unicodedata.category(char) == "Zs")


def one_line(text: str) -> str:
    """The same on one line, so that foreign text cannot start a line of its own."""
    return " ".join(clean(text).split())
