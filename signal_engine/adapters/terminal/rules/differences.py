"""The difference between two versions of a file."""

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

_STYLES: Final = {"+": "green", "-": "red", "@": "dim"}


def show_difference(screen: Console, lines: Sequence[str]) -> None:
    """Print a unified diff."""
    for line in lines:
        screen.print(Text(f"  {line}", _STYLES.get(line[:1], "")))
