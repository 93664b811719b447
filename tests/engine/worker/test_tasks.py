"""A worker's tasks: each owner's end together, and the first failure is the one that is raised."""

import asyncio

import pytest

from signal_engine.engine.worker import tasks as module
from signal_engine.engine.worker.tasks import WorkerTasks


async def forever(ended: list[str], name: str) -> None:
    try:
        await asyncio.Event().wait()
    finally:
        ended.append(name)


async def failing(error: Exception) -> None:
    raise error


async def test_only_the_owners_tasks_end_and_all_of_them() -> None:
    tasks, ended = WorkerTasks(), list[str]()
    for owner, name in ((0, "keeper"), (0, "relay"), (1, "other")):
        tasks.begin(owner, forever(ended, name))
    await asyncio.sleep(0)
    assert tasks.count(0) == 2
    await tasks.end(0)
    assert tasks.count(0) == 0
    assert sorted(ended) == ["keeper", "relay"]
    await tasks.end(1)
    assert ended[-1] == "other"


async def test_an_owner_without_tasks_ends_at_once() -> None:
    await WorkerTasks().end("nobody")


async def test_a_task_that_swallows_a_cancellation_is_cancelled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CANCEL_RETRY_S", 0.001)
    tasks, cancelled = WorkerTasks(), 0

    async def stubborn() -> None:
        nonlocal cancelled
        while True:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                cancelled += 1
                if cancelled == 3:
                    raise

    tasks.begin("it", stubborn())
    await asyncio.sleep(0)
    await asyncio.wait_for(tasks.end("it"), 10)
    assert cancelled == 3


async def test_the_first_failure_is_raised_to_everybody_who_waits() -> None:
    tasks = WorkerTasks()
    waiting = asyncio.create_task(tasks.failed())
    tasks.begin("a", failing(ValueError("first")))
    with pytest.raises(ValueError, match="first"):
        await asyncio.wait_for(waiting, 10)
    tasks.fail(ValueError("second"))
    with pytest.raises(ValueError, match="first"):
        await tasks.failed()


async def test_neither_an_end_nor_a_cancellation_is_a_failure() -> None:
    tasks = WorkerTasks()

    async def done() -> None: ...

    tasks.begin("a", done())
    tasks.begin("b", forever([], "b"))
    await asyncio.sleep(0)
    await tasks.end("b")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(tasks.failed(), 0.01)
    tasks.fail(ValueError("only now"))
    with pytest.raises(ValueError, match="only now"):
        await tasks.failed()
