"""The tasks of a worker: started for an owner, ended together, and the first failure of any of them."""

import asyncio
from collections.abc import Coroutine, Hashable
from typing import Any, Final

_CANCEL_RETRY_S: Final = 0.2
"""Seconds after which a task that was cancelled and still runs is cancelled again."""


class WorkerTasks:
    """Tasks by owner. Create it inside a running event loop."""

    def __init__(self) -> None:
        self._by_owner: dict[Hashable, list[asyncio.Task[None]]] = {}
        self._failed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def begin(self, owner: Hashable, work: Coroutine[Any, Any, None]) -> None:
        """Start a task for `owner`. If it raises, `failed` raises the same."""
        task = asyncio.create_task(work)
        task.add_done_callback(self._note_end)
        self._by_owner.setdefault(owner, []).append(task)

    def count(self, owner: Hashable) -> int:
        """How many tasks `owner` has, ended ones included."""
        return len(self._by_owner.get(owner, ()))

    async def end(self, owner: Hashable) -> None:
        """Cancel the tasks of `owner`; return once all have ended. Nothing happens if there are none."""
        tasks = set(self._by_owner.pop(owner, []))
        while tasks:  # more than once: `asyncio.wait_for` of Python 3.11 can swallow a cancellation
            for task in tasks:
                task.cancel()
            _, tasks = await asyncio.wait(tasks, timeout=_CANCEL_RETRY_S)

    def fail(self, error: BaseException) -> None:
        """Make `failed` raise `error`, unless something failed before."""
        if not self._failed.done():
            self._failed.set_exception(error)

    async def failed(self) -> None:
        """Never return; raise the first failure. Whoever stops waiting leaves it to others."""
        await asyncio.shield(self._failed)

    def _note_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self.fail(error)
