"""The accounts as each load had them: what was known of an account at an instant, from the topics of loads."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from signal_engine.core.fit.icp import Icp
from signal_engine.core.rules.aliases import NO_ALIASES, Aliases
from signal_engine.core.rules.instants import BEGINNING, MINUTE
from signal_engine.engine.backtest.actions import TimedFit
from signal_engine.engine.fit.deriving import Decider
from signal_engine.engine.fit.table import AccountTable
from signal_engine.engine.ports.loaded_accounts import DatedRecord
from signal_engine.wire.accounts.row_record import LoadedAccount, read_row

_LOAD_MS: Final = 15 * MINUTE
"""Records that follow the first of a load so soon belong to it: brokers end a transaction that takes longer."""


class PastLoad(NamedTuple):
    """One accounts load: the rows that it changed."""

    at: int
    """When its last row came (ms)."""
    rows: Mapping[str, LoadedAccount | None]
    """By account; None: it left."""


class PastLoads(NamedTuple):
    """All loads, earliest first."""

    loads: Sequence[PastLoad]
    unreadable: int
    """Records that are no accounts as this engine knows them; they change nothing."""


class LoadHistory(NamedTuple):
    """What a set of ICPs decides of the accounts, load by load."""

    began: int
    """When the first load was whole (ms)."""
    first: AccountTable
    """By the first load."""
    later: Sequence[TimedFit]
    """What later loads changed, in order of time."""
    fields: Mapping[str, dict[str, Any]]
    """Account -> what the ICPs ask of its first row."""
    aliases: Aliases
    """Those of the first load hold from the beginning, others from their load on."""


def past_loads(records: Iterable[DatedRecord]) -> PastLoads:
    """The loads that wrote `records`, which may be in any order and tell a row twice."""
    loads: list[PastLoad] = []
    rows: dict[str, LoadedAccount | None] = {}
    latest: dict[str, bytes | None] = {}
    begin = end = BEGINNING
    unreadable = 0
    for at, account, value in sorted(records, key=lambda one: (one.at, one.account)):
        if latest.get(account) == value:  # told before, or gone before it came
            continue
        latest[account] = value
        row = None if value is None else read_row(value)
        if row is not None and not isinstance(row, LoadedAccount):
            unreadable += 1
            continue
        if rows and at - begin > _LOAD_MS:
            loads.append(PastLoad(end, rows))
            rows = {}
        if not rows:
            begin = at
        rows[account], end = row, at
    if rows:
        loads.append(PastLoad(end, rows))
    return PastLoads(loads, unreadable)


def table_as_loaded(loads: Iterable[PastLoad], icps: Sequence[Icp]) -> AccountTable:
    """The accounts as the last of `loads` leaves them."""
    return _table(_standing(loads), Decider(icps))


def account_history(loads: Sequence[PastLoad], icps: Sequence[Icp], until: int) -> LoadHistory:
    """What was known of the accounts up to `until` (ms); of `loads`, one at least, the first is always read."""
    first, *rest = loads
    decider = Decider(icps)
    table = _table(_standing([first]), decider)
    fields = {**table.fields}
    known = [one for one in rest if one.at <= until]
    for load in known:
        for account, row in load.rows.items():
            if row is not None and account not in fields:
                fields[account] = decider.fields(row)
    return LoadHistory(first.at, table, [*_changes(known, decider)], fields, _aliases([first, *known]))


def _changes(loads: Iterable[PastLoad], decider: Decider) -> Iterator[TimedFit]:
    for load in loads:
        for account, row in load.rows.items():
            yield TimedFit(load.at, account, None if row is None else decider.fit(row))


def _aliases(loads: Iterable[PastLoad]) -> Aliases:
    rows: dict[str, LoadedAccount] = {}
    found = NO_ALIASES
    for number, load in enumerate(loads):
        _take(rows, load)
        found = found.changed(_owners(rows), load.at if number else BEGINNING)
    return found


def _standing(loads: Iterable[PastLoad]) -> dict[str, LoadedAccount]:
    rows: dict[str, LoadedAccount] = {}
    for load in loads:
        _take(rows, load)
    return rows


def _take(rows: dict[str, LoadedAccount], load: PastLoad) -> None:
    for account, row in load.rows.items():
        if row is None:
            rows.pop(account, None)
        else:
            rows[account] = row


def _owners(rows: Mapping[str, LoadedAccount]) -> dict[str, str]:
    return {alias: account for account, row in rows.items() for alias in row.aliases}


def _table(rows: Mapping[str, LoadedAccount], decider: Decider) -> AccountTable:
    fields = {account: decider.fields(row) for account, row in rows.items()}
    fits = {account: decider.decided(row, fields[account]) for account, row in rows.items()}
    of_file = sum(row.rows for row in rows.values())
    return AccountTable(fits, _owners(rows), fields, of_file, 0, {}, {})
