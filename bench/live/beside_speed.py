"""What a worker's event costs with `notify` and `sync` beside it, and without: they must not slow it down.

    make bench-beside [ARGS="--quick"]

Kafka and Redis of its own. Each round runs a worker twice over the same events, alone and beside `notify` (which posts
each alert to a webhook of this process) and `sync` (which writes lists and scores to files every few seconds); rounds
begin with the other one in turn. Events come at a steady rate, since both of them follow what is happening. The first
ones warm the worker up and do not count. What counts is the CPU time of the worker's process an event, user and system.

Two runs of a round are minutes apart at most, so what changes on the machine over time is in both of them: the
difference within each round is looked at, not that of all runs. Noise is what the 95 % interval (Student's t) of those
differences contains: if 0 is in it, no effect can be told from chance, and the interval says how large one could be.
"""

import argparse
import asyncio
import json
import os
import platform
import signal
import statistics
import time
from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, Final, NamedTuple

import aiohttp
from aiokafka import AIOKafkaProducer
from scipy import stats

from bench.live.loads import LOADS, Made, account_name, events
from bench.live.measuring import cpu_seconds
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.generations import RedisGenerations
from testing.engine import OUTCOMES, Engine
from testing.notify import NotifyProcess, WebhookReceiver, routes_to, webhook_receiver
from testing.own_engine import own_engine
from testing.processes import COMMAND
from testing.servers.process import free_port
from testing.waiting import listens
from testing.worker import Worker

_LOAD: Final = LOADS["hot"]
_WARM_UP: Final = 0.2
"""Share of the events after which counting begins."""
_WITHIN_S: Final = 300.0
_POLL_S: Final = 0.05
_CHUNKS_A_SECOND: Final = 20


class Run(NamedTuple):
    """One worker over all events."""

    cpu_us: float
    """An event."""
    alerts: int
    """That arrived at the receiver meanwhile; 0 when the worker was alone."""
    runs: int
    """Of `sync` that ended, its first one included; the same."""


class Compared(NamedTuple):
    """The differences of rounds, as shares of what the worker costs alone."""

    mean: float
    low: float
    high: float
    """Of the 95 % interval."""

    @property
    def within_noise(self) -> bool:
        """Whether chance alone explains it."""
        return self.low <= 0 <= self.high


def compared(alone: Sequence[float], beside: Sequence[float]) -> Compared:
    """The paired differences of at least two rounds."""
    shares = [(more - less) / less for less, more in zip(alone, beside, strict=True)]
    mean = statistics.fmean(shares)
    half = float(stats.t.ppf(0.975, len(shares) - 1)) * statistics.stdev(shares) / len(shares) ** 0.5
    return Compared(mean, mean - half, mean + half)


def main() -> None:
    """Prints a line a run, and what they say together; writes JSON if asked."""
    given = _options()
    with own_engine() as engine:
        alone, beside = asyncio.run(_rounds(engine, given))
    found = compared([one.cpu_us for one in alone], [one.cpu_us for one in beside])
    for name, runs in (("alone", alone), ("beside notify and sync", beside)):
        costs = [one.cpu_us for one in runs]
        print(f"{name}: median {statistics.median(costs):.1f} us an event, {min(costs):.1f} to {max(costs):.1f}")
    print(
        f"paired over {given.rounds} rounds: {found.mean:+.1%}, 95 % interval {found.low:+.1%} to {found.high:+.1%}: "
        + ("within noise" if found.within_noise else "more than noise")
    )
    if given.json is not None:
        document = {
            "events": given.events, "rate": given.rate, "rounds": given.rounds, "cores": os.cpu_count(),
            "python": platform.python_version(), "alone": [one._asdict() for one in alone],
            "beside": [one._asdict() for one in beside], "difference": found._asdict(),
            "within_noise": found.within_noise,
        }  # fmt: skip
        given.json.write_text(json.dumps(document, indent=2) + "\n")


def _options() -> Any:
    options = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    options.add_argument("--events", type=int, default=30_000, help="A run.")
    options.add_argument("--rate", type=int, default=2_000, help="Events a second.")
    options.add_argument("--rounds", type=int, default=5, help="At least 2.")
    options.add_argument("--quick", action="store_true", help="Three rounds of 12,000 events: two minutes.")
    options.add_argument("--json", type=Path)
    given = options.parse_args()
    if given.quick:
        given.events, given.rounds = 12_000, 3
    if given.rounds < 2:
        options.error("--rounds: one round has no spread; name at least 2")
    return given


async def _rounds(engine: Engine, given: Any) -> tuple[list[Run], list[Run]]:
    runs: dict[bool, list[Run]] = {False: [], True: []}
    for number in range(given.rounds):
        for beside in (False, True) if number % 2 == 0 else (True, False):
            run = await _run(engine, f"bench-{number}-{int(beside)}.", given, beside=beside)
            runs[beside].append(run)
            what = f"beside, {run.alerts} alerts posted, {run.runs} runs of sync" if beside else "alone"
            print(f"round {number + 1}: {run.cpu_us:.1f} us an event, {what}", flush=True)
    return runs[False], runs[True]


async def _run(shared: Engine, prefix: str, given: Any, *, beside: bool) -> Run:
    """One worker on topics and keys of its own, so that each run begins with nothing."""
    folder = shared.folder / prefix
    folder.mkdir()
    engine = Engine(shared.kafka, shared.redis_url, prefix, folder, shared.partitions)
    engine.set(PUBLISH_SECONDS="2")
    engine.run("topics", "create")
    engine.run("fit", "load", *_fit_table(folder), "--yes")
    async with AsyncExitStack() as stack:
        receiver = await stack.enter_async_context(webhook_receiver())
        worker = engine.worker()
        stack.callback(worker.end, signal.SIGTERM)
        others = await _start_beside(engine, receiver, stack) if beside else None
        used = await _fed(engine, worker, given)
        runs = 0 if others is None else await _runs(others)
        if beside and not (runs and receiver.alerts):
            raise SystemExit(f"nothing ran beside: {len(receiver.alerts)} alerts, {runs} runs\n{engine.log_tails()}")
        return Run(used, len(receiver.alerts), runs)


async def _start_beside(engine: Engine, receiver: WebhookReceiver, stack: AsyncExitStack) -> int:
    """`notify` and `sync`, ready; the port at which the latter tells what it has done."""
    (engine.folder / "out").mkdir()
    lake = f"lake: {{files: {{folder: {engine.folder / 'out'}}}}}"
    (engine.folder / "sync.yaml").write_text(f"version: 1\nevery: 3\nsinks: {{{lake}}}\n")
    port = free_port()
    engine.set(
        ROUTES=str(routes_to(engine.folder, {"ops": receiver.url})), NOTIFY_GROUP=f"{engine.prefix}notify",
        SYNC=str(engine.folder / "sync.yaml"), SYNC_PORT=str(port),
    )  # fmt: skip
    notify = NotifyProcess(engine.folder / "notify.log", engine.environment, free_port())
    stack.callback(notify.end)
    sync = Worker(engine.folder / "sync.log", engine.environment, [*COMMAND, "sync"])
    stack.callback(sync.end, signal.SIGTERM)
    await notify.started()
    deadline = time.monotonic() + _WITHIN_S
    while not listens(port) or not await _runs(port):  # it begins once the worker has published
        if sync.process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"sync never ran\n{sync.log.read_text()[-2000:]}")
        await asyncio.sleep(_POLL_S)
    return port


async def _runs(port: int) -> int:
    """How often the sink has run to its end."""
    async with aiohttp.ClientSession() as client, client.get(f"http://127.0.0.1:{port}/metrics") as told:
        lines = (await told.text()).splitlines()
    ended = 'signal_engine_sync_runs_total{outcome="ended",sink="lake"} '
    return next((int(float(line.removeprefix(ended))) for line in lines if line.startswith(ended)), 0)


async def _fed(engine: Engine, worker: Worker, given: Any) -> float:
    """CPU of the worker an event (us), from the end of the warm-up until it has processed all."""
    made = [*events(_LOAD, given.events, engine.partitions, time.time_ns() // 1_000_000)]
    warm = int(_WARM_UP * len(made))
    async with AIOKafkaProducer(bootstrap_servers=engine.kafka, linger_ms=5) as producer:
        await _feed(engine, producer, made[:warm], given.rate)
        await _processed(engine, worker, warm)
        before = cpu_seconds(worker.process.pid)
        await _feed(engine, producer, made[warm:], given.rate)
        await _processed(engine, worker, len(made))
        return (cpu_seconds(worker.process.pid) - before) / (len(made) - warm) * 1e6


async def _feed(engine: Engine, producer: AIOKafkaProducer, made: Sequence[Made], rate: int) -> None:
    """At `rate` a second, in small chunks; a chunk that was slow holds no later one up."""
    began, many = time.monotonic(), max(1, rate // _CHUNKS_A_SECOND)
    for first in range(0, len(made), many):
        for one in made[first : first + many]:
            await producer.send(engine.topic(one.kind), one.value, one.key, one.partition)
        await asyncio.sleep(max(0.0, began + (first + many) / rate - time.monotonic()))
    await producer.flush()


async def _processed(engine: Engine, worker: Worker, many: int) -> None:
    """Wait until the worker's counters show so many events, whatever became of them."""
    deadline = time.monotonic() + _WITHIN_S
    async with Channel(engine.redis_url) as channel:
        generations = RedisGenerations(channel, engine.prefix)
        while True:
            store = generations.store(await generations.current() or 0)
            counts = [await store.counts(number) for number in range(engine.partitions)]
            if sum(one.get(outcome, 0) for one in counts for outcome in OUTCOMES) >= many:
                return
            if worker.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"the worker did not process {many:,} events\n{engine.log_tails()}")
            await asyncio.sleep(_POLL_S)


def _fit_table(folder: Path) -> tuple[str, str, str]:
    """Two thirds of the accounts fit."""
    rows = (f"{account_name(n)},{('B2B', 'B2B', 'Games')[n % 3]},us,Ann Roe\n" for n in range(_LOAD.accounts))
    (folder / "accounts.csv").write_text("domain,industry,country,sdr\n" + "".join(rows))
    icp: dict[str, Any] = {
        "icp": "b2b", "version": 1, "owner": {"name": "The bench", "email": "bench@example.com"},
        "review_by": "2099-01-01", "base": 80, "must_have": {"industry": {"in": ["B2B"]}},
        "tiers": {"A": 80, "B": 60}, "decisions": {"A": "chase", "B": "chase"},
    }  # fmt: skip
    (folder / "b2b.yaml").write_text(json.dumps(icp))
    return str(folder / "accounts.csv"), "--icp", str(folder / "b2b.yaml")


if __name__ == "__main__":
    main()
