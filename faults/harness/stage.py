"""One engine for one run: its topics, its tables, its workers, and what flows through it."""

import asyncio
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, Final

from aiokafka.admin import AIOKafkaAdminClient

from faults.harness.feeding import Feed, records
from faults.harness.market import Event, Market, endless
from faults.harness.servers import Servers
from testing.processes import ROOT
from testing.records import ToProduce
from testing.worker import Worker
from tests.live.engine import Engine

RATE: Final = 200.0
"""Records a second of an ordinary feed."""


class Member(Worker):
    """A worker process that is armed as `faults.harness.worker` says.

    With `piped`, what it says goes to its log through a pipe and another process, which can be taken away.
    """

    def __init__(self, engine: Engine, name: str, how: dict[str, Any]) -> None:
        self.log = engine.folder / f"{name}.log"
        self.reader: subprocess.Popen[bytes] | None = None
        piped = how.pop("piped", False)
        command = [sys.executable, "-m", "faults.harness.worker", json.dumps(how)]
        with self.log.open("ab") as out:
            if piped:
                self.reader = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=out, start_new_session=True)
            said = out if self.reader is None else self.reader.stdin
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=engine.environment, stdout=said, stderr=said, start_new_session=True
            )

    def lose_reader(self) -> None:
        """Nobody reads what it says any more: its next line finds a broken pipe."""
        if self.reader is not None and self.reader.stdin is not None:
            self.reader.kill()
            self.reader.wait()
            with contextlib.suppress(BrokenPipeError):
                self.reader.stdin.close()

    def stop_reader(self) -> None:
        """Its reader stops, and the pipe is full: its next line waits."""
        if self.reader is not None and self.reader.stdin is not None:
            self.reader.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, self.reader.pid, os.WSTOPPED)  # until then it reads on
            pipe = self.reader.stdin.fileno()
            os.set_blocking(pipe, False)
            with contextlib.suppress(BlockingIOError):
                while True:
                    os.write(pipe, b" " * 4_096)
            os.set_blocking(pipe, True)


class Stage(Engine):
    """An engine whose workers can be armed, and which remembers what it was fed with."""

    def __init__(self, servers: Servers, market: Market, folder: Path, seed: int, *, short: bool) -> None:
        super().__init__(servers.kafka.address, servers.redis.url, f"f{seed}.", folder)
        self.servers, self.market, self.seed, self.short = servers, market, seed, short
        self.dice = random.Random(seed)
        self.create_time = False
        self.minutes: float | None = None
        """How long a soak lasts, if not as long as usual."""
        self._events = endless(market.events)
        self._feeds: list[Feed] = []
        self._starts: dict[str, int] = {}
        self.set(SCORING=str(market.scoring), REDIS_URL=servers.proxy.url)

    def some(self, long: int, short: int) -> int:
        """A number of the long form, or of the short one."""
        return short if self.short else long

    def deal(self, partitions: int) -> None:
        """Another number of partitions than usual; before `prepare`."""
        self.partitions = partitions
        self.set(PARTITIONS=str(partitions))

    async def prepare(self, *, create_time: bool = False) -> None:
        """Topics and fit table, nothing running."""
        self.create_time = create_time
        if create_time:
            await self.make_topics_of_create_time()
        await self.command("topics", "create")
        await self.load_fit(self.market.accounts)

    async def command(self, *words: str, code: int = 0) -> str:
        """What a command prints, while feeds go on."""
        return await asyncio.to_thread(self.run, *words, code=code)

    async def load_fit(self, accounts: Path, *words: str) -> str:
        """Puts an accounts file in force."""
        return await self.command("fit", "load", str(accounts), *self.market.icp_options(), *(words or ("--yes",)))

    def start(self, name: str = "", **how: Any) -> Member:
        """Starts a worker under a name, or without one; `how` is as `faults.harness.worker` says."""
        number = self._starts[name] = self._starts.get(name, 0) + 1
        self.set(INSTANCE=name)
        worker = Member(self, f"{name or 'unnamed'}-{number}", how)
        self.workers.append(worker)
        return worker

    async def two(self, *names: str, **how: Any) -> list[Worker]:
        """Two workers that share the partitions."""
        pair: list[Worker] = [self.start(name, **how) for name in names or ("one", "two")]
        await self.share(pair)
        return pair

    async def share(self, workers: Sequence[Worker], within: float = 90) -> None:
        """Waits until all partitions are with these workers, and each has some."""

        async def shared() -> bool:
            held = [holds(worker) for worker in workers]
            return all(held) and sorted(n for one in held for n in one) == list(range(self.partitions))

        await self.until(shared, within, f"{len(workers)} workers did not share the partitions")

    def feed(self, rate: float = RATE, many: int | None = None, *, dirt: bool = True, codec: str | None = None) -> Feed:
        """Starts to send events that nobody has seen yet, for ever or so many; `codec` compresses them."""
        events = self._events if many is None else self.next(many)
        made = records(events, self.partitions, self.dice if dirt else None)
        self._feeds.append(Feed(self, made, rate, codec).start())
        return self._feeds[-1]

    def next(self, many: int) -> Iterator[Event]:
        """The next events of the market."""
        return islice(self._events, many)

    async def send(self, many: int, *, dirt: bool = True) -> int:
        """Sends so many events at once."""
        made = list(records(self.next(many), self.partitions, self.dice if dirt else None))
        await self.produce(made)
        return len(made)

    async def send_these(self, made: Iterable[ToProduce]) -> None:
        """Sends these at once, in order."""
        await self.produce(list(made))

    async def applying(self, partitions: Iterable[int] | None = None, within: float = 60) -> float:
        """Waits until one more event is applied in these partitions; in how many seconds that was."""
        began = time.monotonic()
        mine = set(range(self.partitions) if partitions is None else partitions)
        before: dict[tuple[str, int], int] | None = None

        async def moved() -> bool:
            nonlocal before
            now = {place: at for place, at in (await self.positions()).items() if place[1] in mine and "." in place[0]}
            if before is None:
                before = now
            return any(at > before.get(place, 0) for place, at in now.items())

        await self.until(moved, within, f"nothing was applied in partitions {sorted(mine)}")
        return time.monotonic() - began

    async def behind(self) -> dict[str, str]:
        """Topic-partitions that are not applied to their ends: how far they are, of how many."""
        ends, positions = await self.ends(), await self.positions()
        return {
            f"{topic.removeprefix(self.prefix)}/{number}": f"{positions.get((topic, number), 0)} of {end}"
            for (topic, number), end in ends.items()
            if positions.get((topic, number), 0) < end
        }

    async def caught_up(self, within: float = 90) -> None:
        """As in the tests' driver; says where the engine is behind."""
        try:
            await super().caught_up(within)
        except AssertionError as error:
            raise AssertionError(f"behind: {await self.behind()}\n{error}") from None

    async def close(self) -> None:
        """Ends what is left of the run: feeds, workers, topics."""
        for feed in self._feeds:
            feed.cancel()
        for worker in self.workers:
            if worker.process.poll() is None:
                worker.process.kill()
            worker.process.wait(10)
            if isinstance(worker, Member):
                worker.lose_reader()
        self.servers.kafka.revive()
        admin = AIOKafkaAdminClient(bootstrap_servers=self.kafka)
        await admin.start()
        try:
            mine = [name for name in await admin.list_topics() if name.startswith(self.prefix)]
            await admin.delete_topics(mine)
        finally:
            await admin.close()


def holds(worker: Worker) -> list[int]:
    """The partitions that a worker has, as it said last."""
    return had(worker) if worker.process.poll() is None else []


def had(worker: Worker) -> list[int]:
    """The partitions that a worker had, as it said last, also when it is dead."""
    held: set[int] = set()
    for line in worker.said():
        if line["event"] == "partitions_taken":
            held = _numbers(line)
        elif line["event"] == "partitions_released":
            held -= _numbers(line)
    return sorted(held)


def said(worker: Worker, what: str) -> list[dict[str, Any]]:
    """The lines with this word."""
    return [line for line in worker.said() if line["event"] == what]


def _numbers(line: dict[str, Any]) -> set[int]:
    return {int(number) for number in line["partitions"].split(",") if number}


def moves(workers: Iterable[Worker]) -> int:
    """How often they gave partitions up: not at all once they share, unless somebody comes or goes."""
    return sum(len(said(worker, "partitions_released")) for worker in workers)
