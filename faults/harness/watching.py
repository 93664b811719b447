"""What the system says of worker processes while they run: memory, and whether they are stopped."""

import asyncio
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, Self

from faults.harness.stage import Stage
from testing.worker import Worker

_KIB_IN_MB: Final = 1024
_SAMPLES_EVERY: Final = 0.5


class Sample(NamedTuple):
    """The memory of one worker at one time."""

    at: float
    """Seconds of the monotonic clock."""
    megabytes: float


class Memory:
    """The resident memory of workers, sampled until the end of the context."""

    def __init__(self, workers: Callable[[], Sequence[Worker]]) -> None:
        self._workers = workers
        self._samples: dict[int, list[Sample]] = {}
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    @property
    def highest_mb(self) -> float:
        """The most that one worker ever had (MB)."""
        return max((s.megabytes for samples in self._samples.values() for s in samples), default=0.0)

    def slope(self, after: float) -> float:
        """MB an hour by least squares, of the worker where it is steepest, without its first `after` seconds."""
        return max((slope([s for s in one if s.at >= one[0].at + after]) for one in self._samples.values()), default=0)

    def course(self, parts: int = 6) -> list[float]:
        """The mean (MB) of equal parts of the time, of the worker that has most in the last one."""
        worst: list[float] = []
        for samples in self._samples.values():
            cut = [samples[n * len(samples) // parts : (n + 1) * len(samples) // parts] for n in range(parts)]
            context = [round(sum(s.megabytes for s in part) / len(part), 1) for part in cut if part]
            worst = max(worst, context, key=lambda one: one[-1] if one else 0.0)
        return worst

    async def _run(self) -> None:
        while True:
            for worker in self._workers():
                if worker.process.poll() is None and (now := await asyncio.to_thread(megabytes, worker)):
                    self._samples.setdefault(worker.process.pid, []).append(Sample(time.monotonic(), now))
            await asyncio.sleep(_SAMPLES_EVERY)


def slope(samples: Sequence[Sample]) -> float:
    """MB an hour; 0 for fewer than two samples."""
    if len(samples) < 2:
        return 0.0
    at = sum(s.at for s in samples) / len(samples)
    size = sum(s.megabytes for s in samples) / len(samples)
    spread = sum((s.at - at) ** 2 for s in samples)
    return sum((s.at - at) * (s.megabytes - size) for s in samples) / spread * 3600


def megabytes(worker: Worker) -> float:
    """Resident memory; 0 when it is gone."""
    result = _ps(worker, "rss")
    return int(result) / _KIB_IN_MB if result else 0.0


async def stopped(stage: Stage, worker: Worker, within: float = 60) -> None:
    """Waits until a worker has stopped itself (SIGSTOP)."""

    async def is_stopped() -> bool:
        return (await asyncio.to_thread(_ps, worker, "state")).startswith("T")

    await stage.until(is_stopped, within, f"{worker.log.name} did not stop")


def _ps(worker: Worker, what: str) -> str:
    command = ["ps", "-o", f"{what}=", "-p", str(worker.process.pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()
