"""Consoles for tables and messages, and documents for programs."""

import sys
from collections.abc import Iterable, Mapping
from typing import Any, Final

import orjson
from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from signal_engine.adapters.terminal.clean import clean
from signal_engine.adapters.terminal.wording import minute

_FILE_WIDTH_COLUMNS: Final = 150
"""Width of a table written to a file or pipe."""

_MAX_WARNINGS: Final = 10


class _CleanConsole(Console):
    """A console that cleans everything it shows, since names, roles and labels are foreign text.

    No markup or highlighting: text is shown literally.
    """

    def __init__(self, **given: Any) -> None:
        super().__init__(markup=False, highlight=False, emoji=False, **given)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Clean rich's segments; every table and text passes here. `control` segments, which move the cursor, stay."""
        for segment in super().render(renderable, options):
            text = segment.text if segment.control else clean(segment.text)
            yield segment if text == segment.text else Segment(text, segment.style)


def stdout() -> Console:
    """The console for tables."""
    width = None if sys.stdout.isatty() else _FILE_WIDTH_COLUMNS
    return _CleanConsole(file=sys.stdout, width=width)


def stderr() -> Console:
    """The console for messages and progress."""
    return _CleanConsole(file=sys.stderr, soft_wrap=True)


def print_json(document: Any) -> None:
    """Print a document for programs on stdout: one line of JSON, in UTF-8 whatever the terminal's encoding."""
    sys.stdout.buffer.write(orjson.dumps(document) + b"\n")


def warn_if_stale(document: Mapping[str, Any]) -> None:
    """Warn on stderr if a list or an account of the live engine is stale."""
    if document.get("stale"):
        read = minute(document["complete_until"])
        stderr().print(f"warning: stale: events have been read only up to {read} UTC; is a worker running?")


class Warnings:
    """Warnings on stderr: the first few are printed, the others counted; `close` prints their number."""

    def __init__(self) -> None:
        self._count = 0

    def __call__(self, message: str) -> None:
        """Print one warning, or count it."""
        self._count += 1
        if self._count <= _MAX_WARNINGS:
            stderr().print(Text("warning: ", "yellow"), Text(message), sep="")

    def close(self) -> None:
        """Print how many warnings were not shown."""
        if (hidden := self._count - _MAX_WARNINGS) > 0:
            stderr().print(Text("warning: ", "yellow"), Text(f"{hidden:,} more"), sep="")
