"""Foreign text as it may stand in a message: on one line, nothing invisible, never longer than it may be."""

import json
import unicodedata
from typing import Final

_ELLIPSIS: Final = "\N{HORIZONTAL ELLIPSIS}"
_UNSEEN: Final = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"})
"""Unicode categories of control, format (direction, zero width), line separators, surrogates, private, unassigned."""
_FROM_THE_RIGHT: Final = frozenset({"R", "AL", "AN"})
_ISOLATE, _POP = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"
MOST: Final = 160
"""Characters of one piece of foreign text."""


def shown(text: str, most: int = MOST) -> str:
    """`text` on one line without invisible characters, at most `most` characters, the last an ellipsis if it is cut."""
    clean = "".join(" " if unicodedata.category(char) in _UNSEEN else char for char in text)
    return cut(" ".join(clean.split()), most)


def visible(text: str) -> str:
    """JSON in several lines, with what cannot be seen in it as JSON's own escapes."""
    return "".join(
        json.dumps(char)[1:-1] if char != "\n" and unicodedata.category(char) in _UNSEEN else char for char in text
    )


def cut(text: str, most: int) -> str:
    """At most `most` characters of `text`."""
    return text if len(text) <= most else text[: most - 1].rstrip() + _ELLIPSIS


def isolated(text: str) -> str:
    """Text that runs from the right, marked so that what stands around it keeps its order; other text as it is."""
    if any(unicodedata.bidirectional(char) in _FROM_THE_RIGHT for char in text):
        return f"{_ISOLATE}{text}{_POP}"
    return text
