"""The states of all live accounts in memory: recent ones as objects, the others as bytes.

An account takes 0.5 to 2.5 KB as bytes and three times as much as an object. Two generations of objects keep busy
accounts decoded without bookkeeping per access: when the young generation is full, the old one is encoded and the young
one becomes the old one.
"""

from collections.abc import Iterator
from typing import Final

from signal_engine.core.rules.policy import Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.forgetting import forget
from signal_engine.wire.storage.state import decode, encode

_GENERATION_ACCOUNTS: Final = 10_000
"""Accounts in one generation of decoded states: at most twice as many are objects at once."""

_GC_FROM_ACCOUNTS: Final = 100_000
"""No garbage collection before there are so many accounts; after it, whenever their number has doubled."""


class States:
    """Account name -> state. Not bounded by itself: `collect_garbage_if_due` removes what has decayed to nothing."""

    def __init__(self, policy: Policy, generation: int = _GENERATION_ACCOUNTS, gc_at: int = _GC_FROM_ACCOUNTS) -> None:
        self._policy = policy
        self._young: dict[str, Account] = {}
        self._old: dict[str, Account] = {}
        self._asleep: dict[str, bytes] = {}
        self._generation = generation
        self._gc_at = gc_at
        self._min_gc_at = gc_at

    def __len__(self) -> int:
        return len(self._young) + len(self._old) + len(self._asleep)

    def get(self, name: str) -> Account:
        """The state of an account, or a new one. The caller may change it until the next `get`."""
        account = self._young.get(name)
        if account is None:
            account = self._wake(name) or Account()
            if len(self._young) >= self._generation:
                self._turn()
            self._young[name] = account
        return account

    def peek(self, name: str) -> Account | None:
        """The state of an account, or None. Read only."""
        if account := self._young.get(name) or self._old.get(name):
            return account
        state = self._asleep.get(name)
        return decode(state) if state is not None else None

    def items(self) -> Iterator[tuple[str, Account]]:
        """Every account with its state. Read only: changes are lost."""
        yield from self._young.items()
        yield from self._old.items()
        for name, state in self._asleep.items():
            yield name, decode(state)

    def collect_garbage_if_due(self, now: int) -> None:
        """If the number of accounts has doubled, remove those of which nothing is left at `now` (ms)."""
        if len(self) < self._gc_at:
            return
        self._turn()
        self._turn()
        for name in list(self._asleep):
            account = decode(self._asleep[name])
            if forget(account, max(now, account.now), self._policy):
                del self._asleep[name]
            else:
                self._asleep[name] = encode(account)
        self._gc_at = max(self._min_gc_at, 2 * len(self._asleep))

    def _wake(self, name: str) -> Account | None:
        if account := self._old.pop(name, None):
            return account
        state = self._asleep.pop(name, None)
        return None if state is None else decode(state)

    def _turn(self) -> None:
        for name, account in self._old.items():
            account.ids.forget_expired(account.now, self._policy.kinds)
            self._asleep[name] = encode(account)
        self._old, self._young = self._young, {}
