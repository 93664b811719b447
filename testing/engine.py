"""The live engine as its users drive it: commands, worker processes, topics, and the lists in Redis."""

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import redis.asyncio

from testing import processes
from testing.processes import COMMAND
from testing.topics import Topics
from testing.worker import Worker

OUTCOMES: Final = ("applied", "duplicate", "ignored", "expired", "rejected")
PUBLISHED_WITHIN_S: Final = 75.0
"""A list whose printed scores moved by less than 0.1 may be published only a minute later (contract, section 2)."""
LISTS: Final = ("all", "b2b", "grown-up")

AnyEngine = TypeVar("AnyEngine", bound="Engine")


class Engine(Topics):
    """One engine of its own on shared servers: a prefix, a group, its own files."""

    def __init__(self, kafka: str, redis_url: str, prefix: str, folder: Path, partitions: int = 4) -> None:
        super().__init__(kafka, prefix, partitions)
        self.redis_url, self.folder = redis_url, folder
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("SIGNAL_ENGINE_", "COV_"))}
        self.environment = kept | {
            "SIGNAL_ENGINE_KAFKA_BOOTSTRAP_SERVERS": kafka,
            "SIGNAL_ENGINE_REDIS_URL": redis_url,
            "SIGNAL_ENGINE_PREFIX": prefix,
            "SIGNAL_ENGINE_GROUP": f"{prefix}group",
            "SIGNAL_ENGINE_PARTITIONS": str(partitions),
            "SIGNAL_ENGINE_PUBLISH_SECONDS": "0.5",
            "SIGNAL_ENGINE_LOG": "json",
        }
        self.workers: list[Worker] = []
        self.program: Sequence[str] = COMMAND
        self.within = 120.0
        """Seconds that a command has."""

    def run(self, *words: str, code: int = 0) -> str:
        """What a command prints."""
        done = processes.run([*self.program, *words], env=self.environment, timeout=self.within)
        assert done.returncode == code, (words, done.returncode, done.stderr[-2000:])
        return done.stdout

    def worker(self, command: Sequence[str] = ()) -> Worker:
        """Starts a worker; with `command`, another one than `signal-engine worker`."""
        log = self.folder / f"worker-{len(self.workers)}.log"
        self.workers.append(Worker(log, self.environment, command or [*self.program, "worker"]))
        return self.workers[-1]

    def set(self, **variables: str) -> None:
        """Settings of the workers and commands to come."""
        self.environment |= {f"SIGNAL_ENGINE_{name}": value for name, value in variables.items()}

    async def list(self, name: str = "all") -> dict[str, Any] | None:
        """The list as it is served."""
        async with redis.asyncio.Redis.from_url(self.redis_url) as client:
            found = await client.get(f"{self.prefix}list:{name}")
        return json.loads(found) if found else None

    async def lists(self) -> dict[str, dict[str, Any]]:
        """Every list as it is served now."""
        found = {name: await self.list(name) for name in LISTS}
        return {name: one for name, one in found.items() if one is not None}

    async def until(self, holds: Callable[[], Awaitable[bool]], within: float, what: str) -> None:
        """Waits until `holds`; says what the workers said when it does not."""
        deadline, late = time.monotonic() + within, False
        while not await holds():
            if late:
                raise AssertionError(f"{what} within {within} s\n{self.log_tails()}")
            await asyncio.sleep(0.1)
            late = time.monotonic() > deadline  # before it is asked: what takes long to answer is asked twice at least

    def log_tails(self) -> str:
        """What the workers said last, but for what they sent."""
        return "\n".join(
            f"{worker.log.name}: "
            + "\n".join([str(line) for line in worker.said() if line.get("event") != "outbox_published"][-40:])
            for worker in self.workers
        )

    async def holds(self, check: Callable[[], Awaitable[None]], within: float = 20) -> None:
        """Waits until `check` raises nothing: what was read is published a moment later."""
        deadline, late = time.monotonic() + within, False
        while True:
            try:
                await check()
            except (AssertionError, KeyError) as error:
                if late:
                    raise AssertionError(f"not within {within} s\n{self.log_tails()}") from error
            else:
                return
            await asyncio.sleep(0.2)
            late = time.monotonic() > deadline  # before it is asked: what takes long to answer is asked twice at least

    async def agrees(
        self, compare: Callable[[dict[str, dict[str, Any]]], None], within: float = PUBLISHED_WITHIN_S
    ) -> None:
        """Waits until the lists that are served pass `compare`."""

        async def check() -> None:
            compare(await self.lists())

        await self.holds(check, within)


@contextmanager
def ending(engine: AnyEngine) -> Iterator[AnyEngine]:
    """The engine; its workers are gone at the end, however that comes."""
    try:
        yield engine
    finally:
        for worker in engine.workers:
            if worker.process.poll() is None:
                worker.process.kill()
            worker.process.wait(10)
