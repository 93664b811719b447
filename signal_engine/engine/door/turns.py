"""One action on an account at a time: what is checked must still be so when it is written."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class _AccountTurn:
    """The lock of one account, kept while somebody holds it or waits for it."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.users = 0


class Turns:
    """The turns of one process, by account. What nobody uses is forgotten."""

    def __init__(self) -> None:
        self._turns: dict[str, _AccountTurn] = {}

    def __len__(self) -> int:
        """How many accounts somebody acts on now."""
        return len(self._turns)

    @asynccontextmanager
    async def of(self, account: str, timeout_s: float) -> AsyncIterator[bool]:
        """Held for as long as the block runs; False where the turn did not come within `timeout_s` seconds."""
        turn = self._turns.setdefault(account, _AccountTurn())
        turn.users += 1
        held = False
        try:
            held = await _acquired(turn.lock, timeout_s)
            yield held
        finally:
            if held:
                turn.lock.release()
            turn.users -= 1
            if not turn.users:
                del self._turns[account]


async def _acquired(lock: asyncio.Lock, timeout_s: float) -> bool:
    try:
        async with asyncio.timeout(timeout_s):
            return await lock.acquire()
    except TimeoutError:
        return False
