"""The accounts as loaded, for what comes in over HTTP: by name, by CRM id, and which mail providers are among them."""

from collections.abc import Set as AbstractSet
from typing import Final

from signal_engine.engine.intake.company_names import (
    CRM_ID,
    NAME,
    AccountsByKey,
    FindsAccounts,
    NoCompany,
    name_key,
)
from signal_engine.engine.ports.loaded_accounts import LoadedRecord
from signal_engine.wire.accounts.row_record import LoadedAccount, read_row
from signal_engine.wire.events.account_names import is_mail_provider
from signal_engine.wire.events.rejections import Refusal

_NOTHING: Final = ("",)


class KnownAccounts:
    """Takes the records of `fit.accounts` in the order of each partition, and follows what they change.

    Keeps only what is asked for: some 250 bytes per account by name, 400 by name and id, none of what nobody looks up.
    """

    def __init__(self, *, by_name: bool = False, by_id: bool = False) -> None:
        """What will be looked up."""
        self._by_name, self._by_id = by_name, by_id
        self.is_whole = False
        """Whether everything that was loaded has been taken: whoever gives it says so. Before that, an account that is
        not found may be there.
        """
        self.forget()

    def forget(self) -> None:
        """Begin anew, with none."""
        self.is_whole = False
        self._names = _ByName()
        self._ids = AccountsByKey(CRM_ID)
        self._keys: dict[str, tuple[str, ...]] = {}
        """Account -> key of its name, then its ids: what has to go when it changes."""
        self._mail_providers: set[str] = set()

    @property
    def names(self) -> FindsAccounts:
        """By name."""
        return self._names

    @property
    def ids(self) -> FindsAccounts:
        """By CRM id, that of each row of an account."""
        return self._ids

    @property
    def mail_providers(self) -> AbstractSet[str]:
        """The mail providers among the accounts: they count as companies."""
        return self._mail_providers

    def take(self, record: LoadedRecord) -> Refusal | None:
        """What a record changes; why it cannot be read, and the account is then as if it were not loaded."""
        account, value = record
        if is_mail_provider(account):
            (self._mail_providers.discard if value is None else self._mail_providers.add)(account)
        if not (self._by_name or self._by_id):
            return None
        row = None if value is None else read_row(value)
        name, *ids = keys = self._keys_of(row) if isinstance(row, LoadedAccount) else _NOTHING
        had_name, *had_ids = self._keys.pop(account, _NOTHING)
        if had_name != name:
            if had_name:
                self._names.remove(had_name, account)
            if name:
                self._names.add(name, account)
        for id_ in had_ids:
            self._ids.remove(id_, account)
        for id_ in ids:
            self._ids.add(id_, account)
        if keys != _NOTHING:
            self._keys[account] = keys
        return row if isinstance(row, Refusal) else None

    def _keys_of(self, row: LoadedAccount) -> tuple[str, ...]:
        name, id_ = row.carried["name"], row.carried["crm_id"]
        ids = filter(None, (id_, *row.others)) if self._by_id else ()
        return name_key(name) if self._by_name and name else "", *ids


class _ByName(AccountsByKey):
    """Keys are those of `name_key`; what is looked up is a name as it came."""

    def __init__(self) -> None:
        super().__init__(NAME)

    def account(self, key: str) -> str | NoCompany:
        """See `FindsAccounts`."""
        return super().account(name_key(key))
