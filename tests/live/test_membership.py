"""Workers with names of their own: back in seconds, and only one of each name."""

import signal
import time
from pathlib import Path
from typing import Any

from signal_engine.adapters.faust.group import SESSION_TIMEOUT_S
from testing.servers.finding import KafkaServer
from testing.worker import Worker
from tests.live.engine import Engine, engine

WITHIN = SESSION_TIMEOUT_S / 2
"""Seconds in which a worker with a name has its partitions back once it runs again: without one it waits for the
session to run out. How long it takes, `faults` measures."""


def taken(worker: Worker) -> list[str]:
    return [line["partitions"] for line in worker.said() if line["event"] == "partitions_taken"]


async def two_named(live: Engine) -> tuple[Worker, Worker]:
    live.run("topics", "create")
    live.set(INSTANCE="one")
    first = live.worker()
    live.set(INSTANCE="two")
    second = live.worker()

    async def share() -> bool:
        return bool(taken(first) and taken(second)) and len(taken(first)[-1]) == len(taken(second)[-1])

    await live.until(share, 60, "two workers did not share the partitions")
    return first, second


async def test_a_named_worker_that_was_killed_has_its_partitions_back_and_nobody_else_notices(
    apache_kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path
) -> None:
    with engine(apache_kafka.address, redis_url, prefix, tmp_path) as live:
        first, second = await two_named(live)
        had, before = taken(second)[-1], len(first.said())
        assert second.end(signal.SIGKILL) == -signal.SIGKILL
        again = live.worker()

        async def runs() -> bool:
            return "worker_started" in again.words()

        await live.until(runs, 30, "the worker did not start again")
        started = time.monotonic()

        async def back() -> bool:
            return bool(taken(again))

        await live.until(back, WITHIN, "it has not its partitions back")
        assert time.monotonic() - started < WITHIN
        assert taken(again) == [had]
        words: list[dict[str, Any]] = first.said()[before:]
        assert not {"partitions_released", "partitions_taken"} & {line["event"] for line in words}


async def test_of_two_workers_with_one_name_the_older_ends_and_says_why(
    apache_kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path
) -> None:
    with engine(apache_kafka.address, redis_url, prefix, tmp_path) as live:
        first, second = await two_named(live)
        newcomer = live.worker()

        async def ended() -> bool:
            return second.process.poll() is not None

        await live.until(ended, 40, "the older worker goes on")
        assert second.process.returncode == 2
        assert "another worker with the name two (SIGNAL_ENGINE_INSTANCE)" in second.log.read_text()
        assert "Traceback" not in second.log.read_text()

        async def took() -> bool:
            return bool(taken(newcomer))

        await live.until(took, 40, "the newcomer did not take its place")
        assert first.process.poll() is None
