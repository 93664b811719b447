"""Accounts that are called to be looked at: soon, then after ever longer pauses, until what was written is applied."""

from collections.abc import Collection
from typing import Final, NamedTuple

from signal_engine.core.rules.instants import SECOND

_FIRST_PAUSE_MS: Final = SECOND // 2
_MOST_LOOKS: Final = 8
"""The last one is a minute after the call; regular looks go on."""


class _Call(NamedTuple):
    at: int
    looks: int


class LookCalls:
    """Calls of one destination. They are of this process alone: one that is lost costs time, and nothing else."""

    def __init__(self) -> None:
        self._calls: dict[str, _Call] = {}

    def call(self, accounts: Collection[str], now: int) -> None:
        """Look at `accounts` from now (ms) on."""
        for account in accounts:
            self._calls[account] = _Call(now, 0)

    def due(self, now: int) -> frozenset[str]:
        """Whom to look at now (ms); each is due again after a pause, unless it is `done`."""
        found = [account for account, call in self._calls.items() if call.at <= now]
        for account in found:
            looks = self._calls[account].looks + 1
            if looks == _MOST_LOOKS:
                del self._calls[account]
            else:
                self._calls[account] = _Call(now + (_FIRST_PAUSE_MS << (looks - 1)), looks)
        return frozenset(found)

    def done(self, account: str) -> None:
        """What was called for has been seen."""
        self._calls.pop(account, None)

    def __bool__(self) -> bool:
        return bool(self._calls)
