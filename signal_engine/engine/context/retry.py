"""Retry calls of the store for as long as it takes, with one log line per outage.

`retrying` wraps a port so that all its methods are retried; callers need not care.
"""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from inspect import iscoroutinefunction
from typing import Any, Final, TypeVar, cast

from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.log_events.servers import StoreRecovered, StoreUnavailable
from signal_engine.engine.ports.store import StoreBusy, StoreFull, StoreTrouble, StoreUnreachable

Answer = TypeVar("Answer")
Port = TypeVar("Port")

_FIRST_PAUSE_S: Final = 0.05
_MAX_PAUSE_S: Final = 2.0


class Retry:
    """Shared by all users of one store, so that an outage is one line in the event log and not one per partition."""

    def __init__(self, event_log: EventLog) -> None:
        self._event_log = event_log
        self._trouble: StoreTrouble | None = None
        self.used = False
        """Whether the store has worked before: then a replica, a rejected password or a missing right may be temporary.
        Before, it is a configuration error to report."""
        self._waiting = 0
        """Number of failed calls to be retried. A full store still answers readers, so their success does not count."""

    @property
    def trouble(self) -> str | None:
        """What is wrong with the store now, as anybody may know; None while it works."""
        return None if self._trouble is None else self._trouble.in_public()

    def _passes(self, error: StoreTrouble) -> bool:
        return isinstance(error, StoreUnreachable | StoreFull) or (self.used and isinstance(error, StoreBusy))

    async def call(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """Call `ask`, which must be safe to repeat, until it succeeds.

        Raises `WrongServer` if retrying is pointless, and `Damaged`.
        """
        try:
            answer = await ask()
        except StoreTrouble as error:
            if not self._passes(error):
                raise
            self._note(error)
            answer = await self._again(ask)
        if not self._waiting:
            self._note(None)
        return answer

    async def _again(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        pause = _FIRST_PAUSE_S
        self._waiting += 1
        try:
            while True:
                await asyncio.sleep(pause)
                pause = min(2 * pause, _MAX_PAUSE_S)
                try:
                    return await ask()
                except StoreTrouble as error:
                    if not self._passes(error):
                        raise
                    self._note(error)
        finally:
            self._waiting -= 1

    def _note(self, trouble: StoreTrouble | None) -> None:
        if trouble is not None and self._trouble is None:
            self._event_log.write(StoreUnavailable(reason=str(trouble)))
        elif trouble is None and self._trouble is not None:
            self._event_log.write(StoreRecovered())
        self._trouble = trouble


def retrying(port: Port, retry: Retry) -> Port:
    """Wrap a port (`Store`, `Controls`, `FitChanges`, `Generations`) so that `retry` calls each of its async methods.

    All of them must be safe to repeat.
    """
    return cast("Port", _Retrying(port, retry))


class _Retrying:
    """Wraps methods on first use and caches the wrappers."""

    def __init__(self, port: object, retry: Retry) -> None:
        self._port = port
        self._retry = retry

    def __getattr__(self, name: str) -> Any:
        port, call = self._port, self._retry.call
        if not iscoroutinefunction(found := getattr(port, name)):
            return found

        async def again_and_again(*args: Any, **kwargs: Any) -> Any:
            return await call(partial(getattr(port, name), *args, **kwargs))

        setattr(self, name, again_and_again)
        return again_and_again
