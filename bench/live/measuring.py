"""One contender on one load: from the first events that it has processed until 95 % of all; its start does not count,
nor what it does when a stream ends, which a stream does not do in production."""

import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from bench.live.contenders import Running

LOOK_EVERY: Final = 0.02
MOST: Final = 0.95
STARTS_WITHIN: Final = 120.0
_TICKS: Final = os.sysconf("SC_CLK_TCK")


class Look(NamedTuple):
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

    @property
    def speed(self) -> float:
        """Events a second."""
        return self.events / self.seconds

    @property
    def cpu_per_million(self) -> float:
        """CPU seconds a million events."""
        return self.cpu / self.events * 1e6


class Failed(Exception):
    """A contender that ended, or never began."""


def measure(running: Running, total: int, most_seconds: float) -> Measured:
    """Looks until 95 % of `total` events are processed, or for `most_seconds` from the first. Raises `Failed`."""
    enough = MOST * total
    first = begin(running)
    last = first
    while last.events < enough and last.at - first.at < most_seconds:
        time.sleep(LOOK_EVERY)
        if not running.alive():
            raise Failed(f"it ended\n{running.said()}")
        last = look(running)
    if last.events == first.events:
        raise Failed(
            f"nothing more after the first {first.events} events: too few events for its speed\n{running.said()}"
        )
    peak = max(map(peak_mib, running.pids))
    return Measured(last.events - first.events, last.at - first.at, last.cpu - first.cpu, peak, last.events >= enough)


def begin(running: Running) -> Look:
    """The first look at which every part of it has processed something. Raises `Failed`."""
    deadline = time.monotonic() + STARTS_WITHIN
    while not all(running.counts()):
        if not running.alive() or time.monotonic() > deadline:
            raise Failed(f"it processed nothing\n{running.said()}")
        time.sleep(LOOK_EVERY)
    return look(running)


def look(running: Running) -> Look:
    """Now."""
    return Look(time.perf_counter(), sum(running.counts()), sum(map(cpu_seconds, running.pids)))


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
