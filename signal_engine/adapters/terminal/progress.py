"""Progress bars on stderr, if stderr is a terminal."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from signal_engine.adapters.files.text_files import STDIN
from signal_engine.adapters.terminal.screen import stderr


@contextmanager
def reading(files: Sequence[str], what: str) -> Iterator[Callable[[int], None]]:
    """Show a bar while `files` are read; yield a function to call with the number of bytes of each read."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    total = None if STDIN in files else sum(Path(name).stat().st_size for name in files)
    columns = (TextColumn(what), BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
    with Progress(*columns, console=stderr(), transient=True) as progress:
        task = progress.add_task(what, total=total)
        yield lambda size: progress.advance(task, size)


@contextmanager
def share(what: str) -> Iterator[Callable[[float], None]]:
    """Show a bar for work done elsewhere; yield a function to call with the share done (0..1)."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    columns = (TextColumn(what), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=stderr(), transient=True) as progress:
        task = progress.add_task(what, total=1.0)
        yield lambda done: progress.update(task, completed=done)
