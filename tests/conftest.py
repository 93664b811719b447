"""Servers for tests, and how many examples Hypothesis tries."""

import signal

from tests import profiles

pytest_plugins = ["tests.servers.fixtures"]

profiles.load()

# What a shell runs in the background ignores Ctrl-C, and so would all that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
