"""Where tables and messages go."""

import sys
from typing import Final

from rich.console import Console
from rich.text import Text

WIDTH_OF_A_FILE: Final = 150
"""Columns of a table that goes into a file or a pipe."""

_WARNINGS_SHOWN: Final = 10


def stdout() -> Console:
    """For tables. No markup or highlighting: names of companies are shown as they are, whatever they hold."""
    width = None if sys.stdout.isatty() else WIDTH_OF_A_FILE
    return Console(file=sys.stdout, width=width, markup=False, highlight=False, emoji=False)


def stderr() -> Console:
    """For messages and progress."""
    return Console(file=sys.stderr, soft_wrap=True, markup=False, highlight=False, emoji=False)


class Warnings:
    """Warnings on stderr; past the first few they are only counted, and `close` says how many there were."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, message: str) -> None:
        """Says one warning, or counts it."""
        self._count += 1
        if self._count <= _WARNINGS_SHOWN:
            stderr().print(Text("warning: ", "yellow"), Text(message), sep="")

    def close(self) -> None:
        """Says how many warnings were not shown."""
        if (hidden := self._count - _WARNINGS_SHOWN) > 0:
            stderr().print(Text("warning: ", "yellow"), Text(f"{hidden:,} more of these"), sep="")
