"""Where tables and messages go."""

import sys
from collections.abc import Iterable, Mapping
from typing import Any, Final

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from signal_engine.adapters.terminal.clean import clean
from signal_engine.adapters.terminal.wording import minute

WIDTH_OF_A_FILE: Final = 150
"""Columns of a table that goes into a file or a pipe."""

_WARNINGS_SHOWN: Final = 10


class _Screen(Console):
    """Shows everything cleaned: names, roles and labels are what somebody else has written.

    No markup or highlighting: they are shown as they are.
    """

    def __init__(self, **given: Any) -> None:
        super().__init__(markup=False, highlight=False, emoji=False, **given)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """As rich's; every table and text goes through here. `control` is rich's own: where the cursor goes."""
        for segment in super().render(renderable, options):
            text = segment.text if segment.control else clean(segment.text)
            yield segment if text == segment.text else Segment(text, segment.style)


def stdout() -> Console:
    """For tables."""
    width = None if sys.stdout.isatty() else WIDTH_OF_A_FILE
    return _Screen(file=sys.stdout, width=width)


def stderr() -> Console:
    """For messages and progress."""
    return _Screen(file=sys.stderr, soft_wrap=True)


def warn_if_stale(told: Mapping[str, Any]) -> None:
    """Says on stderr that a list, or an account of the live engine, is behind."""
    if told.get("stale"):
        read = minute(told["complete_until"])
        stderr().print(f"warning: stale: events have been read up to {read} UTC only; is a worker running?")


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
