"""A process that was told to end has ended after the grace, whatever hangs in it."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

GRACE = 1.0
BEGIN = f"""
import asyncio, os, signal, sys, threading, time
from signal_engine.adapters.termination import Deadline, on_stop_signal

async def main(hang):
    stop = asyncio.Event()
    with on_stop_signal(lambda _: stop.set(), Deadline(lambda: "ended in disorder", {GRACE})):
        print("ready", flush=True)
        await hang(stop)
"""
HANGS = {
    "a loop that is busy": """
async def hang(stop):
    while True:
        pass
""",
    "a call that blocks the loop": """
async def hang(stop):
    time.sleep(60)
""",
    "a task that takes no cancellation": """
async def hang(stop):
    async def stubborn():
        while True:
            try:
                await asyncio.sleep(60)
            except asyncio.CancelledError:
                pass
    asyncio.ensure_future(stubborn())
    await stop.wait()
""",
    "a thread that Python joins at its exit": """
async def hang(stop):
    threading.Thread(target=time.sleep, args=(60,)).start()
    await stop.wait()
""",
    "a write to a pipe that nobody reads": """
async def hang(stop):
    read, write = os.pipe()
    while True:
        os.write(write, b"x" * 4_096)
""",
}


@contextmanager
def started(hang: str, stderr: int = subprocess.PIPE) -> "Iterator[subprocess.Popen[bytes]]":
    code = f"{BEGIN}{hang}\nasyncio.run(main(hang))"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=stderr) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("hang", HANGS.values(), ids=HANGS)
def test_it_ends_by_the_deadline_and_says_so(hang: str) -> None:
    with started(hang) as process:
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 1
        assert GRACE <= time.monotonic() - began < GRACE + 1.5, "neither at once nor late"
        assert said.splitlines()[-1] == b"ended in disorder"


def test_a_full_pipe_as_stderr_does_not_hold_it_up() -> None:
    read, write = os.pipe()
    os.set_blocking(write, False)
    try:
        while True:
            os.write(write, b"x" * 4_096)
    except BlockingIOError:
        os.set_blocking(write, True)
    with started("async def hang(stop):\n    os.write(2, b'one line more')", stderr=write) as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 1
    os.close(read)
    os.close(write)


def test_where_no_thread_can_run_the_kernel_ends_it() -> None:
    """A call into C that keeps Python's lock: no line of Python runs in any thread after the handler."""
    stuck = """
import ctypes
async def hang(stop):
    await stop.wait()
    ctypes.PyDLL(None).sleep(60)
"""
    with started(stuck) as process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == -signal.SIGALRM


def test_an_end_in_order_is_left_alone() -> None:
    with started("async def hang(stop):\n    await stop.wait()") as process:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
        assert (process.returncode, said) == (0, b"")


def test_a_signal_that_does_not_arm_it_gives_all_the_time_there_is() -> None:
    shown = """
async def hang(stop):
    await stop.wait()
    await asyncio.sleep(1.8)
    print("all told", flush=True)
"""
    code = BEGIN.replace("1.0))", "1.0), arming=(signal.SIGTERM,))")
    assert code != BEGIN
    with subprocess.Popen(
        [sys.executable, "-c", f"{code}{shown}\nasyncio.run(main(hang))"], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(signal.SIGINT)
        assert process.communicate(timeout=60)[0] == b"all told\n"
        assert process.returncode == 0
