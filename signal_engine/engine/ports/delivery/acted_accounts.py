"""The topic of account actions, as a call to look: whose account something was written about."""

from collections.abc import Callable, Collection
from typing import Protocol

Woken = Callable[[Collection[str]], None]
"""Given accounts about which actions were written: to be looked at now."""


class ActedAccounts(Protocol):
    """Everybody's actions from now on, of all partitions. What was missed is missed: it calls, and decides nothing."""

    async def run(self, woken: Woken) -> None:
        """Read until cancelled."""
