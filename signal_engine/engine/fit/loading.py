"""An accounts file to the rows of `fit.accounts`, in two readings, so that memory holds an index and no rows."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

import orjson
from xxhash import xxh3_64_intdigest

from signal_engine.core.errors import SignalEngineError
from signal_engine.core.fit.icp import Icp
from signal_engine.engine.fit.deriving import Decider
from signal_engine.engine.fit.load_index import LoadIndex
from signal_engine.engine.fit.missing_columns import numeric
from signal_engine.engine.fit.table import FileWarnings, RowsOfAccount, own_aliases
from signal_engine.engine.ports.loaded_accounts import LoadedRecord
from signal_engine.wire.accounts.row_record import LoadedAccount, read_row, write_row
from signal_engine.wire.config.accounts_file import AccountRow, AccountsFile, SkippedRow
from signal_engine.wire.storage import fit_rows

MAX_ROW_BYTES: Final = 900_000
"""Of one account as loaded: topics take records of 1 MiB."""


class AccountsChanged(SignalEngineError):
    """The accounts file was changed while it was read."""


class RowTooLarge(SignalEngineError):
    """A row is too large for a record; the message names file and line."""


class LoadedRowUnreadable(SignalEngineError):
    """A row that a merge has to keep cannot be read."""


class Spool(Protocol):
    """Rows on their way, by partition, on disk."""

    def add(self, partition: int, row: bytes) -> None:
        """Add a row, which has no line break."""

    def rows(self, partition: int) -> Iterator[bytes]:
        """Those of a partition, in order."""


class LoadSource(NamedTuple):
    """What is loaded."""

    open: Callable[[], AccountsFile] | None
    """Opens the accounts file for a reading, with whole rows; None: nothing is added."""
    removed: frozenset[str] = frozenset()
    """Accounts that leave."""
    merge: bool = False
    """Whether accounts that the file does not name stay."""


class SpoolPlace(NamedTuple):
    """Where rows go."""

    spool: Spool
    partitions: int
    partition_of: Callable[[str], int]


class NewAccounts:
    """All accounts after a load, spooled: `engine.fit.versions.NewTable`."""

    def __init__(self, place: SpoolPlace, decider: Decider) -> None:
        self.decider: Final = decider
        self._place = place
        self.accounts = 0
        self.numbers: tuple[tuple[str, str], ...] = ()
        self.aliases: Mapping[str, str] = {}
        """Further domain of a company -> its account."""

    def add(self, row: LoadedAccount) -> None:
        """Spool an account. Raises `RowTooLarge`."""
        record = write_row(row)
        if len(record) > MAX_ROW_BYTES:
            raise RowTooLarge(
                f"{row.account}: its row has {len(record):,} bytes; at most {MAX_ROW_BYTES:,} can be kept"
            )
        self.accounts += 1
        self._place.spool.add(self._place.partition_of(row.account), record)

    def rows(self, number: int) -> dict[str, bytes]:
        """See `NewTable`: decided as the owner of the partition will."""
        fits = (self.decider.fit(row) for row in self._loaded(number))
        return {fit.account: fit_rows.encode(fit) for fit in fits}

    async def changed(self, number: int, before: AsyncIterator[Sequence[LoadedRecord]]) -> list[LoadedRecord]:
        """The records by which a partition differs from what it has: new and changed rows, and tombstones."""
        had: dict[str, int] = {}
        async for records in before:
            for account, value in records:
                if value is None:
                    had.pop(account, None)
                else:
                    had[account] = xxh3_64_intdigest(value)
        changed = []
        for record in self._place.spool.rows(number):
            account = orjson.loads(record)["account_id"]
            if had.pop(account, None) != xxh3_64_intdigest(record):
                changed.append(LoadedRecord(account, record))
        return [*changed, *(LoadedRecord(account, None) for account in had)]

    def _loaded(self, number: int) -> Iterator[LoadedAccount]:
        for record in self._place.spool.rows(number):
            if isinstance(row := read_row(record), LoadedAccount):
                yield row


Kept = Callable[[int], AsyncIterator[Sequence[LoadedRecord]]]
"""What a partition of `fit.accounts` has."""


async def new_accounts(
    source: LoadSource, icps: Sequence[Icp], place: SpoolPlace, kept: Kept | None, warn: Callable[[str], None]
) -> NewAccounts:
    """All accounts after a load; `kept` is needed for a merge, and `warn` gets a line for each problem of the file.

    Raises `AccountsFileError`, `AccountsChanged`, `RowTooLarge`, `LoadedRowUnreadable`.
    """
    index, made = LoadIndex(), NewAccounts(place, Decider(icps))
    said = None if source.open is None else FileWarnings(source.open())
    for row in () if said is None else said.rows():
        if row.account not in source.removed:
            index.add(row)
    if source.merge and kept is not None:
        left = set[str]()
        async for old in _kept(source, index, place.partitions, kept, left):
            index.add_kept(old)
        if unknown := sorted(source.removed - left):
            warn(f"accounts to be removed that were not loaded: {len(unknown):,}, such as {unknown[0]}")
    _check_aliases(source, index, "the accounts" if said is None else said.file.name)
    index.close()
    made.numbers, made.aliases = index.numbers, index.aliases.owners
    if source.open is not None and said is not None:
        several = _spool(source, index, made, said, icps)
        found = said.file.fields.found
        asked = {name: found[name] for name in numeric(icps) if name in found}
        words = [*index.number_words(asked), *own_aliases(index.aliases)]
        said.say(warn, icps, index.accounts, words, several)
    if source.merge and kept is not None:
        async for old in _kept(source, index, place.partitions, kept, set()):
            parent = index.parent(old.account, old.parent)
            made.add(old._replace(parent=parent, parent_relation=index.parent_relation(parent)))
    return made


def _check_aliases(source: LoadSource, index: LoadIndex, name: str) -> None:
    """Raise `AccountsFileError` for aliases in conflict. Lines of accounts are not kept: they are looked for then."""
    both: dict[str, int | None] = dict.fromkeys(index.aliases_among_accounts())
    if both and source.open is not None:
        for row in source.open().rows:
            if not isinstance(row, SkippedRow) and both.get(row.account, row.line) is None:
                both[row.account] = row.line
    index.aliases.check(name, both)


def _spool(
    source: LoadSource, index: LoadIndex, made: NewAccounts, said: FileWarnings, icps: Sequence[Icp]
) -> Sequence[RowsOfAccount]:
    """Spools the accounts of the file; returns those that several rows name."""
    several: dict[str, RowsOfAccount] = {}
    file, rows = source.open() if source.open is not None else said.file, 0
    for row in file.rows:
        if isinstance(row, SkippedRow) or row.account in source.removed:
            continue
        rows += 1
        if row.account not in index.several:
            _add(row, (), 1, index, made, said, icps)
        elif (those := several.get(row.account)) is not None:
            those.add(row)
        else:
            several[row.account] = RowsOfAccount.of(row)
    for those in several.values():
        _add(those.one(), those.others, len(those.lines), index, made, said, icps)
    if rows != index.rows:
        raise AccountsChanged(f"{file.name}: was changed while it was read; load it again")
    return [*several.values()]


def _add(
    row: AccountRow,
    others: tuple[str, ...],
    rows: int,
    index: LoadIndex,
    made: NewAccounts,
    said: FileWarnings,
    icps: Sequence[Icp],
) -> None:
    columns = row.columns or {}
    parent = index.parent(row.account, row.parent)
    loaded = LoadedAccount(
        row.account,
        columns,
        row.carried,
        row.suppressed,
        row.relation,
        parent,
        index.parent_relation(parent),
        others,
        index.meanings(columns),
        rows,
        index.aliases.of(row.account),
    )
    said.columns.note_fit(row.line, made.decider.fields(loaded), icps)
    try:
        made.add(loaded)
    except RowTooLarge as error:
        raise RowTooLarge(f"{said.file.name}:{row.line}: {error}") from None


async def _kept(
    source: LoadSource, index: LoadIndex, partitions: int, kept: Kept, left: set[str]
) -> AsyncIterator[LoadedAccount]:
    """The accounts that stay as they were loaded; those that are removed go into `left`. Raises `LoadedRowUnreadable`,
    since a row that is not kept gets a tombstone."""
    for number in range(partitions):
        latest: dict[str, bytes | None] = {}
        async for records in kept(number):
            latest.update(records)
        for account, value in latest.items():
            if value is not None and account in source.removed:
                left.add(account)
            elif value is not None and account not in index.accounts:
                row = read_row(value)
                if not isinstance(row, LoadedAccount):
                    raise LoadedRowUnreadable(
                        f"{account}: this release cannot read the row that is loaded ({row.detail}), and a merge would"
                        " remove the account: merge with the release that loaded it, or load the whole file"
                    )
                yield row
