"""Text that a terminal shows and does not obey, and that reads in the order in which it stands."""

import unicodedata
from typing import Final

_KEPT: Final = "\n\t"


def clean(text: str) -> str:
    """`text` without what a terminal would obey (escape sequences) or nobody would see (directions, zero widths).

    Lines, tabs and blanks of every width stay.
    """
    if text.isprintable():  # nearly always
        return text
    return "".join(char for char in text if char.isprintable() or char in _KEPT or unicodedata.category(char) == "Zs")


def one_line(text: str) -> str:
    """The same in one line: what somebody else has written cannot begin a line of its own."""
    return " ".join(clean(text).split())
