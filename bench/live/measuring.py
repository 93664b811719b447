"""One contender on one load: from the first events that it has processed until 95 % of all; its start does not count,
nor what it does when a stream ends, which a stream does not do in production."""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bench.live.contenders import Running

POLL_INTERVAL_S: Final = 0.02
NEARLY_ALL: Final = 0.95
STARTS_WITHIN: Final = 120.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")


class Reading(NamedTuple):
    """How far somebody is, and what it has cost."""

    at: float
    events: int
    cpu: float
    """Seconds, user and system."""


class Measured(NamedTuple):
    """What one run gave."""

    events: int
    seconds: float
    cpu: float
    """Seconds, user and system, of the contender's processes."""
    peak_mib: float
    """The largest resident memory of one process, start included."""
    whole: bool
    """False when the time was up before."""
    server_cpu: float = 0.0
    """Seconds, of the Redis that it works on."""

    @property
    def speed(self) -> float:
        """Events a second."""
        return self.events / self.seconds

    @property
    def cpu_per_million(self) -> float:
        """CPU seconds a million events."""
        return self.cpu / self.events * 1e6

    @property
    def server_cpu_per_million(self) -> float:
        """CPU seconds of Redis per million events."""
        return self.server_cpu / self.events * 1e6


class Failed(Exception):
    """A contender that ended, or never began."""


def measure(running: Running, total: int, max_seconds: float) -> Measured:
    """Looks until 95 % of `total` events are processed, or for `max_seconds` from the first. Raises `Failed`."""
    enough = NEARLY_ALL * total
    first = begin(running)
    last, server = first, running.server_cpu()
    while last.events < enough and last.at - first.at < max_seconds:
        time.sleep(POLL_INTERVAL_S)
        if not running.alive():
            raise Failed(f"it ended\n{running.said()}")
        last = read(running)
    if last.events == first.events:
        raise Failed(
            f"nothing more after the first {first.events} events: too few events for its speed\n{running.said()}"
        )
    peak, server = max(map(peak_mib, running.pids)), running.server_cpu() - server
    cpu, whole = last.cpu - first.cpu, last.events >= enough
    return Measured(last.events - first.events, last.at - first.at, cpu, peak, whole, server)


def begin(running: Running) -> Reading:
    """The first look at which every part of it has processed something. Raises `Failed`."""
    deadline = time.monotonic() + STARTS_WITHIN
    while not all(running.counts()):
        if not running.alive() or time.monotonic() > deadline:
            raise Failed(f"it processed nothing\n{running.said()}")
        time.sleep(POLL_INTERVAL_S)
    return read(running)


def read(running: Running) -> Reading:
    """Now."""
    return Reading(time.perf_counter(), sum(running.counts()), sum(map(cpu_seconds, running.pids)))


def cpu_seconds(pid: int) -> float:
    """User and system time of a process with all its threads, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def peak_mib(pid: int) -> float:
    """The largest resident memory that a process has had."""
    found = [line for line in Path(f"/proc/{pid}/status").read_text().splitlines() if line.startswith("VmHWM")]
    return int(found[0].split()[1]) / 1024


def middle(values: Sequence[float]) -> float:
    """The median."""
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2
