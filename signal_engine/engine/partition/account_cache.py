"""The decoded accounts of one partition: states and fits as of the last transaction."""

from collections.abc import Callable, Iterable
from typing import Final, Protocol

from signal_engine.core.actions.in_force import NOTHING
from signal_engine.core.actions.log import EMPTY, ActionLog
from signal_engine.core.fit.acted import acted_on, actions_of, fit_at
from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.ranking import ALL, listed_by, may_be_listed
from signal_engine.core.rules.policy import Policy
from signal_engine.core.score.account import Account
from signal_engine.engine.ports.store import Loaded, StoreTrouble
from signal_engine.wire.storage import actions as action_bytes
from signal_engine.wire.storage import fit_rows, state
from signal_engine.wire.storage.documents import reading

_GENERATION_ACCOUNTS: Final = 4_000
"""Accounts in one generation; a partition keeps at most two. An account takes about 6 KB as an object."""


class OutdatedStore(StoreTrouble):
    """The store has states or fit rows of another release, which `rebuild` must rebuild."""


class HeldState(Protocol):
    """The state of an account in the form in which somebody else than Python judges it."""

    def encode(self) -> bytes:
        """As `wire.storage.state` encodes it."""


Hold = Callable[[bytes, bytes | None], HeldState | None]
"""Takes a stored state, empty for a blank account, and the account's row of the fit table; None if Python must read
them."""


class CachedAccount:
    """One account. Its state is held by Python or by another judge, whoever was the last to ask for it."""

    __slots__ = ("_account", "_fit", "_held", "_row", "log")

    def __init__(
        self,
        account: Account | None,
        fit: Fit | None,
        log: ActionLog = EMPTY,
        held: HeldState | None = None,
        row: bytes | None = None,
    ) -> None:
        """Of an account that another judge could read there are `held` and the `row` of its fit instead."""
        self._account = account
        self._held = held
        self._fit = fit
        self._row = row
        self.log = log

    @property
    def fit(self) -> Fit | None:
        """As people's actions leave it when it was last decided: some may have ended since (`fit_at`)."""
        if self._fit is None and self._row is not None:
            self._fit = fit_rows.decode(self._row)
        return self._fit

    @fit.setter
    def fit(self, fit: Fit | None) -> None:
        self._fit, self._row = fit, None

    @property
    def has_fit(self) -> bool:
        """Whether it has a row of the fit table, or people decided something about it; reads no row."""
        return self._fit is not None or self._row is not None

    @property
    def account(self) -> Account:
        """The state, from now on held by Python."""
        if self._account is None:
            self._account = state.decode(self._held.encode()) if self._held is not None else Account()
            self._held = None
        return self._account

    def held(self, hold: Hold) -> HeldState | None:
        """The state, from now on held by whoever `hold` is of; None if it must stay Python's."""
        if self._held is None:
            if self._row is None and self._fit is not None:
                self._row = fit_rows.encode(self._fit)
            if (held := hold(state.encode(self.account), self._row)) is not None:
                self._held, self._account = held, None
        return self._held

    def copy(self) -> "CachedAccount":
        """The same, for somebody who changes it."""
        stored = self._held.encode() if self._held is not None else state.encode(self.account)
        return CachedAccount(state.decode(stored), self.fit, self.log)

    @property
    def is_ordinary(self) -> bool:
        """Whether people decided nothing about it."""
        return self.log is EMPTY and (self._fit is None or self._fit.actions is NOTHING)

    @classmethod
    def of(cls, name: str, account: Account, by_rule: Fit | None, actions: bytes | None) -> "CachedAccount":
        """An account by its row of the fit table, and by the actions stored for it."""
        if actions is None:
            return cls(account, by_rule)
        stored = action_bytes.decode(actions)
        return cls(account, fit_at(acted_on(name, by_rule, stored.in_force), account.now), stored.log)

    def refit(self, name: str, by_rule: Fit | None) -> None:
        """Take over another row of the fit table; what people decided stays."""
        self.fit = acted_on(name, by_rule, actions_of(fit_at(self.fit, self.account.now)))


def places(fit: Fit | None, policy: Policy) -> dict[str, float]:
    """List -> weight of the tier, for the lists on which `fit` lets an account."""
    named = ((name, listed_by(fit, name)) for name in lists_of(fit))
    return {
        name: policy.lists.tier_weight[decision.tier or ""]
        for name, decision in named
        if decision is not None and may_be_listed(fit, decision, policy)
    }


def pins_of(name: str) -> str:
    """The place in which the pinned accounts of list `name` stand, by the instant (ms) at which each pin ends."""
    return f"pins:{name}"


def lists_of(fit: Fit | None) -> list[str]:
    """The lists on which an account with this fit may have stood, under any tiers."""
    return [] if fit is None else [ALL, *(decision.icp for decision in fit.decisions)]


def read(stored: bytes | None, row: bytes | None, actions: bytes | None = None, name: str = "") -> CachedAccount:
    """What is stored of account `name`, for who only looks; a blank state where there is none.

    Raises `OutdatedStore`.
    """
    try:
        account = Account() if stored is None else state.decode(stored)
        return CachedAccount.of(name, account, None if row is None else fit_rows.decode(row), actions)
    except (state.UnknownStateVersion, fit_rows.UnknownRowVersion) as error:
        raise OutdatedStore(str(error)) from error


def decoded(names: Iterable[str], loaded: Loaded, hold: Hold | None = None) -> dict[str, CachedAccount]:
    """What the store holds of accounts; a blank state where it holds none.

    `hold` takes states and rows that Python need not decode.
    """
    with reading("the state or the fit row of an account"):
        return {
            name: _decoded(name, stored, row, acts, hold)
            for name, stored, row, acts in zip(names, *loaded, strict=True)
        }


def _decoded(
    name: str, stored: bytes | None, row: bytes | None, actions: bytes | None, hold: Hold | None
) -> CachedAccount:
    if hold is not None and actions is None and (held := hold(stored or b"", row)) is not None:
        return CachedAccount(None, None, held=held, row=row)
    by_rule = fit_rows.decode(row) if row is not None else None
    return CachedAccount.of(name, state.decode(stored) if stored is not None else Account(), by_rule, actions)


class AccountCache:
    """Account name -> what is known of it. Two generations keep the busy ones without bookkeeping per access.

    Whoever changes an account changes what is in here, before it is written: when the writing is refused, `clear`.
    """

    def __init__(self, generation: int = _GENERATION_ACCOUNTS) -> None:
        self._generation = generation
        self._young: dict[str, CachedAccount] = {}
        self._old: dict[str, CachedAccount] = {}

    def __len__(self) -> int:
        return len(self._young) + len(self._old)

    def get(self, name: str) -> CachedAccount | None:
        """The cached account; None if it must be loaded."""
        known = self._young.get(name)
        if known is None and (known := self._old.pop(name, None)) is not None:
            self.put(name, known)
        return known

    def put(self, name: str, known: CachedAccount) -> None:
        """Cache an account."""
        if len(self._young) >= self._generation:
            self._old, self._young = self._young, {}
        self._young[name] = known

    def clear(self) -> None:
        """Drop all accounts."""
        self._young.clear()
        self._old.clear()
