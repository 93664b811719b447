"""A progress bar on stderr, when stderr is a terminal."""

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
    """A bar for reading `files`; yields what is to be called with each number of bytes read."""
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
    """A bar for something that is done by others; yields what is to be called with the share that is done (0..1)."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    columns = (TextColumn(what), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=stderr(), transient=True) as progress:
        task = progress.add_task(what, total=1.0)
        yield lambda done: progress.update(task, completed=done)
