"""Servers for tests, and how many examples Hypothesis tries."""

import signal
from collections.abc import Iterator

import pytest

from signal_engine.adapters.kafka.records.walking import walking
from signal_engine.engine.partition.ordinary.judge import judging
from signal_engine.wire.events.ordinary import reading
from testing import processes
from tests import profiles

pytest_plugins = ["tests.servers.fixtures"]

profiles.load()
processes.keep_warm("tests.commands")

# What a shell runs in the background ignores Ctrl-C, and so would all that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _read_by_python_alone() -> Iterator[None]:
    """A command that a test has run in its process leaves no native reader, judge and walker to the tests after it."""
    yield
    reading.offer(None)
    judging.offer(None)
    walking.offer(None)


_WAITING = ("live", "demo", "readme", "browser", "processes", "faust")
"""Rooms whose tests wait for processes, the longest first."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Rooms that wait go first, and one file of theirs to one process: what is short fills the gaps at the end.

    The core is covered by the tests of the core. Elsewhere nothing is traced: that doubles the time of a test.
    """
    for item in items:
        if _room(item) in _WAITING:
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))
        if _room(item) != "core":
            item.add_marker("no_cover")
    items.sort(key=lambda item: (*_WAITING, _room(item)).index(_room(item)))


def _room(item: pytest.Item) -> str:
    return item.nodeid.split("/")[1]
