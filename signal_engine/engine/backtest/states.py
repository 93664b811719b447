"""The states of all live accounts in memory: recent ones as objects, the others as bytes.

An account takes 0.5 to 2.5 KB as bytes and three times as much as an object. Two generations of objects keep busy
accounts decoded without bookkeeping per access: when the young generation is full, the old one is encoded and the young
one becomes the old one. Accounts that another judge holds do the same, in generations of their own.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Protocol

from signal_engine.core.rules.policy import Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.forgetting import forget
from signal_engine.engine.partition.account_cache import HeldState
from signal_engine.wire.storage.state import decode, encode

_GENERATION_ACCOUNTS: Final = 10_000
"""Accounts in one generation of decoded states: at most twice as many are objects at once."""

_HELD_ACCOUNTS: Final = 30_000
"""Accounts in one generation of what another judge holds: it takes hardly more than bytes."""

_GC_FROM_ACCOUNTS: Final = 100_000
"""No garbage collection before there are so many accounts; after it, whenever their number has doubled."""


class _Judge(Protocol):
    """What holds states in a form of its own: an `OrdinaryJudge`."""

    def hold(self, state: bytes, row: bytes | None, /) -> HeldState | None:
        """The account in a stored state, a blank one for no bytes; None if Python must read it."""

    def rest(self, held: HeldState, /) -> bytes:
        """The state to be stored, without ids that are expired."""


class States:
    """Account name -> state. Not bounded by itself: `collect_garbage_if_due` removes what has decayed to nothing."""

    def __init__(self, policy: Policy, generation: int = _GENERATION_ACCOUNTS, gc_at: int = _GC_FROM_ACCOUNTS) -> None:
        self._policy = policy
        self._young: dict[str, Account] = {}
        self._old: dict[str, Account] = {}
        self.held: Final[dict[str, HeldState]] = {}
        """The young generation of what another judge holds. Whoever needs an account itself asks for it by `get`."""
        self._held_before: dict[str, HeldState] = {}
        self._asleep: dict[str, bytes] = {}
        self._judge: _Judge | None = None
        self._generation = generation
        self._held_generation = min(_HELD_ACCOUNTS, 3 * generation)
        self._gc_at = gc_at
        self._min_gc_at = gc_at
        self.collections = 0
        """How often garbage was collected."""

    def __len__(self) -> int:
        return len(self._young) + len(self._old) + len(self.held) + len(self._held_before) + len(self._asleep)

    def stored(self, names: Iterable[str]) -> dict[str, bytes]:
        """The states of those accounts that have one, as bytes."""
        found = ((name, self.peek(name)) for name in names)
        return {name: encode(account) for name, account in found if account is not None}

    def restore(self, states: Mapping[str, bytes]) -> None:
        """Takes states over as bytes, of accounts that have none so far."""
        self._asleep |= states

    def held_by(self, judge: "_Judge") -> None:
        """From now on `judge` may hold accounts."""
        self._judge = judge

    def hold(self, name: str) -> HeldState | None:
        """The state of an account, or a new one, from now on held by the judge; None where it must be Python's."""
        assert self._judge is not None, "somebody holds accounts"  # noqa: S101
        held = self._held_before.pop(name, None)
        if held is None:
            account = self._young.get(name) or self._old.get(name)
            held = self._judge.hold(self._asleep.get(name, b"") if account is None else encode(account), None)
            if held is None:
                return None
            for stored in (self._young, self._old, self._asleep):
                stored.pop(name, None)
        if len(self.held) >= self._held_generation:
            self._turn_held()
        self.held[name] = held
        return held

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
        held = self.held.get(name) or self._held_before.get(name)
        state = self._asleep.get(name) if held is None else held.encode()
        return decode(state) if state is not None else None

    def items(self) -> Iterator[tuple[str, Account]]:
        """Every account with its state. Read only: changes are lost."""
        yield from self._young.items()
        yield from self._old.items()
        for name, held in (*self.held.items(), *self._held_before.items()):
            yield name, decode(held.encode())
        for name, state in self._asleep.items():
            yield name, decode(state)

    def collect_garbage_if_due(self, now: int) -> None:
        """If the number of accounts has doubled, remove those of which nothing is left at `now` (ms)."""
        if len(self) < self._gc_at:
            return
        self.collections += 1
        for _ in range(2):
            self._turn()
            self._turn_held()
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
        held = self.held.pop(name, None) or self._held_before.pop(name, None)
        state = self._asleep.pop(name, None) if held is None else held.encode()
        return None if state is None else decode(state)

    def _turn(self) -> None:
        for name, account in self._old.items():
            account.ids.forget_expired(account.now, self._policy.kinds)
            self._asleep[name] = encode(account)
        self._old, self._young = self._young, {}

    def _turn_held(self) -> None:
        if self._judge is not None:
            self._asleep |= {name: self._judge.rest(held) for name, held in self._held_before.items()}
        self._held_before = dict(self.held)
        self.held.clear()
