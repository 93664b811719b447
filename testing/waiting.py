"""Waiting for something with a deadline, and failing with its name."""

import socket
import time
from collections.abc import Callable

import pytest


def until(what: str, condition: Callable[[], bool], seconds: float = 45.0) -> None:
    """Returns as soon as `condition` holds; fails the test after `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            pytest.fail(f"not within {seconds:g} s: {what}")
        time.sleep(0.02)


def listens(port: int) -> bool:
    """Whether something on the loopback interface takes connections on `port`."""
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
