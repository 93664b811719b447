"""What has to be on time beside steps that hold the event loop for 100 ms each: a worker's membership in its group."""

import asyncio
import time
from typing import Any

import pytest
from aiokafka.consumer.group_coordinator import GroupCoordinator

from signal_engine.adapters.faust import group
from testing.servers.finding import KafkaServer
from tests.faust.stand import NotingEngine, make_topics, running

STEP_S = 0.1


async def test_heartbeats_are_sent_and_answered_while_a_step_holds_the_loop(
    kafka: KafkaServer, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group, "HEARTBEAT_S", 0.05)
    stepping, answered = False, 0
    beat = GroupCoordinator._do_heartbeat

    async def noting(coordinator: GroupCoordinator) -> Any:
        nonlocal answered
        result = await beat(coordinator)
        answered += bool(result) and stepping
        return result

    monkeypatch.setattr(GroupCoordinator, "_do_heartbeat", noting)
    await make_topics(kafka.address, prefix)
    engine = NotingEngine(prefix)
    async with running(kafka.address, engine, prefix) as worker:
        await worker.until(lambda: bool(engine.taken))
        deadline = time.monotonic() + 60
        while answered < 5 and time.monotonic() < deadline:
            stepping, until = True, time.monotonic() + STEP_S
            while time.monotonic() < until:
                pass  # judging, in Python: the interpreter is handed over only where it is demanded
            stepping = False
            await asyncio.sleep(0)
    assert answered >= 5
