"""Finds the account of a row, and maps rows that are accounts themselves."""

from collections.abc import Collection, Sequence
from collections.abc import Mapping as Lookup
from typing import Any, Final

from signal_engine.engine.intake.columns import Binding
from signal_engine.engine.intake.company_names import FindsAccounts, NoCompany
from signal_engine.engine.intake.natural_keys import canonical
from signal_engine.engine.intake.outcomes import AccountRecord, PassedOverRow, RefusedRow, footer, unmet
from signal_engine.engine.intake.values import Convert, Values, conditions
from signal_engine.wire.config.account_columns import ACCOUNT_ID, column_key
from signal_engine.wire.config.delimited import DamagedCells, ShortCells
from signal_engine.wire.events.account_names import NotAnAccount, normalise
from signal_engine.wire.intake.mapping import AccountSource, Mapping

MISSING_ACCOUNT: Final = "account_id is missing"
"""Why a row is refused that names no account at all; what may be quoted comes behind a colon."""
_NO_NAMES: Final = "is looked up by name, which needs --accounts"
_NO_IDS: Final = "is looked up by CRM id: give the export of the companies, too (--accounts FILE --accounts-as NAME)"


class AccountFinder:
    """Finds the account of a row, from the first of its sources that is not empty."""

    def __init__(
        self,
        sources: Sequence[AccountSource],
        binding: Binding,
        values: Values,
        names: FindsAccounts | None,
        given: str | None,
        ids: FindsAccounts | None = None,
    ) -> None:
        self._given = given
        self._names = names
        self._ids = ids
        self._sources = [
            values.through(source.reference, self._named(source, binding.column(source.reference)))
            for source in sources
            if source.reference is not None and binding.getter(source.reference) is not None
        ]

    def find(self, row: Any) -> str | PassedOverRow | RefusedRow:
        """The account of the row. A row without one is passed over if it is a footer, else refused."""
        if not self._sources and self._given is not None:
            return self._given
        found: Any = None
        for read in self._sources:
            if (found := read(row)) is not None:
                break
        if type(found) is str:
            return found
        if isinstance(row, list) and (total := footer(_first_filled(row))):
            return total
        return found or RefusedRow(ACCOUNT_ID, f"{MISSING_ACCOUNT}: its cell is empty")

    def _named(self, source: AccountSource, column: str) -> Convert:
        def named(value: Any) -> str | RefusedRow:
            found = self._account(source, value)
            return str(found) if isinstance(found, str) else RefusedRow(ACCOUNT_ID, f"{column!r} {found.reason}")

        return named

    def _account(self, source: AccountSource, value: Any) -> str | NotAnAccount | NoCompany:
        if source.through_ids:
            id_ = value if isinstance(value, str) else canonical(value)
            return NoCompany(_NO_IDS) if self._ids is None else self._ids.account(id_)
        if not isinstance(value, str):
            return NoCompany("is no text")
        if source.through_names:
            return NoCompany(_NO_NAMES) if self._names is None else self._names.account(value)
        return normalise(value.rpartition("@")[2] if source.email else value)


class AccountMapper:
    """Maps the rows of one input to rows of an accounts file."""

    def __init__(self, mapping: Mapping, binding: Binding, values: Values, also: Collection[str] = ()) -> None:
        """`also` are fields of ICP files; their columns are copied under their own names."""
        produced = mapping.accounts
        assert produced is not None, "a mapping that produces events has another mapper"  # noqa: S101
        self._finder = AccountFinder(produced.accounts, binding, values, None, None)
        self._holds = conditions(produced.when, mapping, values)
        self._unmet = unmet(produced.when)
        self._constants = dict(produced.constants)
        self._fields = [
            (name, values.field(name, source, dict(produced.values.get(name, {}))), values.raw(source.reference))
            for name, source in produced.fields.items()
            if binding.getter(source.reference) is not None
        ]
        mapped = {column_key(name) for name in (ACCOUNT_ID, *produced.fields, *produced.constants)}
        self._along = binding.places({column_key(name) for name in also} - mapped)
        self.columns: Final = (*self._constants, *(name for name, _, _ in self._fields), *self._along)
        """Columns of the records, besides `account_id`."""
        self._mapped = binding.mapped_places(mapping) | {place: name for name, place in self._along.items()}

    def map(self, row: Any) -> AccountRecord | PassedOverRow | RefusedRow:
        """The outcome of a row."""
        unread: tuple[RefusedRow, ...] = ()
        if isinstance(row, ShortCells):
            if cut := cut_short(row, self._mapped):
                return cut
            if spoilt := damaged(row, self._mapped):
                unread = (spoilt,)
        if self._holds is not None and (held := self._holds(row)) is not True:
            found = self._finder.find(row)
            if isinstance(found, PassedOverRow):  # a footer is one before its numbers are looked at
                return found
            return held if isinstance(held, RefusedRow) else self._unmet
        account = self._finder.find(row)
        if not isinstance(account, str):
            return account
        record: dict[str, Any] = {ACCOUNT_ID: account, **self._constants}
        for name, read, raw in self._fields:
            if (value := read(row)) is not None:
                if isinstance(value, RefusedRow):
                    unread = (*unread, value)
                    value = raw(row)
                record[name] = value
        for name, place in self._along.items():
            record[name] = row[place]
        return AccountRecord(record, unread)


def cut_short(row: ShortCells, mapped: Lookup[int, str]) -> PassedOverRow | RefusedRow | None:
    """What becomes of a row that ends before a column of `mapped` (index -> name): it is a footer, or refused, since
    nobody can tell what stood there. None: all that is mapped is there.
    """
    beyond = min((place for place in mapped if place >= row.given), default=None)
    if beyond is None:
        return None
    cells = f"{row.given} cell{'s' * (row.given != 1)}"
    reason = f"has {cells}, and ends before the mapped column {mapped[beyond]!r}: is the row cut off?"
    return footer(_first_filled(row)) or RefusedRow("", reason)


def damaged(row: ShortCells, mapped: Lookup[int, str]) -> RefusedRow | None:
    """Why a cell of `mapped` (index -> name) cannot be believed; None: all of them can."""
    bytes_at = row.bytes_at if isinstance(row, DamagedCells) else {}
    place = next((place for place in bytes_at if place in mapped), None)
    if place is None:
        return None
    return RefusedRow("", f"{mapped[place]!r} holds a byte that is no UTF-8 (0x{bytes_at[place]:02X})")


def _first_filled(row: list[Any]) -> str:
    return next((cell.strip() for cell in row if isinstance(cell, str) and cell.strip()), "")
