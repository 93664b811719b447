"""What an operator asks: a second worker's gain, the takeover after a kill, a replay, an explanation, a rebuild."""

import asyncio
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

from aiokafka import AIOKafkaProducer

from bench.live.contenders import RunningOurs
from bench.live.ground import Field, probe_name
from bench.live.latency import KIND, demo_request
from bench.live.loads import account_name
from bench.live.measuring import NEARLY_ALL, POLL_INTERVAL_S, Failed, Reading, begin, middle, read
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.redis.connecting.keys import Keys
from testing.processes import ROOT

_WITHIN: Final = 600.0
"""Seconds."""
_TAKEN: Final = "partitions_taken"
PROBES_OF: Final = {False: (3_000, 3_200), True: (3_400, 3_600)}
"""Named or not -> the first probe before the kill and after it. None twice: the topics still hold the earlier ones."""


def scaling(field: Field, workers: int) -> dict[str, Any]:
    """Events a second of `workers` together, from when all have partitions. The field is fed. Raises `Failed`."""
    field.start_anew(f"of-{workers}-{time.time_ns()}")
    running = RunningOurs(field, workers)
    try:
        begin(running)
        wait_until(lambda: _shared(running, field.partitions), running, "the workers did not share the partitions")
        before = running.counts()
        wait_until(lambda: all(a > b for a, b in zip(running.counts(), before, strict=True)), running, "not all began")
        first = last = read(running)
        while last.events < NEARLY_ALL * field.many:
            time.sleep(POLL_INTERVAL_S)
            if not running.alive():
                raise Failed(running.said())
            last = read(running)
    finally:
        running.end()
    _enough(first, last, field.many)
    events, seconds = last.events - first.events, last.at - first.at
    return {"workers": workers, "events": events, "speed": events / seconds, "cores": (last.cpu - first.cpu) / seconds}


def _shared(running: RunningOurs, partitions: int) -> bool:
    """Whether every worker holds some partitions, and together they hold all, each once."""
    held = [_held(worker.said()) for worker in running.workers]
    return all(held) and sum(map(len, held)) == partitions


def _held(said: list[dict[str, Any]]) -> set[str]:
    """The partitions of a worker, by its own words."""
    held: set[str] = set()
    for line in said:
        if line["event"] == _TAKEN:
            held |= set(line["partitions"].split(","))
        elif line["event"] == "partitions_released":
            held -= set(line["partitions"].split(","))
    return held


def _enough(first: Reading, last: Reading, many: int) -> None:
    if last.events - first.events < many / 10:
        raise Failed(f"too few events: {first.events} of {many} were processed before all workers had partitions")


def takeover(field: Field, *, named: bool) -> float:
    """Seconds from the kill of a worker until an event of each of its partitions is in a state again.

    With `named`, the worker that was killed is started again at once under its name (SIGNAL_ENGINE_INSTANCE); without,
    another one takes over when the session has timed out. Raises `Failed`.
    """
    field.start_anew(f"takeover-{named}-{time.time_ns()}")
    field.live.set(INSTANCE="one" if named else "")
    running = RunningOurs(field, 1)
    try:
        if not named:
            running.workers.append(field.live.worker())
        wait_until(lambda: _shared(running, field.partitions), running, "the workers have not all partitions")
        asyncio.run(_all_answer(field, running, PROBES_OF[named][0]))
        killed = running.workers[0]
        killed.send(signal.SIGKILL)
        at = time.perf_counter()
        killed.process.wait(10)
        running.workers = [*running.workers[1:], *([field.live.worker()] if named else [])]
        asyncio.run(_all_answer(field, running, PROBES_OF[named][1]))
        return time.perf_counter() - at
    finally:
        running.end()
        field.live.set(INSTANCE="")


async def _all_answer(field: Field, running: RunningOurs, number: int) -> None:
    """Sends a probe to every partition, numbered from `number` on, and waits until all are in states."""
    partition_of = partitioner(field.partitions)
    probes: dict[int, str] = {}
    while len(probes) < field.partitions:
        probes.setdefault(partition_of(probe_name(number)), probe_name(number))
        number += 1
    async with AIOKafkaProducer(bootstrap_servers=field.ground.kafka) as producer:
        for partition, name in probes.items():
            await producer.send_and_wait(field.live.topic(KIND), demo_request(name), name.encode(), partition)
    with field.ground.redis() as client:
        keys = {name: Keys.of(field.live.prefix, 0, partition).states for partition, name in probes.items()}
        deadline = time.monotonic() + _WITHIN
        while not all(client.hexists(key, name) for name, key in keys.items()):
            if not running.alive() or time.monotonic() > deadline:
                raise Failed(running.said())
            await asyncio.sleep(0.01)


def replaying(field: Field, rounds: int, ways: Sequence[str]) -> dict[str, Any]:
    """Way -> events per second of `signal-engine replay`, its start (that of a file with one event) taken off."""
    events, one = field.folder / "events.jsonl", field.folder / "one.jsonl"
    field.lines_by_time(events)
    one.write_bytes(b'{"kind":"%b",' % KIND.encode() + demo_request(account_name(0))[1:])
    words = ["--accounts", str(field.accounts), "--icp", str(field.icp), "--json"]
    found: dict[str, Any] = {way: {"events": field.many, "speeds": [], "starts": []} for way in ways}
    for _ in range(rounds):
        for way, figures in found.items():
            field.use(way)
            start, whole = (_seconds(field, "replay", str(path), *words) for path in (one, events))
            figures["speeds"].append(field.many / (whole - start))
            figures["starts"].append(start)
    return found


def explaining(field: Field, account: str, rounds: int = 7) -> dict[str, float]:
    """Seconds of `signal-engine explain` out of the live view, and of a command that does nothing. A worker has run."""
    return {
        "explain_seconds": middle([_seconds(field, "explain", account, "--json") for _ in range(rounds)]),
        "start_seconds": middle([_seconds(field, "--help") for _ in range(rounds)]),
    }


def rebuilding(field: Field, ways: Sequence[str]) -> dict[str, Any]:
    """Way -> seconds of `signal-engine rebuild`, which a worker does. The field is fed.

    The worker has only just begun to read: while it rebuilds it does nothing else, so how far it was does not matter.
    """
    return {way: _rebuilding(field, way) for way in ways}


def _rebuilding(field: Field, way: str) -> dict[str, float]:
    field.use(way)
    field.start_anew(f"rebuild-{time.time_ns()}")
    running = RunningOurs(field)
    try:
        begin(running)
        seconds = _seconds(field, "rebuild", "--yes", timeout=3600)
        return {"events": field.many, "seconds": seconds, "speed": field.many / seconds}
    finally:
        running.end()


def _seconds(field: Field, *words: str, timeout: float = 600) -> float:
    command, started = [*field.live.program, *words], time.perf_counter()
    env = field.live.environment
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, check=False, timeout=timeout)
    if done.returncode:
        raise Failed(f"{words[0]} failed: {done.stderr.decode()[-1000:]}")
    return time.perf_counter() - started


def all_processed(field: Field, running: RunningOurs) -> None:
    """Returns when every event is processed. Raises `Failed`."""
    wait_until(lambda: sum(running.counts()) >= field.many, running, "the events were not processed")


def wait_until(holds: Callable[[], bool], running: RunningOurs, what: str) -> None:
    """Returns when it holds. Raises `Failed` when a worker ends, or it takes too long."""
    deadline = time.monotonic() + _WITHIN
    while not holds():
        if not running.alive() or time.monotonic() > deadline:
            raise Failed(f"{what}\n{running.said()}")
        time.sleep(POLL_INTERVAL_S)
