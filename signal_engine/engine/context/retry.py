"""Patience with the store: what can be tried again is, for as long as it takes, and said once an outage."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from signal_engine.engine.ports.event_log import Journal
from signal_engine.engine.ports.store import NotNow, StoreFull, StoreTrouble, StoreUnreachable

Answer = TypeVar("Answer")

_FIRST_PAUSE: Final = 0.05
_LONGEST_PAUSE: Final = 2.0


class Patience:
    """Shared by all that use one store, so that an outage is one line in the journal and not one a partition."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
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
        return isinstance(error, StoreUnreachable | StoreFull) or (self.used and isinstance(error, NotNow))

    async def through(self, call: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer of `call`, which must be safe to repeat.

        Raises `WrongServer` where trying again would be vain, and `Damaged`.
        """
        try:
            answer = await call()
        except StoreTrouble as error:
            if not self._passes(error):
                raise
            self._note(str(error))
            answer = await self._again(call)
        if not self._waiting:
            self._note(None)
        return answer

    async def _again(self, call: Callable[[], Awaitable[Answer]]) -> Answer:
        pause = _FIRST_PAUSE
        self._waiting += 1
        try:
            while True:
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)
                try:
                    return await call()
                except StoreTrouble as error:
                    if not self._passes(error):
                        raise
                    self._note(str(error))
        finally:
            self._waiting -= 1

    def _note(self, trouble: str | None) -> None:
        if trouble is not None and self._trouble is None:
            self._journal.warning("store_trouble", trouble=trouble)
        elif trouble is None and self._trouble is not None:
            self._journal.info("store_answers_again")
        self._trouble = trouble
