"""A Redis that does not hold what was written to it, does not take what is, or takes it later."""

import asyncio
import contextlib
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import redis

from faults.harness.judge import Judge
from faults.harness.stage import Stage, said
from faults.scenario import Outcome, Scenario, Verdict
from signal_engine.adapters.redis.connecting.keys import Keys

_REBUILT_WITHIN: Final = 150.0
_LASTS: Final = 3.0
"""Seconds of a passing trouble, at least."""
_MET_WITHIN: Final = 30.0
"""Seconds, after those, within which both workers have met it."""
_PARTS: Final = ("ranks:all", "states", "head", "counts", "views", "due", "outbox:alerts", "fits")
_HOUR: Final = 3_600_000


async def _key_lost(stage: Stage) -> Outcome:
    """A key of a partition goes alone, comes back from earlier, or is somebody else's; each time all is rebuilt."""
    await stage.prepare()
    feed = stage.feed()
    pair = await stage.two()
    await stage.applying()
    await asyncio.sleep(8)  # until there are alerts, due times and ranks
    seconds, parts = [], _PARTS[: stage.some(len(_PARTS), 2)]
    for part in parts:
        served = (await stage.marks()).served
        began = time.monotonic()
        await asyncio.to_thread(_damage, stage, served or 0, part)

        async def served_again(before: int | None = served) -> bool:
            marks = await stage.marks()
            return marks.building is None and marks.served != before

        await stage.until(served_again, _REBUILT_WITHIN, f"nothing was rebuilt after {part} was damaged")
        seconds.append(round(time.monotonic() - began, 1))
        await stage.applying()
    await feed.stop()
    result = sum(len(said(worker, "partition_damaged")) for worker in pair)
    assert result >= len(parts), (
        f"{len(parts)} keys were damaged, and {result} times that was said\n{stage.log_tails()}"
    )
    verdict = await Judge(stage, within=_REBUILT_WITHIN).verdict()
    return Outcome(verdict, faults=len(parts), measured={"served_again_s": seconds})


def _damage(stage: Stage, generation: int, part: str) -> None:
    with _client(stage) as client:
        keys = [Keys.of(stage.prefix, generation, number).part(part) for number in range(stage.partitions)]
        there = [key for key in keys if client.exists(key)]
        assert there, f"nobody has {part} yet"
        key = stage.dice.choice(there)
        if stage.dice.random() < 0.5 or part == "fits":
            client.delete(key)
        else:
            client.set(key, "somebody else's")


async def _passing(stage: Stage) -> Outcome:
    """One after the other, under load; both workers go on by themselves, and have said so once each."""
    await stage.prepare()
    feed = stage.feed()
    pair = await stage.two()
    await stage.applying()
    recoveries = []
    for trouble in _TROUBLES:
        before = [len(said(worker, "store_unavailable")) for worker in pair]

        async def was_said(before: list[int] = before) -> bool:
            return all(len(said(one, "store_unavailable")) > many for one, many in zip(pair, before, strict=True))

        with trouble(stage):
            await asyncio.sleep(_LASTS)
            # A right is missed by who needs it: not every step writes a rank or a due time.
            await stage.until(was_said, _MET_WITHIN, f"{trouble.__name__} was not said by both")
        recoveries.append(await stage.applying(within=60))

        async def all_is_well() -> bool:
            return all(len(said(one, "store_unavailable")) == len(said(one, "store_recovered")) for one in pair)

        await stage.until(all_is_well, 60, f"{trouble.__name__} is not over")
        assert all(worker.process.poll() is None for worker in pair), f"{trouble.__name__}\n{stage.log_tails()}"
    await feed.stop()
    return Outcome(await Judge(stage).verdict(), recoveries, faults=len(_TROUBLES))


@contextmanager
def _replica(stage: Stage) -> Iterator[None]:
    with _client(stage) as client:
        client.replicaof("127.0.0.1", 1)
        try:
            yield
        finally:
            client.replicaof("NO", "ONE")


@contextmanager
def _master_down(stage: Stage) -> Iterator[None]:
    with _set(stage, "replica-serve-stale-data", "no", "yes"), _replica(stage):
        yield


@contextmanager
def _no_replicas(stage: Stage) -> Iterator[None]:
    with _set(stage, "min-replicas-to-write", "1", "0"):
        yield


@contextmanager
def _busy(stage: Stage) -> Iterator[None]:
    """A script of somebody else that does not end."""
    import threading  # noqa: PLC0415

    def run() -> None:
        with _client(stage) as client, contextlib.suppress(redis.RedisError):
            client.eval("while true do end", 0)

    with _set(stage, "busy-reply-threshold", "100", "5000"):
        running = threading.Thread(target=run)
        running.start()
        try:
            yield
        finally:
            with _client(stage) as client:
                client.script_kill()
            running.join(10)


@contextmanager
def _too_many_clients(stage: Stage) -> Iterator[None]:
    with _set(stage, "maxclients", "1", "10000") as client:
        client.client_kill_filter(_type="normal", skipme=True)
        yield


@contextmanager
def _password(stage: Stage) -> Iterator[None]:
    with _set(stage, "requirepass", "another", "") as client:
        client.client_kill_filter(_type="normal", skipme=True)
        yield


@contextmanager
def _no_disk(stage: Stage) -> Iterator[None]:
    """A snapshot cannot be written: a folder has its name."""
    folder = stage.servers.redis.folder / "dump.rdb"
    with contextlib.suppress(FileNotFoundError):
        folder.unlink()
    folder.mkdir()
    with _set(stage, "save", "3600 1", "") as client:
        client.bgsave()
        try:
            yield
        finally:
            shutil.rmtree(folder)
            client.bgsave()
            while client.info("persistence")["rdb_bgsave_in_progress"]:
                time.sleep(0.05)


@contextmanager
def _right(stage: Stage) -> Iterator[None]:
    """The user that everybody is loses a command."""
    with _client(stage) as client:
        client.execute_command("ACL", "SETUSER", "default", "-zadd")
        try:
            yield
        finally:
            client.execute_command("ACL", "SETUSER", "default", "+@all")


@contextmanager
def _set(stage: Stage, setting: str, value: str, usual: str) -> "Iterator[redis.Redis]":
    with _client(stage) as client:
        client.config_set(setting, value)
        try:
            yield client
        finally:
            client.config_set(setting, usual)


_TROUBLES: Final[tuple[Callable[[Stage], contextlib.AbstractContextManager[None]], ...]] = (
    _replica, _master_down, _no_replicas, _busy, _too_many_clients, _password, _no_disk, _right,
)  # fmt: skip


async def _clock_back(stage: Stage) -> Outcome:
    """The ids of what waits are an hour ahead from then on, as after a Redis clock that was put back an hour."""
    await stage.prepare()
    feed = stage.feed()
    await stage.two()

    async def alerts() -> int:
        return len(await Judge(stage).read("alerts"))

    async def some() -> bool:
        return await alerts() > 0

    await stage.until(some, 60, "there are no alerts")
    await asyncio.to_thread(_ahead, stage)
    before = await alerts()
    began = time.monotonic()

    async def more() -> bool:
        return await alerts() > before + 5

    await stage.until(more, 60, "alerts are held back by Redis's clock")
    seconds = time.monotonic() - began
    await feed.stop()
    return Outcome(await Judge(stage).verdict(), measured={"next_alerts_s": round(seconds, 1)})


def _ahead(stage: Stage) -> None:
    with _client(stage) as client:
        for key in client.scan_iter(f"{stage.prefix}g*:outbox:*", count=1000):
            client.execute_command("XSETID", key, f"{int(time.time() * 1000) + _HOUR}-0")


async def _refused_starts(stage: Stage) -> Outcome:
    """What a worker refuses to start with, and what it says."""
    await stage.prepare()
    with _right(stage):
        await _refuses(stage, "ZADD")
    with _replica(stage):
        await _refuses(stage, "it is a replica")
    with _set(stage, "maxmemory", "10gb", "0"), _set(stage, "maxmemory-policy", "allkeys-lru", "noeviction"):
        await _refuses(stage, "allkeys-lru")
    return Outcome(Verdict(0), faults=3)


async def _refuses(stage: Stage, words: str) -> None:
    worker = stage.start("refused")

    async def ended() -> bool:
        return worker.process.poll() is not None

    await stage.until(ended, 30, f"a worker starts although {words}")
    result = worker.log.read_text()
    assert worker.process.returncode == 2, f"exit {worker.process.returncode}: {result[-500:]}"
    assert words in result, f"it should say {words!r}: {result[-500:]}"
    assert "Traceback" not in result, result[-500:]


def _client(stage: Stage) -> "redis.Redis":
    return redis.Redis(host="127.0.0.1", port=stage.servers.redis.port)


SCENARIOS: Final = (
    Scenario(
        name="redis_key_lost",
        promise="a single key that goes missing or changes its type is noticed, and all is rebuilt automatically",
        fault="each kind of key of a partition is deleted, or replaced by one of another type (two in the short form)",
        play=_key_lost, within=900,
    ),
    Scenario(
        name="redis_passing",
        promise="a running worker waits out passing troubles of Redis, and logs each once",
        fault="a replica, a primary that is away, too few replicas, busy, too many clients, another password, no disk,"
        " a missing right; each for 3 s and until both workers have met it",
        play=_passing, within=400, recovers_from="the end of it",
    ),
    Scenario(
        name="redis_clock_back",
        promise="alerts leave, whatever the clock of Redis says",
        fault="the clock of Redis is set back by an hour while alerts wait in the outbox",
        play=_clock_back,
    ),
    Scenario(
        name="redis_refused_starts",
        promise="a worker does not start, and says why: which command is missing, a replica, a Redis that evicts keys",
        fault="an ACL without ZADD; a replica; allkeys-lru with a limit on memory",
        play=_refused_starts,
    ),
)  # fmt: skip
