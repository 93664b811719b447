"""What a CRM says of accounts, merged into their rows as loaded: all other columns and accounts stay as they are."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final, NamedTuple, Protocol, get_args

from signal_engine.core.rules.instants import DAY
from signal_engine.core.rules.relations import PROSPECT, Relation
from signal_engine.core.sync.stages import CrmRelation
from signal_engine.engine.ports.loaded_accounts import LoadedRecord
from signal_engine.wire.accounts.row_record import LoadedAccount, read_row, write_row
from signal_engine.wire.config.account_columns import RELATION, column_key
from signal_engine.wire.instants import format_instant

_LAST_ACTIVITY: Final = "last_sales_activity"
"""The column of the day (UTC) on which sales last did something: a later hour of the same day changes no row."""
_TOLD_BY_STAGE: Final[frozenset[Relation]] = frozenset(get_args(CrmRelation))
_DATE_LETTERS: Final = len("2026-01-31")


class CrmFacts(NamedTuple):
    """What a CRM has on the record of an account; None, and blank text, say nothing."""

    stage: str | None = None
    owner: str | None = None
    sdr: str | None = None
    last_activity_at: int | None = None
    """ms."""


class ChangedRows(NamedTuple):
    """Accounts of a partition, as what a CRM says changes them."""

    changed: int
    prospects: int
    """As loaded."""
    leaving: int
    """How many of those are prospects no more."""


class FactSource(Protocol):
    """Where they are read. Raises `SinkTrouble`."""

    def facts(self, accounts: Mapping[str, str], sdr: str | None) -> AsyncIterator[Mapping[str, CrmFacts]]:
        """Account -> facts, some at a time, of `accounts` (account -> id of its record) whose record is there.

        `sdr` is the field of the CRM that names who calls, if there is one.
        """


def merged(row: LoadedAccount, facts: CrmFacts, relations: Mapping[str, CrmRelation]) -> LoadedAccount:
    """The row with what the CRM says; the same row where it says nothing new.

    `relations` tells what a stage (in small letters) makes of an account. Any other stage changes nothing, and no stage
    ends a relation that sales do not decide: `do_not_contact`, `competitor`, `own`, `partner`.
    """
    told: dict[str, str] = {name: value for name in ("owner", "sdr") if (value := _said(getattr(facts, name)))}
    carried: dict[str, str | None] = {**row.carried, **told}
    relation: Relation | None = relations.get((_said(facts.stage) or "").lower())
    if relation is None or row.relation not in _TOLD_BY_STAGE:
        relation = row.relation
    if relation != row.relation:
        told[RELATION] = relation
    if facts.last_activity_at is not None:
        told[_LAST_ACTIVITY] = format_instant(facts.last_activity_at // DAY * DAY)[:_DATE_LETTERS]
    return row._replace(columns=_with(row.columns, told), carried=carried, relation=relation)


class Merging:
    """The records of `fit.accounts` with the `facts` of a CRM in them."""

    def __init__(self, facts: Mapping[str, CrmFacts], relations: Mapping[str, CrmRelation]) -> None:
        self._facts, self._relations = facts, relations

    def changed(self, record: LoadedRecord) -> LoadedRecord:
        """The record as it is to be. Tombstones, and rows that this release cannot read, stay as they are."""
        facts = self._facts.get(record.account)
        if facts is None or record.value is None:
            return record
        row = read_row(record.value)
        if not isinstance(row, LoadedAccount):
            return record
        after = merged(row, facts, self._relations)
        return record if after == row else LoadedRecord(record.account, write_row(after))

    async def of(self, records: AsyncIterator[Sequence[LoadedRecord]]) -> AsyncIterator[Sequence[LoadedRecord]]:
        """The same of a partition."""
        async for some in records:
            yield [self.changed(one) for one in some]

    async def differing(self, records: AsyncIterator[Sequence[LoadedRecord]]) -> ChangedRows:
        """How many accounts of a partition change, and how many of its prospects are none any more."""
        latest: dict[str, LoadedRecord] = {}
        async for some in records:
            latest |= {one.account: one for one in some}
        changed = prospects = leaving = 0
        for before in latest.values():
            after = self.changed(before)
            was = _relation(before) == PROSPECT
            changed += after != before
            prospects += was
            leaving += was and _relation(after) != PROSPECT
        return ChangedRows(changed, prospects, leaving)


def _relation(record: LoadedRecord) -> Relation | None:
    row = None if record.value is None else read_row(record.value)
    return row.relation if isinstance(row, LoadedAccount) else None


def _said(value: str | None) -> str | None:
    return None if value is None else value.strip() or None


def _with(columns: Mapping[str, Any], told: Mapping[str, str]) -> dict[str, Any]:
    """The columns with values of fields: in the column that gives the field already, else in one of its name."""
    after = {**columns}
    places = {column_key(column): column for column in columns}
    for field, value in told.items():
        after[places.get(column_key(field), field)] = value
    return after
