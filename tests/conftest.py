"""Servers for tests, and how many examples Hypothesis tries."""

import signal

import pytest

from testing import processes
from tests import profiles

pytest_plugins = ["tests.servers.fixtures"]

profiles.load()
processes.keep_warm("signal_engine.entrypoints.cli")

# What a shell runs in the background ignores Ctrl-C, and so would all that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The core is covered by the tests of the core. Elsewhere nothing is traced: that doubles the time of a test."""
    for item in items:
        if not item.nodeid.startswith("tests/core/"):
            item.add_marker("no_cover")
