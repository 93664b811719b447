"""Patience with the store: what can be tried again is, for as long as it takes, and said once an outage.

`retrying` gives a port whose every method does so; nobody else need think of it.
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

_FIRST_PAUSE: Final = 0.05
_MAX_PAUSE_S: Final = 2.0


class Retry:
    """Shared by all that use one store, so that an outage is one line in the event log and not one a partition."""

    def __init__(self, event_log: EventLog) -> None:
        self._event_log = event_log
        self._trouble: str | None = None
        self.used = False
        """Whether the store could be used before: then a replica, a refused password or a missing right may pass, too.
        Before, it is said, and who started us mends it."""
        self._waiting = 0
        """Calls that have failed and are to be tried again. A full store answers readers: it is no answer to these."""

    @property
    def trouble(self) -> str | None:
        """What is wrong with the store now; None while it answers."""
        return self._trouble

    def _passes(self, error: StoreTrouble) -> bool:
        return isinstance(error, StoreUnreachable | StoreFull) or (self.used and isinstance(error, StoreBusy))

    async def call(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer of `ask`, which must be safe to repeat.

        Raises `WrongServer` where trying again would be vain, and `Damaged`.
        """
        try:
            answer = await ask()
        except StoreTrouble as error:
            if not self._passes(error):
                raise
            self._note(str(error))
            answer = await self._again(ask)
        if not self._waiting:
            self._note(None)
        return answer

    async def _again(self, ask: Callable[[], Awaitable[Answer]]) -> Answer:
        pause = _FIRST_PAUSE
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
                    self._note(str(error))
        finally:
            self._waiting -= 1

    def _note(self, trouble: str | None) -> None:
        if trouble is not None and self._trouble is None:
            self._event_log.write(StoreUnavailable(reason=trouble))
        elif trouble is None and self._trouble is not None:
            self._event_log.write(StoreRecovered())
        self._trouble = trouble


def retrying(port: Port, retry: Retry) -> Port:
    """The same port (`Store`, `Controls`, `FitChanges`, `Generations`), each `async` method of it called by `retry`.

    Every one of them must be safe to repeat.
    """
    return cast("Port", _Retrying(port, retry))


class _Retrying:
    """Wraps a method when it is first asked for, and keeps the wrapper."""

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
